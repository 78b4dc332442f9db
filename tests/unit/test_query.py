"""A typed sentence finds what scikit-learn's pipeline finds on the same texts."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sklearn.cluster import KMeans
from sklearn.exceptions import ConvergenceWarning
from sklearn.feature_extraction.text import TfidfVectorizer

from dashboard import query as text_query
from dashboard.query import search, top
from lookup import schema
from lookup.manifest import Manifest
from lookup.packed import WEIGHT_STEPS, postings_table
from lookup.reader import Cache
from lookup.words import words
from lookup.writer import CacheWriter

TEXTS = [
    "sturdy oak chair, sturdy and warm",
    "soft wool rug, warm",
    "warm oak table",
    "soft soft cushion of wool",
]


class Fitted:
    """scikit-learn's pipeline on some texts, and the same as lookup tables."""

    def __init__(self, texts: list[str], n_clusters: int, folder: Path, sublinear: bool = False) -> None:
        self.vectorizer = TfidfVectorizer(analyzer=words, sublinear_tf=sublinear)
        self.matrix = self.vectorizer.fit_transform(texts)
        self.kmeans = KMeans(n_clusters, n_init=1, random_state=0)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # fewer different texts than clusters
            self.clusters = self.kmeans.fit(self.matrix).labels_.astype(np.int32)
        self.write(folder)
        self.cache = Cache.open(folder)

    def write(self, folder: Path) -> None:
        n, centroids = self.matrix.shape[0], self.kmeans.cluster_centers_
        products = {"product_id": [f"{i:04}" for i in range(n)]} | {name: [0] * n for name in ("n_reviews", "n_orders")}
        products |= {"has_picture": [False] * n, "cluster": self.clusters}
        columns = self.matrix.tocsc()
        columns.sort_indices()
        with CacheWriter(folder) as writer:
            rows = [{name: values[i] for name, values in products.items()} for i in range(n)]
            writer.write_table(schema.PRODUCTS, pa.Table.from_pylist(rows, schema.PRODUCTS_SCHEMA))
            terms = {
                "term": self.vectorizer.get_feature_names_out().tolist(),
                "documents": np.diff(columns.indptr).astype(np.int32),
                "idf": self.vectorizer.idf_.astype(np.float32),
                "centroids": [pa.array(weights.astype(np.float16)) for weights in centroids.T],
            }
            writer.write_table(schema.TERMS, pa.table(terms, schema=schema.terms_schema(len(centroids))))
            writer.write_table(schema.POSTINGS, postings_table(columns.indptr, columns.indices, columns.data))
            clusters = {
                "label": [f"cluster {i}" for i in range(len(centroids))],
                "terms": [[] for _ in centroids],
                "size": np.bincount(self.clusters, minlength=len(centroids)).astype(np.int32),
                "squared_norm": (centroids**2).sum(axis=1).astype(np.float32),
            }
            writer.write_table(schema.CLUSTERS, pa.table(clusters, schema=schema.CLUSTERS_SCHEMA))
            weighting = {"sublinear_tf": self.vectorizer.sublinear_tf}
            writer.publish(Manifest(shop={}, settings={"signals": {"reviews": weighting}}))

    def search(self, text: str, k: int = 10) -> text_query.QueryResult:
        return search(self.cache, self.clusters, text, k)


WORD = st.sampled_from(
    ["oak", "wool", "warm", "soft", "café", "ΣΟΦΙΑ", "Straße", "椅子", "e\u0301t", "42", "it's", "<b>bold</b>"]
)
TEXT = st.lists(WORD, max_size=8).map(" ".join)


def weights_off(query_weights: float) -> float:
    """How far a cosine may be off, since each of its postings is off by at most half a step (none here is below half a step)."""
    return 0.5 / WEIGHT_STEPS * query_weights + 1e-6


