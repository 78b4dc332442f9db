"""Words and TF-IDF: three tiny documents by hand, and parity with scikit-learn."""

from __future__ import annotations

import math
import re

import ibis
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.feature_extraction.text import TfidfVectorizer

from lookup.words import words
from precompute import tfidf
from precompute.settings import ReviewText

PLAIN = ReviewText(min_documents=1, max_share=1.0, stop_words="none")


def weigh(texts: list[tuple[int, str]], n_products: int, settings: ReviewText = PLAIN) -> tuple[list[str], np.ndarray]:
    engine = ibis.duckdb.connect()
    table = ibis.memtable(pa.table({"product": pa.array([p for p, _ in texts], pa.int32()), "text": [t for _, t in texts]}))
    n_documents = len({product for product, _ in texts})
    pruned = engine.to_pyarrow(tfidf.prune(tfidf.count_words(table), n_documents, settings))
    vocabulary, weights = tfidf.weigh(pruned, n_products, n_documents)
    engine.disconnect()
    return vocabulary.terms.to_pylist(), weights.toarray()


def test_three_documents_by_hand() -> None:
    terms, weights = weigh([(0, "oak oak table"), (1, "Oak chair!"), (2, "lamp")], 3)
    assert terms == ["chair", "lamp", "oak", "table"]
    rare, common = math.log(4 / 2) + 1, math.log(4 / 3) + 1
    first = np.array([0, 0, 2 * common, rare])
    second = np.array([rare, 0, common, 0])
    assert weights[0] == pytest.approx(first / np.linalg.norm(first))
    assert weights[1] == pytest.approx(second / np.linalg.norm(second))
    assert weights[2].tolist() == [0, 1, 0, 0]


def test_all_reviews_of_a_product_are_one_document() -> None:
    assert weigh([(0, "oak table"), (0, "oak")], 1)[1] == pytest.approx(weigh([(0, "oak table oak")], 1)[1])


def test_rare_common_and_stop_words_do_not_count() -> None:
    settings = ReviewText(min_documents=2, max_share=0.7)
    texts = [(0, "the oak chair isn't red"), (1, "the oak table isn't red"), (2, "the pine chair")]
    assert weigh(texts, 3, settings)[0] == ["chair", "oak", "red"]


def test_stop_words_of_another_language_are_cut_as_texts_are() -> None:
    settings = ReviewText(min_documents=1, max_share=1.0, stop_words=("Der", "und", "C'est", "ÄHNLICH"))
    texts = [(0, "Der Stuhl und the table"), (1, "c'est ähnlich, derb")]
    assert weigh(texts, 2, settings)[0] == ["derb", "stuhl", "table", "the"]
    nothing = settings.model_copy(update={"stop_words": ()})
    assert weigh(texts, 2, nothing)[0] == ["der", "derb", "est", "stuhl", "table", "the", "und", "ähnlich"]


@given(st.lists(st.text(st.characters(categories=["L", "N", "P", "Z"])), min_size=1, max_size=6))
@settings(max_examples=60, deadline=None)
def test_the_engine_cuts_words_as_the_dashboard_does(texts: list[str]) -> None:
    engine = ibis.duckdb.connect()
    table = ibis.memtable(pa.table({"product": pa.array(range(len(texts)), pa.int32()), "text": texts}))
    counted = engine.to_pyarrow(tfidf.count_words(table)).to_pylist()
    engine.disconnect()
    expected = {(row, word): words(text).count(word) for row, text in enumerate(texts) for word in words(text)}
    assert {(row["product"], row["term"]): row["n"] for row in counted} == expected


latin_words = st.text(st.characters(codec="latin-1", categories=["L", "Nd"]), min_size=1, max_size=6)


@given(st.lists(st.lists(latin_words, min_size=1, max_size=8).map(" ".join), min_size=1, max_size=6))
@settings(max_examples=60, deadline=None)
def test_weights_equal_scikit_learns(texts: list[str]) -> None:
    pattern = r"[^\W_]{2,}"
    if not any(re.search(pattern, text) for text in texts):
        return
    vectorizer = TfidfVectorizer(token_pattern=pattern)
    expected = vectorizer.fit_transform(texts).toarray()
    terms, weights = weigh(list(enumerate(texts)), len(texts))
    assert terms == vectorizer.get_feature_names_out().tolist()
    np.testing.assert_allclose(weights, expected, atol=1e-12)


def texts_of(documents: tuple[str, ...]) -> set[tuple[int, str]]:
    products = ibis.memtable(
        pa.table(
            {
                "product": pa.array([0, 1, 2], pa.int32()),
                "title": ["chair", "lamp", None],
                "description": pa.array([None, "warm light", None], pa.string()),
            }
        )
    )
    reviews = ibis.memtable(pa.table({"product": pa.array([0], pa.int32()), "text": ["comfortable"]}))
    engine = ibis.duckdb.connect()
    rows = engine.to_pyarrow(tfidf.texts_of(reviews, products, ReviewText(documents=documents))).to_pylist()
    engine.disconnect()
    return {(row["product"], row["text"]) for row in rows}


def test_a_product_without_reviews_is_described_by_its_own_words() -> None:
    assert texts_of(("reviews", "description", "title")) == {(0, "comfortable"), (1, "lamp"), (1, "warm light")}
    assert texts_of(("reviews",)) == {(0, "comfortable")}
    assert texts_of(("title",)) == {(0, "chair"), (1, "lamp")}
