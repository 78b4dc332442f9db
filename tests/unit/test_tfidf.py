"""Words and TF-IDF: three tiny documents by hand, and parity with scikit-learn."""

from __future__ import annotations

import math
import re

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.feature_extraction.text import TfidfVectorizer

from precompute import tfidf
from precompute.settings import ReviewText
from precompute.word_counts import count_words

PLAIN = ReviewText(min_documents=1, max_share=1.0, stop_words="none")


def weigh(texts: list[tuple[int, str]], n_products: int, settings: ReviewText = PLAIN) -> tuple[list[str], np.ndarray]:
    """The terms and the weights of texts, each with its product, those of a product behind each other."""
    batch = np.array([product for product, _ in texts], np.int32), pa.array([text for _, text in texts], pa.string())
    vocabulary, weights = tfidf.weigh(count_words([batch]), n_products, settings)
    assert weights.has_sorted_indices
    assert (weights.indices.dtype, weights.indptr.dtype) == (np.int32, np.int32)
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


latin_words = st.text(st.characters(codec="latin-1", categories=["L", "Nd"]), min_size=1, max_size=6)


@given(st.lists(st.lists(latin_words, min_size=1, max_size=8).map(" ".join), min_size=1, max_size=6), st.booleans())
@settings(max_examples=60, deadline=None)
def test_weights_equal_scikit_learns(texts: list[str], sublinear: bool) -> None:
    pattern = r"[^\W_]{2,}"
    if not any(re.search(pattern, text) for text in texts):
        return
    vectorizer = TfidfVectorizer(token_pattern=pattern, sublinear_tf=sublinear)
    expected = vectorizer.fit_transform(texts).toarray()
    terms, weights = weigh(list(enumerate(texts)), len(texts), PLAIN.model_copy(update={"sublinear_tf": sublinear}))
    assert terms == vectorizer.get_feature_names_out().tolist()
    np.testing.assert_allclose(weights, expected, atol=1e-12)


def test_pruning_equals_scikit_learns() -> None:
    rng = np.random.default_rng(0)
    texts = [" ".join(f"w{word}" for word in rng.zipf(1.3, 30) if word < 100) + " the" for _ in range(40)]
    vectorizer = TfidfVectorizer(min_df=3, max_df=0.4, stop_words=["w7", "the"], token_pattern=r"\w{2,}")
    expected = vectorizer.fit_transform(texts).toarray()
    options = ReviewText(min_documents=3, max_share=0.4, stop_words=("w7", "the"))
    terms, weights = weigh(list(enumerate(texts)), len(texts), options)
    assert terms == vectorizer.get_feature_names_out().tolist()
    np.testing.assert_allclose(weights, expected, atol=1e-12)


def test_products_without_text_and_texts_without_words_have_no_weights() -> None:
    terms, weights = weigh([(1, "!?"), (3, "oak oak"), (4, "")], 6)
    assert terms == ["oak"]
    assert weights.T.tolist() == [[0, 0, 0, 1, 0, 0]]


def test_without_a_word_there_is_no_column() -> None:
    assert weigh([(0, "!?")], 2)[1].shape == (2, 0)
    vocabulary, weights = tfidf.weigh(count_words([]), 2, PLAIN)
    assert (len(vocabulary.terms), weights.shape) == (0, (2, 0))


def test_a_document_without_words_counts_among_all_as_in_scikit_learn() -> None:
    texts = ["oak oak table", "...", "table"]
    expected = TfidfVectorizer().fit_transform(texts).toarray()
    np.testing.assert_allclose(weigh(list(enumerate(texts)), 3)[1], expected, atol=1e-12)
