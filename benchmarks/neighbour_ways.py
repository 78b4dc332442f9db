"""Ways to the nearest of many vectors: ``python -m benchmarks.neighbour_ways WAY VECTORS OUT``.

Each is a process of its own, so that its memory can be told from the others'. It prints its seconds, its bytes and what it says
of itself, and writes the neighbours it found into `OUT`.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import faiss
import numpy as np
import psutil
from numpy.typing import NDArray

from benchmarks.processes import peak_memory
from precompute.dense_search import nearest
from precompute.settings import Style, Visual
from precompute.topk import dense_neighbours

K = Visual().k
CATEGORIES = 200
WARM_UP = 300
"""Rows of a first run that isn't measured: it compiles."""

Found = tuple[NDArray[np.int32], dict[str, Any]]
Vectors = NDArray[np.float32]


def aisle(vectors: Vectors) -> Found:
    """What the look-alikes of a build are found with."""
    (index, _), details = nearest(vectors, K, Visual().recall)
    return index, details


def exact(vectors: Vectors) -> Found:
    """All rows compared, as Aisle does it."""
    return dense_neighbours(vectors, K)[0], {}


def faiss_flat(vectors: Vectors) -> Found:
    """All rows compared by faiss; a row is the first in its own list."""
    _, found = faiss.knn(vectors, vectors, K + 1, metric=faiss.METRIC_INNER_PRODUCT)
    return found[:, 1:].astype(np.int32), {}


def style(vectors: Vectors) -> Found:
    """The best of each other category, as the style of a build is found, rows dealt to categories at random."""
    categories = np.random.default_rng(1).integers(0, CATEGORIES, len(vectors)).astype(np.int32)
    return dense_neighbours(vectors, K, groups=categories, per_group=Style().per_category)[0], {}


WAYS: dict[str, Callable[[Vectors], Found]] = {way.__name__: way for way in (aisle, exact, faiss_flat, style)}


def main(way: str, vectors: Vectors, out: Path) -> None:
    WAYS[way](vectors[:WARM_UP])
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the peak so far is forgotten
    before = psutil.Process().memory_info().rss
    started, worked = time.perf_counter(), time.process_time()
    index, details = WAYS[way](vectors)
    measured = {"seconds": time.perf_counter() - started, "processor": time.process_time() - worked}
    np.save(out, index)
    print(json.dumps({**measured, "peak": peak_memory() - before, "details": details}))


if __name__ == "__main__":
    name, drawn, found = sys.argv[1:]
    main(name, np.load(drawn), Path(found))