@pytest.mark.slow
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(texts=st.lists(TEXT, min_size=2, max_size=9), text=TEXT, n_clusters=st.integers(1, 3), sublinear=st.booleans())
def test_equals_scikit_learn(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str], text: str, n_clusters: int, sublinear: bool
) -> None:
    texts = [*texts, "oak wool"]  # at least one word: scikit-learn refuses an empty vocabulary
    fitted = Fitted(texts, n_clusters, tmp_path_factory.mktemp("cache"), sublinear)
    expected = fitted.vectorizer.transform([text])
    result = fitted.search(text, k=len(texts))

    vocabulary = fitted.vectorizer.vocabulary_
    weights = dict(zip(result.query.terms, result.query.weights, strict=True))
    assert {vocabulary[term] for term in weights} == set(expected.indices)
    for term, weight in weights.items():
        assert weight == pytest.approx(expected[0, vocabulary[term]], abs=1e-6)

    if expected.nnz:
        distances = ((fitted.kmeans.cluster_centers_ - expected.toarray()) ** 2).sum(axis=1)
        nearest = distances[fitted.kmeans.predict(expected)[0]]
        assert distances[result.cluster] == pytest.approx(nearest, abs=2e-3), "centroids are rounded to float16"
    else:
        assert result.cluster is None

    cosines = (fitted.matrix @ expected.T).toarray().ravel()
    assert result.matches == np.count_nonzero(cosines)
    assert {hit.row for hit in result.hits} == set(np.flatnonzero(cosines).tolist())
    rounded_off = weights_off(expected.sum())
    for hit, score in zip(result.hits, -np.sort(-cosines), strict=False):
        assert hit.score == pytest.approx(score, abs=rounded_off)  # the same ranking, up to ties
        assert hit.score == pytest.approx(cosines[hit.row], abs=rounded_off)
        assert set(hit.terms) == set(words(texts[hit.row])) & set(words(text))
    in_cluster = [hit for hit in result.hits if fitted.clusters[hit.row] == result.cluster]
    assert result.cluster_hits == in_cluster


@pytest.fixture(scope="module")
def fitted(tmp_path_factory: pytest.TempPathFactory) -> Fitted:
    return Fitted(TEXTS, 2, tmp_path_factory.mktemp("cache"))


def test_words_that_count_and_words_that_do_not(fitted: Fitted) -> None:
    result = fitted.search("A WARM, warm <i>wool</i> thing of Zanzibar")
    assert result.query.terms[0] == "warm", "twice in the sentence, so it weighs most"
    assert set(result.query.terms) == {"warm", "wool", "of"}
    assert result.query.unknown == ["thing", "zanzibar"]
    assert not result.query.shortened


def test_shared_words_are_listed_by_what_they_add(fitted: Fitted) -> None:
    best = fitted.search("warm oak table").hits[0]
    assert best.row == 2
    assert best.score == pytest.approx(1, abs=weights_off(np.sqrt(3)))
    assert best.terms[0] == "table", "the rarest word adds most"
    assert set(best.terms) == {"warm", "oak", "table"}


@pytest.mark.parametrize("text", ["", "   ", "!?", "xyzzy plugh", "<script></script>", "\ud800", "\x00"])
def test_nothing_to_find(fitted: Fitted, text: str) -> None:
    result = fitted.search(text)
    assert (result.cluster, result.hits, result.cluster_hits, result.matches) == (None, [], [], 0)
    assert result.query.weights.shape == (0,)


@pytest.mark.parametrize(
    ("text", "shortened"),
    [
        ("warm " * 20_000, True),
        ("warm " + " ".join(f"word{i}" for i in range(300)), True),
        ("warm " * (text_query.MAX_CHARACTERS // 5), False),
    ],
)
def test_a_long_text_is_cut_and_says_so(fitted: Fitted, text: str, shortened: bool) -> None:
    result = fitted.search(text)
    assert result.query.terms == ["warm"]
    assert result.query.shortened is shortened
    assert len(result.query.unknown) < text_query.MAX_WORDS


def test_half_a_surrogate_pair_does_not_hide_the_rest(fitted: Fitted) -> None:
    assert fitted.search("wool \udfff rug").query.terms == fitted.search("wool rug").query.terms


def brute_force(scores: list[float], k: int) -> list[int]:
    return sorted((row for row, score in enumerate(scores) if score > 0), key=lambda row: (-scores[row], row))[:k]


@given(scores=st.lists(st.sampled_from([0.0, 0.25, 0.5, 1.0]), max_size=12), k=st.integers(0, 15))
def test_top_breaks_ties_by_row(scores: list[float], k: int) -> None:
    assert top(np.array(scores), k).tolist() == brute_force(scores, k)
