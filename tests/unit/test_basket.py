"""Co-occurrence of five baskets, worked by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lookup.schema import NO_NEIGHBOUR
from precompute.settings import Basket
from precompute.signals.basket import basket_neighbours, order_matrix

# a=0 b=1 c=2 d=3 e=4. Orders: {a,b} {a,b,c} {a,c} {b,c} {d}
ORDERS = [(0, 0), (0, 1), (1, 0), (1, 1), (1, 2), (2, 0), (2, 2), (3, 1), (3, 2), (4, 3)]
A, B, C, D, E = range(5)


def neighbours(**settings: object) -> dict:
    order, product = (np.array(column, np.int32) for column in zip(*ORDERS, strict=True))
    return basket_neighbours(order_matrix(order, product, 5), Basket(k=3, **settings))


def listed(found: dict, signal: str, row: int) -> dict[int, float]:
    index, score = found[signal].index[row], found[signal].score[row]
    return {int(i): pytest.approx(float(s), abs=1e-6) for i, s in zip(index, score, strict=True) if i != NO_NEIGHBOUR}


@pytest.mark.parametrize(
    ("score", "expected"),
    [
        ("count", 2.0),  # a and b share two orders
        ("cosine", 2 / 3),  # 2 / sqrt(3 * 3)
        ("jaccard", 2 / 4),  # 2 / (3 + 3 - 2)
        ("lift", 2 * 5 / 9),  # 2 * 5 orders / (3 * 3)
    ],
)
def test_first_order_scores_by_hand(score: str, expected: float) -> None:
    found = neighbours(score=score)
    assert listed(found, "bought_together", A) == {B: expected, C: expected}
    assert found["bought_together"].evidence[A, :2, 0].tolist() == [2, 2]


def test_ties_go_to_the_lower_id() -> None:
    assert neighbours()["bought_together"].index[B].tolist() == [A, C, NO_NEIGHBOUR]


def test_similar_company_is_the_cosine_between_rows_of_the_counts() -> None:
    # With a zero diagonal the rows of C are a = (0,2,2), b = (2,0,2), c = (2,2,0): cos(a, b) = 4 / 8.
    found = neighbours()
    assert listed(found, "similar_company", A) == {B: 0.5, C: 0.5}
    # What a and b are both bought with is c.
    assert found["similar_company"].evidence[A, 0].tolist() == [C, NO_NEIGHBOUR]


def test_substitutes_never_bought_together_are_similar_company_only() -> None:
    # 0 and 1 are each bought with 2, never with one another.
    order = np.array([0, 0, 1, 1, 2, 2, 3, 3], np.int32)
    product = np.array([0, 2, 0, 2, 1, 2, 1, 2], np.int32)
    found = basket_neighbours(order_matrix(order, product, 3), Basket(k=2))
    assert listed(found, "bought_together", 0) == {2: 2 / np.sqrt(2 * 4)}
    assert listed(found, "similar_company", 0) == {1: 1.0}


def test_pairs_below_min_orders_and_scores_below_min_score_are_left_out() -> None:
    assert not neighbours(min_orders=3)["bought_together"].known.any()
    assert not neighbours(min_score=0.7)["bought_together"].known.any()
    assert neighbours(min_score=0.6)["bought_together"].known[[A, B, C]].all()


def test_min_score_is_on_the_scale_of_what_ranks_bought_together() -> None:
    found = neighbours(score="count", min_score=2)
    assert found["bought_together"].known[[A, B, C]].all()
    assert found["similar_company"].known[[A, B, C]].all()


def test_products_bought_alone_or_never_have_no_neighbours() -> None:
    for table in neighbours().values():
        assert not table.known[[D, E]].any()


@given(st.sets(st.tuples(st.integers(0, 8), st.integers(0, 5)), min_size=1), st.integers(1, 3))
def test_counts_equal_counting_in_plain_python(lines: set[tuple[int, int]], min_orders: int) -> None:
    order, product = (np.array(column, np.int32) for column in zip(*sorted(lines), strict=True))
    found = basket_neighbours(order_matrix(order, product, 6), Basket(k=5, min_orders=min_orders, score="count"))
    for one in range(6):
        orders_of = {other: {o for o, p in lines if p == other} for other in range(6)}
        common = {other: len(orders_of[one] & orders_of[other]) for other in range(6) if other != one}
        expected = sorted((-count, other) for other, count in common.items() if count >= min_orders)
        index = found["bought_together"].index[one]
        assert [(-s, i) for i, s in zip(index, found["bought_together"].score[one], strict=True) if i != NO_NEIGHBOUR] == expected
