"""Words per product: those that count, weighted as scikit-learn weights them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from scipy import sparse
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

from lookup.words import words
from precompute.settings import ReviewText
from precompute.topk import normalised
from precompute.word_counts import Counts, WordCounts

# What is left of "don't", "they've", "isn't" ... when a text is cut at the apostrophe.
CONTRACTION_PIECES = frozenset(
    "ain aren couldn didn doesn don hadn hasn haven isn ll mustn needn shan shouldn ve wasn weren wouldn".split()  # noqa: SIM905
)
STOP_WORDS = {"english": frozenset(ENGLISH_STOP_WORDS) | CONTRACTION_PIECES, "none": frozenset[str]()}


@dataclass(frozen=True)
class Vocabulary:
    """The words that count.

    Attributes
    ----------
    terms
        Sorted by code point.
    documents
        int32 [t]: how many products use each.
    idf
        float64 [t].
    """

    terms: pa.StringArray
    documents: NDArray[np.int32]
    idf: NDArray[np.float64]


def weigh(counts: WordCounts, n_products: int, settings: ReviewText) -> tuple[Vocabulary, sparse.csr_array]:
    """TF-IDF rows of length one, as scikit-learn's ``TfidfVectorizer`` weighs: tf ln((1 + N) / (1 + df)) + tf.

    N is the number of products that have a text, df of those that use the word; tf is how often a product uses it, or with
    `sublinear_tf` 1 + ln of that.

    Parameters
    ----------
    counts
        Its parts are taken out of it one by one, so that words and weights are never held together.
    n_products
        Rows of the result, products without words included.

    Returns
    -------
    vocabulary, weights
        The words that count, and float64 CSR [n_products, t], the terms of each row in order.
    """
    n_documents = sum(len(part.product) for part in counts.parts)
    vocabulary, column_of = _prune(counts, n_documents, settings)
    per_product = np.zeros(n_products, np.int64)
    for part in counts.parts:
        kept = np.concatenate([[0], np.cumsum(column_of[part.term] >= 0)])
        per_product[part.product] = np.diff(kept[part.indptr])
    size = int(per_product.sum())
    indptr = np.concatenate([[0], np.cumsum(per_product)]).astype(sparse.get_index_dtype(maxval=size))
    indices, data = np.empty(size, np.int32), np.empty(size, np.float64)
    while counts.parts:
        part = counts.parts.pop()
        block = _weigh_part(part, column_of, vocabulary.idf, settings)
        moved = np.repeat(indptr[part.product] - block.indptr[:-1], np.diff(block.indptr))
        target = moved + np.arange(block.nnz)
        indices[target], data[target] = block.indices, block.data
    return vocabulary, sparse.csr_array((data, indices, indptr), shape=(n_products, len(vocabulary.terms)))


def _prune(counts: WordCounts, n_documents: int, settings: ReviewText) -> tuple[Vocabulary, NDArray[np.int32]]:
    """The words that enough products use, and not too many, and that are no stop words; and int32: the place of each word there.

    A word that doesn't count has the place -1.
    """
    documents = np.zeros(len(counts.terms), np.int64)
    for part in counts.parts:
        documents += np.bincount(part.term, minlength=len(documents))
    counted = (documents >= settings.min_documents) & (documents <= settings.max_share * n_documents)
    stop_words = pa.array(sorted(_stop_words(settings)), pa.string())
    counted &= ~pc.is_in(counts.terms, stop_words).to_numpy(zero_copy_only=False)
    kept = np.flatnonzero(counted)
    kept = kept[pc.sort_indices(counts.terms.take(pa.array(kept))).to_numpy()]
    column_of = np.full(len(documents), -1, np.int32)
    column_of[kept] = np.arange(len(kept))
    idf = np.log((1 + n_documents) / (1 + documents[kept])) + 1
    return Vocabulary(counts.terms.take(pa.array(kept)), documents[kept].astype(np.int32), idf), column_of


def _weigh_part(part: Counts, column_of: NDArray[np.int32], idf: NDArray[np.float64], settings: ReviewText) -> sparse.csr_array:
    """The weights of a part's products, float64 CSR, a row for each."""
    column = column_of[part.term]
    kept = column >= 0
    indptr = np.concatenate([[0], np.cumsum(kept)])[part.indptr]
    column, tf = column[kept], part.n[kept].astype(np.float64)
    if settings.sublinear_tf:
        tf = 1 + np.log(tf)
    weights = normalised(sparse.csr_array((tf * idf[column], column, indptr), shape=(len(part.product), len(idf))))
    weights.sort_indices()
    return weights


def _stop_words(settings: ReviewText) -> frozenset[str]:
    named = settings.stop_words
    if isinstance(named, str):
        return STOP_WORDS[named]
    # Cut as texts are: of "Isn't" the words of a text know only "isn".
    return frozenset(word for text in named for word in words(text))
