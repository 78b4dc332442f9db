"""Where a signal misses most: products that many held-out orders ask for, and of whose companions it recommends none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy import sparse

from lookup.schema import NO_NEIGHBOUR, WORST_SCHEMA, WorstCase
from precompute.evaluate import metrics
from precompute.evaluate.holdout import Queries, queries

CASES = 12
"""So many products a signal: a sample to look at."""
SHOWN = 4
"""So many companions and recommendations of each; more would not fit beside one another."""


def worst_cases(lists: Mapping[str, NDArray[np.int32]], orders: sparse.csr_array, k: int) -> pa.Table:
    """The products asked for most often of which every query was missed, signal by signal, the best signal first.

    A product for which a signal recommends nothing is no case: there is nothing to look at. Ties break by row.

    Parameters
    ----------
    lists
        int32 [n, any], what each signal recommends, best first, built without `orders`.
    orders
        CSR [orders, n]: those that ask.
    k
        A query is missed where none of so many recommendations stands in its order.

    Returns
    -------
    pa.Table
        `lookup.schema.WORST_SCHEMA`; without rows where no order can ask.
    """
    asked = queries(orders)
    hit = {name: np.asarray(metrics.hits(index[:, :k], *asked, orders).any(axis=1)) for name, index in lists.items()}
    n_hit = {name: int(np.count_nonzero(found)) for name, found in hit.items()}
    best_first = sorted(lists, key=lambda name: (-n_hit[name], name))
    cases = [case for name in best_first for case in _of_signal(name, lists[name][:, :k], hit[name], asked, orders)]
    return pa.Table.from_pylist([case._asdict() for case in cases], schema=WORST_SCHEMA)


def _of_signal(
    signal: str, index: NDArray[np.int32], hit: NDArray[np.bool_], asked: Queries, orders: sparse.csr_array
) -> Iterator[WorstCase]:
    n, k = index.shape
    n_asked = np.bincount(asked.product, minlength=n)
    n_hit = np.bincount(asked.product[hit], minlength=n)
    missed = np.flatnonzero((n_asked > 0) & (n_hit == 0) & (index != NO_NEIGHBOUR).any(axis=1))
    by_product = sparse.csc_array(orders)
    for product in missed[np.argsort(-n_asked[missed], kind="stable")][:CASES].tolist():
        recommended = index[product][index[product] != NO_NEIGHBOUR]
        bought = _bought_with(product, orders, by_product)
        yield WorstCase(signal, product, int(n_asked[product]), k, bought[:SHOWN].tolist(), recommended[:SHOWN].tolist())


def _bought_with(product: int, orders: sparse.csr_array, by_product: sparse.csc_array) -> NDArray[np.int64]:
    """The product's companions, those in most orders first; `by_product` holds the same orders, column by column."""
    holding = by_product.indices[by_product.indptr[product] : by_product.indptr[product + 1]]
    companions, counts = np.unique(orders[holding].indices, return_counts=True)
    ranked = companions[np.argsort(-counts, kind="stable")]
    return ranked[ranked != product]
