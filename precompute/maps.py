"""Two-dimensional maps for the scatter plots: t-SNE (van der Maaten and Hinton, JMLR 2008) of a signal's vectors."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray
from sklearn.manifold import TSNE
from sklearn.neighbors import NearestNeighbors
from threadpoolctl import threadpool_limits

from lookup.schema import MAP_SCHEMA
from precompute.kept import write_whole

LANDMARKS = 3_000
PLACED_BY = 5
CACHE_VERSION = 1
"""Raised when the same vectors give another map."""


def kept_map(vectors: NDArray[np.float32], folder: Path) -> pa.Table:
    """What `draw_map` makes of the vectors, kept in a folder by their content: t-SNE would be the slowest part of a rerun."""
    content = hashlib.sha256(f"{CACHE_VERSION} {vectors.shape} ".encode() + vectors.tobytes()).hexdigest()
    path = folder / f"{content[:32]}.parquet"
    try:
        return pq.read_table(path, schema=MAP_SCHEMA)
    except (FileNotFoundError, pa.ArrowInvalid):
        drawn = draw_map(vectors)
        parquet = io.BytesIO()
        pq.write_table(drawn, parquet)
        write_whole(path, parquet.getvalue())
        return drawn


def draw_map(vectors: NDArray[np.float32], seed: int = 0) -> pa.Table:
    """Place every product on a plane, near those whose vectors point the same way.

    t-SNE places up to `LANDMARKS` products; each further one stands at the weighted mean of its nearest landmarks.

    Parameters
    ----------
    vectors
        float32 [n, d]; all-zero rows have no place.

    Returns
    -------
    pa.Table
        `lookup.schema.MAP_SCHEMA`, n rows, null where a product has no place.
    """
    filled = np.flatnonzero(vectors.any(axis=1))
    unit = vectors[filled] / np.linalg.norm(vectors[filled], axis=1, keepdims=True)
    if unit.shape[1] == 1:  # where all pictures are one, or two; a plane takes two axes
        unit = np.pad(unit, ((0, 0), (0, 1)))
    rng = np.random.default_rng(seed)
    chosen = np.arange(len(unit)) if len(unit) <= LANDMARKS else np.sort(rng.choice(len(unit), LANDMARKS, replace=False))
    # Identical vectors would be drawn on one spot, where a pointer reaches only the topmost.
    landmarks = unit[chosen] + rng.normal(0, 1e-4, (len(chosen), unit.shape[1])).astype(np.float32)
    with threadpool_limits(1):  # threads would add up forces in changing order
        placed = _embed(landmarks, seed)
    places = placed if len(chosen) == len(unit) else _between_landmarks(unit, unit[chosen], placed)
    whole = np.full((len(vectors), 2), np.nan, np.float32)
    whole[filled] = places
    return pa.table([pa.array(whole[:, axis], from_pandas=True) for axis in range(2)], schema=MAP_SCHEMA)


def _embed(points: NDArray[np.float32], seed: int) -> NDArray[np.float32]:
    if len(points) < 4:
        angles = np.linspace(0, 2 * np.pi, len(points), endpoint=False)
        return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    perplexity = min(30.0, (len(points) - 1) / 3)
    return TSNE(perplexity=perplexity, init="pca", random_state=seed).fit_transform(points)


def _between_landmarks(
    points: NDArray[np.float32], landmarks: NDArray[np.float32], placed: NDArray[np.float32]
) -> NDArray[np.float32]:
    distance, nearest = NearestNeighbors(n_neighbors=PLACED_BY).fit(landmarks).kneighbors(points)
    weights = 1 / (distance + 1e-6)
    weights /= weights.sum(axis=1, keepdims=True)
    return np.einsum("nk,nkd->nd", weights, placed[nearest]).astype(np.float32)
