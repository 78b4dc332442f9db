"""Co-occurrence of five baskets, worked by hand."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction
from typing import get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import sparse

from lookup.schema import NO_NEIGHBOUR
from precompute import co_occurrence
from precompute.co_occurrence import PairCounter, Pairs
from precompute.settings import Basket
from precompute.signals.base import Neighbours
from precompute.signals.basket import Score, basket_neighbours, common_orders, order_matrix

# a=0 b=1 c=2 d=3 e=4. Orders: {a,b} {a,b,c} {a,c} {b,c} {d}
ORDERS = [(0, 0), (0, 1), (1, 0), (1, 1), (1, 2), (2, 0), (2, 2), (3, 1), (3, 2), (4, 3)]
A, B, C, D, E = range(5)
SCORES = [score.name.lower() for score in Score]
Floats = NDArray[np.float64]
LINES = st.sets(st.tuples(st.integers(0, 8), st.integers(0, 5)), min_size=1)


@pytest.fixture(scope="module", autouse=True)
def compiled() -> None:
    """Compile before any example is timed."""
    for score in ("smoothed", "count"):
        neighbours(score=score)


def of_lines(lines: list[tuple[int, int]], products: int, **settings: object) -> dict[str, Neighbours]:
    order, product = (np.array(column, np.int32) for column in zip(*sorted(lines), strict=True))
    return basket_neighbours(order_matrix(order, product, products), Basket(**settings))


def matrix_of(lines: set[tuple[int, int]]) -> sparse.csr_array:
    """X of six products."""
    order, product = (np.array(column, np.int32) for column in zip(*sorted(lines), strict=True))
    return order_matrix(order, product, 6)


def neighbours(**settings: object) -> dict[str, Neighbours]:
    return of_lines(ORDERS, 5, **({"k": 3, "score": "cosine"} | settings))


def listed(found: dict, signal: str, row: int) -> dict[int, float]:
    index, score = found[signal].index[row], found[signal].score[row]
    return {int(i): pytest.approx(float(s), abs=1e-6) for i, s in zip(index, score, strict=True) if i != NO_NEIGHBOUR}


@pytest.mark.parametrize(
    ("score", "expected"),
    [
        ("count", 2.0),  # a and b share two orders
        ("support", 2 / 5),  # of five orders
        ("confidence", 2 / 3),  # of the three with a
        ("cosine", 2 / 3),  # 2 / sqrt(3 * 3)
        ("jaccard", 2 / 4),  # 2 / (3 + 3 - 2)
        ("lift", 2 * 5 / 9),  # 2 * 5 orders / (3 * 3)
    ],
)
def test_first_order_scores_by_hand(score: str, expected: float) -> None:
    found = neighbours(score=score)
    assert listed(found, "bought_together", A) == {B: expected, C: expected}
    assert found["bought_together"].evidence[A, :2, 0].tolist() == [2, 2]


def test_confidence_asks_how_many_of_those_with_the_first_hold_the_second() -> None:
    # {0,1} {0,1} {1,2} {1}: both orders with 0 hold 1, two of the four with 1 hold 0.
    found = of_lines([(0, 0), (0, 1), (1, 0), (1, 1), (2, 1), (2, 2), (3, 1)], 3, k=2, score="confidence")
    assert listed(found, "bought_together", 0) == {1: 1.0}
    assert listed(found, "bought_together", 1) == {0: 0.5}


def test_the_smoothed_score_by_hand() -> None:
    found = neighbours(score="smoothed", prior_orders=10)
    # a and b share an order of two, which counts 1, and one of three: 1 / log2(3). Each stands in 3 of 5 orders, d in 1 of 5.
    pair = (1 + 1 / math.log2(3) + 10 * 3 / 5) / (3 + 10)
    assert listed(found, "bought_together", A) == {B: pair, C: pair, D: (10 * 1 / 5) / (3 + 10)}
    # d was bought alone: what is popular, with no claim that anything was bought with it.
    assert listed(found, "bought_together", D) == dict.fromkeys((A, B, C), 10 * 3 / 5 / (1 + 10))
    assert not listed(found, "bought_together", E)
    assert found["bought_together"].popular_alone[[A, D]].tolist() == [[False, False, True], [True, True, True]]


def test_the_more_prior_the_more_popular_products_come_first() -> None:
    # 0 is bought with 1 twice, never with 2, which stands in most orders.
    lines = [(0, 0), (0, 1), (1, 0), (1, 1), *((order, 2) for order in range(2, 12))]
    assert of_lines(lines, 3, k=2, prior_orders=1)["bought_together"].index[0].tolist() == [1, 2]
    assert of_lines(lines, 3, k=2, prior_orders=10)["bought_together"].index[0].tolist() == [2, 1]
    assert of_lines(lines, 3, k=2, prior_orders=0)["bought_together"].index[0].tolist() == [1, NO_NEIGHBOUR]


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
    found = of_lines([(0, 0), (0, 2), (1, 0), (1, 2), (2, 1), (2, 2), (3, 1), (3, 2)], 3, k=2, score="cosine")
    assert listed(found, "bought_together", 0) == {2: 2 / np.sqrt(2 * 4)}
    assert listed(found, "similar_company", 0) == {1: 1.0}


@pytest.mark.parametrize("score", ["cosine", "smoothed"])
def test_without_a_pair_of_min_orders_there_is_nothing(score: str) -> None:
    for table in neighbours(score=score, min_orders=3).values():
        assert not table.known.any()


def test_scores_below_the_least_of_their_reading_are_left_out() -> None:
    assert not neighbours(min_score=0.7)["bought_together"].known.any()
    assert neighbours(min_score=0.6)["bought_together"].known[[A, B, C]].all()
    assert not neighbours(min_company=0.51)["similar_company"].known.any()
    assert not neighbours(min_company=0.51)["similar_company"].score.any()
    assert neighbours(min_company=0.5)["similar_company"].known[[A, B, C]].all()
    # d's score for a is that of its popularity alone, 2 / 13.
    assert D in listed(neighbours(score="smoothed", min_score=2 / 13 - 1e-9), "bought_together", A)
    assert D not in listed(neighbours(score="smoothed", min_score=2 / 13 + 1e-9), "bought_together", A)


def test_min_score_is_on_the_scale_of_what_ranks_bought_together() -> None:
    found = neighbours(score="count", min_score=2)
    assert found["bought_together"].known[[A, B, C]].all()
    assert found["similar_company"].known[[A, B, C]].all()


@pytest.mark.parametrize("score", [score for score in SCORES if score != "smoothed"])
def test_products_bought_alone_or_never_have_no_neighbours(score: str) -> None:
    for table in neighbours(score=score).values():
        assert not table.known[[D, E]].any()


def test_orders_of_too_many_products_take_no_part() -> None:
    without_the_triple = [line for line in ORDERS if line[0] != 1]
    for signal, table in neighbours(largest_order=2, min_orders=1).items():
        expected = of_lines(without_the_triple, 5, k=3, score="cosine", min_orders=1)[signal]
        np.testing.assert_array_equal(table.index, expected.index)
        np.testing.assert_array_equal(table.score, expected.score)
    assert neighbours(largest_order=2)["bought_together"].details["orders"] == 4


@given(LINES, st.integers(1, 3), st.sampled_from(SCORES), st.integers(1, 5))
def test_lists_equal_counting_in_plain_python(lines: set[tuple[int, int]], min_orders: int, score: str, k: int) -> None:
    found = of_lines(sorted(lines), 6, k=k, min_orders=min_orders, score=score)["bought_together"]
    orders_of = [{order for order, product in lines if product == one} for one in range(6)]
    sizes = {order: sum(line[0] == order for line in lines) for order, _ in lines}
    some_pair = any(len(orders_of[i] & orders_of[j]) >= min_orders for i, j in itertools.combinations(range(6), 2))
    for one in range(6):
        scores = {}
        for other in set(range(6)) - {one}:
            common = orders_of[one] & orders_of[other]
            a, b, c, n = len(orders_of[one]), len(orders_of[other]), len(common), len(sizes)
            if score == "smoothed":
                known = math.fsum(1 / math.log2(sizes[order]) for order in common) if c >= min_orders else 0
                scores[other] = (known + 10 * b / n) / (a + 10) if a and some_pair else 0
            elif c >= min_orders:
                ways = {"count": c, "support": c / n, "confidence": c / a, "cosine": c / math.sqrt(a * b)}
                scores[other] = (ways | {"jaccard": float(Fraction(c, a + b - c)), "lift": c * n / (a * b)})[score]
        best = sorted((-np.float32(value), other) for other, value in scores.items() if value > 0)[:k]
        chosen = [(-s, i) for i, s in zip(found.index[one], found.score[one], strict=True) if i != NO_NEIGHBOUR]
        assert [i for _, i in chosen] == [i for _, i in best]
        assert [s for s, _ in chosen] == pytest.approx([s for s, _ in best], rel=1e-6)


def pairs_of(orders: sparse.csr_array, min_orders: int, weights: Floats | None = None) -> list[tuple[int, int, int, float]]:
    """Every pair that is handed over, sorted: first, second, count and weight, which is 0 where orders have none."""
    taken: list[tuple[int, int, int, float]] = []

    def take(pairs: Pairs) -> None:
        weighted = pairs.weights if weights is not None else np.zeros(len(pairs.counts))
        taken.extend(zip(pairs.first.tolist(), pairs.second.tolist(), pairs.counts.tolist(), weighted.tolist(), strict=True))

    assert PairCounter(orders, min_orders, weights).hand_over(take) == len(taken)
    return sorted(taken)


@given(LINES, st.integers(1, 3))
def test_pairs_are_counted_as_a_product_of_matrices_counts_them(lines: set[tuple[int, int]], min_orders: int) -> None:
    orders = matrix_of(lines)
    dense = (orders.T @ orders).toarray()
    np.fill_diagonal(dense, 0)
    kept = np.where(dense >= min_orders, dense, 0)
    np.testing.assert_array_equal(common_orders(orders, min_orders).toarray(), kept)
    weights = 1 / np.arange(1, orders.shape[0] + 1)
    weighted = (orders.T @ sparse.diags_array(weights) @ orders).toarray()
    expected = [(i, j, kept[i, j], pytest.approx(weighted[i, j])) for i, j in np.argwhere(np.triu(kept)).tolist()]
    assert pairs_of(orders, min_orders, weights) == expected


@settings(max_examples=40)
@given(LINES, st.integers(1, 3), st.integers(1, 9), st.integers(1, 9), st.integers(1, 3))
def test_lists_do_not_depend_on_how_the_work_is_cut_up(
    lines: set[tuple[int, int]], min_orders: int, lines_at_a_time: int, pairs_at_a_time: int, threads: int
) -> None:
    orders, wanted = matrix_of(lines), Basket(k=3, min_orders=min_orders)
    whole = basket_neighbours(orders, wanted)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(co_occurrence, "LINES_AT_A_TIME", lines_at_a_time)
        patched.setattr(co_occurrence, "PAIRS_AT_A_TIME", pairs_at_a_time)
        patched.setattr(co_occurrence, "THREADS", threads)
        pieces = basket_neighbours(orders, wanted)
    for signal, table in whole.items():
        np.testing.assert_array_equal(pieces[signal].index, table.index)
        np.testing.assert_array_equal(pieces[signal].score, table.score)
        np.testing.assert_array_equal(pieces[signal].evidence, table.evidence)
        assert pieces[signal].details == table.details


def test_rows_are_counted_on_where_the_room_for_pairs_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    # Every order holds all of 40 products: 780 pairs, and room for 40 at a time.
    monkeypatch.setattr(co_occurrence, "PAIRS_AT_A_TIME", 1)
    assert pairs_of(sparse.csr_array(np.ones((3, 40))), 1) == [(i, j, 3, 0) for i, j in itertools.combinations(range(40), 2)]


def test_orders_are_counted_whatever_the_order_of_their_products() -> None:
    shuffled = sparse.csr_array((np.ones(5), [2, 0, 1, 2, 1], [0, 3, 5]), shape=(2, 3))
    assert pairs_of(shuffled, 1) == [(0, 1, 1, 0), (0, 2, 1, 0), (1, 2, 2, 0)]


def test_every_score_of_shop_toml_has_a_formula() -> None:
    assert [score.name.lower() for score in Score] == list(get_args(Basket.model_fields["score"].annotation))
