"""Exact nearest neighbours of dense rows, and the best of scores that are known; `precompute.sparse_topk` compares sparse rows.

Equal scores are ordered by row, so a list never depends on how the work was cut up. Scores that are equal in exact arithmetic
can differ in their last bits, depending on the order of a sum, so they are rounded before they are compared: given ones to
float32, products of dense rows to `DENSE_DECIMALS`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from lookup.schema import NO_NEIGHBOUR

DENSE_DECIMALS = 5
BLOCK_CELLS = 32_000_000
"""Scores held at a time: 128 MB in float32."""

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
    return _select(rows[positive], scores.indices[positive], scores.data[positive], scores.shape[0], k)


def dense_neighbours(
    vectors: NDArray[np.float32],
    k: int,
    *,
    metric: Metric = "cosine",
    groups: NDArray[np.int32] | None = None,
    per_group: int = 1,
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
    advance
        Is told how many rows are done, block by block.

    Returns
    -------
    index, score
        int32 and float32 [n, k]; a score may be negative with ``"cosine"``.
    """
    n = len(vectors)
    usable: NDArray[np.bool_] = np.any(vectors, axis=1)
    if groups is not None:
        usable &= groups >= 0
    members = [np.flatnonzero(usable)]
    if groups is not None:
        members = [np.flatnonzero(usable & (groups == group)) for group in np.unique(groups[usable])]
    prepared = _unit_rows(vectors) if metric == "cosine" else vectors
    block_size = max(1, BLOCK_CELLS // max(n, 1))
    parts = []
    for start in range(0, n, block_size):
        block = np.arange(start, min(start + block_size, n))
        candidates = [
            _best_of(prepared, block, columns, metric, groups, k if groups is None else per_group) for columns in members
        ]
        rows, columns, scores = (np.concatenate(part) for part in zip(*candidates, strict=True)) if candidates else _nothing()
        keep = usable[start + rows]
        parts.append(_select(rows[keep], columns[keep], scores[keep], len(block), k))
        advance(len(block))
    return _stacked(parts, k)


def normalised(vectors: sparse.csr_array) -> sparse.csr_array:
    """Rows of length one, in float64; empty rows stay empty."""
    wide = sparse.csr_array(vectors, dtype=np.float64)
    lengths = np.sqrt(np.asarray(wide.multiply(wide).sum(axis=1)).ravel())
    inverse = np.divide(1.0, lengths, out=np.zeros_like(lengths), where=lengths > 0)
    return sparse.csr_array(sparse.diags_array(inverse) @ wide)


def _best_of(
    vectors: NDArray[np.float32],
    block: NDArray[np.int64],
    columns: NDArray[np.int64],
    metric: Metric,
    groups: NDArray[np.int32] | None,
    k: int,
) -> tuple[NDArray, NDArray, NDArray]:
    """For the rows of a block, the k best of the columns, as (row, column, score) triples."""
    if not len(columns):
        return _nothing()
    scores = _scores(vectors[block], vectors[columns], metric)
    scores[block[:, None] == columns[None, :]] = -np.inf
    if groups is not None:
        scores[groups[block] == groups[columns[0]]] = -np.inf
    place = max(0, len(columns) - k)
    threshold = np.partition(scores, place, axis=1)[:, place, None]
    rows, found = np.nonzero((scores >= threshold) & np.isfinite(scores))
    index, score = _select(rows, columns[found], scores[rows, found], len(block), k)
    rows, ranks = np.nonzero(index != NO_NEIGHBOUR)
    return rows, index[rows, ranks], score[rows, ranks]


def _scores(queries: NDArray[np.float32], vectors: NDArray[np.float32], metric: Metric) -> NDArray[np.float32]:
    products = queries @ vectors.T
    if metric == "l2":
        squared = np.square(queries).sum(axis=1)[:, None] + np.square(vectors).sum(axis=1)[None, :] - 2 * products
        products = 1 / (1 + np.sqrt(np.maximum(squared, 0)))
    return np.round(products, DENSE_DECIMALS)


def _select(rows: NDArray, columns: NDArray, scores: NDArray, n: int, k: int) -> Ranked:
    """Of (row, column, score) triples in any order, the k best of each row."""
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


def _stacked(parts: list[Ranked], k: int) -> Ranked:
    if not parts:
        return np.empty((0, k), np.int32), np.empty((0, k), np.float32)
    return np.concatenate([index for index, _ in parts]), np.concatenate([score for _, score in parts])


def _unit_rows(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.divide(vectors, lengths, out=np.zeros_like(vectors), where=lengths > 0)


def _nothing() -> tuple[NDArray, NDArray, NDArray]:
    return np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.float32)
