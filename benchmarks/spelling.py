"""Misspelt words against the vocabulary of a large shop: how long near words take, and whether the right one is among them."""

from __future__ import annotations

import random
import time
import tracemalloc
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.results import Page
from dashboard.spelling import LONG, OFFERED, Speller
from lookup import schema
from lookup.reader import Cache

TYPED = 2_000
SEED = 0
LETTERS = "abcdefghijklmnopqrstuvwxyz"
GOAL_MS = 10

HOW = f"""{TYPED:,} words of the vocabulary, drawn from a seed, each misspelt so that it is no word of it: one letter added, left
out, exchanged or swapped with the next, in words of more than {LONG} letters twice. *Found* is how many have the right word among
the {OFFERED} offered. Times are the processor's, memory is numpy's as `tracemalloc` counts it; a worker prepares the vocabulary
once, when somebody first types an unknown word."""


def measure_spelling(large: Path) -> None:
    """Write ``results/spelling.md``."""
    page = Page("spelling", "Near words for misspelt ones", "python -m benchmarks spelling")
    cache = Cache.open(large)
    documents = cache.table(schema.TERMS).read(["documents"]).column(0).to_numpy()
    speller, seconds, kept, peak = _prepared(cache, documents)
    milliseconds, found = _type(speller, cache.terms.to_pylist())
    p50, p99, most = np.percentile(milliseconds, [50, 99, 100])
    page.text(HOW)
    page.goal(f"p99 {p99:.1f} ms an unknown word at {len(documents):,} terms (goal: at most {GOAL_MS})", bool(p99 <= GOAL_MS))
    rows = [
        ("an unknown word, p50 ms", f"{p50:.2f}"),
        ("p99 ms", f"{p99:.2f}"),
        ("most ms", f"{most:.2f}"),
        ("found", f"{found:.1%}"),
        ("prepared once, seconds", f"{seconds:.2f}"),
        ("memory kept, MB", f"{kept / 1e6:.1f}"),
        ("peak while preparing, MB", f"{peak / 1e6:.1f}"),
    ]
    page.table(("<what", "measured"), rows)
    page.write()


def _prepared(cache: Cache, documents: NDArray[np.int32]) -> tuple[Speller, float, int, int]:
    """The speller, the seconds it takes to prepare, and the bytes that are kept and that are needed meanwhile."""
    started = time.thread_time()
    Speller(cache.terms, documents)
    seconds = time.thread_time() - started
    tracemalloc.start()
    speller = Speller(cache.terms, documents)
    kept, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return speller, seconds, kept, peak


def _type(speller: Speller, terms: list[str]) -> tuple[list[float], float]:
    """The milliseconds each misspelt word takes, and the share of those that are offered the right one."""
    draw, vocabulary = random.Random(SEED), set(terms)
    milliseconds, found = [], 0
    while len(milliseconds) < TYPED:
        right = draw.choice(terms)
        wrong = _misspelt(right, draw)
        if wrong in vocabulary:
            continue
        started = time.thread_time()
        offers = speller.offers([wrong])
        milliseconds.append(1e3 * (time.thread_time() - started))
        found += right in [near.word for near in offers.get(wrong, [])]
    return milliseconds, found / TYPED


def _misspelt(word: str, draw: random.Random) -> str:
    for _ in range(2 if len(word) > LONG else 1):
        place, letter = draw.randrange(len(word) - 1), draw.choice(LETTERS)
        before, here, after, rest = word[:place], word[place], word[place + 1], word[place + 2 :]
        edits = (letter + here + after, after, letter + after, after + here)
        word = before + draw.choice(edits) + rest
    return word
