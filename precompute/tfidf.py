"""Words per product, counted in the engine and weighted as scikit-learn weights them."""

from __future__ import annotations

from dataclasses import dataclass

import ibis
import numpy as np
import pyarrow as pa
from ibis.expr.types import Table
from numpy.typing import NDArray
from scipy import sparse
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

from lookup.words import NOT_A_WORD, SHORTEST_WORD, words
from precompute.settings import ReviewText
from precompute.topk import normalised

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


def count_words(texts: Table) -> Table:
    """Cut texts into words, as `lookup.words.words` does, and count them per product.

    Parameters
    ----------
    texts
        Columns ``product`` and ``text``; a product may have many rows.

    Returns
    -------
    Table
        Columns ``product``, ``term``, ``n``, in no order.
    """
    spaced = texts.text.lower().re_replace(NOT_A_WORD, " ")
    terms = texts.select("product", term=spaced.split(" ").unnest())
    terms = terms.filter(terms.term.length() >= SHORTEST_WORD)
    return terms.group_by("product", "term").aggregate(n=terms.count())


def prune(counts: Table, n_documents: int, settings: ReviewText) -> Table:
    """Keep the words that enough products use, and not too many, and that are no stop words.

    Adds the column ``documents``: how many products use the word.
    """
    most = settings.max_share * n_documents
    frequencies = counts.group_by("term").aggregate(documents=counts.count())
    frequencies = frequencies.filter(frequencies.documents >= settings.min_documents, frequencies.documents <= most)
    stop_words = _stop_words(settings)
    if stop_words:
        frequencies = frequencies.filter(frequencies.term.notin(sorted(stop_words)))
    return counts.join(frequencies, "term").select("product", "term", "n", "documents").order_by("term", "product")


def _stop_words(settings: ReviewText) -> frozenset[str]:
    named = settings.stop_words
    if isinstance(named, str):
        return STOP_WORDS[named]
    # Cut as texts are: of "Isn't" the words of a text know only "isn".
    return frozenset(word for text in named for word in words(text))


def weigh(pruned: pa.Table, n_products: int, n_documents: int) -> tuple[Vocabulary, sparse.csr_array]:
    """TF-IDF rows of length one: n ln((1 + N) / (1 + df)) + n, as scikit-learn's ``TfidfVectorizer`` by default.

    Parameters
    ----------
    pruned
        Columns ``product``, ``term``, ``n``, ``documents``, sorted by term and product.
    n_products
        Rows of the result, products without words included.
    n_documents
        N, the number of products that have a text.

    Returns
    -------
    vocabulary, weights
        The terms, and float64 CSR [n_products, t].
    """
    encoded = pruned.column("term").combine_chunks().dictionary_encode()
    terms = encoded.dictionary
    columns = encoded.indices.to_numpy(zero_copy_only=False)
    documents = np.zeros(len(terms), np.int32)
    documents[columns] = pruned.column("documents").to_numpy()
    idf = np.log((1 + n_documents) / (1 + documents)) + 1
    values = pruned.column("n").to_numpy() * idf[columns]
    weights = sparse.csr_array((values, (pruned.column("product").to_numpy(), columns)), shape=(n_products, len(terms)))
    return Vocabulary(terms, documents, idf), normalised(weights)


def texts_of(reviews: Table | None, products: Table, settings: ReviewText) -> Table:
    """What each product's document is made of: its reviews, or where it has none, its description and title.

    Parameters
    ----------
    reviews
        Columns ``product`` and ``text``, or None.
    products
        Columns ``product``, ``title``, ``description``.

    Returns
    -------
    Table
        Columns ``product`` and ``text``, without nulls.
    """
    fields = [products.select("product", text=products[name]) for name in settings.documents if name != "reviews"]
    parts = [ibis.union(*fields)] if len(fields) > 1 else fields
    if reviews is not None and "reviews" in settings.documents:
        parts = [part.anti_join(reviews, "product") for part in parts] + [reviews.select("product", "text")]
    texts = ibis.union(*parts) if len(parts) > 1 else parts[0]
    return texts.filter(texts.text.notnull())
