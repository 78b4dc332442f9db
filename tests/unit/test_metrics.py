"""Ranking metrics on lists worked by hand, against TREC's own evaluator and scikit-learn, and chance against simulation."""

from __future__ import annotations

import math
from itertools import permutations

import numpy as np
import pytest
import pytrec_eval
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse, stats
from sklearn.metrics import ndcg_score

from lookup.schema import NO_NEIGHBOUR
from precompute.evaluate import metrics
from precompute.evaluate.holdout import queries
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


@pytest.mark.parametrize("k", [1, 5, 20])
def test_every_metric_equals_that_of_trec_eval(k: int) -> None:
    random = np.random.default_rng(k)
    orders = sparse.csr_array((random.random((60, 30)) < 0.15).astype(float))
    index = np.stack([random.permutation(np.delete(np.arange(30), row))[:20] for row in range(30)]).astype(np.int32)
    index[np.arange(20) >= random.integers(0, 21, 30)[:, None]] = NO_NEIGHBOUR  # lists of any length, empty ones too
    order, product = queries(orders)
    hit = metrics.hits(index[:, :k], order, product, orders)
    relevant = np.diff(orders.indptr)[order] - 1.0
    truth, lists = {}, {}
    for query, (one, own) in enumerate(zip(order, product, strict=True)):
        basket = orders.indices[orders.indptr[one] : orders.indptr[one + 1]]
        truth[str(query)] = {str(other): 1 for other in basket if other != own}
        lists[str(query)] = {str(other): -float(rank) for rank, other in enumerate(index[own, :k]) if other != NO_NEIGHBOUR}
    names = {"hit_rate": f"success_{k}", "ndcg": f"ndcg_cut_{k}", "recall": f"recall_{k}", "mrr": "recip_rank"}
    theirs = pytrec_eval.RelevanceEvaluator(truth, {f"success.{k}", f"ndcg_cut.{k}", f"recall.{k}", "recip_rank"}).evaluate(lists)
    for name, function in metrics.METRICS.items():
        expected = [theirs[str(query)][names[name]] if lists[str(query)] else 0.0 for query in range(len(order))]
        np.testing.assert_allclose(function(hit, relevant), expected, atol=1e-12, err_msg=name)


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


def test_groups_that_are_alike_may_be_drawn_together() -> None:
    # 3,000 orders of one or two queries that hit or miss: few kinds. Without a resample in common, the same to some 3 %.
    rng = np.random.default_rng(4)
    groups = np.sort(rng.integers(0, 3000, 4000))
    values = (rng.random(4000) < 0.3).astype(float)
    together = metrics.bootstrap_interval(values, groups, seed=0)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(metrics, "FEW_KINDS", 10_000)
        one_by_one = metrics.bootstrap_interval(values, groups, seed=0)
        patched.setattr(metrics, "DRAWN_AT_A_TIME", 1)
        assert metrics.bootstrap_interval(values, groups, seed=0) == pytest.approx(one_by_one, abs=1e-12), "drawn row by row"
    assert together == pytest.approx(one_by_one, abs=0.03 * values.mean())
    sums, sizes = np.bincount(groups, values), np.bincount(groups)
    counted = sizes > 0
    expected = stats.bootstrap(
        (sums[counted], sizes[counted]),
        lambda sums, sizes, axis: sums.sum(axis) / sizes.sum(axis),
        paired=True,
        method="percentile",
        n_resamples=1000,
        rng=5,
    ).confidence_interval
    assert together == pytest.approx(tuple(expected), abs=0.03 * values.mean())


def test_popular_lists_leave_the_product_itself_out() -> None:
    support = np.array([2.0, 0, 3, 1])
    assert popular_lists(support, 2).tolist() == [[2, 3], [2, 0], [0, 3], [2, 0]]
    assert popular_lists(support, 9).tolist() == [[2, 3, 1], [2, 0, 3], [0, 3, 1], [2, 0, 1]]


@given(st.lists(st.tuples(st.integers(0, 3), st.booleans()), min_size=1, max_size=6), st.data())
def test_expected_hit_rate_is_the_mean_over_all_orders_of_equal_scores(
    candidates: list[tuple[int, bool]], data: st.DataObject
) -> None:
    k = data.draw(st.integers(1, len(candidates)))
    best_first = sorted((score for score, _ in candidates), reverse=True)
    rankings = [ranking for ranking in permutations(candidates) if [score for score, _ in ranking] == best_first]
    expected = np.mean([any(relevant for _, relevant in ranking[:k]) for ranking in rankings])
    scores, relevant = (np.array([column]) for column in zip(*candidates, strict=True))
    assert metrics.expected_hit_rate(scores.astype(float), relevant, k) == pytest.approx(expected)
