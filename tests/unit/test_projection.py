from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.decomposition import PCA

from precompute.projection import Projection


def points(seed: int, n: int, d: int) -> np.ndarray:
    """Points that spread differently along each of their axes."""
    rng = np.random.default_rng(seed)
    return (rng.normal(size=(n, d)) * np.geomspace(5, 1, d) + rng.normal(size=d)).astype(np.float32)


def test_pca_by_hand_and_applied_to_a_query() -> None:
    sample = np.array([[1, 1], [3, 1], [2, 0], [2, 2], [-4, 1], [8, 1]], np.float32)  # mean (2, 1); spread along x most
    projection = Projection.fit(sample, 2, centred=True, unit_length=False)
    assert np.allclose(projection.mean, [2, 1])
    assert np.allclose(projection.axes, np.eye(2))
    assert projection.scale == pytest.approx(1 / np.sqrt((1 + 1 + 1 + 1 + 36 + 36) / 6))
    assert np.allclose(projection.apply(np.array([[5, -1]], np.float32)), np.array([[3, -2]]) * projection.scale)


@pytest.mark.parametrize(("n", "d"), [(60, 7), (7, 60)])
def test_centred_axes_are_those_of_scikit_learn(n: int, d: int) -> None:
    sample, queries = points(0, n, d), points(1, 5, d)
    ours = Projection.fit(sample, 4, centred=True, unit_length=False)
    theirs = PCA(4, svd_solver="full").fit(sample).transform(queries) * ours.scale
    assert np.allclose(np.abs(ours.apply(queries)), np.abs(theirs), atol=5e-3)  # axes are rounded to float16


def test_full_rank_without_centring_keeps_cosines() -> None:
    sample = points(2, 40, 6)
    vectors = Projection.fit(sample, 6, centred=False, unit_length=True).apply(sample)
    unit = sample / np.linalg.norm(sample, axis=1, keepdims=True)
    assert np.allclose(vectors @ vectors.T, unit @ unit.T, atol=2e-3)


def test_a_common_scale_keeps_the_ratios_of_distances() -> None:
    sample = points(3, 40, 5)
    vectors = Projection.fit(sample, 5, centred=True, unit_length=False).apply(sample)
    before = np.linalg.norm(sample[1:] - sample[0], axis=1)
    after = np.linalg.norm(vectors[1:] - vectors[0], axis=1)
    assert np.allclose(after / before, (after / before)[0], rtol=2e-3)
    assert np.sqrt(np.mean(np.square(vectors).sum(axis=1))) == pytest.approx(1, abs=1e-3)


@given(n=st.integers(1, 12), d=st.integers(1, 12), dimensions=st.integers(1, 12), centred=st.booleans(), seed=st.integers(0, 99))
def test_axes_are_orthonormal_and_vectors_of_length_one(n: int, d: int, dimensions: int, centred: bool, seed: int) -> None:
    sample = points(seed, n, d)
    projection = Projection.fit(sample, dimensions, centred=centred, unit_length=True)
    m = projection.axes.shape[1]
    assert 1 <= m <= min(dimensions, n, d)
    assert np.allclose(projection.axes.T @ projection.axes, np.eye(m), atol=5e-3)
    assert np.array_equal(projection.axes, projection.axes.astype(np.float16))
    lengths = np.linalg.norm(projection.apply(sample), axis=1)
    assert np.all((np.abs(lengths - 1) < 1e-5) | (lengths == 0))


def test_the_direction_of_an_axis_does_not_depend_on_the_order_of_the_sample() -> None:
    sample = points(4, 30, 50)
    one, other = (Projection.fit(rows, 5, centred=True, unit_length=True) for rows in (sample, sample[::-1]))
    assert np.allclose(one.axes, other.axes, atol=1e-3)


def test_equal_pictures_still_have_vectors() -> None:
    sample = np.tile(np.array([[3.0, 4.0]], np.float32), (3, 1))
    vectors = Projection.fit(sample, 2, centred=True, unit_length=True).apply(sample)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1)
