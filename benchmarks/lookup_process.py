"""What a process measures of itself that has lookup tables open and nothing else of the dashboard."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Sequence
from importlib.abc import MetaPathFinder
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from lookup import schema
from lookup.reader import Cache

PRODUCTS, SENTENCES = 2_000, 500
WORDS = 8
LISTED = 10
"""Products that a sentence finds, as on the page Describe."""
COLD = 0.1
"""The share of the first answers, which is not counted."""


class NoPandas(MetaPathFinder):
    """Arrow loads pandas wherever it is installed; beside the deployed dashboard it isn't."""

    def find_spec(self, name: str, *_: Any) -> None:
        if name == "pandas":
            raise ModuleNotFoundError(name)


def main(cache_dir: str) -> None:
    """Print as JSON: bytes in memory with the tables open, and at last; milliseconds of answers, by signal and of sentences."""
    process = psutil.Process()
    cache = Cache.open(Path(cache_dir))
    opened = process.memory_info().rss
    rng = np.random.default_rng(0)
    neighbours = {signal: _neighbours(cache, signal, rng) for signal in cache.manifest.signals}
    asked = process.memory_info().rss
    measured = {"opened": opened, "asked": asked, "neighbours": neighbours, "sentences": _sentences(cache, rng)}
    print(json.dumps(measured))


def _neighbours(cache: Cache, signal: str, rng: np.random.Generator) -> list[float]:
    return _timed(lambda row: cache.neighbours(row, signal), rng.integers(len(cache), size=PRODUCTS).tolist())


def _sentences(cache: Cache, rng: np.random.Generator) -> list[float]:
    """Of sentences whose words are drawn by the number of products that use them."""
    from dashboard.query import search  # only now, because memory was measured without it

    documents = cache.table(schema.TERMS).read(["documents"]).column(0).to_numpy()
    clusters = cache.table(schema.PRODUCTS).read(["cluster"]).column(0).fill_null(-1).to_numpy()
    shares = documents / documents.sum()
    drawn = [rng.choice(len(shares), WORDS, replace=False, p=shares).tolist() for _ in range(SENTENCES)]
    typed = [" ".join(cache.terms[row].as_py() for row in rows) for rows in drawn]
    return _timed(lambda sentence: search(cache, clusters, sentence, LISTED), typed)


def _timed(answer: Callable[[Any], Any], questions: Sequence[Any]) -> list[float]:
    times = []
    for question in questions:
        started = time.perf_counter()
        answer(question)
        times.append(1000 * (time.perf_counter() - started))
    return times[round(COLD * len(times)) :]


if __name__ == "__main__":
    sys.meta_path.insert(0, NoPandas())
    main(sys.argv[1])
