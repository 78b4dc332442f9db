"""Described alike: the words of all reviews of a product as one TF-IDF document, clustered by KMeans, ranked by cosine."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import pyarrow as pa
from numba import njit
from numpy.typing import NDArray
from scipy import sparse

from lookup import schema
from lookup.packed import postings_table
from lookup.schema import Evidence
from precompute import clusters, tfidf
from precompute.report import Report
from precompute.shop import Shop
from precompute.signals.base import Built, Neighbours, Signal
from precompute.signals.shared import strongest_shared_columns
from precompute.sparse_topk import sparse_cosine_neighbours

SHARED_TERMS = 3
NO_SHARED_WORD = "no word is used by enough products, and not by too many (min_documents, max_share in [signals.reviews])"


class ReviewSignal(Signal):
    name: ClassVar = "reviews"
    produces: ClassVar = ("reviews",)

    def missing(self, shop: Shop) -> str | None:
        documents = shop.settings.signals.reviews.documents
        if "reviews" in documents and shop.reviews is not None:
            return None
        fields = [name for name in documents if name != "reviews"]
        if any(shop.products.column(name).null_count < len(shop) for name in fields):
            return None
        return "no review, description or title to read: add [reviews], or description in [products], to shop.toml"

    def build(self, shop: Shop, report: Report, earlier: dict[str, Neighbours]) -> Built:  # noqa: ARG002
        settings = shop.settings.signals.reviews
        with report.stage("words", rows=shop.counts.get("reviews", 0) or len(shop)):
            vocabulary, weights = tfidf.documents(shop.reviews, shop.products, settings)
        if not len(vocabulary.terms):
            return Built(neighbours={}, missing=NO_SHARED_WORD)
        with report.stage("clusters", rows=len(shop)):
            reduced = clusters.reduce(weights, settings.seed)
            clustering = clusters.cluster(weights, reduced, _number_of_clusters(shop), settings.seed)
        with report.stage("described alike", total=len(shop)) as progress:
            index, score = sparse_cosine_neighbours(weights, settings.k, progress.advance)
            evidence = strongest_shared_columns(weights, index, SHARED_TERMS)
        details = {"terms": len(vocabulary.terms), "clusters": len(clustering.centroids)}
        neighbours = Neighbours(index, score, evidence, Evidence.TERMS, details=details)
        return Built(
            neighbours={"reviews": neighbours},
            tables=text_tables(vocabulary, weights, clustering, settings.query_terms),
            product_columns={"cluster": pa.array(clustering.of_row, pa.int32(), mask=clustering.of_row < 0)},
            vectors={"reviews": reduced},
        )


def _number_of_clusters(shop: Shop) -> int | None:
    wanted = shop.settings.signals.reviews.clusters
    if wanted == "categories":
        categories = int(shop.categories.max(initial=-1)) + 1
        return categories if categories > 1 else None
    return None if wanted == "auto" else wanted


def text_tables(
    vocabulary: tfidf.Vocabulary, weights: sparse.csr_array, clustering: clusters.Clusters, query_terms: int
) -> dict[str, pa.Table]:
    """The lookup tables that a typed query is answered from, by file name.

    Parameters
    ----------
    vocabulary, clustering
        The terms, and the clusters of the products.
    weights
        TF-IDF, CSR [n, t], rows of length one.
    query_terms
        A typed query finds a product by so many of its strongest terms.
    """
    centroids = clustering.centroids
    labels, listed = clusters.label(centroids, vocabulary.terms.to_pylist())
    return {
        schema.CLUSTERS: pa.table(
            [labels, listed, clustering.sizes.astype(np.int32), np.square(centroids).sum(axis=1)],
            schema=schema.CLUSTERS_SCHEMA,
        ),
        schema.TERMS: pa.table(
            [
                vocabulary.terms,
                vocabulary.documents,
                vocabulary.idf.astype(np.float32),
                pa.FixedSizeListArray.from_arrays(centroids.T.astype(np.float16).ravel(), len(centroids)),
            ],
            schema=schema.terms_schema(len(centroids)),
        ),
        schema.POSTINGS: postings(weights, query_terms),
        schema.COMMON_WORDS: pa.table([vocabulary.common], schema=schema.COMMON_WORDS_SCHEMA),
    }


def strongest(weights: sparse.csr_array, count: int) -> sparse.csr_array:
    """The `count` largest entries of each row of a CSR matrix, and no others; of equal ones those that stand first."""
    kept = _among_largest(weights.indptr, weights.data, count)
    ends = np.cumsum(np.minimum(np.diff(weights.indptr), count))
    return sparse.csr_array((weights.data[kept], weights.indices[kept], np.append(0, ends)), shape=weights.shape)


@njit(cache=True, nogil=True)
def _among_largest(indptr: NDArray, data: NDArray, count: int) -> NDArray[np.bool_]:
    kept = np.ones(len(data), np.bool_)
    for row in range(len(indptr) - 1):
        own = data[indptr[row] : indptr[row + 1]]
        if len(own) > count:
            least = _largest(own, count)[0]
            equals = count - np.sum(own > least)
            for place in range(len(own)):
                kept[indptr[row] + place] = own[place] > least or (own[place] == least and equals > 0)
                equals -= own[place] == least
    return kept


@njit(cache=True, nogil=True)
def _largest(values: NDArray, count: int) -> NDArray:
    """The `count` largest of more values than that, rising."""
    largest = np.full(count, -np.inf)
    for value in values:
        if value > largest[0]:
            place = 0
            while place + 1 < count and largest[place + 1] < value:
                largest[place] = largest[place + 1]
                place += 1
            largest[place] = value
    return largest


def postings(weights: sparse.csr_array, query_terms: int) -> pa.Table:
    """The table by which a typed query finds products, each by the `query_terms` strongest of its terms."""
    by_term = strongest(weights, query_terms).tocsc()
    by_term.sort_indices()
    return postings_table(by_term.indptr, by_term.indices, by_term.data)
