"""Clusters of the products' TF-IDF documents: KMeans, and labels that tell the clusters apart."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.cluster import KMeans
from sklearn.decomposition import TruncatedSVD
from sklearn.metrics import silhouette_score
from threadpoolctl import threadpool_limits

from precompute.sparse_dense import times

REDUCED_DIMENSIONS = 100
FITTED_ON = 50_000
POWER_ITERATIONS = 2
"""Of the randomised SVD: with more of them clusters get no tighter."""
FITS = 4
SILHOUETTE_ON = 2_000
AUTO_CANDIDATES = (4, 6, 8, 12, 16, 24, 32, 48)
LABEL_TERMS = 3
LISTED_TERMS = 12
ROWS_AT_A_TIME = 50_000


@dataclass(frozen=True)
class Clusters:
    """A clustering in the full TF-IDF space, largest cluster first.

    Attributes
    ----------
    of_row
        int32 [n]: the cluster of each document, -1 for an empty one.
    centroids
        float32 [c, t].
    """

    of_row: NDArray[np.int32]
    centroids: NDArray[np.float32]

    @property
    def sizes(self) -> NDArray[np.int64]:
        return np.bincount(self.of_row[self.of_row >= 0], minlength=len(self.centroids))


def reduce(weights: sparse.csr_array, seed: int) -> NDArray[np.float32]:
    """The documents in few dimensions, by truncated SVD, each of length one; empty documents stay zero.

    Parameters
    ----------
    weights
        TF-IDF, CSR [n, t].

    Returns
    -------
    NDArray
        float32 [n, d], d <= `REDUCED_DIMENSIONS`.
    """
    dimensions = min(REDUCED_DIMENSIONS, *(size - 1 for size in weights.shape))
    if dimensions < 2:
        return weights.toarray().astype(np.float32)
    sample = _sample(weights.shape[0], FITTED_ON, seed)
    with threadpool_limits(1):  # threads would add up products in changing order
        svd = TruncatedSVD(dimensions, n_iter=POWER_ITERATIONS, random_state=seed).fit(weights[sample].astype(np.float32))
    reduced = times(weights, svd.components_.T)
    lengths = np.linalg.norm(reduced, axis=1, keepdims=True)
    return np.divide(reduced, lengths, out=np.zeros_like(reduced), where=lengths > 1e-9)


def cluster(weights: sparse.csr_array, reduced: NDArray[np.float32], count: int | None, seed: int) -> Clusters:
    """KMeans in the reduced space, whose clusters then become centroids in the full space.

    The centroids are what a typed query is compared with, so every document belongs to its nearest centroid there: the
    result is what ``KMeans.predict`` of scikit-learn says of these centroids.

    Parameters
    ----------
    weights
        TF-IDF rows of length one, CSR [n, t].
    reduced
        float32 [n, d], from `reduce`.
    count
        How many clusters; None to choose the number with the best silhouette on a sample.
    """
    filled = np.flatnonzero(np.diff(weights.indptr))
    # Threads would add up the parts of a mean in changing order.
    with threadpool_limits(1):
        first = _kmeans(reduced[filled], count, seed)
    sizes = np.bincount(first)
    share = 1 / sizes[first]
    members = sparse.csr_array((share, (first, filled)), shape=(len(sizes), weights.shape[0]))
    centroids = (members @ weights).toarray().astype(np.float32)
    nearest = nearest_centroid(weights, centroids)[filled]
    by_size = np.lexsort((np.arange(len(centroids)), -np.bincount(nearest, minlength=len(centroids))))
    by_size = by_size[np.isin(by_size, nearest)]
    number = np.full(len(centroids), -1, np.int32)
    number[by_size] = np.arange(len(by_size))
    of_row = np.full(weights.shape[0], -1, np.int32)
    of_row[filled] = number[nearest]
    return Clusters(of_row, centroids[by_size])


def nearest_centroid(weights: sparse.csr_array, centroids: NDArray[np.float32]) -> NDArray[np.int64]:
    """int64 [n]: the centroid at the smallest Euclidean distance, the first among equals."""
    squared = np.square(centroids).sum(axis=1)
    blocks = (weights[start : start + ROWS_AT_A_TIME] for start in range(0, weights.shape[0], ROWS_AT_A_TIME))
    nearest = [np.argmin(squared - 2 * times(block, centroids.T), axis=1) for block in blocks]
    return np.concatenate([np.empty(0, np.int64), *nearest])


def label(centroids: NDArray[np.float32], terms: list[str]) -> tuple[list[str], list[list[str]]]:
    """Name clusters by the terms that stand out from the other clusters.

    Returns
    -------
    labels, listed
        A label of a few terms per cluster, no two alike, and its `LISTED_TERMS` strongest terms.
    """
    total = centroids.sum(axis=0)
    place = max(0, len(terms) - LISTED_TERMS)
    listed = []
    for weights in centroids:
        contrast = weights - (total - weights) / max(1, len(centroids) - 1)
        candidates = np.flatnonzero(contrast >= np.partition(contrast, place)[place])
        order = candidates[np.lexsort((candidates, -contrast[candidates]))][:LISTED_TERMS]
        listed.append([terms[term] for term in order if weights[term] > 0])
    labels: list[str] = []
    for strongest in listed:
        length = LABEL_TERMS
        while (name := ", ".join(strongest[:length])) in labels and length < len(strongest):
            length += 1
        labels.append(name if name not in labels else f"{name} ({len(labels)})")
    return labels, listed


def _kmeans(points: NDArray[np.float32], count: int | None, seed: int) -> NDArray[np.int32]:
    """int32 [n]: the cluster of each point, fitted on a bounded sample."""
    fitted_on = points[_sample(len(points), FITTED_ON, seed)]
    distinct = len(np.unique(fitted_on, axis=0))
    counts = [min(count, distinct)] if count is not None else [n for n in AUTO_CANDIDATES if n < distinct] or [1]
    fits = [_fit(fitted_on, n, seed) for n in counts]
    best = max(fits, key=lambda fit: _silhouette(fitted_on, fit.labels_, seed)) if len(fits) > 1 else fits[0]
    return best.predict(points)


def _fit(points: NDArray[np.float32], count: int, seed: int) -> KMeans:
    """The best of some fits, the first among equals."""

    def once(own_seed: int) -> KMeans:
        with threadpool_limits(1):  # a limit of OpenMP holds for one thread
            return KMeans(count, n_init=1, random_state=own_seed).fit(points)

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        fits = pool.map(once, np.random.default_rng(seed).integers(2**32, size=FITS).tolist())
        return min(fits, key=lambda fit: fit.inertia_)


def _silhouette(points: NDArray[np.float32], labels: NDArray[np.int32], seed: int) -> float:
    rows = _sample(len(points), SILHOUETTE_ON, seed)
    n_labels = len(np.unique(labels[rows]))
    return float(silhouette_score(points[rows], labels[rows])) if 1 < n_labels < len(rows) else -1.0


def _sample(n: int, at_most: int, seed: int) -> NDArray[np.int64]:
    """Rows chosen by the seed, in order; all of them where there are not too many."""
    return np.arange(n) if n <= at_most else np.sort(np.random.default_rng(seed).choice(n, at_most, replace=False))
