"""How long one answer out of a large shop's lookup tables takes, and the memory of a process that has them open."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np

from benchmarks.lookup_process import COLD, LISTED, PRODUCTS, SENTENCES, WORDS
from benchmarks.processes import run
from benchmarks.results import Page

NEIGHBOURS_GOAL_MS, SENTENCE_GOAL_MS, MEMORY_GOAL = 2, 30, 130_000_000
PATIENCE_SECONDS, ENOUGH_MEMORY = 600, 4e9
ALLOCATOR = "ARROW_DEFAULT_MEMORY_POOL=system"

HOW = f"""One process and one thread, over the tables of `python -m benchmarks cache`. Neighbours are those of {PRODUCTS:,}
products in each signal, drawn from a seed, popular or not; nothing is kept from one answer to the next but what the system keeps
of the files. Sentences are {SENTENCES:,} of {WORDS} words, drawn by the number of products that use a word; each is answered with
its cluster and {LISTED} products of all and of that cluster. The first {COLD:.0%} of each kind don't count. Memory is resident,
with Python and its libraries, and Arrow's allocator is the one that `gunicorn.conf.py` sets; pandas, which the deployed dashboard
doesn't have, is kept out."""


def measure_lookup(cache: Path) -> None:
    """Ask the tables of `cache` in a fresh process, and write ``results/lookup.md``."""
    page = Page("lookup", "Reading one answer", "python -m benchmarks lookup")
    command = ["env", ALLOCATOR, sys.executable, "-m", "benchmarks.lookup_process", str(cache)]
    measured = json.loads(run(command, seconds=PATIENCE_SECONDS, memory=ENOUGH_MEMORY).output)
    every = [ms for times in measured["neighbours"].values() for ms in times]
    asked = {f"neighbours: {signal}": times for signal, times in measured["neighbours"].items()}
    asked |= {"neighbours: all signals": every, f"a typed sentence of {WORDS} words": measured["sentences"]}
    page.text(HOW)
    page.table(
        ("<what", "answers", "p50 ms", "p99 ms"), [(what, f"{len(times):,}", *_cells(times)) for what, times in asked.items()]
    )
    slowest = max(np.percentile(times, 99) for times in measured["neighbours"].values())
    said = f"p99 of {slowest:.2f} ms for one product's neighbours in the slowest signal (goal: under {NEIGHBOURS_GOAL_MS})"
    page.goal(said, slowest < NEIGHBOURS_GOAL_MS)
    sentence = np.percentile(measured["sentences"], 99)
    page.goal(f"p99 of {sentence:.1f} ms for a sentence (goal: under {SENTENCE_GOAL_MS})", sentence < SENTENCE_GOAL_MS)
    opened, asked_for = measured["opened"], measured["asked"]
    megabytes = [f"{size / 1e6:,.0f}" for size in (opened, asked_for, MEMORY_GOAL)]
    said = f"{megabytes[0]} MB with the tables open, {megabytes[1]} after the neighbours (goal: under {megabytes[2]})"
    page.goal(said, max(opened, asked_for) < MEMORY_GOAL)
    page.write()


def _cells(times: list[float]) -> tuple[str, ...]:
    return tuple(f"{ms:.2f}" for ms in np.percentile(times, (50, 99)))
