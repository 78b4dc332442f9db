"""Ranking metrics on lists worked by hand, against scikit-learn, and chance against simulation."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import sparse
from sklearn.metrics import ndcg_score

from precompute.evaluate import metrics
from precompute.popularity import popular_lists

HIT = np.array([[False, True, False, True], [False, False, False, False]])
RELEVANT = np.array([3.0, 1.0])


def test_one_list_by_hand() -> None:
    ideal = 1 + 1 / math.log2(3) + 1 / 2
    assert metrics.hit_rate(HIT, RELEVANT).tolist() == [1, 0]
    assert metrics.recall(HIT, RELEVANT).tolist() == [2 / 3, 0]
    assert metrics.reciprocal_rank(HIT, RELEVANT).tolist() == [1 / 2, 0]
    assert metrics.ndcg(HIT, RELEVANT) == pytest.approx([(1 / math.log2(3) + 1 / math.log2(5)) / ideal, 0])


def test_ndcg_equals_scikit_learn() -> None:
    rng = np.random.default_rng(0)
    truth = (rng.random((50, 12)) < 0.3).astype(float)
    truth[:, 0] = 1
    scores = rng.permuted(np.tile(np.arange(12.0), (50, 1)), axis=1)
    ranking = np.argsort(-scores, axis=1)[:, :5]
    ours = metrics.ndcg(np.take_along_axis(truth, ranking, axis=1) > 0, truth.sum(axis=1))
    theirs = [ndcg_score(truth[[row]], scores[[row]], k=5) for row in range(50)]
    assert ours == pytest.approx(theirs)


def test_hits_are_the_other_products_of_the_order() -> None:
    orders = sparse.csr_array(np.array([[1, 1, 0, 1], [0, 1, 1, 0]], float))
    index = np.array([[1, 2, -1], [0, 1, 2], [3, 1, -1], [0, 1, 2]], np.int32)
    order, product = np.array([0, 0, 1]), np.array([0, 1, 1], np.int32)
    assert metrics.hits(index, order, product, orders).tolist() == [
        [True, False, False],  # product 0 in order 0: 1 is there, 2 is not, -1 is nothing
        [True, False, False],  # product 1 in order 0: 0 is there; itself never counts
        [False, False, True],
    ]


@pytest.mark.parametrize("k", [1, 3, 10])
def test_chance_equals_the_mean_over_many_random_lists(k: int) -> None:
    relevant, candidates, draws = 3, 10, 20_000
    rng = np.random.default_rng(1)
    shuffled = rng.permuted(np.tile(np.arange(candidates), (draws, 1)), axis=1)[:, :k]
    hit, counts = shuffled < relevant, np.full(draws, float(relevant))
    expected = metrics.chance(np.array([float(relevant)]), candidates, k)
    for name, function in metrics.METRICS.items():
        assert function(hit, counts).mean() == pytest.approx(expected[name][0], abs=0.015), name


def test_the_interval_holds_the_mean_and_knows_that_queries_of_an_order_go_together() -> None:
    rng = np.random.default_rng(2)
    per_order = rng.random(100)
    alone = metrics.bootstrap_interval(per_order, np.arange(100), seed=0)
    repeated = metrics.bootstrap_interval(np.repeat(per_order, 20), np.repeat(np.arange(100), 20), seed=0)
    as_if_independent = metrics.bootstrap_interval(np.repeat(per_order, 20), np.arange(2000), seed=0)
    assert alone[0] < per_order.mean() < alone[1]
    assert repeated == pytest.approx(alone)
    assert as_if_independent[1] - as_if_independent[0] < (alone[1] - alone[0]) / 3


def test_popular_lists_leave_the_product_itself_out() -> None:
    support = np.array([2.0, 0, 3, 1])
    assert popular_lists(support, 2).tolist() == [[2, 3], [2, 0], [0, 3], [2, 0]]
    assert popular_lists(support, 9).tolist() == [[2, 3, 1], [2, 0, 3], [0, 3, 1], [2, 0, 1]]
