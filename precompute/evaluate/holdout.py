"""Split orders into those to build from, those to choose settings on and those to report on."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray
from scipy import sparse

from precompute.settings import Evaluate
from precompute.signals.basket import order_matrix

LATEST = np.iinfo(np.int64).max
MOST_QUERIES = 5_000
"""So many are enough to choose a setting on; every query more would be asked for each setting that is tried."""


@dataclass(frozen=True)
class Holdout:
    """Three sets of orders that have no order in common, each float64 CSR [orders, products].

    Attributes
    ----------
    train
        Orders to build from.
    validation
        Orders to choose settings on, e.g. the blend's weights.
    test
        Orders to report on; nothing is built from them or chosen on them.
    split
        ``"time"``, the latest orders held out, or ``"random"``.
    """

    train: sparse.csr_array
    validation: sparse.csr_array
    test: sparse.csr_array
    split: str

    @property
    def before_test(self) -> sparse.csr_array:
        """Training and validation orders together: what a build just before the test orders could have known."""
        return sparse.csr_array(sparse.vstack([self.train, self.validation]))


def split_orders(orders: Path, n_products: int, settings: Evaluate) -> Holdout:
    """Split the orders of a clean order table (`precompute.shop.ORDER_LINES_SCHEMA`).

    By time where most orders have one: then the test orders are the latest, and an order without a time is one to build from.
    At random from a seed where they don't.
    """
    lines = pq.read_table(orders, columns=["order", "product", "time"])
    order, product = lines.column("order").to_numpy(), lines.column("product").to_numpy()
    numbers, of_order = np.unique(order, return_inverse=True)
    times = np.full(len(numbers), LATEST)
    np.minimum.at(times, of_order, lines.column("time").cast("int64").fill_null(LATEST).to_numpy())
    undated = times == LATEST
    split = settings.split or ("time" if undated.mean() < 0.5 else "random")
    if split == "time":
        times[undated] = 0
        ranking = np.lexsort((numbers, times))
    else:
        ranking = np.random.default_rng(settings.seed).permutation(len(numbers))
    n_test = round(settings.test * len(numbers))
    n_validation = round(settings.validation * len(numbers))
    part = np.zeros(len(numbers), np.int8)
    part[ranking[len(numbers) - n_test - n_validation :]] = 1
    part[ranking[len(numbers) - n_test :]] = 2
    of_line = part[of_order]
    train, validation, test = (order_matrix(order[of_line == i], product[of_line == i], n_products) for i in range(3))
    return Holdout(train, validation, test, split)


def kept_back(holdout: Holdout, settings: Evaluate) -> str:
    """Names the test orders: what was learned under one name may have seen those of another.

    The latest orders keep their name while others are added, since what was learned before those came has seen none of them.
    """
    if holdout.split == "time":
        return f"the latest {settings.test:g} of all orders"
    digest = hashlib.sha256(holdout.test.indptr.astype(np.int64).tobytes() + holdout.test.indices.astype(np.int64).tobytes())
    return f"random orders {digest.hexdigest()[:16]}"


class Queries(NamedTuple):
    """Products that ask for the other products of their order.

    Attributes
    ----------
    order, product
        int64 and int32 [queries], rows and columns of a matrix of orders.
    """

    order: NDArray[np.int64]
    product: NDArray[np.int32]


def queries(orders: sparse.csr_array) -> Queries:
    """Every (order, product) whose order holds another product too: given the product, recommend the rest."""
    sizes = np.diff(orders.indptr)
    order = np.repeat(np.arange(orders.shape[0]), sizes)
    several = sizes[order] > 1
    return Queries(order[several], orders.indices[several])


def some_queries(orders: sparse.csr_array, seed: int) -> Queries:
    """All queries, or `MOST_QUERIES` of them drawn from a seed where there are more."""
    order, product = queries(orders)
    if len(order) <= MOST_QUERIES:
        return Queries(order, product)
    drawn = np.sort(np.random.default_rng(seed).choice(len(order), MOST_QUERIES, replace=False))
    return Queries(order[drawn], product[drawn])
