"""How often each product uses each word: texts cut and counted by Arrow and numpy, some thousand at a time, on every core."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from lookup.words import NOT_A_WORD, SHORTEST_WORD
from precompute.settings import ReviewText

BATCH_ROWS = 50_000
BATCH_BYTES = 32_000_000
WORKERS = min(4, os.cpu_count() or 1)
"""Batches at work at a time. What is cut up takes some ten times the memory of its texts."""

_LOWERED = np.array([ord(chr(code).lower()) if code < 128 and chr(code).isalnum() else ord(" ") for code in range(256)], np.uint8)
"""What each byte of an ASCII text becomes: `NOT_A_WORD` and lower case in one look-up, several times as fast."""

Texts = tuple[NDArray[np.int32], pa.StringArray]
"""The product of each text, and the texts; those of one product stand behind each other."""


class Counts(NamedTuple):
    """How often some products use which words.

    Attributes
    ----------
    product
        int32 [p]: the products, each once, those without a word included.
    indptr
        int64 [p + 1]: where each product's words begin, as in a CSR matrix.
    term, n
        int32 [e]: the number of a word, each once per product, and how often the product uses it.
    """

    product: NDArray[np.int32]
    indptr: NDArray[np.int64]
    term: NDArray[np.int32]
    n: NDArray[np.int32]

    def between(self, start: int, stop: int) -> Counts:
        """Those of ``product[start:stop]``."""
        first, last = self.indptr[start], self.indptr[stop]
        return Counts(self.product[start:stop], self.indptr[start : stop + 1] - first, self.term[first:last], self.n[first:last])


class WordCounts(NamedTuple):
    """The words of all texts.

    Attributes
    ----------
    terms
        In order of appearance; `Counts.term` is a place in it.
    parts
        No product is in two of them.
    """

    terms: pa.StringArray
    parts: list[Counts]


def texts_of(reviews: Path | None, products: pa.Table, settings: ReviewText) -> Iterator[Texts]:
    """What each product's document is made of: its reviews, or where it has none, its description and title.

    Parameters
    ----------
    reviews
        A Parquet file with the columns ``product`` and ``text``, sorted by product; or None.
    products
        Columns ``title`` and ``description``, a row per product.

    Yields
    ------
    Texts
        Without nulls. A batch may end, and the next begin, amid a product's texts.
    """
    undescribed = np.ones(len(products), bool)
    if reviews is not None and "reviews" in settings.documents:
        with pq.ParquetFile(reviews) as file:
            for batch in file.iter_batches(BATCH_ROWS, columns=["product", "text"]):
                rows = batch.column("product").to_numpy()
                undescribed[rows] = False
                yield from _cut(rows, batch.column("text"))
    fields = [name for name in settings.documents if name != "reviews"]
    start = 0
    for batch in products.select(fields).to_batches(BATCH_ROWS) if fields else ():
        described = pc.is_valid(pc.coalesce(*batch.columns)).to_numpy(zero_copy_only=False)
        rows = np.flatnonzero(undescribed[start : start + len(batch)] & described).astype(np.int32)
        texts = pc.binary_join_element_wise(*batch.columns, "\n", null_handling="replace")
        yield from _cut(start + rows, texts.take(pa.array(rows)))
        start += len(batch)


def count_words(batches: Iterable[Texts]) -> WordCounts:
    """Cut texts into words, as `lookup.words.words` does, and count them per product.

    The work is spread over threads, and its result does not depend on how many there are.

    Parameters
    ----------
    batches
        As `texts_of` yields them.
    """
    numbers: dict[str, int] = {}
    parts: list[Counts] = []
    for terms, counts in _ahead(batches):
        number = np.array([numbers.setdefault(term, len(numbers)) for term in terms.to_pylist()], np.int32)
        _append(parts, counts._replace(term=number[counts.term]))
    return WordCounts(pa.array(list(numbers), pa.string()), parts)


def spaced(texts: pa.StringArray) -> pa.StringArray:
    """Texts in lower case, with spaces in place of all that belongs to no word."""
    plain = pc.string_is_ascii(texts)
    others = texts.filter(pc.invert(plain))
    if not len(others):
        return _spaced_ascii(texts)
    cut = pc.replace_substring_regex(pc.utf8_lower(others), pattern=NOT_A_WORD, replacement=" ")
    return pc.replace_with_mask(_spaced_ascii(pc.if_else(plain, texts, "")), pc.invert(plain), cut)


def _spaced_ascii(texts: pa.StringArray) -> pa.StringArray:
    _, offsets, characters = pa.concat_arrays([texts]).buffers()  # a copy of its own, whose first text begins at 0
    lowered = _LOWERED[np.frombuffer(characters, np.uint8)]
    return pa.StringArray.from_buffers(len(texts), offsets, pa.py_buffer(lowered))


def _cut(product: NDArray[np.int32], texts: pa.StringArray) -> Iterator[Texts]:
    """Batches of at most `BATCH_BYTES`, as far as the texts are alike in length."""
    rows = max(1, len(texts) * BATCH_BYTES // max(texts.nbytes, BATCH_BYTES))
    for start in range(0, len(texts), rows):
        yield product[start : start + rows], texts.slice(start, rows)


def _ahead(batches: Iterable[Texts]) -> Iterator[tuple[pa.StringArray, Counts]]:
    """`_count` of every batch, in order, a few at a time."""
    batches = iter(batches)
    waiting: deque[Future[tuple[pa.StringArray, Counts]]] = deque()
    with ThreadPoolExecutor(WORKERS) as pool:
        while True:
            waiting.extend(pool.submit(_count, *batch) for batch in islice(batches, WORKERS + 1 - len(waiting)))
            if not waiting:
                return
            yield waiting.popleft().result()


def _count(product: NDArray[np.int32], texts: pa.StringArray) -> tuple[pa.StringArray, Counts]:
    """The distinct words of a batch, among them some that are too short and counted for no product, and its counts."""
    cut = pc.split_pattern(spaced(texts), " ")
    encoded = cut.flatten().dictionary_encode()
    terms, term = encoded.dictionary, encoded.indices.to_numpy()
    is_word = pc.greater_equal(pc.utf8_length(terms), SHORTEST_WORD).to_numpy(zero_copy_only=False)[term]
    products, place = np.unique(product, return_inverse=True)
    place = np.repeat(place, np.diff(cut.offsets.to_numpy()))
    # A pair of product and term is one number, so that sorting brings equal pairs together.
    pairs = np.sort(place[is_word] * len(terms) + term[is_word])
    starts = np.flatnonzero(np.diff(pairs, prepend=-1))
    place, term = np.divmod(pairs[starts], max(1, len(terms)))
    indptr = np.searchsorted(place, np.arange(len(products) + 1))
    n = np.diff(starts, append=len(pairs))
    return terms, Counts(products, indptr, term.astype(np.int32), n.astype(np.int32))


def _append(parts: list[Counts], counts: Counts) -> None:
    """Add counts whose first product may be the last one of those before it."""
    if parts and parts[-1].product[-1] == counts.product[0]:
        before = parts.pop()
        begun, goes_on = before.between(len(before.product) - 1, len(before.product)), counts.between(0, 1)
        term, place = np.unique(np.concatenate([begun.term, goes_on.term]), return_inverse=True)
        n = np.bincount(place, np.concatenate([begun.n, goes_on.n])).astype(np.int32)
        if len(before.product) > 1:
            parts.append(before.between(0, len(before.product) - 1))
        counts = Counts(
            counts.product,
            np.concatenate([[0], counts.indptr[1:] + len(term) - len(goes_on.term)]),
            np.concatenate([term, counts.term[len(goes_on.term) :]]),
            np.concatenate([n, counts.n[len(goes_on.n) :]]),
        )
    parts.append(counts)
