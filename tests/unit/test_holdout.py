"""No order is in two parts, and the test orders are the latest."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from precompute.evaluate.holdout import queries, split_orders
from precompute.settings import Evaluate
from precompute.shop import ORDER_LINES_SCHEMA

N_ORDERS = 50


@pytest.fixture
def orders(tmp_path: Path) -> Path:
    """Order i holds the products i and i + 50, and was placed at second (7 i) mod 50."""
    order = np.repeat(np.arange(N_ORDERS, dtype=np.int32), 2)
    product = order + np.tile(np.array([0, N_ORDERS], np.int32), N_ORDERS)
    time = pa.array((order * 7 % N_ORDERS).astype(np.int64)).cast(pa.timestamp("us"))
    path = tmp_path / "orders.parquet"
    pq.write_table(pa.table([order, product, np.ones(len(order)), time], schema=ORDER_LINES_SCHEMA), path)
    return path


@pytest.mark.parametrize("split", ["time", "random"])
def test_every_order_is_in_exactly_one_part(orders: Path, split: str) -> None:
    holdout = split_orders(orders, 2 * N_ORDERS, Evaluate(split=split))
    parts = [set(part.indices.tolist()) for part in (holdout.train, holdout.validation, holdout.test)]
    assert [part.shape[0] for part in (holdout.train, holdout.validation, holdout.test)] == [35, 5, 10]
    assert sorted(product for part in parts for product in part) == list(range(2 * N_ORDERS))


def test_the_test_orders_are_the_latest(orders: Path) -> None:
    holdout = split_orders(orders, 2 * N_ORDERS, Evaluate())
    times = [{int(order) * 7 % N_ORDERS for order in part.indices if order < N_ORDERS} for part in (holdout.train, holdout.test)]
    assert holdout.split == "time"
    assert max(times[0]) < min(times[1])


def test_orders_without_a_time_are_built_from_while_the_rest_is_split_by_time(orders: Path) -> None:
    lines = pq.read_table(orders)
    undated = pc.if_else(pc.is_in(lines.column("order"), pa.array([3, 17], pa.int32())), None, lines.column("time"))
    pq.write_table(lines.set_column(3, "time", undated), orders)
    holdout = split_orders(orders, 2 * N_ORDERS, Evaluate())
    assert holdout.split == "time"
    assert {3, 17} <= set(holdout.train.indices.tolist())


def test_an_order_of_one_product_asks_nothing() -> None:
    from scipy import sparse

    order, product = queries(sparse.csr_array(np.array([[1, 0, 0], [1, 0, 1]], float)))
    assert (order.tolist(), product.tolist()) == ([1, 1], [0, 2])
