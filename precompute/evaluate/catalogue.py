"""What the finished lists do with the catalogue, and what the clusters do with its categories; no held-out orders are needed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.stats import binom, rankdata
from sklearn.metrics import normalized_mutual_info_score

from lookup.schema import NO_NEIGHBOUR

Ints = NDArray[np.int32]
Floats = NDArray[np.float64]

SHUFFLES = 20


def same_category_share(index: Ints, own: Ints, categories: Ints) -> Floats:
    """float64 [queries]: the share of each list that is of the product's own category.

    Parameters
    ----------
    index
        int32 [queries, k], none of them empty.
    own
        int32 [queries]: the category of each product that asks.
    categories
        int32 [n], -1 for none.
    """
    listed = index != NO_NEIGHBOUR
    same = (categories[np.maximum(index, 0)] == own[:, None]) & listed
    return same.sum(axis=1) / listed.sum(axis=1)


def same_category_by_chance(categories: Ints) -> Floats:
    """float64 [n]: the share that a draw among all other products has on average; 0 for a product without a category."""
    known = categories >= 0
    sizes = np.bincount(categories[known], minlength=1)
    return np.where(known, (sizes[categories] - 1) / max(1, len(categories) - 1), 0.0)


def popularity_percentiles(popularity: NDArray[np.int64]) -> Floats:
    """float64 [n]: the share of the products that are less popular, half of those that are as popular counted with them.

    Their mean is 0.5, so a list drawn at random has 0.5 too.
    """
    return (rankdata(popularity) - 0.5) / len(popularity)


def mean_listed(index: Ints, values: Floats) -> Floats:
    """float64 [queries]: the mean over each list of a value per product; no list may be empty."""
    listed = index != NO_NEIGHBOUR
    return np.where(listed, values[np.maximum(index, 0)], 0.0).sum(axis=1) / listed.sum(axis=1)


def concentration(index: Ints, n_products: int) -> float:
    """The Gini coefficient of how often each product is recommended: 0 where all are alike, near 1 where few have it all."""
    shown = np.sort(np.bincount(index[index != NO_NEIGHBOUR], minlength=n_products))
    ranks = np.arange(1, n_products + 1)
    return float(2 * (ranks @ shown) / (n_products * shown.sum()) - (n_products + 1) / n_products)


def coverage_by_chance(n_products: int, k: int) -> float:
    """The share of products that stand in any list, where each of them lists k of the others drawn at random."""
    others = n_products - 1
    return float(binom.sf(0, others, min(1.0, k / others)))


def concentration_by_chance(n_products: int, k: int) -> float:
    """The Gini coefficient where each product lists k of the others drawn at random.

    Each is then shown a binomial number of times, and the Gini coefficient is half the mean difference of two such numbers over
    their mean k. Of the cumulative probabilities F, half the mean difference is the sum of F (1 - F).
    """
    others = n_products - 1
    k = min(k, others)
    cumulated = binom.cdf(np.arange(others + 1), others, k / others)
    return float((cumulated * (1 - cumulated)).sum() / k)


def in_majority(clusters: Ints, categories: Ints) -> NDArray[np.bool_]:
    """bool [products]: whether each is of its cluster's most frequent category, the lower one of two; the mean is purity.

    Parameters
    ----------
    clusters, categories
        int32 [products], both known.
    """
    ones = np.ones(len(clusters), np.int64)
    shape = (int(clusters.max(initial=0)) + 1, int(categories.max(initial=0)) + 1)
    table = csr_array((ones, (clusters, categories)), shape=shape)
    found: NDArray[np.bool_] = table.argmax(axis=1)[clusters] == categories
    return found


def agreement(clusters: Ints, categories: Ints) -> float:
    """Normalised mutual information: 0 where the clusters tell nothing about the categories, 1 where each tells the other."""
    return float(normalized_mutual_info_score(categories, clusters))


def agreement_by_chance(clusters: Ints, categories: Ints, seed: int) -> tuple[float, float]:
    """Purity and normalised mutual information where products are dealt to clusters of the same sizes at random.

    Both rise with the number of clusters, also where these mean nothing: the mean over `SHUFFLES` shuffles says how far.
    """
    rng = np.random.default_rng(seed)
    dealt = [rng.permutation(clusters) for _ in range(SHUFFLES)]
    purity = np.mean([in_majority(one, categories).mean() for one in dealt])
    return float(purity), float(np.mean([agreement(one, categories) for one in dealt]))
