"""Look-alikes of every product of a large shop: all vectors compared, or those in the nearest lists."""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.neighbour_ways import CATEGORIES, K
from benchmarks.processes import run
from benchmarks.results import Page, console
from precompute.dense_search import JUDGED, shares_found
from precompute.settings import Style, Visual

DIMENSIONS, CENTRES = 128, 1_000
PATIENCE_SECONDS, ENOUGH_MEMORY = 7_200, 12e9
MOST_TIME = 0.5
NAMES = {"aisle": "a build's look-alikes", "exact": "all compared", "faiss_flat": "all compared, faiss", "style": "style"}

HOW = f"""{DIMENSIONS} numbers a vector, drawn from a seed; each list has {K} neighbours. *Round centres*: each vector is one of
{CENTRES:,} centres and a random vector as long. *Falling axes*: random, with the variance of the i-th axis as 1 / i, which is how
principal axes fall. *Half at random*: one half is round centres, the other is nothing but random, which no list can hold
together: nothing is near. Recall is that of the {JUDGED} nearest, over all rows, against all compared. Every way is a process of
its own on all cores that starts with the vectors in memory; *MB* is what it takes beyond them, compiling isn't counted. *CPU s*
adds up the processor's seconds of all cores: it is what to look at where something else ran."""


@dataclass(frozen=True)
class Measured:
    """Medians of seconds, of all cores too; the most bytes; what the way says of itself; int32 [n, k]."""

    seconds: float
    processor: float
    peak: int
    details: dict[str, Any]
    index: NDArray[np.int32]


def draw_vectors(kind: str, rows: int, seed: int = 0) -> NDArray[np.float32]:
    """float32 [rows, `DIMENSIONS`], each of length one."""
    rng = np.random.default_rng(seed)
    drawn = rng.standard_normal((rows, DIMENSIONS), dtype=np.float32)
    if kind == "falling axes":
        drawn /= np.sqrt(np.arange(1, DIMENSIONS + 1, dtype=np.float32))
    else:
        centred = slice(None, None, 2 if kind == "half at random" else 1)
        centres = rng.standard_normal((CENTRES, DIMENSIONS), dtype=np.float32)
        drawn[centred] += centres[rng.integers(0, CENTRES, len(drawn[centred]))]
    return drawn / np.linalg.norm(drawn, axis=1, keepdims=True)


KINDS = {
    "round centres": ("exact", "aisle", "faiss_flat", "style"),
    "falling axes": ("exact", "aisle"),
    "half at random": ("exact", "aisle"),
}


def measure_neighbours(products: int, repetitions: int, command: str) -> None:
    """Write ``results/neighbours.md``."""
    page = Page("neighbours", "Look-alikes of every product", command)
    page.text(HOW)
    with tempfile.TemporaryDirectory() as folder:
        vectors = Path(folder) / "vectors.npy"
        for kind, ways in KINDS.items():
            np.save(vectors, draw_vectors(kind, products))
            page.text(f"## {products:,} vectors, {kind}")
            _write(page, {way: _measured(way, vectors, repetitions) for way in ways})
    page.text(
        f"*Style* is always compared in all: at most {Style().per_category} neighbours of each of {CATEGORIES} categories but "
        "the product's own."
    )
    page.write()


def _measured(way: str, vectors: Path, repetitions: int) -> Measured:
    out = vectors.with_name(f"{way}.npy")
    command = [sys.executable, "-m", "benchmarks.neighbour_ways", way, str(vectors), str(out)]
    runs = []
    for _ in range(repetitions):
        console.print(f"{way} ...")
        runs.append(json.loads(run(command, seconds=PATIENCE_SECONDS, memory=ENOUGH_MEMORY).output))
    seconds, processor = (statistics.median(ran[name] for ran in runs) for name in ("seconds", "processor"))
    return Measured(seconds, processor, max(ran["peak"] for ran in runs), runs[-1]["details"], np.load(out))


def _write(page: Page, measured: dict[str, Measured]) -> None:
    exact, aisle = measured["exact"], measured["aisle"]
    recalls = {way: float(shares_found(exact.index, found.index).mean()) for way, found in measured.items() if way != "style"}
    page.table(
        ("<way", "s", "CPU s", f"recall@{JUDGED}", "MB", "<search"),
        [
            (
                NAMES[way],
                f"{found.seconds:,.1f}",
                f"{found.processor:,.1f}",
                f"{recalls[way]:.4f}" if way in recalls else "",
                f"{found.peak / 1e6:,.0f}",
                ", ".join(f"{name.replace('_', ' ')}: {value}" for name, value in found.details.items()),
            )
            for way, found in measured.items()
        ],
    )
    page.goal(f"recall@{JUDGED} of {recalls['aisle']:.4f} (goal: {Visual().recall})", recalls["aisle"] >= Visual().recall)
    share = aisle.seconds / exact.seconds
    if aisle.details["search"] == "exact":
        page.text(
            f"All rows are compared, since they are few or lists miss too many: {share:.0%} of the seconds of all compared."
        )
    else:
        page.goal(f"{share:.0%} of the seconds of all compared (goal: under {MOST_TIME:.0%})", share < MOST_TIME)
