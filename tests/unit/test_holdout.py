"""No order is in two parts, and the test orders are the latest."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from scipy import sparse

from precompute.errors import BadInput
from precompute.evaluate import holdout as holdouts
from precompute.evaluate.holdout import kept_back, queries, some_queries, split_orders
from precompute.evaluate.run import require_unseen
from precompute.settings import Evaluate
from precompute.shop import ORDER_LINES_SCHEMA
from precompute.signals.base import Neighbours

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


def test_what_is_kept_back_has_another_name_where_it_may_have_been_learned_from(orders: Path) -> None:
    def name(**settings: Any) -> str:
        chosen = Evaluate.model_validate(settings)
        return kept_back(split_orders(orders, 2 * N_ORDERS, chosen), chosen)

    by_time, at_random = name(), name(split="random")
    assert len({by_time, name(test=0.3), at_random, name(split="random", seed=1), name(split="random", test=0.3)}) == 5
    assert name(split="random") == at_random
    lines = pq.read_table(orders)
    added = lines.slice(0, 2).set_column(0, "order", pa.array([N_ORDERS] * 2, pa.int32())).cast(ORDER_LINES_SCHEMA)
    pq.write_table(pa.concat_tables([lines, added]), orders)
    assert name(split="random") != at_random
    assert name() == by_time, "what comes later than all that was learned is unseen"


def test_a_style_taught_by_orders_that_are_reported_on_is_refused() -> None:
    index = np.zeros((1, 1), np.int32)

    def style(details: dict[str, Any]) -> dict[str, Neighbours]:
        return {"style": Neighbours(index, index.astype(np.float32), None, None, details=details)}

    for unseen in ({}, style({}), style({"taste": {"kept_back": "these"}})):
        require_unseen(unseen, "these")
    for taste in ({}, {"kept_back": "others"}):
        with pytest.raises(BadInput, match="finetune projection"):
            require_unseen(style({"taste": taste}), "these")


def test_an_order_of_one_product_asks_nothing() -> None:
    order, product = queries(sparse.csr_array(np.array([[1, 0, 0], [1, 0, 1]], float)))
    assert (order.tolist(), product.tolist()) == ([1, 1], [0, 2])


def test_many_queries_are_sampled_from_all_orders_and_alike_from_one_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    orders = sparse.csr_array(np.ones((50, 4)))
    everything = set(zip(*queries(orders), strict=True))
    assert set(zip(*some_queries(orders, seed=0), strict=True)) == everything
    monkeypatch.setattr(holdouts, "MOST_QUERIES", 60)
    order, product = some_queries(orders, seed=0)
    sampled = set(zip(order, product, strict=True))
    assert len(order) == len(sampled) == 60
    assert sampled < everything
    assert len(set(order)) > 30
    assert (np.diff(order) >= 0).all()
    again, other = some_queries(orders, seed=0), some_queries(orders, seed=1)
    assert (again.product == product).all()
    assert set(zip(*other, strict=True)) != sampled
