"""Bought with it: co-occurrence over orders, in two readings that are often taken for one another.

With X the orders x products matrix of ones and zeros, C = XᵀX counts the orders that hold two products. *Bought together* ranks
the pairs of C themselves: companions. *Similar company* compares rows of C: two products that are bought with the same
others, whether or not they were ever in one order, which finds substitutes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray
from scipy import sparse

from lookup.schema import NO_NEIGHBOUR, Evidence
from precompute.popularity import popular_lists
from precompute.report import Report
from precompute.settings import Basket
from precompute.shop import Shop
from precompute.signals.base import Built, Neighbours, Signal
from precompute.signals.shared import strongest_shared_columns
from precompute.topk import sparse_cosine_neighbours, top_per_row

SHARED_COMPANIONS = 2
PAIRS_AT_A_TIME = 8_000_000
"""Additions to C at a time, and so at most as many of its entries: 160 MB. Most pairs of a large shop share a single order and
are dropped again, so all of C is never held."""

Floats = NDArray[np.float64]
# Of a pair: its orders c, and the orders a and b of each of the two products, among n orders.
SCORES: dict[str, Callable[[Floats, Floats, Floats, int], Floats]] = {
    "count": lambda c, a, b, n: c,  # noqa: ARG005
    "support": lambda c, a, b, n: c / n,  # noqa: ARG005
    "confidence": lambda c, a, b, n: c / a,  # noqa: ARG005
    "cosine": lambda c, a, b, n: c / np.sqrt(a * b),  # noqa: ARG005
    "jaccard": lambda c, a, b, n: c / (a + b - c),  # noqa: ARG005
    "lift": lambda c, a, b, n: c * n / (a * b),
}
"""The scores that are a formula over counts; ``"smoothed"`` is `_smoothed`."""


@dataclass(frozen=True)
class CommonOrders:
    """The pairs of products that share orders enough.

    Attributes
    ----------
    counts
        float64 CSR [n, n], zero diagonal: the orders that hold both.
    weighted
        The same pairs, each order counted 1 / log2 of its products: 1 for an order of two, a half for four, a quarter for 16.
    support
        float64 [n]: the orders that hold a product.
    orders
        How many orders there are.
    """

    counts: sparse.csr_array
    weighted: sparse.csr_array
    support: Floats
    orders: int


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
    """X, float64 CSR [orders, products]: 1 where an order holds a product. Order numbers without lines make no row.

    Parameters
    ----------
    order, product
        int32 [lines]: one row per line, each pair of order and product at most once.
    n_products
        Columns of the result.
    """
    numbers, row = np.unique(order, return_inverse=True)
    return sparse.csr_array((np.ones(len(row)), (row, product)), shape=(len(numbers), n_products))


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
    common = common_orders(_up_to(settings.largest_order, orders), settings.min_orders)
    return {
        "bought_together": _bought_together(common, settings),
        "similar_company": _similar_company(common.counts, settings),
    }


def common_orders(orders: sparse.csr_array, min_orders: int) -> CommonOrders:
    """Count the orders of each pair, block by block of rows of C, and keep the pairs with `min_orders` and more.

    Parameters
    ----------
    orders
        X.
    """
    n = orders.shape[1]
    sizes = np.diff(orders.indptr)
    by_product = orders.T.tocsr()
    # One product of matrices sums both: the orders in the real part, their weights in the imaginary one.
    both = by_product.astype(np.complex128)
    both.data += 1j / np.log2(np.maximum(sizes, 2))[both.indices]
    additions = np.concatenate([[0], np.cumsum(by_product @ sizes.astype(np.float64))])
    parts: list[sparse.csr_array] = []
    start = 0
    while start < n:
        stop = int(np.searchsorted(additions, additions[start] + PAIRS_AT_A_TIME, side="right")) - 1
        stop = min(max(stop, start + 1), n)
        block = (both[start:stop] @ orders).tocoo()
        kept = (block.data.real >= min_orders) & (block.row + start != block.col)
        pairs = (block.data[kept], (block.row[kept], block.col[kept]))
        parts.append(sparse.csr_array(pairs, shape=(stop - start, n)))
        start = stop
    pairs_kept = sparse.csr_array(sparse.vstack(parts, format="csr"))
    return CommonOrders(pairs_kept.real, pairs_kept.imag, np.diff(by_product.indptr).astype(np.float64), orders.shape[0])


def _up_to(products: int, orders: sparse.csr_array) -> sparse.csr_array:
    """The orders of at most so many products."""
    sizes = np.diff(orders.indptr)
    return orders if (sizes <= products).all() else orders[sizes <= products]


def _bought_together(common: CommonOrders, settings: Basket) -> Neighbours:
    counts = common.counts
    first = np.repeat(np.arange(counts.shape[0]), np.diff(counts.indptr))
    if settings.score == "smoothed":
        scores = _smoothed(common, first, settings)
    else:
        values = SCORES[settings.score](counts.data, common.support[first], common.support[counts.indices], common.orders)
        scores = sparse.csr_array((values, counts.indices, counts.indptr), shape=counts.shape)
    scores.data[scores.data < settings.min_score] = 0
    index, score = top_per_row(scores, settings.k)
    shared = np.where(index == NO_NEIGHBOUR, 0, counts[np.arange(len(index))[:, None], np.maximum(index, 0)].toarray())
    evidence = shared.astype(np.int32)[:, :, None]
    details = {"score": settings.score, "orders": common.orders, "pairs": counts.nnz // 2}
    return Neighbours(index, score, evidence, Evidence.ORDERS, details=details)


def _smoothed(common: CommonOrders, first: NDArray[np.int64], settings: Basket) -> sparse.csr_array:
    """The chance that an order with product i also holds j, with a prior of m = ``prior_orders`` average orders:

        score(i, j) = (w_ij + m p_j) / (a_i + m)

    w_ij sums over the common orders 1 / log2 of the order's products, so that large orders, in which anything meets anything,
    count less (Adamic and Adar, "Friends and neighbors on the Web", Social Networks 2003); it is 0 below ``min_orders``. p_j is
    the share of all orders that hold j, a_i the orders with i. This is the conditional probability with Dirichlet smoothing
    (Zhai and Lafferty, "A study of smoothing methods for language models", SIGIR 2001): a pair of few orders says little
    against what everybody buys. So popular products stand in the list too, with w = 0, where no pair says more.

    Parameters
    ----------
    first
        int64: the first product of each stored pair.

    Returns
    -------
    csr_array
        float64 [n, n]: every pair of `common`, and as many of the most popular products as a list can show. Products of no
        order have none; nor has anything where there is no pair at all.
    """
    weighted, support, prior = common.weighted, common.support, settings.prior_orders
    popular = prior * support / max(common.orders, 1)
    of_pairs = (weighted.data + popular[weighted.indices]) / (support[first] + prior)
    pairs = sparse.csr_array((of_pairs, weighted.indices, weighted.indptr), shape=weighted.shape)
    if not pairs.nnz:
        return pairs
    bought = np.flatnonzero(support)
    also = popular_lists(support, settings.k)[bought]
    rows = np.repeat(bought, also.shape[1])
    alone = popular[also.ravel()] / (support[rows] + prior)
    # A pair scores more than either product's popularity alone, so the larger of the two is the pair's own score.
    return sparse.csr_array(pairs.maximum(sparse.csr_array((alone, (rows, also.ravel())), shape=pairs.shape)))


def _similar_company(counts: sparse.csr_array, settings: Basket) -> Neighbours:
    index, score = sparse_cosine_neighbours(counts, settings.k)
    index[score < settings.min_company] = NO_NEIGHBOUR
    score[index == NO_NEIGHBOUR] = 0
    evidence = strongest_shared_columns(counts, index, SHARED_COMPANIONS)
    return Neighbours(index, score, evidence, Evidence.PRODUCTS, details={"score": "cosine"})
