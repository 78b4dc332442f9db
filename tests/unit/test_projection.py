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


def unit(rows: np.ndarray) -> np.ndarray:
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def test_pca_by_hand_and_applied_to_a_query() -> None:
    """On the unit circle at angles ±90° and ±60°: mean (1/4, 0); y spreads by 3.5 = 2 + 2 * 3/4 and x by 1/4 in squares."""
    sample = np.array([[0, 2], [0, -1], [3, 27**0.5], [1, -(3**0.5)]], np.float32)
    projection = Projection.fit(sample, 2, whitened=True, unit_length=False)
    assert np.allclose(projection.mean, [0.25, 0])
    half_white = (3.5 / 0.25) ** 0.25
    assert np.allclose(projection.axes, [[0, half_white], [1, 0]], atol=1e-3)
    length = np.sqrt((3.5 + 0.25 * half_white**2) / 4)
    assert projection.scale == pytest.approx(1 / length, abs=1e-3)
    query = np.array([[5, 0]], np.float32)  # (1, 0) on the circle
    assert np.allclose(projection.apply(query), [[0, 0.75 * half_white / length]], atol=1e-3)


@pytest.mark.parametrize(("n", "d"), [(60, 7), (7, 60)])
def test_whitened_axes_are_those_of_scikit_learn(n: int, d: int) -> None:
    sample, queries = points(0, n, d), points(1, 5, d)
    ours = Projection.fit(sample, 4, whitened=True, unit_length=True).apply(queries)
    pca = PCA(4, svd_solver="full").fit(unit(sample))
    theirs = unit(pca.transform(unit(queries)) / pca.explained_variance_**0.25)
    assert np.allclose(np.abs(ours), np.abs(theirs), atol=5e-3)  # axes are rounded to float16


def test_full_rank_without_whitening_keeps_cosines() -> None:
    sample = points(2, 40, 6)
    vectors = Projection.fit(sample, 6, whitened=False, unit_length=True).apply(sample)
    assert np.allclose(vectors @ vectors.T, unit(sample) @ unit(sample).T, atol=2e-3)


def test_a_common_scale_keeps_the_ratios_of_distances() -> None:
    sample = unit(points(3, 40, 5))
    vectors = Projection.fit(sample, 5, whitened=False, unit_length=False).apply(sample)
    before = np.linalg.norm(sample[1:] - sample[0], axis=1)
    after = np.linalg.norm(vectors[1:] - vectors[0], axis=1)
    assert np.allclose(after / before, (after / before)[0], rtol=5e-3)
    assert np.sqrt(np.mean(np.square(vectors).sum(axis=1))) == pytest.approx(1, abs=1e-3)


@given(n=st.integers(1, 12), d=st.integers(1, 12), dimensions=st.integers(1, 12), whitened=st.booleans(), seed=st.integers(0, 99))
def test_axes_are_perpendicular_and_vectors_of_length_one(n: int, d: int, dimensions: int, whitened: bool, seed: int) -> None:
    sample = points(seed, n, d)
    projection = Projection.fit(sample, dimensions, whitened=whitened, unit_length=True)
    m = projection.axes.shape[1]
    assert 1 <= m <= min(dimensions, n, d)
    products = projection.axes.T @ projection.axes
    assert np.allclose(products, np.diag(np.diag(products)), atol=5e-3 * products.max())
    assert np.array_equal(projection.axes, projection.axes.astype(np.float16))
    lengths = np.linalg.norm(projection.apply(sample), axis=1)
    assert np.all((np.abs(lengths - 1) < 1e-5) | (lengths == 0))


def test_the_direction_of_an_axis_does_not_depend_on_the_order_of_the_sample() -> None:
    sample = points(4, 30, 50)
    one, other = (Projection.fit(rows, 5, whitened=True, unit_length=True) for rows in (sample, sample[::-1]))
    assert np.allclose(one.axes, other.axes, atol=1e-3)


def test_equal_pictures_still_have_vectors() -> None:
    sample = np.tile(np.array([[3.0, 4.0]], np.float32), (3, 1))
    vectors = Projection.fit(sample, 2, whitened=True, unit_length=True).apply(sample)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1)
