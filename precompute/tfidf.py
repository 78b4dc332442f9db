"""Words per product, and pairs of neighbours: those that count, weighted as scikit-learn weights them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from scipy import sparse
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

from lookup.words import PAIR_OF, words
from precompute.settings import ReviewText
from precompute.topk import normalised
from precompute.word_counts import FIRST_WORD, Counts, Texts, WordCounts, count_words, texts_of

# What is left of "don't", "they've", "isn't" ... when a text is cut at the apostrophe.
CONTRACTION_PIECES = frozenset(
    "ain aren couldn didn doesn don hadn hasn haven isn ll mustn needn shan shouldn ve wasn weren wouldn".split()  # noqa: SIM905
)
STOP_WORDS = {"english": frozenset(ENGLISH_STOP_WORDS) | CONTRACTION_PIECES, "none": frozenset[str]()}
PAIRS_CUT_IN = 16


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
    common
        Sorted: the words that don't count because they are stop words, or because too many products use them.
    """

    terms: pa.StringArray
    documents: NDArray[np.int32]
    idf: NDArray[np.float64]
    common: pa.StringArray


def documents(reviews: Path | None, products: pa.Table, settings: ReviewText) -> tuple[Vocabulary, sparse.csr_array]:
    """What `weigh` makes of the texts of `word_counts.texts_of`."""
    return weigh(count(texts_of(reviews, products, settings), settings), len(products), settings)


def count(batches: Iterable[Texts], settings: ReviewText) -> WordCounts:
    """The words of texts, and their pairs, as far as the settings want them."""
    return count_words(batches, stop_words(settings), pairs=settings.ngrams > 1)


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
    if counts.pairs:
        counts = _with_pairs(counts, n_documents, settings)
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
    """The words that enough products use, and not too many; and int32: the place of each word there, -1 where it doesn't count.

    Where they are more than `max_terms`, those that most products use are taken, of equal ones the first by code point.
    """
    documents = np.zeros(len(counts.terms), np.int64)
    for part in counts.parts:
        documents += np.bincount(part.term, minlength=len(documents))
    too_common = documents > settings.max_share * n_documents
    kept = np.flatnonzero((documents >= settings.min_documents) & ~too_common)
    kept = kept[pc.sort_indices(counts.terms.take(pa.array(kept))).to_numpy()]
    kept = kept[np.sort(np.argsort(-documents[kept], kind="stable")[: settings.max_terms])]
    column_of = np.full(len(documents), -1, np.int32)
    column_of[kept] = np.arange(len(kept))
    idf = np.log((1 + n_documents) / (1 + documents[kept])) + 1
    common = {term for term in counts.terms.filter(pa.array(too_common)).to_pylist() if PAIR_OF not in term}
    common = pa.array(sorted(common | stop_words(settings)), pa.string())
    return Vocabulary(counts.terms.take(pa.array(kept)), documents[kept].astype(np.int32), idf, common), column_of


def _with_pairs(counts: WordCounts, n_documents: int, settings: ReviewText) -> WordCounts:
    """The pairs that may count, as further words.

    Of pairs there may be many times as many as of words; those that can't be among the `max_terms` are dropped at once.
    """
    pairs = _frequent(counts.pairs, settings.min_documents, settings.max_share * n_documents, settings.max_terms)
    n_words = len(counts.terms)
    parts = []
    while counts.pairs:
        words, part = counts.parts.pop(), counts.pairs.pop()
        part = part.where(np.isin(part.term, pairs))
        place = np.searchsorted(pairs, part.term)
        parts.append(_side_by_side(words, part._replace(term=(n_words + place).astype(np.int32))))
    first, second = (counts.terms.take(pa.array(words)) for words in np.divmod(pairs, FIRST_WORD))
    named = pa.concat_arrays([counts.terms, pc.binary_join_element_wise(first, second, PAIR_OF)])
    return WordCounts(named, parts[::-1], [])


def _frequent(parts: list[Counts], least: int, most: float, count: int) -> NDArray[np.int64]:
    """The pairs that `least` to `most` products use, rising; of too many the `count` of most products, and their equals."""
    pairs, documents = np.empty(0, np.int64), np.empty(0, np.int64)
    for remainder in range(PAIRS_CUT_IN):  # to sort all at once would take as much memory again
        some = np.concatenate([part.term[part.term % PAIRS_CUT_IN == remainder] for part in parts])
        found, n = np.unique(some, return_counts=True)
        kept = (n >= least) & (n <= most)
        pairs, documents = np.append(pairs, found[kept]), np.append(documents, n[kept])
        if len(pairs) > count:
            kept = documents >= np.partition(documents, -count)[-count]
            pairs, documents = pairs[kept], documents[kept]
    return np.sort(pairs)


def _side_by_side(words: Counts, pairs: Counts) -> Counts:
    """The entries of the same products in both."""
    indptr = words.indptr + pairs.indptr
    at_word = np.arange(len(words.term)) + np.repeat(pairs.indptr[:-1], np.diff(words.indptr))
    at_pair = np.arange(len(pairs.term)) + np.repeat(words.indptr[1:], np.diff(pairs.indptr))
    term, n = np.empty(indptr[-1], np.int32), np.empty(indptr[-1], np.int32)
    term[at_word], n[at_word] = words.term, words.n
    term[at_pair], n[at_pair] = pairs.term, pairs.n
    return Counts(words.product, indptr, term, n)


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


def stop_words(settings: ReviewText) -> frozenset[str]:
    """The words that say nothing, as texts are cut."""
    named = settings.stop_words
    if isinstance(named, str):
        return STOP_WORDS[named]
    # Cut as texts are: of "Isn't" the words of a text know only "isn".
    return frozenset(word for text in named for word in words(text))
