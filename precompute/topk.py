"""Exact nearest neighbours of dense rows, and the best of scores that are known; `precompute.sparse_topk` compares sparse rows.

Equal scores are ordered by row, so a list never depends on how the work was cut up. Scores that are equal in exact arithmetic
can differ in their last bits, depending on the order of a sum, so they are rounded before they are compared: given ones to
float32, products of dense rows to `DENSE_DECIMALS`.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy import sparse
from threadpoolctl import threadpool_limits

from lookup.schema import NO_NEIGHBOUR
from precompute.projection import unit_rows

DENSE_DECIMALS = 5
STEPS = 10.0**DENSE_DECIMALS
ROUNDING = np.float32(1 / STEPS)
"""More than rounding adds to a score."""
QUERY_ROWS, TILE_ROWS = 256, 8_192
"""A thread compares so many rows with so many others at a time: 8 MB of scores, most of which are forgotten at once."""
KEPT_CELLS = 4_000_000
"""Scores of all groups that a thread keeps at most; where there are many groups, it takes fewer rows."""

Ranked = tuple[NDArray[np.int32], NDArray[np.float32]]
Metric = Literal["cosine", "l2"]
Advance = Callable[[int], None]


def unseen(rows: int) -> None:
    """What is told of progress where nobody looks."""


def top_per_row(scores: sparse.csr_array, k: int) -> Ranked:
    """The k highest of the stored, positive entries of each row.

    Parameters
    ----------
    scores
        CSR [n, m].
    k
        How many.

    Returns
    -------
    index, score
        int32 and float32 [n, k], best first; `NO_NEIGHBOUR` and 0 behind the last.
    """
    rows = np.repeat(np.arange(scores.shape[0]), np.diff(scores.indptr))
    positive = scores.data > 0
    return best_of(rows[positive], scores.indices[positive], scores.data[positive], scores.shape[0], k)


def dense_neighbours(
    vectors: NDArray[np.float32],
    k: int,
    *,
    metric: Metric = "cosine",
    groups: NDArray[np.int32] | None = None,
    per_group: int = 1,
    listed: NDArray[np.bool_] | None = None,
    rows: NDArray[np.int64] | None = None,
    advance: Advance = unseen,
) -> Ranked:
    """The k nearest rows of each row, itself left out. All-zero rows have no data: they neither get nor are neighbours.

    Parameters
    ----------
    vectors
        float32 [n, d].
    metric
        ``"cosine"``; or ``"l2"``, whose score is 1 / (1 + distance), so that nearer is higher here too.
    groups
        int32 [n]: with it, neighbours come only from other groups, at most `per_group` from each; -1 is no group, and
        such rows neither get nor are neighbours.
    listed
        bool [n]: the rows that may be neighbours; all n without it.
    rows
        int64 [m]: the rows whose neighbours are asked for; all n without it.
    advance
        Is told how many rows are done, block by block.

    Returns
    -------
    index, score
        int32 and float32 [m, k]; a score may be negative with ``"cosine"``.
    """
    usable: NDArray[np.bool_] = np.any(vectors, axis=1)
    if groups is not None:
        usable &= groups >= 0
    compared = unit_rows(vectors) if metric == "cosine" else vectors
    candidates = _Candidates.of(compared, usable if listed is None else usable & listed, groups, metric)
    asked = np.arange(len(vectors)) if rows is None else rows
    kept = k if groups is None else min(per_group, k)
    block_rows = max(1, min(QUERY_ROWS, KEPT_CELLS // max(candidates.n_groups * kept, 1)))

    def ranked(start: int) -> Ranked:
        block = asked[start : start + block_rows]
        index, score = np.full((len(block), k), NO_NEIGHBOUR, np.int32), np.zeros((len(block), k), np.float32)
        index[usable[block]], score[usable[block]] = candidates.best(block[usable[block]], kept, k)
        return index, score

    parts = []
    with threadpool_limits(1), ThreadPoolExecutor(os.cpu_count()) as pool:
        for part in pool.map(ranked, range(0, len(asked), block_rows)):
            parts.append(part)
            advance(len(part[0]))
    return _stacked(parts, k)


def normalised(vectors: sparse.csr_array) -> sparse.csr_array:
    """Rows of length one, in float64; empty rows stay empty."""
    wide = sparse.csr_array(vectors, dtype=np.float64)
    lengths = np.sqrt(np.asarray(wide.multiply(wide).sum(axis=1)).ravel())
    inverse = np.divide(1.0, lengths, out=np.zeros_like(lengths), where=lengths > 0)
    return sparse.csr_array(sparse.diags_array(inverse) @ wide)


def best_of(rows: NDArray, columns: NDArray, scores: NDArray, n: int, k: int) -> Ranked:
    """Of (row, column, score) triples in any order, the k best of each of n rows."""
    rounded = scores.astype(np.float32)
    order = np.lexsort((columns, -rounded, rows))
    rows, columns, rounded = rows[order], columns[order], rounded[order]
    starts = np.searchsorted(rows, np.arange(n))
    rank = np.arange(len(rows)) - starts[rows]
    keep = rank < k
    index = np.full((n, k), NO_NEIGHBOUR, np.int32)
    score = np.zeros((n, k), np.float32)
    index[rows[keep], rank[keep]] = columns[keep]
    score[rows[keep], rank[keep]] = rounded[keep]
    return index, score


@dataclass(frozen=True)
class _Candidates:
    """The m rows that can be neighbours, group by group, in each in their own order.

    Attributes
    ----------
    vectors
        float32 [n, d]: all rows, as they are compared.
    rows
        int64 [m]
    compared
        float32 [m, d]: the vectors of `rows`.
    group
        int32 [m]: numbered from 0; all of them are of one group where there are no groups.
    own_group
        int32 [n]: the group that a row takes no neighbours from; -1 where there is none of its own among them.
    place
        int64 [n]: where a row stands in `rows`; -1 for one that can't be a neighbour.
    """

    vectors: NDArray[np.float32]
    rows: NDArray[np.int64]
    compared: NDArray[np.float32]
    group: NDArray[np.int32]
    own_group: NDArray[np.int32]
    place: NDArray[np.int64]
    metric: Metric

    @classmethod
    def of(
        cls, vectors: NDArray[np.float32], listed: NDArray[np.bool_], groups: NDArray[np.int32] | None, metric: Metric
    ) -> _Candidates:
        rows = np.flatnonzero(listed)
        group, own_group = np.zeros(len(rows), np.int32), np.full(len(vectors), -1, np.int32)
        if groups is not None:
            rows = rows[np.argsort(groups[rows], kind="stable")]
            known, numbered = np.unique(groups[rows], return_inverse=True)
            group = numbered.astype(np.int32)
            own_group = np.where(np.isin(groups, known), np.searchsorted(known, groups), -1).astype(np.int32)
        place = np.full(len(vectors), -1)
        place[rows] = np.arange(len(rows))
        return cls(vectors, rows, vectors[rows], group, own_group, place, metric)

    @property
    def n_groups(self) -> int:
        return int(self.group[-1]) + 1 if len(self.group) else 0

    def best(self, asked: NDArray[np.int64], per_group: int, k: int) -> Ranked:
        """Of the `per_group` best of each group, the k best for each row asked for."""
        places = np.full((len(asked), self.n_groups, per_group), -1)
        scores = np.full(places.shape, -np.inf, np.float32)
        for start in range(0, len(self.rows), TILE_ROWS):
            tile = _scores(self.vectors[asked], self.compared[start : start + TILE_ROWS], self.metric)
            _keep_best(tile, start, self.group, self.own_group[asked], self.place[asked], places, scores)
        flat = len(asked), self.n_groups * per_group
        places, scores = places.reshape(flat), scores.reshape(flat)
        least = np.partition(scores, -k, axis=1)[:, -k, None] if scores.shape[1] > k else -np.inf
        queries, slots = np.nonzero((places >= 0) & (scores >= least))
        return best_of(queries, self.rows[places[queries, slots]], scores[queries, slots], len(asked), k)


@njit(cache=True, nogil=True)
def _keep_best(
    tile: NDArray[np.float32],
    start: int,
    group: NDArray[np.int32],
    own_group: NDArray[np.int32],
    own_place: NDArray[np.int64],
    places: NDArray[np.int64],
    scores: NDArray[np.float32],
) -> None:
    """Take the best of a tile's scores into those kept, `places` and `scores` [q, groups, kept], best first.

    Candidates come in the order of their rows, so that of equal scores the first one stays in front.
    """
    last = scores.shape[2] - 1
    for query in range(tile.shape[0]):
        for column in range(tile.shape[1]):
            place = start + column
            of_group = group[place]
            least = scores[query, of_group, last]
            if tile[query, column] < least - ROUNDING or of_group == own_group[query] or place == own_place[query]:
                continue
            score = np.float32(np.rint(np.float64(tile[query, column]) * STEPS) / STEPS)
            if score <= least:
                continue
            slot = last
            while slot > 0 and scores[query, of_group, slot - 1] < score:
                scores[query, of_group, slot] = scores[query, of_group, slot - 1]
                places[query, of_group, slot] = places[query, of_group, slot - 1]
                slot -= 1
            scores[query, of_group, slot], places[query, of_group, slot] = score, place


def _scores(queries: NDArray[np.float32], vectors: NDArray[np.float32], metric: Metric) -> NDArray[np.float32]:
    products = queries @ vectors.T
    if metric == "l2":
        squared = np.square(queries).sum(axis=1)[:, None] + np.square(vectors).sum(axis=1)[None, :] - 2 * products
        products = 1 / (1 + np.sqrt(np.maximum(squared, 0)))
    return products


def _stacked(parts: list[Ranked], k: int) -> Ranked:
    if not parts:
        return np.empty((0, k), np.int32), np.empty((0, k), np.float32)
    return np.concatenate([index for index, _ in parts]), np.concatenate([score for _, score in parts])
