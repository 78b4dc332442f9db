"""Principal axes: long features turned into short vectors, by one rule for the catalogue, an upload and the encoder."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

TINY = 1e-12
"""Shorter than any real vector; keeps an all-zero one from being divided by zero."""


@dataclass(frozen=True)
class Projection:
    """Turns features x into ``(x - mean) @ axes``, scaled.

    Attributes
    ----------
    mean
        float32 [d]; all zero where nothing is to be centred.
    axes
        float32 [d, m], orthonormal columns, strongest first. Their values are exact in float16, so the encoder can store them
        in half the bytes and still agrees with precompute.
    scale
        What every vector is multiplied by; None: each vector is brought to length one.
    """

    mean: NDArray[np.float32]
    axes: NDArray[np.float32]
    scale: float | None

    @classmethod
    def fit(cls, sample: NDArray[np.float32], dimensions: int, *, centred: bool, unit_length: bool) -> Self:
        """Find the principal axes of a sample, by the eigenvectors of its smaller product matrix.

        Parameters
        ----------
        sample
            float32 [s, d], s >= 1.
        dimensions
            At most so many axes; fewer where the sample doesn't spread over as many.
        centred
            Subtract the mean (principal component analysis), or leave it in (truncated singular value decomposition,
            Eckart and Young 1936), which keeps cosines.
        unit_length
            Bring each vector to length one, for cosines; or all by one factor to a root-mean-square length of one, which
            keeps the ratios of their distances.
        """
        spreads = bool((sample != sample[0]).any())
        mean = sample.mean(axis=0, dtype=np.float64).astype(np.float32) if centred and spreads else np.zeros_like(sample[0])
        rows = sample - mean if centred else sample / np.maximum(np.linalg.norm(sample, axis=1, keepdims=True), TINY)
        axes = _principal_axes(rows, dimensions).astype(np.float16).astype(np.float32)
        lengths = np.linalg.norm((sample - mean) @ axes, axis=1)
        scale = None if unit_length else float(1 / max(np.sqrt(np.mean(np.square(lengths))), TINY))
        return cls(mean, axes, scale)

    def apply(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """float32 [n, d] to float32 [n, m]."""
        vectors = (features - self.mean) @ self.axes
        if self.scale is None:
            vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), TINY)
            return vectors
        return vectors * np.float32(self.scale)


def _principal_axes(rows: NDArray[np.float32], dimensions: int) -> NDArray[np.float64]:
    s, d = rows.shape
    if d <= s:
        strengths, axes = np.linalg.eigh((rows.T @ rows).astype(np.float64))
    else:  # d x d would be gigabytes for Gram features; the s x s products have the same non-zero eigenvalues
        strengths, left = np.linalg.eigh((rows @ rows.T).astype(np.float64))
        axes = rows.T @ left
    order = np.argsort(-strengths, kind="stable")[:dimensions]
    order = order[strengths[order] > strengths.max() * s * np.finfo(np.float32).eps]
    axes = axes[:, order if len(order) else slice(1)]
    axes = axes / np.maximum(np.linalg.norm(axes, axis=0), TINY)
    # An axis and its opposite are equally good; the one whose largest entry is positive is taken, on every machine.
    return axes * np.where(axes[np.abs(axes).argmax(axis=0), np.arange(axes.shape[1])] < 0, -1.0, 1.0)
