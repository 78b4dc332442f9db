"""Described alike: the words of all reviews of a product as one TF-IDF document, clustered by KMeans, ranked by cosine."""

from __future__ import annotations

from typing import ClassVar

import ibis
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy import sparse

from lookup import schema
from lookup.schema import Evidence
from precompute import clusters, tfidf
from precompute.engine import connect
from precompute.report import Report
from precompute.shop import Shop
from precompute.signals.base import Built, Neighbours, Signal
from precompute.signals.shared import strongest_shared_columns
from precompute.topk import sparse_cosine_neighbours

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
            vocabulary, weights = _documents(shop)
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
            tables=text_tables(vocabulary, weights, clustering),
            product_columns={"cluster": pa.array(clustering.of_row, pa.int32(), mask=clustering.of_row < 0)},
            vectors={"reviews": reduced},
        )


def _documents(shop: Shop) -> tuple[tfidf.Vocabulary, sparse.csr_array]:
    settings = shop.settings.signals.reviews
    products = pa.table(
        {
            "product": np.arange(len(shop), dtype=np.int32),
            "title": shop.products.column("title"),
            "description": shop.products.column("description"),
        }
    )
    with connect(shop.settings, shop.work) as engine:
        reviews = engine.read_parquet(shop.reviews) if shop.reviews is not None else None
        texts = tfidf.texts_of(reviews, ibis.memtable(products), settings)
        n_documents = int(engine.to_pyarrow(texts["product"].nunique()).as_py())
        # Counting cuts up every review: kept as a file, it is done once for the pruning and the joining.
        counts_file = shop.work / "words.parquet"
        engine.to_parquet(tfidf.count_words(texts), counts_file)
        pruned = engine.to_pyarrow(tfidf.prune(engine.read_parquet(counts_file), n_documents, settings))
    return tfidf.weigh(pruned, len(shop), n_documents)


def _number_of_clusters(shop: Shop) -> int | None:
    wanted = shop.settings.signals.reviews.clusters
    if wanted == "categories":
        categories = int(shop.categories.max(initial=-1)) + 1
        return categories if categories > 1 else None
    return None if wanted == "auto" else wanted


def text_tables(vocabulary: tfidf.Vocabulary, weights: sparse.csr_array, clustering: clusters.Clusters) -> dict[str, pa.Table]:
    """The lookup tables that a typed query is answered from, by file name; `weights` is TF-IDF, CSR [n, t]."""
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
                pa.FixedSizeListArray.from_arrays(centroids.T.ravel(), len(centroids)),
            ],
            schema=schema.terms_schema(len(centroids)),
        ),
        schema.POSTINGS: _postings(weights),
    }


def _postings(weights: sparse.csr_array) -> pa.Table:
    by_term = weights.tocsc()
    by_term.sort_indices()
    offsets: NDArray[np.int32] = by_term.indptr.astype(np.int32)
    return pa.table(
        [
            pa.ListArray.from_arrays(offsets, pa.array(by_term.indices.astype(np.int32))),
            pa.ListArray.from_arrays(offsets, pa.array(by_term.data.astype(np.float32))),
        ],
        schema=schema.POSTINGS_SCHEMA,
    )
