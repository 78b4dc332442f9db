"""Bought with it: co-occurrence over orders, in two readings that are often taken for one another.

With X the orders x products matrix of ones and zeros, C = XᵀX counts the orders that hold two products. *Bought together* ranks
the pairs of C themselves: companions. *Similar company* compares rows of C: two products that are bought with the same
others, whether or not they were ever in one order, which finds substitutes.
"""

from __future__ import annotations

from enum import IntEnum
from threading import Lock
from typing import Any, ClassVar, NamedTuple

import numpy as np
import pyarrow.parquet as pq
from numba import njit
from numpy.typing import NDArray
from scipy import sparse

from lookup.schema import NO_NEIGHBOUR, Evidence
from precompute.co_occurrence import PairCounter, Pairs
from precompute.popularity import popular_lists
from precompute.report import Report
from precompute.settings import Basket
from precompute.shop import Shop
from precompute.signals.base import Built, Neighbours, Signal
from precompute.signals.shared import strongest_shared_columns
from precompute.sparse_topk import sparse_cosine_neighbours

SHARED_COMPANIONS = 2
LAST_ROW = (1 << 31) - 1

Ints = NDArray[np.int32]
Longs = NDArray[np.int64]
Floats = NDArray[np.float64]


class Score(IntEnum):
    """What ranks *bought together*, by the names of ``score`` in ``shop.toml``."""

    SMOOTHED = 0
    COUNT = 1
    SUPPORT = 2
    CONFIDENCE = 3
    COSINE = 4
    JACCARD = 5
    LIFT = 6


class BasketSignal(Signal):
    name: ClassVar = "basket"
    produces: ClassVar = ("bought_together", "similar_company")

    def missing(self, shop: Shop) -> str | None:
        return None if shop.orders is not None else "no orders: shop.toml has no [orders]"

    def build(self, shop: Shop, report: Report, earlier: dict[str, Neighbours]) -> Built:  # noqa: ARG002
        assert shop.orders is not None
        assert shop.settings.orders is not None
        settings = shop.settings.signals.basket
        with report.stage("bought with it", rows=shop.counts["order_lines"]):
            lines = pq.read_table(shop.orders, columns=["order", "product"])
            orders = order_matrix(lines.column("order").to_numpy(), lines.column("product").to_numpy(), len(shop))
            if too_large := orders.shape[0] - _up_to(settings.largest_order, orders).shape[0]:
                what = f"order of over {settings.largest_order:,} products, not counted in what is bought together"
                shop.notes[f"{shop.settings.orders.path.name}: {what}"] = too_large
            return Built(neighbours=basket_neighbours(orders, settings))


def order_matrix(order: NDArray[np.int32], product: NDArray[np.int32], n_products: int) -> sparse.csr_array:
    """X, float64 CSR [orders, products]: 1 where an order holds a product. Numbers of orders without lines make no row.

    Parameters
    ----------
    order, product
        int32 [lines]: one row per line, each pair of order and product at most once.
    n_products
        Columns of the result.
    """
    has_lines = np.bincount(order) > 0
    row = order if has_lines.all() else (np.cumsum(has_lines, dtype=np.int32) - 1)[order]
    return sparse.csr_array((np.ones(len(row)), (row, product)), shape=(np.count_nonzero(has_lines), n_products))


def basket_neighbours(orders: sparse.csr_array, settings: Basket) -> dict[str, Neighbours]:
    """Both readings of the co-occurrence counts.

    Parameters
    ----------
    orders
        X, from `order_matrix`.
    settings
        A pair counts from ``min_orders`` common orders on; ``min_score`` is on the scale of ``score``, which ranks
        *bought together*, and ``min_company`` is the least cosine of *similar company*. Orders of more than
        ``largest_order`` products take no part.

    Returns
    -------
    dict
        ``bought_together`` with the evidence ORDERS, ``similar_company`` with the evidence PRODUCTS.
    """
    return {"bought_together": bought_together(orders, settings), "similar_company": similar_company(orders, settings)}


