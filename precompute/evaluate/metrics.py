"""Ranking metrics over queries, from a matrix of hits.

A query is a product of an order; relevant are the order's other products. All definitions after Järvelin and Kekäläinen,
"Cumulated gain-based evaluation of IR techniques", TOIS 2002 (NDCG with binary gains), and common use (hit rate, recall,
mean reciprocal rank).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.stats import hypergeom

from lookup.schema import NO_NEIGHBOUR

CHANCE, POPULARITY = "chance", "popularity"
"""The baselines: signals in the tables, and none in the shop."""

FEW_KINDS = 8
"""Groups that are alike are drawn together where there are so many of a kind on average; else drawing one by one is quicker."""
DRAWN_AT_A_TIME = 1_000_000
"""Numbers: all resamples of many orders would not fit."""

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]


def hits(index: NDArray[np.int32], order: NDArray[np.int64], product: NDArray[np.int32], orders: sparse.csr_array) -> Bools:
    """bool [queries, k]: whether the recommendation at each rank stands in the query's order.

    Parameters
    ----------
    index
        int32 [n, k], recommendations per product.
    order, product
        The queries.
    orders
        CSR [orders, products].
    """
    recommended = index[product]
    found: Bools = orders[order[:, None], np.maximum(recommended, 0)].toarray() > 0
    return found & (recommended != NO_NEIGHBOUR) & (recommended != product[:, None])


def hit_rate(hit: Bools, relevant: Floats) -> Floats:  # noqa: ARG001
    """1 where any recommendation is relevant."""
    return np.asarray(hit.any(axis=1), np.float64)


def expected_hit_rate(scores: Floats, relevant: Bools, k: int) -> Floats:
    """How likely the k best have a relevant one among them, where chance decides between equal scores.

    Parameters
    ----------
    scores, relevant
        float64 and bool [queries, candidates], k candidates or more; higher is better.

    Returns
    -------
    NDArray
        float64 [queries]; 0 or 1 wherever no tie is cut off at place k.
    """
    last = -np.partition(-scores, k - 1, axis=1)[:, k - 1 : k]
    above, tied = scores > last, scores == last
    missed = hypergeom.pmf(0, tied.sum(axis=1), (tied & relevant).sum(axis=1), k - above.sum(axis=1))
    return np.where((above & relevant).any(axis=1), 1.0, 1 - missed)


def recall(hit: Bools, relevant: Floats) -> Floats:
    """The share of the relevant products that is recommended."""
    return hit.sum(axis=1) / relevant


def reciprocal_rank(hit: Bools, relevant: Floats) -> Floats:  # noqa: ARG001
    """One over the rank of the first relevant recommendation, 0 without one."""
    return hit.any(axis=1) / (1.0 + hit.argmax(axis=1))


def ndcg(hit: Bools, relevant: Floats) -> Floats:
    """Discounted gain of the hits, over that of the best possible list."""
    discounts = 1 / np.log2(2 + np.arange(hit.shape[1]))
    return (hit @ discounts) / ideal_gain(relevant, hit.shape[1])


def ideal_gain(relevant: Floats, k: int) -> Floats:
    """The discounted gain of a list of k that begins with all relevant products."""
    cumulated = np.cumsum(1 / np.log2(2 + np.arange(k)))
    return cumulated[np.minimum(relevant, k).astype(int) - 1]


METRICS: dict[str, Callable[[Bools, Floats], Floats]] = {
    "hit_rate": hit_rate,
    "ndcg": ndcg,
    "recall": recall,
    "mrr": reciprocal_rank,
}
"""Each takes hits bool [queries, k] and the number of relevant products float64 [queries], and returns float64 [queries]."""


def chance(relevant: Floats, n_candidates: int, k: int) -> dict[str, Floats]:
    """The exact expectation of each metric for k products drawn at random without repeats.

    Parameters
    ----------
    relevant
        float64 [queries].
    n_candidates
        How many products could be drawn.
    """
    k = min(k, n_candidates)
    rank = np.arange(k)
    # P(no hit in the first j draws), by multiplying the chances of one miss after the other.
    miss = np.clip((n_candidates - relevant[:, None] - rank) / (n_candidates - rank), 0, 1)
    none_before = np.cumprod(np.hstack([np.ones((len(relevant), 1)), miss]), axis=1)
    first_at = none_before[:, :-1] - none_before[:, 1:]
    share = relevant / n_candidates
    return {
        "hit_rate": 1 - none_before[:, -1],
        "ndcg": share * (1 / np.log2(2 + rank)).sum() / ideal_gain(relevant, k),
        "recall": np.full(len(relevant), k / n_candidates),
        "mrr": first_at @ (1 / (1 + rank)),
    }


def bootstrap_interval(values: Floats, groups: NDArray[np.int64], seed: int, resamples: int = 1000) -> tuple[float, float]:
    """A 95 % percentile interval of the mean, resampling whole groups: queries of one order are not independent.

    Parameters
    ----------
    values
        float64 [queries].
    groups
        int64 [queries]: the order of each query.
    """
    _, group = np.unique(groups, return_inverse=True)
    sums, sizes = np.bincount(group, values), np.bincount(group)
    (kind_sums, kind_sizes), counts = np.unique(np.stack([sums, sizes]), axis=1, return_counts=True)
    rng = np.random.default_rng(seed)
    n = len(sums)
    few = len(counts) * FEW_KINDS < n
    at_a_time = max(1, DRAWN_AT_A_TIME // (len(counts) if few else n))
    means = []
    for start in range(0, resamples, at_a_time):
        rows = min(at_a_time, resamples - start)
        if few:
            times = rng.multinomial(n, counts / n, size=rows)
            means.append((times @ kind_sums) / (times @ kind_sizes))
        else:
            drawn = rng.integers(n, size=(rows, n))
            means.append(sums[drawn].sum(axis=1) / sizes[drawn].sum(axis=1))
    low, high = np.quantile(np.concatenate(means), [0.025, 0.975])
    return float(low), float(high)
