"""Weighted reciprocal rank fusion of several signals' lists.

Cormack, Clarke and Büttcher, "Reciprocal Rank Fusion outperforms Condorcet and individual Rank Learning Methods", SIGIR 2009:
a neighbour's score is the sum over signals of 1 / (60 + rank), ranks from 1; here each signal also has a weight.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import sparse

from lookup.schema import NO_NEIGHBOUR, Evidence
from precompute.signals.base import Neighbours
from precompute.topk import top_per_row

RANK_OFFSET = 60


def fuse(signals: dict[str, Neighbours], weights: dict[str, float], k: int, details: dict[str, Any] | None = None) -> Neighbours:
    """Fuse the lists of the signals that have a weight above 0.

    Parameters
    ----------
    signals
        Tables of neighbours of the same n products, in the same order.
    weights
        One per signal.
    k
        Neighbours per product in the result.
    details
        Further words for the manifest.

    Returns
    -------
    Neighbours
        With the evidence RANKS, in the order of ``details["fused"]``.
    """
    fused = [name for name in signals if weights.get(name, 0) > 0]
    columns = 1 + max(int(signals[name].index.max(initial=0)) for name in fused)
    ranks = [_ranks(signals[name], columns) for name in fused]
    total = sparse.csr_array(ranks[0].shape)
    for name, matrix in zip(fused, ranks, strict=True):
        reciprocal = matrix.copy()
        reciprocal.data = weights[name] / (RANK_OFFSET + np.abs(matrix.data))
        total = total + reciprocal
    index, score = top_per_row(sparse.csr_array(total), k)
    rows = np.arange(len(index))[:, None]
    evidence = np.stack([matrix[rows, np.maximum(index, 0)].toarray() for matrix in ranks], axis=2).astype(np.int32)
    evidence[index == NO_NEIGHBOUR] = 0
    return Neighbours(
        index,
        score,
        evidence,
        Evidence.RANKS,
        untrained=any(signals[name].untrained for name in fused),
        details={"fused": fused, "weights": {name: weights.get(name, 0.0) for name in signals}} | (details or {}),
    )


def _ranks(neighbours: Neighbours, columns: int) -> sparse.csr_array:
    """CSR [n, columns]: the rank, from 1, of each listed neighbour; negative where it is listed for its popularity alone."""
    rows, places = np.nonzero(neighbours.index != NO_NEIGHBOUR)
    signed = np.where(neighbours.popular_alone[rows, places], -1.0, 1.0) * (places + 1)
    return sparse.csr_array((signed, (rows, neighbours.index[rows, places])), shape=(len(neighbours.index), columns))