def _up_to(products: int, orders: sparse.csr_array) -> sparse.csr_array:
    """The orders of at most so many products."""
    sizes = np.diff(orders.indptr)
    return orders if (sizes <= products).all() else orders[sizes <= products]


def bought_together(orders: sparse.csr_array, settings: Basket) -> Neighbours:
    """The first reading of `basket_neighbours` alone."""
    orders = _up_to(settings.largest_order, orders)
    smoothed = settings.score == "smoothed"
    weights = 1 / np.log2(np.maximum(np.diff(orders.indptr), 2)) if smoothed else None
    counter = PairCounter(orders, settings.min_orders, weights)
    ranking = _Ranking(counter.support, orders.shape[0], settings)
    pairs = counter.hand_over(ranking.offer)
    if smoothed and pairs:
        ranking.offer_popular()
    return ranking.neighbours({"score": settings.score, "orders": orders.shape[0], "pairs": pairs})


def similar_company(orders: sparse.csr_array, settings: Basket) -> Neighbours:
    """The second reading of `basket_neighbours` alone."""
    counts = common_orders(_up_to(settings.largest_order, orders), settings.min_orders)
    index, score = sparse_cosine_neighbours(counts, settings.k)
    index[score < settings.min_company] = NO_NEIGHBOUR
    score[index == NO_NEIGHBOUR] = 0
    evidence = strongest_shared_columns(counts, index, SHARED_COMPANIONS)
    return Neighbours(index, score, evidence, Evidence.PRODUCTS, details={"score": "cosine"})


def common_orders(orders: sparse.csr_array, min_orders: int) -> sparse.csr_array:
    """C, float64 CSR [n, n]: how many orders hold two products, where that is `min_orders` and more; its diagonal is zero."""
    blocks = [np.empty((3, 0), np.int32)]
    PairCounter(orders, min_orders).hand_over(lambda pairs: blocks.append(np.stack(pairs[:3])))
    first, second, counts = np.concatenate(blocks, axis=1)
    n = orders.shape[1]
    one_way = sparse.coo_array((counts.astype(np.float64), (first, second)), shape=(n, n)).tocsr()
    return sparse.csr_array(one_way + one_way.T.tocsr())


class _Lists(NamedTuple):
    """The best k of what each product was offered so far.

    Attributes
    ----------
    keys
        int64 [n, k], falling: the bits of a positive float32 score, over how far the other's row lies below `LAST_ROW`. The
        higher key has the higher score, or of equal scores the lower row. 0 behind the last.
    shared
        int32 [n, k]: the common orders.
    last
        int64 [n]: the lowest key of each list. Nearly all offers are turned down, and then nothing else of a list is read.
    """

    keys: Longs
    shared: Ints
    last: Longs


class _Ranking:
    """Ranks others for every product. It doesn't matter in which order they come, nor from which thread."""

    def __init__(self, support: Longs, orders: int, settings: Basket) -> None:
        n, k = len(support), settings.k
        self._support = support.astype(np.float64)
        self._how = int(Score[settings.score.upper()]), orders, settings.prior_orders, settings.min_score
        self._lists = _Lists(np.zeros((n, k), np.int64), np.zeros((n, k), np.int32), np.zeros(n, np.int64))
        self._alone = Lock()

    def offer(self, pairs: Pairs) -> None:
        """Offer the products of each pair to one another."""
        with self._alone:
            _offer(pairs, self._support, self._how, self._lists)

    def offer_popular(self) -> None:
        """Offer to each product that was bought what is most popular, at the score of a pair without common orders.

        A pair scores more than that. So after all pairs nothing can come in a second time: what fell off a list comes back with
        less, and what stands on it is passed over.
        """
        popular = popular_lists(self._support, self._lists.keys.shape[1])
        _offer_popular(popular, self._support, self._how, self._lists)

    def neighbours(self, details: dict[str, Any]) -> Neighbours:
        keys, shared, _ = self._lists
        index = np.where(keys > 0, LAST_ROW - (keys & LAST_ROW), NO_NEIGHBOUR).astype(np.int32)
        score = (keys >> 32).astype(np.int32).view(np.float32)
        return Neighbours(index, score, shared[:, :, None], Evidence.ORDERS, details=details)


