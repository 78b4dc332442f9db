"""What lists do with the catalogue and clusters with its categories: cases worked by hand, and scikit-learn's definitions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics.cluster import contingency_matrix

from precompute.evaluate import catalogue

LISTS = np.array([[1, 2], [2, -1], [1, 3]], np.int32)


def test_same_category_share_counts_what_is_listed() -> None:
    categories = np.array([0, 0, 1, -1], np.int32)
    assert catalogue.same_category_share(LISTS, np.array([0, 1, 1], np.int32), categories).tolist() == [0.5, 1.0, 0.0]


def test_chance_of_the_same_category_is_the_share_of_the_others() -> None:
    found = catalogue.same_category_by_chance(np.array([0, 0, 0, 1, -1], np.int32))
    assert found.tolist() == [0.5, 0.5, 0.5, 0.0, 0.0]


def test_popularity_percentiles_share_ties() -> None:
    # One product is below 5, two tie at 5 below 9: (0.5, 2 - 0.5 + 0.5, ...) of four.
    assert catalogue.popularity_percentiles(np.array([5, 9, 5, 1])).tolist() == [0.5, 0.875, 0.5, 0.125]


@given(st.lists(st.integers(0, 5), min_size=1))
def test_the_mean_percentile_is_a_half(popularity: list[int]) -> None:
    assert catalogue.popularity_percentiles(np.array(popularity)).mean() == pytest.approx(0.5)


def test_mean_listed_leaves_empty_places_out() -> None:
    assert catalogue.mean_listed(LISTS, np.array([0.0, 1.0, 3.0, 5.0])).tolist() == [2.0, 3.0, 3.0]


def test_concentration_by_hand() -> None:
    # Shown 0, 2, 2 and 1 times; differences between all pairs sum to 2 * (2 + 2 + 1 + 0 + 1 + 1) over 2 * 16 * 1.25.
    assert catalogue.concentration(LISTS, 4) == pytest.approx(14 / (2 * 16 * 1.25))
    assert catalogue.concentration(np.array([[1], [0]], np.int32), 2) == pytest.approx(0)
    assert catalogue.concentration(np.zeros((100, 1), np.int32), 100) == pytest.approx(0.99)


@given(st.lists(st.integers(-1, 6), min_size=1).filter(lambda shown: any(row >= 0 for row in shown)))
def test_concentration_is_the_mean_difference_over_twice_the_mean(shown: list[int]) -> None:
    counts = np.bincount([row for row in shown if row >= 0], minlength=7)
    differences = np.abs(counts[:, None] - counts[None, :]).mean()
    index = np.array(shown, np.int32)[:, None]
    assert catalogue.concentration(index, 7) == pytest.approx(differences / (2 * counts.mean()), abs=1e-12)


@pytest.mark.parametrize(("n", "k"), [(2, 1), (3, 5), (12, 4), (200, 10)])
def test_chance_is_what_lists_drawn_at_random_reach(n: int, k: int) -> None:
    random = np.random.default_rng(n)
    shown = min(k, n - 1)
    draws = [
        np.stack([random.permutation(np.delete(np.arange(n), row))[:shown] for row in range(n)]).astype(np.int32)
        for _ in range(300 if n < 100 else 20)
    ]
    reached = np.mean([len(np.unique(index)) / n for index in draws])
    assert catalogue.coverage_by_chance(n, k) == pytest.approx(reached, abs=0.02)
    # What one product is shown more, others are shown less: exact for many products, near for few.
    uneven = np.mean([catalogue.concentration(index, n) for index in draws])
    assert catalogue.concentration_by_chance(n, k) == pytest.approx(uneven, abs=0.005 + 0.1 / n)


def test_agreement_by_hand() -> None:
    clusters = np.array([0, 0, 0, 1, 1, 1], np.int32)
    categories = np.array([0, 0, 1, 2, 2, 2], np.int32)
    assert catalogue.in_majority(clusters, categories).tolist() == [True, True, False, True, True, True]
    # H(cluster) = 1 bit; H(category) = 1/3 log2 3 + 1/6 log2 6 + 1/2 log2 2; the category tells the cluster wholly.
    entropy = np.log2(3) / 3 + np.log2(6) / 6 + 0.5
    assert catalogue.agreement(clusters, categories) == pytest.approx(1 / ((1 + entropy) / 2))


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1))
def test_purity_is_the_largest_share_of_each_cluster(pairs: list[tuple[int, int]]) -> None:
    clusters, categories = (np.array(column, np.int32) for column in zip(*pairs, strict=True))
    largest = contingency_matrix(categories, clusters).max(axis=0).sum()
    assert catalogue.in_majority(clusters, categories).sum() == largest


def test_chance_is_what_clusters_without_meaning_reach() -> None:
    random = np.random.default_rng(3)
    clusters, categories = (random.integers(0, 20, 400).astype(np.int32) for _ in range(2))
    purity, nmi = catalogue.agreement_by_chance(clusters, categories, seed=0)
    assert purity == pytest.approx(catalogue.in_majority(clusters, categories).mean(), abs=0.03)
    assert nmi == pytest.approx(catalogue.agreement(clusters, categories), abs=0.03)
    planted_purity, planted_nmi = catalogue.agreement_by_chance(categories, categories, seed=0)
    assert planted_purity < 0.3
    assert planted_nmi < 0.3
    assert catalogue.agreement(categories, categories) == pytest.approx(1)
