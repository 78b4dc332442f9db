"""What packing numbers costs, and that it costs no more."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy import sparse

from lookup.packed import (
    SCORE_BITS,
    VECTOR_STEPS,
    WEIGHT_STEPS,
    postings_in,
    postings_table,
    rounded_scores,
    vectors_in,
    vectors_table,
)
from precompute.signals.reviews import strongest

FLOATS = st.floats(-1000, 1000, width=32)


def test_a_score_keeps_eleven_bits() -> None:
    exact = np.array([0, 1, -0.5, 2047 / 2048, 1e-30, 1 + 2**-10], np.float32)
    assert rounded_scores(exact)[:4].tolist() == exact[:4].tolist()
    assert rounded_scores(exact)[5] == exact[5], "1.0000000001 in binary has eleven bits"
    assert rounded_scores(np.float32([1 + 2**-12])).tolist() == [1]
    assert rounded_scores(exact)[4] == pytest.approx(1e-30, rel=2**-SCORE_BITS), "float16 would make this 0"


@given(st.lists(FLOATS, max_size=20))
def test_rounded_scores_keep_their_order_and_value(values: list[float]) -> None:
    scores = -np.sort(-np.array(values, np.float32))
    rounded = rounded_scores(scores)
    assert rounded.dtype == np.float32
    assert (np.diff(rounded) <= 0).all()
    normal = np.abs(scores) > np.finfo(np.float32).tiny
    np.testing.assert_allclose(rounded[normal], scores[normal], rtol=2.0**-SCORE_BITS)
    assert not (rounded.view(np.uint32)[normal] & 0x1FFF).any(), "thirteen bits are 0"


POSTINGS = arrays.arrays(np.float32, st.tuples(st.integers(1, 6), st.integers(1, 6)), elements=st.sampled_from([0, 1e-5, 0.3, 1]))


@given(POSTINGS)
def test_postings_come_back_within_half_a_step(weights: np.ndarray) -> None:
    """`weights` is [terms, products]; 0 is no posting."""
    terms = sparse.csr_array(weights)
    table = postings_table(terms.indptr, terms.indices, terms.data)
    found = postings_in(table)
    assert len(found) == len(weights)
    for (products, stored), exact in zip(found, weights, strict=True):
        assert products.tolist() == np.flatnonzero(exact).tolist()
        assert (stored > 0).all(), "who is listed is found"
        # 1e-5 is below half a step, and becomes a whole one
        off = np.where(exact[products] < 0.5 / WEIGHT_STEPS, 1, 0.5) / WEIGHT_STEPS
        assert (np.abs(stored - exact[products]) <= off + 1e-6).all()


def test_some_rows_of_the_postings_in_another_order() -> None:
    table = postings_table(np.array([0, 2, 2, 3]), np.array([4, 7, 1]), np.array([1.0, 0.2, 0.6]))
    (second, _), (first, weights), (none, _) = postings_in(
        pa.concat_tables([table.slice(2), table.slice(0, 1), table.slice(1, 1)])
    )
    assert (second.tolist(), first.tolist(), none.tolist()) == ([1], [4, 7], [])
    assert (weights * WEIGHT_STEPS).tolist() == pytest.approx([255, 51])


@given(arrays.arrays(np.float32, st.tuples(st.integers(1, 5), st.integers(1, 9)), elements=st.floats(-3, 3, width=32)))
def test_vectors_come_back_in_their_direction(vectors: np.ndarray) -> None:
    found = vectors_in(vectors_table(vectors))
    assert found.dtype == np.float32
    for exact, stored in zip(vectors.astype(np.float64), found, strict=True):
        largest = np.abs(exact).max()
        if largest == 0:
            assert not stored.any()
            continue
        assert np.linalg.norm(stored) == pytest.approx(1, abs=1e-6)
        # Each number is off by half a step at most, so the whole by the diagonal of a cube, and its direction by twice that.
        off = np.sqrt(len(exact)) * largest / VECTOR_STEPS / np.linalg.norm(exact)
        assert np.linalg.norm(stored - exact / np.linalg.norm(exact)) <= off + 1e-6


def test_a_part_of_the_vectors() -> None:
    vectors = np.array([[1, 0], [0, 2], [0, 0], [-3, 0]], np.float32)
    assert vectors_in(vectors_table(vectors).slice(1, 2)).tolist() == [[0, 1], [0, 0]]
    assert vectors_in(vectors_table(vectors).slice(0, 0)).shape == (0, 2)


def test_cosines_of_long_vectors_hardly_move() -> None:
    random = np.random.default_rng(0)
    vectors = random.normal(size=(400, 128)) * (1 + np.arange(128) / 8) ** -0.5
    unit = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    cosines = unit @ vectors_in(vectors_table(unit)).T
    assert np.abs(cosines - unit @ unit.T).max() < 0.01
    assert (cosines.argmax(axis=1) == np.arange(400)).all(), "a copy finds its original first"


def test_a_products_strongest_terms_by_hand() -> None:
    weights = sparse.csr_array([[0.2, 0, 0.9, 0.4], [0, 0, 0, 0], [0.5, 0.5, 0.1, 0.5], [0, 0, 0, 0.3]])
    assert strongest(weights, 2).toarray().tolist() == [[0, 0, 0.9, 0.4], [0, 0, 0, 0], [0.5, 0.5, 0, 0], [0, 0, 0, 0.3]]
    assert (strongest(weights, 4) != weights).nnz == 0


@given(
    arrays.arrays(np.float64, st.tuples(st.integers(1, 6), st.integers(1, 8)), elements=st.sampled_from([0, 0.1, 0.2, 0.7])),
    st.integers(1, 9),
)
def test_the_strongest_terms_are_those_that_a_sort_puts_first(weights: np.ndarray, count: int) -> None:
    found = strongest(sparse.csr_array(weights), count).toarray()
    for row, kept in zip(weights, found, strict=True):
        expected = sorted(np.flatnonzero(row), key=lambda term: (-row[term], term))[:count]
        assert np.flatnonzero(kept).tolist() == sorted(expected)
        assert kept[expected].tolist() == row[expected].tolist()
