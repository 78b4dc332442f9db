"""Other settings of *bought together*: every figure is what a build with these settings reaches, counted in plain Python."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from rich.console import Console
from scipy import sparse

from lookup.schema import NO_NEIGHBOUR, SWEEP_SCHEMA
from precompute.evaluate.holdout import Holdout, queries
from precompute.evaluate.sweep import MEASURED_AT, MIN_ORDERS, least_scores, print_sweep, sweep
from precompute.shop import Shop
from precompute.signals.basket import basket_neighbours
from tests.tiny_shop import read_tiny

N_PRODUCTS = 8
PRODUCTS = "id,kind\n" + "".join(f"{row},{'ab'[row % 2] if row else ''}\n" for row in range(N_PRODUCTS))
SETTINGS = '[products]\npath = "products.csv"\nid = "id"\ncategory = "kind"\n[signals.basket]\n'


def shop_of(folder: Path, settings: str) -> Shop:
    return read_tiny(folder, SETTINGS + settings, {"products.csv": PRODUCTS})


def drawn(seed: int, orders: int) -> sparse.csr_array:
    random = np.random.default_rng(seed)
    bought = random.random((orders, N_PRODUCTS)) < np.linspace(0.1, 0.7, N_PRODUCTS)
    bought[:, 0] = False  # nobody buys the first
    return sparse.csr_array(bought.astype(float))


def held_out(validation: sparse.csr_array) -> Holdout:
    return Holdout(drawn(1, 60), validation, drawn(3, 40), "random")


def counted(index: np.ndarray, orders: sparse.csr_array, categories: np.ndarray) -> dict[str, float]:
    """The metrics of some lists, without a matrix."""
    lists = [[int(one) for one in row if one != NO_NEIGHBOUR] for row in index]
    asked = [(int(product), set(basket) - {product}) for basket in map(set, np.split(orders.indices, orders.indptr[1:-1]))
             for product in basket if len(basket) > 1]  # fmt: skip
    right = [[one in others for one in lists[product]] for product, others in asked]
    shares = [
        np.mean([categories[one] == categories[product] for one in found])
        for product, found in enumerate(lists)
        if found and categories[product] >= 0
    ]
    found = {
        "hit_rate": [any(row) for row in right],
        "precision": [one for row in right for one in row],
        "same_category": shares,
        "coverage": [bool(found) for found in lists],
    }
    return {metric: float(np.mean(values)) for metric, values in found.items() if values}


@pytest.mark.parametrize("score", ["smoothed", "cosine", "count"])
def test_every_figure_is_that_of_a_build_with_these_settings(tmp_path: Path, score: str) -> None:
    shop = shop_of(tmp_path, f'score = "{score}"\nk = 3\nmin_orders = 4\nmin_score = 0.3\n')
    holdout = held_out(drawn(2, 30))
    rows = [row for row in sweep(shop, holdout).to_pylist() if row["min_orders"] is not None]
    of_settings: dict[tuple[int, float], dict[str, float]] = {}
    for row in rows:
        of_settings.setdefault((row["min_orders"], row["min_score"]), {})[row["metric"]] = row["value"]
    assert {min_orders for min_orders, _ in of_settings} == {*MIN_ORDERS, 4}
    assert len(of_settings) >= 3 * len(MIN_ORDERS)
    for (min_orders, min_score), measured in of_settings.items():
        settings = shop.settings.signals.basket.model_copy(update={"min_orders": min_orders, "min_score": min_score})
        index = basket_neighbours(holdout.train, settings)["bought_together"].index
        assert measured == pytest.approx(counted(index, holdout.validation, shop.categories)), (min_orders, min_score)
    assert {(row["min_orders"], row["min_score"]) for row in rows if row["in_force"]} == {(4, 0.3)}
    assert {row["k"] for row in rows} == {3}


def test_baselines_stand_beside_the_settings(tmp_path: Path) -> None:
    holdout = held_out(drawn(2, 30))
    baselines = {row["metric"]: row for row in sweep(shop_of(tmp_path, ""), holdout).to_pylist() if row["min_orders"] is None}
    # With ten of seven others, popularity recommends every product that is bought.
    assert {metric: row["signal"] for metric, row in baselines.items()} == {
        "hit_rate": "popularity",
        "precision": "popularity",
        "same_category": "chance",
    }
    assert baselines["hit_rate"]["value"] == 1
    # Three products of "a" and four of "b" among the seven others of each: 3 * 2 / 7 and 4 * 3 / 7, and one without a kind.
    assert baselines["same_category"]["value"] == pytest.approx((3 * 2 + 4 * 3) / (7 * 7))
    assert not any(row["in_force"] for row in baselines.values())


def test_test_orders_take_no_part(tmp_path: Path) -> None:
    shop, one = shop_of(tmp_path, ""), held_out(drawn(2, 30))
    other = Holdout(one.train, one.validation, drawn(9, 11), one.split)
    assert sweep(shop, one) == sweep(shop, other)


def test_without_an_order_that_can_ask_nothing_is_tried(tmp_path: Path) -> None:
    alone = sparse.csr_array(np.eye(N_PRODUCTS))
    assert not len(queries(alone).order)
    table = sweep(shop_of(tmp_path, ""), held_out(alone))
    assert table.schema == SWEEP_SCHEMA
    assert not table.num_rows
    assert printed(table) == ""


def test_a_score_that_nothing_reaches_leaves_a_hit_rate_of_zero_and_no_precision(tmp_path: Path) -> None:
    rows = sweep(shop_of(tmp_path, "min_score = 1e9"), held_out(drawn(2, 30))).to_pylist()
    unreached = {row["metric"]: row["value"] for row in rows if row["in_force"]}
    assert unreached == {"hit_rate": 0, "coverage": 0}


def test_least_scores_leave_out_known_shares_whatever_the_scale() -> None:
    scores = np.append(np.arange(1, 1001), np.zeros(50)).astype(np.float32)
    assert least_scores(scores, 0.0) == [0, 100, 250, 500, 750, 900]
    assert least_scores(scores, 33.3) == [0, 33.3, 100, 250, 500, 750, 900]
    assert least_scores(np.zeros(5, np.float32), 0.2) == [0, 0.2]


def printed(table: pa.Table) -> str:
    out = io.StringIO()
    print_sweep(table, Console(file=out, width=200))
    return out.getvalue()


def test_the_printed_table_marks_the_settings_in_force(tmp_path: Path) -> None:
    table = sweep(shop_of(tmp_path, "min_orders = 5"), held_out(drawn(2, 30)))
    in_force = {row["metric"]: row["value"] for row in table.to_pylist() if row["in_force"]}
    said = printed(table)
    assert f"at {MEASURED_AT}" in said
    (line,) = [line for line in said.splitlines() if line.strip().startswith("5 ")]
    assert f"{in_force['hit_rate']:.3f}* / {in_force['same_category']:.3f}*" in line
    assert said.count("*") == 2 + 1, "and once in the title"