@njit(cache=True, nogil=True)
def _offer(pairs, support, ranking, lists):  # type: ignore[no-untyped-def]
    firsts, seconds, counts, weights = pairs
    for place, count in enumerate(counts):
        first, second = firsts[place], seconds[place]
        c = weights[place] if len(weights) else float(count)
        a, b = support[first], support[second]
        _insert(first, _key(second, _score(c, a, b, ranking)), count, lists)
        _insert(second, _key(first, _score(c, b, a, ranking)), count, lists)


@njit(cache=True, nogil=True)
def _offer_popular(popular, support, ranking, lists):  # type: ignore[no-untyped-def]
    for row, others in enumerate(popular):
        if not support[row]:
            continue
        for other in others:
            for listed in lists.keys[row]:
                if listed and LAST_ROW - (listed & LAST_ROW) == other:
                    break
            else:
                _insert(row, _key(other, _score(0.0, support[row], support[other], ranking)), 0, lists)


@njit(cache=True, nogil=True)
def _insert(row, key, count, lists):  # type: ignore[no-untyped-def]
    """Put a key in its place among the falling keys of a row, if it is higher than the last."""
    if key <= lists.last[row]:
        return
    keys, shared = lists.keys, lists.shared
    place = keys.shape[1] - 1
    while place > 0 and key > keys[row, place - 1]:
        keys[row, place], shared[row, place] = keys[row, place - 1], shared[row, place - 1]
        place -= 1
    keys[row, place], shared[row, place] = key, count
    lists.last[row] = keys[row, -1]


@njit(cache=True, nogil=True)
def _key(other, score):  # type: ignore[no-untyped-def]
    """See `_Lists.keys`; 0 for a score that isn't positive."""
    bits = np.int64(np.float32(score).view(np.int32))
    return (bits << 32) | (LAST_ROW - other) if bits > 0 else np.int64(0)


@njit(cache=True, nogil=True)
def _score(c, a, b, ranking):  # type: ignore[no-untyped-def]
    """Of a pair: its orders c, and the orders a and b of each of the two products, among n orders. 0 below ``min_score``.

    *Smoothed* is the chance that an order with product i also holds j, with a prior of m = ``prior_orders`` average orders:

        score(i, j) = (w_ij + m p_j) / (a_i + m)

    w_ij, which comes in the place of c, sums over the common orders 1 / log2 of the order's products, so that large orders, in
    which anything meets anything, count less (Adamic and Adar, "Friends and neighbors on the Web", Social Networks 2003); it is 0
    below ``min_orders``. p_j is the share of all orders that hold j, a_i the orders with i. This is the conditional probability
    with Dirichlet smoothing (Zhai and Lafferty, "A study of smoothing methods for language models", SIGIR 2001): a pair of few
    orders says little against what everybody buys. So popular products stand in the list too, with w = 0, where no pair says
    more.
    """
    way, n, prior, least = ranking
    if way == Score.SMOOTHED:
        score = (c + prior * b / n) / (a + prior)
    elif way == Score.COUNT:
        score = c
    elif way == Score.SUPPORT:
        score = c / n
    elif way == Score.CONFIDENCE:
        score = c / a
    elif way == Score.COSINE:
        score = c / np.sqrt(a * b)
    elif way == Score.JACCARD:
        score = c / (a + b - c)
    else:
        score = c * n / (a * b)
    return score if score >= least else 0.0
