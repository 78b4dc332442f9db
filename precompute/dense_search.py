"""Nearest neighbours of very many dense rows: all are compared where that is quick or needed, else those in the nearest lists.

k-means deals the rows to lists, and a row is compared with those of the lists nearest to it: with their short codes first, then
with the best of them themselves (faiss). How many lists that takes depends on the rows. So the exact neighbours of a sample are
taken first, and the search that misses few enough of them with the fewest lists is used. Where none does, all rows are compared.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import faiss
import numpy as np
from numpy.typing import NDArray

from lookup.schema import NO_NEIGHBOUR
from precompute.projection import unit_rows
from precompute.topk import DENSE_DECIMALS, Advance, Ranked, best_of, dense_neighbours, unseen

EXACT_UP_TO = 20_000
"""Rows, which are all compared within some seconds."""
SAMPLED = 1_000
"""Rows whose exact neighbours tell how many a quicker search finds."""
JUDGED = 10
"""The recall that is asked for is that of the first so many neighbours."""
PER_LIST = 64
"""Rows that k-means takes for each list."""
MOST_LISTS = 4
"""Where more than an n-th of the lists is needed, comparing all rows takes hardly longer."""
CANDIDATES = 640
"""Rows that codes find and that are then compared themselves; at least `PER_NEIGHBOUR` for each neighbour."""
PER_NEIGHBOUR = 8
SPARE = 4
"""So many more than k are taken: the row itself is among them, and scores that are equal when they are rounded."""
QUERY_ROWS = 4_096
SEED = 0


class Search(NamedTuple):
    """The k nearest rows of each row, and how they were found, in words and numbers for the manifest."""

    ranked: Ranked
    details: dict[str, Any]


def nearest(vectors: NDArray[np.float32], k: int, recall: float, advance: Advance = unseen) -> Search:
    """The k nearest rows of each row by their cosine, as `precompute.topk.dense_neighbours` has them, or nearly.

    Parameters
    ----------
    vectors
        float32 [n, d].
    recall
        The share of the `JUDGED` nearest that is to be found at least, with all but certainty; 1 compares all rows.
    advance
        Is told how many rows are done, block by block.
    """
    usable = np.flatnonzero(vectors.any(axis=1))
    if recall == 1 or len(usable) <= EXACT_UP_TO:
        return Search(dense_neighbours(vectors, k, advance=advance), {"search": "exact"})
    lists = _Lists(unit_rows(vectors), usable, k)
    sample = np.sort(np.random.default_rng(SEED).choice(usable, SAMPLED, replace=False))
    exact, _ = dense_neighbours(vectors, k, rows=sample)
    for searched in lists.rising():
        found = shares_found(exact, lists.neighbours(sample, searched)[0])
        if surely(found) >= recall:
            ranked = lists.all_neighbours(searched, advance)
            return Search(ranked, {"search": f"{searched} of {lists.count} lists", f"recall_at_{JUDGED}": _rounded(found)})
    ranked = dense_neighbours(vectors, k, advance=advance)
    return Search(ranked, {"search": "exact", f"recall_at_{JUDGED}_of_{searched}_lists": _rounded(found)})


def shares_found(exact: NDArray[np.int32], found: NDArray[np.int32]) -> NDArray[np.float64]:
    """For each row [m, k] of exact neighbours, the share of its `JUDGED` first that are among as many found; float64 [m]."""
    wanted, offered = exact[:, :JUDGED], found[:, :JUDGED]
    known = wanted != NO_NEIGHBOUR
    hits = (wanted[:, :, None] == offered[:, None, :]).any(axis=2) & known
    return hits.sum(axis=1) / np.maximum(known.sum(axis=1), 1)


def surely(shares: NDArray[np.float64]) -> float:
    """What the mean of all rows is not below, two standard errors off that of a sample."""
    return float(shares.mean() - 2 * shares.std() / np.sqrt(len(shares)))


class _Lists:
    """The rows, dealt to lists by k-means, and found by short codes.

    Two numbers of a vector make four bits of its code. A random rotation first gives all numbers their share of what there is to
    tell; without it those of the first principal axes would need finer codes than those of the last.
    """

    def __init__(self, vectors: NDArray[np.float32], usable: NDArray[np.int64], k: int) -> None:
        self._vectors, self._usable, self._k = vectors, usable, k
        self.count = int(2 * np.sqrt(len(usable)))
        pairs = (vectors.shape[1] + 1) // 2
        coded = faiss.index_factory(vectors.shape[1], f"RR{2 * pairs},IVF{self.count},PQ{pairs}x4fs")
        self._inverted = faiss.extract_index_ivf(coded)
        self._inverted.cp.seed = SEED
        self._inverted.cp.max_points_per_centroid = PER_LIST
        self._index = faiss.IndexRefineFlat(coded)
        self._index.k_factor = max(CANDIDATES / (k + SPARE), PER_NEIGHBOUR)
        taken = np.random.default_rng(SEED).permutation(len(usable))[: PER_LIST * self.count]
        self._index.train(vectors[usable[np.sort(taken)]])
        self._index.add(vectors[usable])

    def rising(self) -> Iterator[int]:
        """Numbers of lists, four times as many each, that are worth a try."""
        searched = 1
        while searched * MOST_LISTS <= self.count:
            yield searched
            searched *= 4

    def neighbours(self, rows: NDArray[np.int64], searched: int) -> Ranked:
        """The nearest rows in so many lists: int32 and float32 [m, k]."""
        self._inverted.nprobe = searched
        _, places = self._index.search(self._vectors[rows], self._k + SPARE)
        queries, slots = np.nonzero(places >= 0)
        found = self._usable[places[queries, slots]]
        others = found != rows[queries]
        queries, found = queries[others], found[others]
        scores = np.einsum("ij,ij->i", self._vectors[rows[queries]], self._vectors[found])
        return best_of(queries, found, np.round(scores, DENSE_DECIMALS), len(rows), self._k)

    def all_neighbours(self, searched: int, advance: Advance) -> Ranked:
        """Those of every row: int32 and float32 [n, k]."""
        shape = len(self._vectors), self._k
        index, score = np.full(shape, NO_NEIGHBOUR, np.int32), np.zeros(shape, np.float32)
        for start in range(0, len(self._usable), QUERY_ROWS):
            rows = self._usable[start : start + QUERY_ROWS]
            index[rows], score[rows] = self.neighbours(rows, searched)
            advance(len(rows))
        advance(len(self._vectors) - len(self._usable))
        return index, score


def _rounded(shares: NDArray[np.float64]) -> float:
    return round(float(shares.mean()), 4)
