from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from numpy.typing import NDArray
from scipy import sparse

from precompute.errors import BadInput
from precompute.finetune.run import Pupil
from precompute.finetune.taste import Parts
from precompute.finetune.teach import STRENGTHS, Lesson, Trials, choose_strength, new_pairs, ranking_gain
from precompute.projection import unit_rows

TASTES, CATEGORIES, EACH = 4, 3, 12


def orders_of(*orders: set[int], n: int) -> sparse.csr_array:
    dense = np.zeros((len(orders), n))
    for row, products in enumerate(orders):
        dense[row, list(products)] = 1
    return sparse.csr_array(dense)


@pytest.fixture(scope="module")
def planted() -> Pupil:
    """Each product has one of four tastes, which 4 of 24 numbers tell softly under louder noise; orders are of one taste."""
    rng = np.random.default_rng(0)
    n = TASTES * CATEGORIES * EACH
    taste, categories = np.arange(n) % TASTES, np.arange(n) // (TASTES * EACH)
    vectors = rng.standard_normal((n, 24))
    vectors[:, :TASTES] = 0.15 * rng.standard_normal((n, TASTES)) + np.eye(TASTES)[taste] * 0.6
    vectors[:, TASTES:] *= 0.6
    orders = [set(rng.choice(np.flatnonzero(taste == number % TASTES), 5, replace=False)) for number in range(400)]
    parts = Parts("", {}, pa.array([], pa.string()), np.empty((0, 0), np.float32))
    return Pupil(parts, vectors.astype(np.float32), [24], orders_of(*orders, n=n), categories.astype(np.int32), TASTES, 0)


def same_taste_first(scores: NDArray, asked: NDArray[np.int64]) -> float:
    """How often the first of another product's list shares its taste."""
    scores = scores.copy()
    scores[np.arange(len(asked)), asked] = -np.inf
    return float((scores.argmax(axis=1) % TASTES == asked % TASTES).mean())


def test_it_is_the_ridge_regression_that_it_claims_to_be() -> None:
    rng = np.random.default_rng(1)
    x = rng.standard_normal((7, 3)).astype(np.float32)
    baskets = [{0, 1, 2}, {1, 3}, {2, 4, 5}, {6}]
    categories = np.array([0, 0, 0, 1, 1, -1, 1], np.int32)
    sold_of = {0: 3, 1: 2, -1: 1}  # product 6 is in no order of two
    votes = np.zeros((7, 7))
    for basket in baskets[:3]:
        for one in basket:
            for other in basket - {one}:
                votes[one, other] += 1 / np.sqrt(len(basket) - 1)
    scale = np.diag([sold_of[int(category)] ** -0.25 for category in categories])
    spread = x[:6].T.astype(np.float64) @ x[:6]
    first, second, third = np.diag(spread)
    units = np.sqrt([first, (second + third) / 2, (second + third) / 2])  # of two parts, 1 and 2 numbers wide
    y = x / units
    inverse = np.linalg.inv(y[:6].T @ y[:6] + 0.5 * np.eye(3))
    values, directions = np.linalg.eigh(inverse @ y.T @ scale @ votes @ scale @ y @ inverse)
    directions *= (units.max() / units)[:, None]
    attracting = directions[:, values > 0] * np.sqrt(values[values > 0] / values.max())
    found = Lesson.of(x, [1, 2], orders_of(*baskets, n=7), categories).solve(0.5, 3)
    assert found.shape[1] == (values > 0).sum()
    assert np.allclose(found @ found.T, attracting @ attracting.T, atol=2e-3)
    assert np.array_equal(found, found.astype(np.float16)), "exact in half precision, as the encoder stores them"


def test_the_unit_of_a_part_makes_no_difference(planted: Pupil) -> None:
    larger = planted.vectors * np.where(np.arange(24) < 10, np.float32(8), np.float32(1))
    one, other = (
        unit_rows(vectors @ Lesson.of(vectors, [10, 14], planted.orders, planted.categories).solve(1.0, TASTES))
        for vectors in (planted.vectors, larger)
    )
    assert np.allclose(one @ one.T, other @ other.T, atol=0.01)


