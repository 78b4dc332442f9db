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

PLAIN = ReviewText(min_documents=1, max_share=1.0, stop_words="none")


def weigh(texts: list[tuple[int, str]], n_products: int, settings: ReviewText = PLAIN) -> tuple[list[str], np.ndarray]:
    """The terms and the weights of texts, each with its product, those of a product behind each other."""
    batch = np.array([product for product, _ in texts], np.int32), pa.array([text for _, text in texts], pa.string())
    vocabulary, weights = tfidf.weigh(tfidf.count([batch], settings), n_products, settings)
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


def test_words_too_common_to_count_are_told_from_rare_ones() -> None:
    settings = ReviewText(min_documents=2, max_share=0.7, stop_words=("the", "nor", "is"))
    texts = [(0, "the oak chair is red"), (1, "the oak table is red"), (2, "pine chair, pine table oak")]
    batch = np.array([product for product, _ in texts], np.int32), pa.array([text for _, text in texts])
    vocabulary, _ = tfidf.weigh(tfidf.count([batch], settings), 3, settings)
    assert vocabulary.common.to_pylist() == ["is", "nor", "oak", "the"], "stop words, used or not, and a word of every product"
    assert vocabulary.terms.to_pylist() == ["chair", "red", "table"]


def test_stop_words_of_another_language_are_cut_as_texts_are() -> None:
    settings = ReviewText(min_documents=1, max_share=1.0, stop_words=("Der", "und", "C'est", "ÄHNLICH"))
    texts = [(0, "Der Stuhl und the table"), (1, "c'est ähnlich, derb")]
    assert weigh(texts, 2, settings)[0] == ["derb", "stuhl", "table", "the"]
    nothing = settings.model_copy(update={"stop_words": ()})
    assert weigh(texts, 2, nothing)[0] == ["der", "derb", "est", "stuhl", "table", "the", "und", "ähnlich"]


latin_words = st.text(st.characters(codec="latin-1", categories=["L", "Nd"]), min_size=1, max_size=6)


@given(
    st.lists(st.lists(latin_words, min_size=1, max_size=8).map(" ".join), min_size=1, max_size=6),
    st.booleans(),
    st.sampled_from([1, 2]),
)
@settings(max_examples=60, deadline=None)
def test_weights_equal_scikit_learns(texts: list[str], sublinear: bool, ngrams: int) -> None:
    pattern = r"[^\W_]{2,}"
    if not any(re.search(pattern, text) for text in texts):
        return
    vectorizer = TfidfVectorizer(token_pattern=pattern, sublinear_tf=sublinear, ngram_range=(1, ngrams))
    expected = vectorizer.fit_transform(texts).toarray()
    options = PLAIN.model_copy(update={"sublinear_tf": sublinear, "ngrams": ngrams})
    terms, weights = weigh(list(enumerate(texts)), len(texts), options)
    assert terms == vectorizer.get_feature_names_out().tolist()
    np.testing.assert_allclose(weights, expected, atol=1e-12)


@pytest.mark.parametrize("ngrams", [1, 2])
def test_pruning_equals_scikit_learns(ngrams: int) -> None:
    rng = np.random.default_rng(0)
    texts = [" ".join(f"w{word}" for word in rng.zipf(1.3, 30) if word < 100) + " the" for _ in range(40)]
    vectorizer = TfidfVectorizer(min_df=3, max_df=0.4, stop_words=["w7", "the"], token_pattern=r"\w{2,}", ngram_range=(1, ngrams))
    expected = vectorizer.fit_transform(texts).toarray()
    options = ReviewText(min_documents=3, max_share=0.4, stop_words=("w7", "the"), ngrams=ngrams)
    terms, weights = weigh(list(enumerate(texts)), len(texts), options)
    assert terms == vectorizer.get_feature_names_out().tolist()
    np.testing.assert_allclose(weights, expected, atol=1e-12)


def test_pairs_are_neighbours_once_stop_words_are_gone_and_end_with_their_text() -> None:
    settings = PLAIN.model_copy(update={"ngrams": 2, "stop_words": ("and", "is")})
    texts = [(0, "oak and pine, oak pine"), (0, "table"), (1, "table is oak")]
    assert weigh(texts, 2, settings)[0] == ["oak", "oak pine", "pine", "pine oak", "table", "table oak"]


def test_of_too_many_words_and_pairs_those_of_most_products_count() -> None:
    settings = PLAIN.model_copy(update={"ngrams": 2, "max_terms": 4})
    texts = [(0, "red oak table"), (1, "red oak chair"), (2, "red oak"), (3, "red chair lamp"), (4, "lamp")]
    assert weigh(texts, 5, settings)[0] == ["chair", "oak", "red", "red oak"]
    assert weigh(texts, 5, settings.model_copy(update={"max_terms": 2}))[0] == ["oak", "red"], "of equals the first"


def test_pairs_too_common_to_count_take_no_other_pairs_place() -> None:
    settings = PLAIN.model_copy(update={"ngrams": 2, "max_terms": 3, "max_share": 0.5})
    texts = [(0, "good old oak table"), (1, "good old oak table"), (2, "good old oak table"), (3, "red lamp"), (4, "red lamp")]
    assert weigh(texts, 5, settings)[0] == ["lamp", "red", "red lamp"]


@pytest.mark.parametrize("ends", [[1, 2, 3, 4, 5, 6], [3, 6], [6]])
def test_pairs_do_not_depend_on_the_batches(ends: list[int]) -> None:
    texts = [(0, "red oak table"), (0, "oak table"), (0, "table red oak"), (2, "red oak"), (3, "lamp"), (3, "oak table lamp")]
    batches = [
        (np.array([product for product, _ in part], np.int32), pa.array([text for _, text in part]))
        for start, stop in zip([0, *ends], ends, strict=False)
        for part in [texts[start:stop]]
    ]
    settings = PLAIN.model_copy(update={"ngrams": 2})
    vocabulary, weights = tfidf.weigh(tfidf.count(batches, settings), 4, settings)
    expected_terms, expected = weigh(texts, 4, settings)
    assert vocabulary.terms.to_pylist() == expected_terms
    np.testing.assert_allclose(weights.toarray(), expected, atol=1e-15)


def test_products_without_text_and_texts_without_words_have_no_weights() -> None:
    terms, weights = weigh([(1, "!?"), (3, "oak oak"), (4, "")], 6)
    assert terms == ["oak"]
    assert weights.T.tolist() == [[0, 0, 0, 1, 0, 0]]


def test_without_a_word_there_is_no_column() -> None:
    assert weigh([(0, "!?")], 2)[1].shape == (2, 0)
    vocabulary, weights = tfidf.weigh(tfidf.count([], PLAIN), 2, PLAIN)
    assert (len(vocabulary.terms), weights.shape) == (0, (2, 0))


def test_a_document_without_words_counts_among_all_as_in_scikit_learn() -> None:
    texts = ["oak oak table", "...", "table"]
    expected = TfidfVectorizer().fit_transform(texts).toarray()
    np.testing.assert_allclose(weigh(list(enumerate(texts)), 3)[1], expected, atol=1e-12)
