"""Bought with it: co-occurrence over orders, in two readings that are often taken for one another.

With X the orders x products matrix of ones and zeros, C = XᵀX counts the orders that hold two products. *Bought together* ranks
the pairs of C themselves: companions. *Similar company* compares rows of C: two products that are bought with the same
others, whether or not they were ever in one order, which finds substitutes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray
from scipy import sparse

from lookup.schema import NO_NEIGHBOUR, Evidence
from precompute.report import Report
from precompute.settings import Basket
from precompute.shop import Shop
from precompute.signals.base import Built, Neighbours, Signal
from precompute.signals.shared import strongest_shared_columns
from precompute.topk import sparse_cosine_neighbours, top_per_row

SHARED_COMPANIONS = 2

Floats = NDArray[np.float64]
# Of a pair: its orders c, and the orders a and b of each of the two products, among n orders.
SCORES: dict[str, Callable[[Floats, Floats, Floats, int], Floats]] = {
    "count": lambda c, a, b, n: c,  # noqa: ARG005
    "cosine": lambda c, a, b, n: c / np.sqrt(a * b),  # noqa: ARG005
    "jaccard": lambda c, a, b, n: c / (a + b - c),  # noqa: ARG005
    "lift": lambda c, a, b, n: c * n / (a * b),
}


class BasketSignal(Signal):
    name: ClassVar = "basket"
    produces: ClassVar = ("bought_together", "similar_company")

    def missing(self, shop: Shop) -> str | None:
        return None if shop.orders is not None else "no orders: shop.toml has no [orders]"

    def build(self, shop: Shop, report: Report, earlier: dict[str, Neighbours]) -> Built:  # noqa: ARG002
        assert shop.orders is not None
        with report.stage("bought with it", rows=shop.counts["order_lines"]):
            lines = pq.read_table(shop.orders, columns=["order", "product"])
            orders = order_matrix(lines.column("order").to_numpy(), lines.column("product").to_numpy(), len(shop))
            return Built(neighbours=basket_neighbours(orders, shop.settings.signals.basket))


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
        *bought together*, and holds there alone.

    Returns
    -------
    dict
        ``bought_together`` with the evidence ORDERS, ``similar_company`` with the evidence PRODUCTS.
    """
    counts = sparse.csr_array(orders.T @ orders)
    support = counts.diagonal()
    counts.setdiag(0)
    counts.data[counts.data < settings.min_orders] = 0
    counts.eliminate_zeros()
    counts.sort_indices()
    return {
        "bought_together": _bought_together(counts, support, orders.shape[0], settings),
        "similar_company": _similar_company(counts, settings),
    }


def _bought_together(counts: sparse.csr_array, support: Floats, n_orders: int, settings: Basket) -> Neighbours:
    first = np.repeat(np.arange(counts.shape[0]), np.diff(counts.indptr))
    pair_scores = SCORES[settings.score](counts.data, support[first], support[counts.indices], n_orders)
    pair_scores[pair_scores < settings.min_score] = 0
    scores = sparse.csr_array((pair_scores, counts.indices, counts.indptr), shape=counts.shape)
    index, score = top_per_row(scores, settings.k)
    common = np.where(index == NO_NEIGHBOUR, 0, counts[np.arange(len(index))[:, None], np.maximum(index, 0)].toarray())
    evidence = common.astype(np.int32)[:, :, None]
    details = {"score": settings.score, "orders": n_orders, "pairs": counts.nnz // 2}
    return Neighbours(index, score, evidence, Evidence.ORDERS, details=details)


def _similar_company(counts: sparse.csr_array, settings: Basket) -> Neighbours:
    index, score = sparse_cosine_neighbours(counts, settings.k)
    evidence = strongest_shared_columns(counts, index, SHARED_COMPANIONS)
    return Neighbours(index, score, evidence, Evidence.PRODUCTS, details={"score": "cosine"})