def test_products_that_no_order_held_are_placed_by_what_others_taught(planted: Pupil) -> None:
    unseen = np.arange(len(planted.vectors))[::6]
    kept = np.flatnonzero(np.asarray(planted.orders[:, unseen].sum(axis=1)).ravel() == 0)
    axes = planted.learned(planted.orders[kept], Trials()).axes
    before, after = (unit_rows(vectors) for vectors in (planted.vectors, planted.vectors @ axes))
    assert same_taste_first(before[unseen] @ before.T, unseen) < 0.55
    assert same_taste_first(after[unseen] @ after.T, unseen) > 0.85


@pytest.mark.slow
def test_judged_apart_a_query_is_told_nothing_by_its_own_orders(planted: Pupil) -> None:
    asked = np.flatnonzero(planted.categories == 0)
    scores = planted.scores_apart(asked)
    assert same_taste_first(scores, asked) > 0.85
    query = 3
    dense = planted.orders.toarray()
    own = np.flatnonzero(dense[:, asked[query]])
    dense[own, :] = 0
    dense[own[:, None], [asked[query], 100, 101]] = 1  # all of them now say something else
    changed = replace(planted, orders=sparse.csr_array(dense)).scores_apart(asked)
    assert np.array_equal(changed[query], scores[query])
    assert not np.allclose(changed, scores), "the others were judged by orders that are changed now"


def test_twice_is_the_same_bytes(planted: Pupil) -> None:
    one, other = (planted.learned(planted.orders, Trials()).axes for _ in range(2))
    assert one.tobytes() == other.tobytes()


def test_a_gain_by_hand() -> None:
    vectors = unit_rows(np.array([[1, 0], [1, 0.1], [1, 0.5], [0, 1], [1, 1]], np.float32))
    categories = np.array([0, 1, 1, 1, 2], np.int32)
    # For product 0, category 1 ranks 1, 2, 3: product 2 is second. The only one of category 2 is first.
    pairs = np.array([[0, 2], [0, 4]])
    assert ranking_gain(vectors, pairs, categories) == pytest.approx((1 / np.log2(3) + 1) / 2)


def test_held_out_pairs_are_new_and_of_known_categories() -> None:
    held_out, learned = orders_of({0, 1, 2}, {2, 3}, n=4), orders_of({0, 1}, {1, 3}, n=4)
    found = new_pairs(held_out, learned, np.array([0, 0, 1, -1], np.int32), 0)
    assert sorted(map(tuple, found)) == [(0, 2), (1, 2), (2, 0), (2, 1)]
    again = new_pairs(orders_of({0, 1}, n=4), learned, np.zeros(4, np.int32), 0)
    assert sorted(map(tuple, again)) == [(0, 1), (1, 0)], "where none is new, the known ones"


def test_a_killed_choice_goes_on_where_it_was(planted: Pupil, tmp_path: Path) -> None:
    trials = Trials.kept_in(tmp_path, planted.vectors)
    planted.learned(planted.orders, trials)
    assert set(trials.gains) == {f"{strength:g}" for strength in STRENGTHS}
    assert trials.path is not None
    trials.path.write_text(json.dumps(dict.fromkeys(trials.gains, 0.0) | {"10": 1.0}))
    again = Trials.kept_in(tmp_path, planted.vectors)
    assert planted.learned(planted.orders, again).learned["strength"] == 10, "nothing was tried again"
    trials.path.write_text("[cut off")
    assert Trials.kept_in(tmp_path, planted.vectors).gains == {}
    assert Trials.kept_in(tmp_path, planted.vectors[1:]).gains == {}


def test_orders_of_one_product_teach_nothing(planted: Pupil) -> None:
    alone = orders_of({0}, {1}, {2}, n=len(planted.vectors))
    with pytest.raises(BadInput, match="nothing to learn from"):
        choose_strength(planted.vectors, [24], alone, planted.categories, 8, 0, Trials())
