"""A search of the nearest lists, beside all rows compared."""

from __future__ import annotations

import numpy as np
import pytest

from lookup.schema import NO_NEIGHBOUR
from precompute import dense_search
from precompute.dense_search import nearest, shares_found, surely
from precompute.topk import dense_neighbours

ROWS, DIMENSIONS, K = 3_000, 7, 12


@pytest.fixture(autouse=True)
def _few_rows_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dense_search, "EXACT_UP_TO", 1_000)
    monkeypatch.setattr(dense_search, "CANDIDATES", 200)


@pytest.fixture(scope="module")
def clustered() -> np.ndarray:
    """Rows round 60 centres; the last ten have no data."""
    rng = np.random.default_rng(1)
    rows = rng.standard_normal((60, DIMENSIONS))[rng.integers(0, 60, ROWS)] + 0.2 * rng.standard_normal((ROWS, DIMENSIONS))
    rows[-10:] = 0
    return rows.astype(np.float32)


@pytest.mark.slow
def test_few_lists_find_nearly_all(clustered: np.ndarray) -> None:
    done: list[int] = []
    (index, score), details = nearest(clustered, K, 0.9, done.append)
    exact, exact_score = dense_neighbours(clustered, K)
    with_data = slice(0, -10)
    recall = shares_found(exact[with_data], index[with_data]).mean()
    assert details["search"] in {"4 of 109 lists", "16 of 109 lists"}
    assert 0.9 <= recall < 1
    assert details["recall_at_10"] == pytest.approx(recall, abs=0.02)
    same = index == exact
    assert np.allclose(score[same], exact_score[same], atol=2e-5)
    assert (np.diff(score[with_data], axis=1) <= 0).all()
    assert not (index == np.arange(ROWS)[:, None]).any()
    assert (index[-10:] == NO_NEIGHBOUR).all()
    assert sum(done) == ROWS


@pytest.mark.slow
def test_a_search_finds_the_same_again(clustered: np.ndarray) -> None:
    (index, score), details = nearest(clustered, K, 0.9)
    (again, score_again), details_again = nearest(clustered, K, 0.9)
    assert details == details_again
    assert np.array_equal(index, again)
    assert np.array_equal(score, score_again)


@pytest.mark.slow
def test_where_lists_miss_too_many_all_rows_are_compared() -> None:
    rows = np.random.default_rng(0).standard_normal((ROWS, 40)).astype(np.float32)
    (index, _), details = nearest(rows, K, 0.98)
    assert np.array_equal(index, dense_neighbours(rows, K)[0])
    assert details["search"] == "exact"
    assert 0 < details["recall_at_10_of_16_lists"] < 0.98


@pytest.mark.parametrize(("rows", "recall"), [(1_000, 0.5), (ROWS, 1)])
def test_few_rows_are_all_compared_and_many_where_all_are_asked_for(clustered: np.ndarray, rows: int, recall: float) -> None:
    (index, _), details = nearest(clustered[:rows], K, recall)
    assert np.array_equal(index, dense_neighbours(clustered[:rows], K)[0])
    assert details == {"search": "exact"}


def test_shares_are_of_the_ten_first_that_there_are() -> None:
    exact = np.array([[3, 4, NO_NEIGHBOUR], [5, 6, 7]])
    found = np.array([[4, 8, NO_NEIGHBOUR], [7, 6, 5]])
    assert shares_found(exact, found).tolist() == [0.5, 1]
    ten, swapped = np.arange(12)[None, :], np.r_[np.arange(9), 11, 10, 9][None, :]
    assert shares_found(ten, swapped).tolist() == [0.9]


def test_a_sample_is_trusted_two_standard_errors_off() -> None:
    assert surely(np.array([0.5, 1.0, 0.5, 1.0])) == pytest.approx(0.75 - 2 * 0.25 / 2)
