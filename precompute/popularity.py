"""What stands in for neighbours where a product has no data in a signal: popular products of its category."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from lookup.schema import NO_NEIGHBOUR
from precompute.signals.base import Neighbours


def with_fallbacks(
    neighbours: Neighbours, popularity: NDArray[np.int64], categories: NDArray[np.int32]
) -> tuple[Neighbours, NDArray[np.bool_]]:
    """Fill the empty rows with the most popular products of the same category, or of the shop where it has no other.

    Parameters
    ----------
    neighbours
        Over n products.
    popularity
        int64 [n]: orders, or reviews in a shop without orders. It becomes the score of the products that stand in.
    categories
        int32 [n], -1 for none.

    Returns
    -------
    neighbours, fallback
        The filled table, and bool [n]: the rows that were filled.
    """
    fallback = ~neighbours.known
    index, score = neighbours.index.copy(), neighbours.score.copy()
    by_popularity = np.lexsort((np.arange(len(popularity)), -popularity))
    for category in np.unique(categories[fallback]):
        of_category = by_popularity[categories[by_popularity] == category] if category >= 0 else by_popularity
        candidates = (of_category if len(of_category) > 1 else by_popularity)[: neighbours.k + 1]
        for row in np.flatnonzero(fallback & (categories == category)):
            chosen = candidates[candidates != row][: neighbours.k]
            index[row, : len(chosen)] = chosen
            score[row, : len(chosen)] = popularity[chosen]
    return replace(neighbours, index=index, score=score), fallback & (index != NO_NEIGHBOUR).any(axis=1)


def popular_lists(support: NDArray[np.float64], k: int) -> NDArray[np.int32]:
    """int32 [n, k], or [n, n - 1] where k is more: for every product, the k products in most orders, itself left out.

    Parameters
    ----------
    support
        float64 [n]: the orders that hold each product.
    """
    ranking = np.lexsort((np.arange(len(support)), -support))[: k + 1].astype(np.int32)
    lists = np.tile(ranking, (len(support), 1))
    own = lists == np.arange(len(support))[:, None]
    own[~own.any(axis=1), -1] = True  # the k + 1st makes room where the product itself is not among them
    return lists[~own].reshape(len(support), -1)
