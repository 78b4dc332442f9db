"""How often each product uses each word: texts cut and counted by compiled loops, some thousand at a time, on every core."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from lookup.words import NOT_A_WORD
from precompute.settings import ReviewText
from precompute.word_kernel import count_in_groups, number_pairs, number_words

BATCH_ROWS = 50_000
BATCH_BYTES = 32_000_000
FIRST_WORD = 1 << 32
WORKERS = min(4, os.cpu_count() or 1)
"""Batches at work at a time."""

Texts = tuple[NDArray[np.int32], pa.StringArray]
"""The product of each text, and the texts; those of one product stand behind each other."""


class Counts(NamedTuple):
    """How often some products use which words, or pairs of words.

    Attributes
    ----------
    product
        int32 [p]: the products, each once, those without a word included.
    indptr
        int64 [p + 1]: where each product's words begin, as in a CSR matrix.
    term, n
        [e]: the number of a word (int32) or of a pair (int64), each once per product; int32, how often the product uses it.
    """

    product: NDArray[np.int32]
    indptr: NDArray[np.int64]
    term: NDArray[np.int32] | NDArray[np.int64]
    n: NDArray[np.int32]

    def between(self, start: int, stop: int) -> Counts:
        """Those of ``product[start:stop]``."""
        first, last = self.indptr[start], self.indptr[stop]
        return Counts(self.product[start:stop], self.indptr[start : stop + 1] - first, self.term[first:last], self.n[first:last])

    def where(self, kept: NDArray[np.bool_]) -> Counts:
        """Those entries (bool [e]), of the same products."""
        indptr = np.concatenate([[0], np.cumsum(kept)])[self.indptr]
        return Counts(self.product, indptr, self.term[kept], self.n[kept])


class WordCounts(NamedTuple):
    """The words of all texts, and their pairs where they were asked for.

    Attributes
    ----------
    terms
        In order of appearance, among them stop words, which nothing counts; the `Counts.term` of a word is a place in it.
    parts
        No product is in two of them.
    pairs
        Of the same products as `parts`. The number of a pair is that of its first word times `FIRST_WORD`, plus its second's.
    """

    terms: pa.StringArray
    parts: list[Counts]
    pairs: list[Counts]


Counted = tuple[pa.StringArray, Counts, Counts | None]
"""A batch's different words, the stop words first; its counts; and those of its pairs, where they were asked for."""


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


def count_words(batches: Iterable[Texts], stop_words: Collection[str] = (), *, pairs: bool = False) -> WordCounts:
    """Cut texts into words, as `lookup.words.words` does, and count them per product.

    The work is spread over threads, and its result does not depend on how many there are.

    Parameters
    ----------
    batches
        As `texts_of` yields them.
    stop_words
        Words, as they are cut, that are left out.
    pairs
        Whether neighbours in a text are counted as well, what stood between them as a stop word left out.
    """
    numbers: dict[str, int] = {}
    words_of, pairs_of = list[Counts](), list[Counts]()
    left_out = pa.array(sorted(stop_words), pa.string())
    for terms, words, neighbours in _ahead(batches, partial(_count, stop_words=left_out, pairs=pairs)):
        number = np.array([numbers.setdefault(term, len(numbers)) for term in terms.to_pylist()], np.int32)
        _append(words_of, words._replace(term=number[words.term]))
        if neighbours is not None:
            first, second = np.divmod(neighbours.term, FIRST_WORD)
            _append(pairs_of, neighbours._replace(term=number[first].astype(np.int64) * FIRST_WORD + number[second]))
    return WordCounts(pa.array(list(numbers), pa.string()), words_of, pairs_of)


def spaced(texts: pa.StringArray) -> pa.StringArray:
    """Texts of which those with more than ASCII are in lower case, with spaces in place of all that belongs to no word.

    Nothing but words and spaces is left in them; plain texts are as they were, for `word_kernel.number_words` to fold.
    """
    plain = pc.string_is_ascii(texts)
    others = texts.filter(pc.invert(plain))
    if not len(others):
        return texts
    cut = pc.replace_substring_regex(pc.utf8_lower(others), pattern=NOT_A_WORD, replacement=" ")
    return pc.replace_with_mask(texts, pc.invert(plain), cut)


def _cut(product: NDArray[np.int32], texts: pa.StringArray) -> Iterator[Texts]:
    """Batches of at most `BATCH_BYTES`, as far as the texts are alike in length."""
    rows = max(1, len(texts) * BATCH_BYTES // max(texts.nbytes, BATCH_BYTES))
    for start in range(0, len(texts), rows):
        yield product[start : start + rows], texts.slice(start, rows)


def _ahead(batches: Iterable[Texts], count: Callable[..., Counted]) -> Iterator[Counted]:
    """What becomes of every batch, in order, a few at a time."""
    batches = iter(batches)
    waiting: deque[Future[Counted]] = deque()
    with ThreadPoolExecutor(WORKERS) as pool:
        while True:
            waiting.extend(pool.submit(count, *batch) for batch in islice(batches, WORKERS + 1 - len(waiting)))
            if not waiting:
                return
            yield waiting.popleft().result()


def _count(product: NDArray[np.int32], texts: pa.StringArray, stop_words: pa.StringArray, *, pairs: bool) -> Counted:
    letters, letter_starts, words, word_starts = number_words(*_laid_out(spaced(texts)), *_laid_out(stop_words))
    terms = pa.StringArray.from_buffers(len(letter_starts) - 1, pa.py_buffer(letter_starts), pa.py_buffer(letters))
    products, firsts = np.unique(product, return_index=True)
    begins = np.append(firsts, len(product))
    counts = Counts(products, *count_in_groups(words, word_starts[begins], len(terms)))
    if not pairs:
        return terms, counts, None
    keys, neighbours, pair_starts = number_pairs(words, word_starts)
    indptr, pair, n = count_in_groups(neighbours, pair_starts[begins], len(keys))
    return terms, counts, Counts(products, indptr, keys[pair], n)


def _laid_out(texts: pa.StringArray) -> tuple[NDArray[np.uint8], NDArray[np.int32]]:
    """The bytes of texts, uint8, and where each begins, int32 [t + 1]."""
    _, starts, characters = pa.concat_arrays([texts]).buffers()  # a copy of its own, whose first text begins at 0
    return np.frombuffer(characters or b"", np.uint8), np.frombuffer(starts, np.int32, len(texts) + 1)


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
