"""Clusters find planted topics, and every document belongs to its nearest centroid."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse
from sklearn.cluster import KMeans

from precompute import clusters
from precompute.topk import normalised


@pytest.fixture(scope="module")
def planted() -> tuple[sparse.csr_array, np.ndarray]:
    """120 documents of 3 topics with 10 words each, one common word, and one empty document at the end."""
    rng = np.random.default_rng(0)
    topics = np.repeat([0, 1, 2], [60, 40, 20])
    counts = np.zeros((121, 31))
    for row, topic in enumerate(topics):
        counts[row, 10 * topic + rng.integers(10, size=8)] += 1
    counts[:120, 30] = 1
    return normalised(sparse.csr_array(counts)), topics


def test_topics_are_found_largest_first(planted: tuple[sparse.csr_array, np.ndarray]) -> None:
    weights, topics = planted
    for count in (3, None):
        found = clusters.cluster(weights, clusters.reduce(weights, 0), count, 0)
        if count:
            assert found.of_row[:120].tolist() == topics.tolist()
            assert found.sizes.tolist() == [60, 40, 20]
        assert found.of_row[120] == -1


def test_assignment_is_what_scikit_learn_predicts(planted: tuple[sparse.csr_array, np.ndarray]) -> None:
    weights, _ = planted
    found = clusters.cluster(weights, clusters.reduce(weights, 0), 5, 0)
    kmeans = KMeans(len(found.centroids), init=found.centroids, n_init=1, max_iter=1).fit(found.centroids)
    kmeans.cluster_centers_ = found.centroids.astype(np.float64)
    assert found.of_row[:120].tolist() == kmeans.predict(weights[:120].toarray()).tolist()


def test_labels_name_what_stands_out_and_differ() -> None:
    centroids = np.array([[0.9, 0.8, 0.1, 0.0], [0.9, 0.0, 0.2, 0.8]], np.float32)
    labels, listed = clusters.label(centroids, ["good", "oak", "rug", "wool"])
    assert listed == [["oak", "good", "rug"], ["wool", "rug", "good"]]
    assert labels == ["oak, good, rug", "wool, rug, good"]
    twins, _ = clusters.label(np.ones((3, 2), np.float32), ["a", "b"])
    assert len(set(twins)) == 3


def test_labels_list_the_first_of_equal_terms() -> None:
    rng = np.random.default_rng(0)
    centroids = rng.integers(0, 4, (5, 40)).astype(np.float32)
    terms = [f"t{n:02}" for n in range(40)]
    _, listed = clusters.label(centroids, terms)
    for own, found in zip(centroids, listed, strict=True):
        contrast = own - (centroids.sum(axis=0) - own) / 4
        best = sorted(range(40), key=lambda n: (-contrast[n], n))[: clusters.LISTED_TERMS]
        assert found == [terms[n] for n in best if own[n] > 0]


@pytest.mark.parametrize("rows", [1, 7, 1_000])
def test_the_nearest_centroid_is_found_block_by_block(monkeypatch: pytest.MonkeyPatch, rows: int) -> None:
    monkeypatch.setattr(clusters, "ROWS_AT_A_TIME", rows)
    rng = np.random.default_rng(0)
    weights = sparse.random_array((23, 12), density=0.3, format="csr", rng=rng)
    centroids = rng.random((6, 12), np.float32)
    centroids[4] = centroids[1]  # of equals the first is nearest
    distances = np.linalg.norm(weights.toarray()[:, None, :] - centroids[None, :, :], axis=2)
    assert clusters.nearest_centroid(weights, centroids).tolist() == distances.argmin(axis=1).tolist()


def test_more_clusters_than_documents_are_not_made() -> None:
    weights = normalised(sparse.csr_array(np.eye(3, 5)))
    found = clusters.cluster(weights, clusters.reduce(weights, 0), 10, 0)
    assert sorted(found.of_row.tolist()) == [0, 1, 2]
