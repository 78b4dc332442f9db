"""Exact top-k against a brute-force oracle, with many ties."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import sparse

from lookup.schema import NO_NEIGHBOUR
from precompute import topk


def brute_force(scores: np.ndarray, k: int, allowed: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Sort every row in plain Python: highest score first, lowest row among equals."""
    index = np.full((len(scores), k), NO_NEIGHBOUR, np.int32)
    score = np.zeros((len(scores), k), np.float32)
    for row, values in enumerate(scores):
        best = sorted((-value, column) for column, value in enumerate(values) if allowed[row, column])[:k]
        for rank, (value, column) in enumerate(best):
            index[row, rank], score[row, rank] = column, -value
    return index, score


def cosines(vectors: np.ndarray) -> np.ndarray:
    lengths = np.linalg.norm(vectors.astype(np.float64), axis=1, keepdims=True)
    unit = np.divide(vectors, lengths, out=np.zeros(vectors.shape), where=lengths > 0)
    return unit @ unit.T


small_counts = arrays(np.int64, st.tuples(st.integers(1, 12), st.integers(1, 6)), elements=st.integers(0, 3))


@given(small_counts, st.integers(1, 5))
def test_top_per_row_equals_brute_force(counts: np.ndarray, k: int) -> None:
    index, score = topk.top_per_row(sparse.csr_array(counts.astype(np.float64)), k)
    expected_index, expected_score = brute_force(counts, k, counts > 0)
    np.testing.assert_array_equal(index, expected_index)
    np.testing.assert_array_equal(score, expected_score)


@settings(deadline=None)  # the first example waits for the compiler
@given(small_counts, st.integers(1, 5), st.sampled_from([1, 7, topk.TILE_ROWS]))
def test_dense_neighbours_equal_brute_force(counts: np.ndarray, k: int, tile_rows: int) -> None:
    vectors = (counts - 1).astype(np.float32)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(topk, "TILE_ROWS", tile_rows)
        index, score = topk.dense_neighbours(vectors, k)
    usable = vectors.any(axis=1)
    exact = np.round(cosines(vectors), topk.DENSE_DECIMALS)
    expected_index, expected_score = brute_force(exact, k, usable[:, None] & usable[None, :] & ~np.eye(len(counts), dtype=bool))
    np.testing.assert_array_equal(index, expected_index)
    np.testing.assert_allclose(score, expected_score, atol=1e-5)


@settings(deadline=None)
@given(small_counts, st.data())
def test_grouped_neighbours_come_from_other_groups_and_are_few_from_each(counts: np.ndarray, data: st.DataObject) -> None:
    vectors = counts.astype(np.float32)
    groups = data.draw(arrays(np.int32, len(counts), elements=st.integers(-1, 2)))
    index, _ = topk.dense_neighbours(vectors, 4, groups=groups, per_group=2)
    exact = np.round(cosines(vectors), topk.DENSE_DECIMALS)
    for row, found in enumerate(index):
        usable = vectors[row].any() and groups[row] >= 0
        expected = []
        for group in {0, 1, 2} - {groups[row]}:
            members = [
                (-exact[row, other], other) for other in range(len(counts)) if groups[other] == group and vectors[other].any()
            ]
            expected += sorted(members)[:2] if usable else []
        assert [other for other in found if other != NO_NEIGHBOUR] == [other for _, other in sorted(expected)[:4]]


@settings(deadline=None)
@given(small_counts, st.booleans(), st.data())
def test_those_that_are_not_listed_have_neighbours_and_are_none(counts: np.ndarray, grouped: bool, data: st.DataObject) -> None:
    n = len(counts)
    vectors = counts.astype(np.float32)
    listed = data.draw(arrays(np.bool_, n))
    groups = data.draw(arrays(np.int32, n, elements=st.integers(-1, 2))) if grouped else None
    index, _ = topk.dense_neighbours(vectors, 4, groups=groups, per_group=n, listed=listed)
    usable = vectors.any(axis=1) & (True if groups is None else groups >= 0)
    allowed = usable[:, None] & (usable & listed)[None, :] & ~np.eye(n, dtype=bool)
    if groups is not None:
        allowed &= groups[:, None] != groups[None, :]
    expected, _ = brute_force(np.round(cosines(vectors), topk.DENSE_DECIMALS), 4, allowed)
    np.testing.assert_array_equal(index, expected)


def test_l2_ranks_by_distance() -> None:
    vectors = np.array([[1, 0], [2, 0], [0.9, 0.1], [10, 0]], np.float32)
    index, score = topk.dense_neighbours(vectors, 3, metric="l2")
    assert index[0].tolist() == [2, 1, 3]
    assert score[0] == pytest.approx([1 / (1 + np.sqrt(0.02)), 1 / 2, 1 / 10], abs=1e-5)


def test_no_rows_at_all() -> None:
    index, score = topk.dense_neighbours(np.empty((0, 4), np.float32), 3)
    assert index.shape == score.shape == (0, 3)


@pytest.mark.parametrize("metric", ["cosine", "l2"])
@pytest.mark.parametrize("grouped", [False, True])
def test_some_rows_get_what_they_get_among_all(metric: topk.Metric, grouped: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(4)
    vectors = rng.standard_normal((300, 5)).astype(np.float32)
    vectors[7] = 0
    groups = rng.integers(-1, 6, 300).astype(np.int32) if grouped else None
    index, score = topk.dense_neighbours(vectors, 8, metric=metric, groups=groups, per_group=2)
    rows = rng.permutation(300)[:90]
    monkeypatch.setattr(topk, "QUERY_ROWS", 13)
    done: list[int] = []
    asked, of_asked = topk.dense_neighbours(vectors, 8, metric=metric, groups=groups, per_group=2, rows=rows, advance=done.append)
    assert np.array_equal(asked, index[rows])
    assert np.allclose(of_asked, score[rows], atol=2e-5)
    assert done == [13] * 6 + [12]
