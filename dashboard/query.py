"""A shopper's sentence against the review signal: its words, its cluster and its products, in numpy and Arrow alone.

The answer is what scikit-learn's ``TfidfVectorizer`` (smooth idf, length one) and ``KMeans.predict`` would give for the same
sentence, with the products ranked by cosine, but for what the tables leave out: of a product the words that weigh least, of a
number the bits behind (`lookup.schema`). Of ``terms.parquet`` and ``postings.parquet`` only the sentence's rows are read.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lookup import schema
from lookup.packed import Posting, postings_in
from lookup.reader import Cache, row_in
from lookup.words import pairs, words

MAX_CHARACTERS = 10_000
MAX_WORDS = 200
"""Different words that are looked up: each costs a read, and a sentence says what it means in far fewer."""


@dataclass(frozen=True)
class TextQuery:
    """A sentence as the review signal sees it.

    Attributes
    ----------
    text
        What is looked at of it: up to `MAX_CHARACTERS`, without half characters.
    terms
        The words that count, and the pairs of them where the build counted pairs, heaviest first.
    rows
        Their rows in ``terms.parquet``.
    weights
        float64 [m], TF-IDF, together of length one.
    unknown
        The words that don't count, in the order of the sentence: no review uses them, hardly any does, or nearly every one.
    shortened
        True where the sentence was longer than `MAX_CHARACTERS` or `MAX_WORDS`, and only its beginning is used.
    """

    text: str
    terms: list[str]
    rows: list[int]
    weights: NDArray[np.float64]
    unknown: list[str]
    shortened: bool


@dataclass(frozen=True)
class Hit:
    """A product that shares words with the query: its row, the cosine, and the shared words, the one that counts most first."""

    row: int
    score: float
    terms: list[str]


@dataclass(frozen=True)
class QueryResult:
    """What a sentence finds.

    Attributes
    ----------
    query
        The sentence's words and weights.
    cluster
        The cluster whose centroid is nearest; None where no word counts.
    hits
        The best products of all, best first.
    cluster_hits
        The best products of the cluster, best first.
    matches
        How many products share a word with the sentence.
    """

    query: TextQuery
    cluster: int | None
    hits: list[Hit]
    cluster_hits: list[Hit]
    matches: int


def search(cache: Cache, clusters: NDArray[np.int32], text: str, k: int) -> QueryResult:
    """Find the cluster and the products that a sentence describes.

    Parameters
    ----------
    cache
        Lookup tables with ``terms.parquet``, ``postings.parquet`` and ``clusters.parquet``.
    clusters
        int32 [n], the cluster of every product, -1 for none.
    text
        Any text; markup and punctuation only separate words.
    k
        How many products to list, over all and inside the cluster.
    """
    query = read_text(cache, text)
    postings = read_postings(cache, query)
    scores = cosines(len(cache), query, postings)
    cluster = nearest_cluster(cache, query)
    best = top(scores, k)
    best_of_cluster = top(np.where(clusters == cluster, scores, 0), k) if cluster is not None else best[:0]
    return QueryResult(
        query=query,
        cluster=cluster,
        hits=_hits(best, scores, query, postings),
        cluster_hits=_hits(best_of_cluster, scores, query, postings),
        matches=int(np.count_nonzero(scores)),
    )


def read_text(cache: Cache, text: str) -> TextQuery:
    """Cut a text into words and weigh them as the build weighed documents: count x idf, scaled to length one."""
    beginning = text[:MAX_CHARACTERS].encode(errors="replace").decode()  # a browser may send half a surrogate pair
    settings = _review_settings(cache)
    said = words(beginning)
    counts = Counter(said)
    paired = Counter(pairs(said, frozenset(settings["stop_words"])) if settings.get("ngrams", 1) > 1 else ())
    asked = list(counts)[:MAX_WORDS]
    found = {term: row for term in [*asked, *list(paired)[:MAX_WORDS]] if (row := row_in(cache.terms, term)) is not None}
    used = np.array([counts[term] or paired[term] for term in found], np.float64)
    tfidf = (1 + np.log(used) if settings.get("sublinear_tf", False) else used) * idf(cache, list(found.values()))
    weights = tfidf / (np.linalg.norm(tfidf) or 1.0)
    order = np.argsort(-weights, kind="stable").tolist()
    terms, rows = list(found), list(found.values())
    return TextQuery(
        text=beginning,
        terms=[terms[i] for i in order],
        rows=[rows[i] for i in order],
        weights=weights[order],
        unknown=[word for word in asked if word not in found],
        shortened=len(text) > MAX_CHARACTERS or max(len(counts), len(paired)) > MAX_WORDS,
    )


def _review_settings(cache: Cache) -> dict[str, Any]:
    """How the build counted words: ``sublinear_tf``, ``ngrams``, and with pairs also the list of ``stop_words``."""
    return cache.manifest.settings.get("signals", {}).get("reviews", {})


def idf(cache: Cache, rows: list[int]) -> NDArray[np.float64]:
    """float64 [m]: the inverse document frequency of some terms."""
    return cache.table(schema.TERMS).rows(rows, ["idf"]).column("idf").to_numpy().astype(np.float64)


def nearest_cluster(cache: Cache, query: TextQuery) -> int | None:
    """The cluster whose centroid c is nearest to the query q, as ``KMeans.predict`` finds it: the least ||c||² - 2 q·c."""
    if not query.rows:
        return None
    norms = cache.table(schema.CLUSTERS).read(["squared_norm"]).column(0).to_numpy()
    column = cache.table(schema.TERMS).rows(query.rows, ["centroids"]).column("centroids")
    centroids = column.combine_chunks().flatten().to_numpy().reshape(len(query.rows), len(norms))
    return int(np.argmin(norms - 2 * query.weights @ centroids))


def read_postings(cache: Cache, query: TextQuery) -> list[Posting]:
    """The postings of the query's terms, in their order."""
    return postings_in(cache.table(schema.POSTINGS).rows(query.rows))


def cosines(n: int, query: TextQuery, postings: list[Posting]) -> NDArray[np.float64]:
    """float64 [n]: the cosine of every product with the query. Both have length one, so it is the sum over their common terms.

    Terms that a product's postings leave out would add what is missing to the exact cosine.
    """
    scores = np.zeros(n)
    for weight, (products, weights) in zip(query.weights, postings, strict=True):
        scores[products] += weight * weights
    return scores


def top(scores: NDArray[np.floating], k: int) -> NDArray[np.intp]:
    """The rows of the k best positive scores, best first; ties go to the lower row."""
    rows = np.flatnonzero(scores > 0)
    if k < len(rows):
        least = np.partition(scores[rows], len(rows) - k)[len(rows) - k] if k else np.inf
        rows = rows[scores[rows] >= least]
    return rows[np.argsort(-scores[rows], kind="stable")][:k]


def _hits(rows: NDArray[np.intp], scores: NDArray[np.float64], query: TextQuery, postings: list[Posting]) -> list[Hit]:
    place = np.full(len(scores), -1)
    place[rows] = np.arange(len(rows))
    shares = np.zeros((len(rows), len(postings)))
    for term, (weight, (products, weights)) in enumerate(zip(query.weights, postings, strict=True)):
        listed = place[products] >= 0
        shares[place[products[listed]], term] = weight * weights[listed]
    return [
        Hit(int(row), float(scores[row]), [query.terms[i] for i in np.argsort(-share, kind="stable") if share[i] > 0])
        for row, share in zip(rows, shares, strict=True)
    ]
