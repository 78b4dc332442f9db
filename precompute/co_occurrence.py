"""Counts the orders that hold two products, for all pairs of products that share enough of them.

Each pair is counted once, under its lower row. A thread counts the pairs of one row after another in an array with a place for
every product, and hands them over in blocks, so nothing has to hold all pairs: most of those of a large shop share one order.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy import sparse

THREADS = os.cpu_count() or 1
LINES_AT_A_TIME = 1 << 14
"""Order lines of the products that a thread takes on in one go."""
PAIRS_AT_A_TIME = 1 << 15
"""Pairs that are handed over in one go; as many as there are products, if that is more."""

Ints = NDArray[np.int32]
Longs = NDArray[np.int64]
Floats = NDArray[np.float64]


class Pairs(NamedTuple):
    """A block of pairs of products that share orders enough.

    Attributes
    ----------
    first, second
        int32 [pairs]: the lower and the higher row of each pair's products.
    counts
        int32 [pairs]: the orders that hold both.
    weights
        float64 [pairs]: the same, each order counted by its weight; empty where orders have none.
    """

    first: Ints
    second: Ints
    counts: Ints
    weights: Floats


class PairCounter:
    """Counts pairs in orders.

    Parameters
    ----------
    orders
        X, CSR [orders, products], from `precompute.signals.basket.order_matrix`.
    min_orders
        What share fewer orders is no pair.
    weights
        float64 [orders], if wanted.
    """

    def __init__(self, orders: sparse.csr_array, min_orders: int, weights: Floats | None = None) -> None:
        orders = orders if orders.has_sorted_indices else orders.sorted_indices()
        self._min_orders = min_orders
        self._weights = np.empty(0) if weights is None else weights
        self._order_starts: Longs = orders.indptr.astype(np.int64)
        self._products: Ints = orders.indices.astype(np.int32, copy=False)
        # Of each product the lines, which are numbered order by order.
        numbered = sparse.csr_array((np.arange(orders.nnz, dtype=np.int64), orders.indices, orders.indptr), shape=orders.shape)
        by_product = numbered.T.tocsr()
        self._product_starts: Longs = by_product.indptr.astype(np.int64)
        self._orders: Ints = by_product.indices.astype(np.int32, copy=False)
        self._lines: Longs = by_product.data

    @property
    def support(self) -> Longs:
        """int64 [n]: the orders that hold a product."""
        return np.diff(self._product_starts)

    def hand_over(self, take: Callable[[Pairs], None]) -> int:
        """Count, and have every pair taken; returns how many there are.

        Parameters
        ----------
        take
            Is called from several threads at a time, with blocks in no particular order. Their memory is used again: what is to
            be kept must be copied. A pair's counts and weights never depend on threads or blocks.
        """
        blocks = iter(self._row_blocks())
        with ThreadPoolExecutor(THREADS) as pool:
            return sum(pool.map(lambda _: self._count(blocks, take), range(THREADS)))

    def _row_blocks(self) -> list[tuple[int, int]]:
        """Rows that have some `LINES_AT_A_TIME` order lines together, from and to."""
        starts = self._product_starts
        cuts = np.searchsorted(starts, np.arange(0, starts[-1], LINES_AT_A_TIME))
        return list(pairwise(np.unique([0, *cuts, len(starts) - 1]).tolist()))

    def _count(self, blocks: Iterator[tuple[int, int]], take: Callable[[Pairs], None]) -> int:
        """Take blocks of rows until there are none left."""
        n = len(self._product_starts) - 1
        scratch = np.empty(n + 1, np.int32), np.zeros(n, np.int32), np.zeros(n)
        room = max(PAIRS_AT_A_TIME, n)
        found = Pairs(np.empty(room, np.int32), np.empty(room, np.int32), np.empty(room, np.int32), np.empty(room))
        by_product = self._product_starts, self._orders, self._lines
        by_order = self._order_starts, self._products, self._weights
        weighted, total = len(self._weights) > 0, 0
        for start, stop in blocks:
            row = start
            while row < stop:
                row, filled = _count_rows(row, stop, self._min_orders, by_product, by_order, scratch, found)
                end = filled if weighted else 0
                take(Pairs(found.first[:filled], found.second[:filled], found.counts[:filled], found.weights[:end]))
                total += filled
        return total


@njit(cache=True, nogil=True)
def _count_rows(start, stop, min_orders, by_product, by_order, scratch, found):  # type: ignore[no-untyped-def]
    """Count the pairs of rows from `start` on, until `stop` or until `found` may have no room for those of another row.

    Parameters
    ----------
    by_product
        int64 [n + 1], int32 [lines] and int64 [lines]: where each product begins, its orders, and its line in each.
    by_order
        int64 [orders + 1], int32 [lines] and float64 [orders] or empty: where each order begins, its products, and its weight.
    scratch
        int32 [n + 1], int32 [n] and float64 [n]; the latter two hold zeros, before and after.
    found
        Room for n pairs or more.

    Returns
    -------
    row, filled
        The first row that isn't counted, and how many pairs are found.
    """
    product_starts, orders, lines = by_product
    order_starts, products, weight_of_order = by_order
    seen, counts, weights = scratch
    weighted, n, filled = len(weight_of_order) > 0, len(counts), 0
    for row in range(start, stop):
        if filled + n - row > len(found.first):
            return row, filled
        n_seen = 0
        for entry in range(product_starts[row], product_starts[row + 1]):
            order = orders[entry]
            behind, end = lines[entry] + 1, order_starts[order + 1]
            for other in products[behind:end]:
                # Written in any case, and kept by moving on: a branch that can't be foreseen takes longer.
                seen[n_seen] = other
                n_seen += counts[other] == 0
                counts[other] += 1
            if weighted:
                for other in products[behind:end]:
                    weights[other] += weight_of_order[order]
        for other in seen[:n_seen]:
            found.first[filled], found.second[filled] = row, other
            found.counts[filled], found.weights[filled] = counts[other], weights[other]
            filled += counts[other] >= min_orders
            counts[other], weights[other] = 0, 0.0
    return stop, filled
