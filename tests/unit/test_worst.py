"""Where a signal misses most: planted misses, and every case counted again in plain Python."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from scipy import sparse

from lookup.schema import NO_NEIGHBOUR, WORST_SCHEMA, WorstCase
from precompute.evaluate.worst import CASES, SHOWN, worst_cases

NONE = NO_NEIGHBOUR


def orders_of(*baskets: set[int], n: int) -> sparse.csr_array:
    return sparse.csr_array([[float(product in basket) for product in range(n)] for basket in baskets])


def found_in(lists: dict[str, list[list[int]]], orders: sparse.csr_array, k: int) -> list[WorstCase]:
    table = worst_cases({name: np.array(index, np.int32) for name, index in lists.items()}, orders, k)
    assert table.schema == WORST_SCHEMA
    return [WorstCase(**row) for row in table.to_pylist()]


def test_what_is_asked_for_most_and_never_hit_comes_first() -> None:
    orders = orders_of({0, 1, 2}, {0, 2}, {1, 3}, {4}, n=5)
    lists = [
        [3, 4],  # asked twice, with 1 and 2 bought: missed both times
        [3, 0],  # hit in both its orders
        [4, 3],  # asked twice, missed both times
        [2, 0],  # asked once, missed
        [0, 1],  # bought alone: it never asks
    ]
    assert found_in({"visual": lists}, orders, 2) == [
        WorstCase("visual", 0, 2, 2, [2, 1], [3, 4]),
        WorstCase("visual", 2, 2, 2, [0, 1], [4, 3]),
        WorstCase("visual", 3, 1, 2, [1], [2, 0]),
    ]


def test_a_hit_behind_the_first_k_is_a_miss() -> None:
    orders = orders_of({0, 1}, n=3)
    lists = [[2, 1], [0, 2], [NONE, NONE]]
    assert found_in({"visual": lists}, orders, 1) == [WorstCase("visual", 0, 1, 1, [1], [2])]
    assert found_in({"visual": lists}, orders, 2) == []


def test_where_nothing_is_recommended_there_is_nothing_to_look_at() -> None:
    assert found_in({"visual": [[NONE, NONE], [2, NONE], [NONE, NONE]]}, orders_of({0, 1}, n=3), 2) == [
        WorstCase("visual", 1, 1, 2, [0], [2])
    ]


def test_the_best_signal_comes_first_and_ties_stand_by_name() -> None:
    orders = orders_of({0, 1}, n=3)
    missing, hitting = [[2], [2], [NONE]], [[1], [2], [NONE]]
    cases = found_in({"visual": missing, "reviews": missing, "style": hitting}, orders, 1)
    assert [case.signal for case in cases] == ["style", "reviews", "reviews", "visual", "visual"]


def test_orders_of_one_product_ask_for_nothing() -> None:
    assert found_in({"visual": [[1], [0]]}, orders_of({0}, {1}, n=2), 1) == []


@pytest.mark.parametrize("seed", range(5))
def test_drawn_cases_are_those_counted_one_by_one(seed: int) -> None:
    n, k = 120, 6
    random = np.random.default_rng(seed)
    baskets = [set(random.choice(n, size, replace=False).tolist()) for size in random.integers(1, 7, 40)]
    lists = [random.choice(np.delete(np.arange(n), row), k, replace=False).tolist() for row in range(n)]
    expected = []
    for product in range(n):
        asking = [basket - {product} for basket in baskets if product in basket and len(basket) > 1]
        if asking and not any(basket & set(lists[product]) for basket in asking):
            bought = Counter(one for basket in asking for one in sorted(basket))
            ranked = sorted(bought, key=lambda one: (-bought[one], one))
            expected.append(WorstCase("visual", product, len(asking), k, ranked[:SHOWN], lists[product][:SHOWN]))
    expected.sort(key=lambda case: (-case.orders, case.product))
    assert len(expected) > CASES, "so that some are left out"
    assert found_in({"visual": lists}, orders_of(*baskets, n=n), k) == expected[:CASES]
