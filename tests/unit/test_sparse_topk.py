"""Exact top-k of sparse rows against a brute-force oracle: with ties, empty rows, and every way to leave columns to the bound."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import sparse

from lookup.schema import NO_NEIGHBOUR
from precompute import sparse_topk
from precompute.signals import shared
from precompute.signals.shared import strongest_shared_columns
from precompute.sparse_topk import sparse_cosine_neighbours
from tests.unit.test_topk import brute_force, cosines, small_counts

Ranked = tuple[np.ndarray, np.ndarray]


def brute_force_cosines(vectors: np.ndarray, k: int) -> Ranked:
    exact = np.round(cosines(vectors), 9)
    return brute_force(exact, k, (exact > 0) & ~np.eye(len(vectors), dtype=bool))


def from_scipy(vectors: sparse.csr_array, k: int) -> Ranked:
    """All cosines in float64 by scipy, sorted."""
    lengths = np.sqrt(vectors.multiply(vectors).sum(axis=1))
    unit = sparse.diags_array(np.divide(1.0, lengths, out=np.zeros(len(lengths)), where=lengths > 0)) @ vectors
    scores = (unit @ unit.T).toarray().astype(np.float32)
    np.fill_diagonal(scores, 0)
    index = np.argsort(-scores, axis=1, kind="stable")[:, :k].astype(np.int32)
    score = np.take_along_axis(scores, index, axis=1)
    return np.where(score > 0, index, NO_NEIGHBOUR), score


def drawn_words(n: int, d: int, seed: int) -> sparse.csr_array:
    """Rows of 1 to 400 words of a Zipf vocabulary, some in common with others of one of 30 topics, some rows empty or copies."""
    rng = np.random.default_rng(seed)
    lengths = rng.integers(1, 400, n) * (rng.random(n) > 0.02)
    row = np.repeat(np.arange(n), lengths)
    word = (d ** rng.random(len(row))).astype(np.int64) - 1
    about = rng.random(len(row)) < 0.2
    topic = rng.integers(0, 30, n)[row[about]]
    word[about] = d // 2 + topic * 20 + rng.integers(0, 20, len(topic))
    counts = sparse.csr_array((np.ones(len(row)), (row, word)), shape=(n, d))
    idf = np.log(n / np.maximum(1, np.bincount(counts.indices, minlength=d))) + 0.1
    weights = sparse.csr_array(counts @ sparse.diags_array(idf))
    weights.sort_indices()
    return sparse.csr_array(weights[np.where(rng.random(n) < 0.05, rng.integers(0, n, n), np.arange(n))])


@settings(deadline=None)  # the first call compiles
@given(small_counts, st.integers(1, 15), st.sampled_from([(1, 1), (3, 2), (5, 256), (sparse_topk.TILE_ROWS, 4)]))
def test_neighbours_equal_brute_force(counts: np.ndarray, k: int, blocks: tuple[int, int]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sparse_topk, "TILE_ROWS", blocks[0])
        patch.setattr(sparse_topk, "QUERY_ROWS", blocks[1])
        index, score = sparse_cosine_neighbours(sparse.csr_array(counts), k)
    expected_index, expected_score = brute_force_cosines(counts, k)
    np.testing.assert_array_equal(index, expected_index)
    np.testing.assert_allclose(score, expected_score, atol=1e-6)


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("tile_rows", [100, 333, 8192])
def test_neighbours_equal_scipys_where_columns_are_left_to_bounds(
    seed: int, tile_rows: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    vectors = drawn_words(1_500, 6_000, seed)
    monkeypatch.setattr(sparse_topk, "TILE_ROWS", tile_rows)
    index, score = sparse_cosine_neighbours(vectors, 10)
    expected_index, expected_score = from_scipy(vectors, 10)
    np.testing.assert_allclose(score, expected_score, atol=2e-7)
    # Scores may differ in the last bit where sums are taken in another order; only such rows may change places.
    swapped = index != expected_index
    assert swapped.mean() < 0.01
    assert (np.abs(np.diff(expected_score, axis=1, append=0)).min(axis=1)[swapped.any(axis=1)] < 2e-7).all()


def test_neighbours_do_not_depend_on_blocks_and_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors = drawn_words(700, 3_000, 3)
    found = []
    for tile_rows, query_rows, threads in ((8192, 256, 1), (64, 17, 3), (211, 700, 2)):
        monkeypatch.setattr(sparse_topk, "TILE_ROWS", tile_rows)
        monkeypatch.setattr(sparse_topk, "QUERY_ROWS", query_rows)
        monkeypatch.setattr(sparse_topk.os, "cpu_count", lambda threads=threads: threads)
        found.append(sparse_cosine_neighbours(vectors, 20))
    for index, score in found[1:]:
        np.testing.assert_array_equal(index, found[0][0])
        np.testing.assert_array_equal(score, found[0][1])


def test_a_score_is_the_same_in_both_directions() -> None:
    index, score = sparse_cosine_neighbours(drawn_words(300, 2_000, 4), 299)
    pairs = {(row, other): value for row in range(300) for other, value in zip(index[row].tolist(), score[row], strict=True)}
    assert all(pairs[other, row] == value for (row, other), value in pairs.items() if other != NO_NEIGHBOUR)


def test_equal_rows_are_ordered_by_row() -> None:
    index, score = sparse_cosine_neighbours(sparse.csr_array(np.ones((40, 3))), 5)
    assert index[0].tolist() == [1, 2, 3, 4, 5]
    assert index[39].tolist() == [0, 1, 2, 3, 4]
    np.testing.assert_allclose(score, 1, atol=1e-7)


@pytest.mark.parametrize("shape", [(0, 3), (3, 0), (4, 2)])
def test_rows_without_entries_have_no_neighbours(shape: tuple[int, int]) -> None:
    index, score = sparse_cosine_neighbours(sparse.csr_array(shape), 2)
    np.testing.assert_array_equal(index, np.full((shape[0], 2), NO_NEIGHBOUR))
    np.testing.assert_array_equal(score, np.zeros((shape[0], 2)))


def test_negative_entries_are_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        sparse_cosine_neighbours(sparse.csr_array([[1.0, -1.0]]), 2)


def test_columns_in_any_order_and_twice_in_a_row_are_read() -> None:
    mixed = sparse.csr_array((np.array([1.0, 2.0, 1.0, 4.0, 1.0, 3.0]), [2, 0, 2, 1, 2, 1], [0, 3, 5, 6]), shape=(3, 3))
    index, score = sparse_cosine_neighbours(mixed, 2)
    expected_index, expected_score = brute_force_cosines(np.array([[2, 0, 2], [0, 4, 1], [0, 3, 0]]), 2)
    np.testing.assert_array_equal(index, expected_index)
    np.testing.assert_allclose(score, expected_score, atol=1e-7)
    assert mixed.indices.tolist() == [2, 0, 2, 1, 2, 1]


def test_progress_counts_every_row_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sparse_topk, "QUERY_ROWS", 7)
    told: list[int] = []
    sparse_cosine_neighbours(drawn_words(30, 2_000, 5), 2, told.append)
    assert told == [7, 7, 7, 7, 2]


@settings(deadline=None)  # the first call compiles
@given(small_counts, st.integers(1, 4), st.sampled_from([1, 512]), st.data())
def test_shared_columns_equal_brute_force(counts: np.ndarray, width: int, rows_at_a_time: int, data: st.DataObject) -> None:
    n = len(counts)
    index = data.draw(arrays(np.int32, (n, 3), elements=st.integers(NO_NEIGHBOUR, n - 1)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shared, "ROWS_AT_A_TIME", rows_at_a_time)
        found = strongest_shared_columns(sparse.csr_array(counts), index, width)
    assert found.shape == (n, 3, width)
    for row, others in enumerate(index):
        for rank, other in enumerate(others):
            products = counts[row] * counts[other] if other != NO_NEIGHBOUR else np.zeros(counts.shape[1])
            strongest = sorted(np.flatnonzero(products), key=lambda column: (-products[column], column))[:width]
            assert found[row, rank].tolist() == strongest + [NO_NEIGHBOUR] * (width - len(strongest))
