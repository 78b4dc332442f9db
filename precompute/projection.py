"""Principal axes: long features turned into short vectors, by one rule for the catalogue, an upload and the encoder."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

TINY = 1e-12
"""Shorter than any real vector; keeps an all-zero one from being divided by zero."""


def unit_rows(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """float32 [n, d], each row brought to length one; all-zero rows stay as they are."""
    lengths = np.sqrt(np.square(rows).sum(axis=1, keepdims=True, dtype=np.float32))
    return rows / np.maximum(lengths, np.float32(TINY))


@dataclass(frozen=True)
class Projection:
    """Turns features x into ``(x / |x| - mean) @ axes``, scaled.

    Attributes
    ----------
    mean
        float32 [d]; all zero where nothing is centred.
    axes
        float32 [d, m], strongest first. Their values are exact in float16, so that the encoder stores them in half the bytes
        and still agrees with precompute.
    scale
        What every vector is multiplied by; None: each vector is brought to length one.
    """

    mean: NDArray[np.float32]
    axes: NDArray[np.float32]
    scale: float | None

    @classmethod
    def fit(cls, sample: NDArray[np.float32], dimensions: int, *, whitened: bool, unit_length: bool) -> Self:
        """Find the principal axes of a sample.

        Parameters
        ----------
        sample
            float32 [s, d], s >= 1.
        dimensions
            At most so many axes; fewer where the sample doesn't spread over as many.
        whitened
            Principal component analysis, and every axis divided by the square root of its standard deviation. That is
            half-way to whitening: without it the first axes, which tell light pictures from dark ones, drown all others;
            with the whole of it noise counts as much as they do, and in a small catalogue all products come out equally far
            from each other. False: truncated singular value decomposition (Eckart and Young 1936), which keeps cosines.
        unit_length
            Bring each vector to length one, for cosines; or all by one factor to a root-mean-square length of one, for
            distances.
        """
        rows = unit_rows(sample)
        mean = np.zeros_like(rows[0])
        if whitened and (rows != rows[0]).any():
            mean = rows.mean(axis=0, dtype=np.float64).astype(np.float32)
        strengths, directions = _principal_axes(rows - mean, dimensions)
        weights = np.power(strengths[0] / strengths, 0.25) if whitened else 1.0
        axes = (directions * weights).astype(np.float16).astype(np.float32)
        mean_square = np.mean(np.square((rows - mean) @ axes).sum(axis=1))
        return cls(mean, axes, scale=None if unit_length else float(1 / np.sqrt(max(mean_square, TINY))))

    def apply(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """float32 [n, d] to float32 [n, m]."""
        vectors: NDArray[np.float32] = np.matmul(unit_rows(features) - self.mean, self.axes, dtype=np.float32)
        return unit_rows(vectors) if self.scale is None else vectors * np.float32(self.scale)


def _principal_axes(rows: NDArray[np.float32], dimensions: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Squared singular values, falling, and the orthonormal axes beside them, from the smaller of the two product matrices."""
    s, d = rows.shape
    if d <= s:
        strengths, axes = np.linalg.eigh((rows.T @ rows).astype(np.float64))
    else:  # d x d would be gigabytes for Gram matrices; the s x s products have the same non-zero eigenvalues
        strengths, left = np.linalg.eigh((rows @ rows.T).astype(np.float64))
        axes = rows.T @ left
    order = np.argsort(-strengths, kind="stable")[:dimensions]
    noise = max(strengths.max() * s * np.finfo(np.float32).eps, TINY)
    order = order[: max(1, np.count_nonzero(strengths[order] > noise))]
    axes = axes[:, order] / np.maximum(np.linalg.norm(axes[:, order], axis=0), TINY)
    # An axis and its opposite are equally good; taken is the one whose largest entry is positive.
    signs = np.where(axes[np.abs(axes).argmax(axis=0), np.arange(len(order))] < 0, -1.0, 1.0)
    return np.maximum(strengths[order], TINY), axes * signs
