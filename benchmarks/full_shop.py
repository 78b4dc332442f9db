"""A shop of full size, drawn from a seed: products, reviews and orders, streamed to disk as files that a shop would bring.

Words follow Zipf's law over a made vocabulary, with English stop words at their natural share. Every product belongs to a
category and, in it, to one of a few kinds; both have words of their own, so there are clusters and neighbours to find, and
`truth.parquet` tells them. Lengths and reviews per product are lognormal. One review in a hundred is an exact copy of another,
half of them under another product. Baskets keep to categories and kinds; within them products are as popular as Zipf's law says.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import IO, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
from numpy.typing import NDArray

REVIEWERS = 157_386
"""At most, as in Amazon's grocery reviews of 2018 (Ni et al., EMNLP 2019); they are of 287,209 products in 5,074,160 reviews."""
PRODUCTS_PER_CATEGORY, MOST_CATEGORIES, KINDS = 200, 200, 8

WORDS = 150_000
STOP_WORDS = (  # noqa: SIM905
    "the and to of is it in this for that was with on you as are but not have be they so my or these at like if just from can "
    "very them one all would when there more has me what out up we about which no good time will your were than get been had "
    "it's do i'm only also much too some other after don't by their how an then could into because he she her his who i've "
    "doesn't over even any did first am now where off while before does isn't being didn't wasn't can't most such both"
).split()
STOP_SHARE, CATEGORY_SHARE, KIND_SHARE = 0.47, 0.12, 0.06
"""Of the words of a text; what is left are words of the whole vocabulary."""
CATEGORY_WORDS, KIND_WORDS = 400, 60

MEDIAN_LENGTH, MEAN_LENGTH, LONGEST = 22, 35, 2_000
SKEW = 1.3
"""Standard deviation of the logarithm of a product's share of the reviews."""
DUPLICATES = 0.01
FORMS = ("{}", "{},", "{}.", "{}!", "&#34;{}&#34;")
FORM_SHARES = (0.85, 0.06, 0.07, 0.018, 0.002)

MEAN_BASKET, LARGEST_BASKET = 7, 30
SAME_KIND, SAME_CATEGORY = 0.35, 0.35
"""How many of an order's lines come from its kind, and from elsewhere in its category."""
POPULARITY = 0.8
"""Zipf's exponent of what is bought."""

START, END = (int(datetime(year, 1, 1, tzinfo=UTC).timestamp()) for year in (2013, 2019))
ROWS_AT_A_TIME = 50_000
DRAW_BITS = 24
LETTERS = np.array(list("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"))

Ints = NDArray[np.int64]

SHOP_TOML = """\
[shop]
name = "Drawn Groceries"
currency = "USD"

[products]
path = "products.csv"
id = "asin"
title = "title"
category = "category"
price = "price"
"""
REVIEWS_TOML = """
[reviews]
path = "reviews.jsonl.gz"
format = "amazon"
"""
ORDERS_TOML = """
[orders]
path = "orders.csv"
order = "order_id"
product = "asin"
quantity = "quantity"
time = "time"
customer = "customer"
"""


def write_shop(
    folder: Path,
    products: int,
    reviews: int,
    lines: int,
    seed: int = 0,
) -> None:
    """Write ``products.csv``, ``reviews.jsonl.gz``, ``orders.csv``, ``shop.toml`` and ``truth.parquet`` into `folder`.

    The same arguments write the same bytes. Memory is bounded by the vocabulary and a batch of rows.

    Parameters
    ----------
    reviews, lines
        How many reviews, in the layout in which Amazon's are published, and order lines; 0 leaves the file, and its section
        of ``shop.toml``, out.
    """
    folder.mkdir(parents=True, exist_ok=True)
    catalogue = Catalogue.draw(products, seed)
    pacsv.write_csv(catalogue.table(), folder / "products.csv")
    pq.write_table(catalogue.truth(), folder / "truth.parquet")
    toml = SHOP_TOML
    if reviews:
        toml += REVIEWS_TOML
        _write_reviews(_reviews(catalogue, reviews, seed), folder / "reviews.jsonl.gz")
    if lines:
        toml += ORDERS_TOML
        _write_orders(_orders(catalogue, lines, seed), folder / "orders.csv")
    (folder / "shop.toml").write_text(toml, encoding="utf-8")


@dataclass(frozen=True)
class Catalogue:
    """The products, sorted by category and kind; their ids tell nothing of either.

    Attributes
    ----------
    ids
        Ten letters and digits each.
    category, kind
        int64 [n]; kinds are numbered through all categories.
    words
        The vocabulary's words, the most frequent first.
    of_category, of_kind
        int64 [categories, CATEGORY_WORDS] and int64 [kinds, KIND_WORDS]: words, as numbers, that each of them has of its own.
    """

    ids: pa.StringArray
    category: Ints
    kind: Ints
    words: pa.StringArray
    of_category: Ints
    of_kind: Ints
    seed: int

    @classmethod
    def draw(cls, n: int, seed: int) -> Catalogue:
        rng = np.random.default_rng([seed, 0])
        categories = max(2, min(MOST_CATEGORIES, n // PRODUCTS_PER_CATEGORY))
        category = np.sort(np.searchsorted(_cumulated(1 / np.sqrt(np.arange(1, categories + 1))), rng.random(n)))
        kind = category * KINDS + rng.integers(0, KINDS, n)
        kind.sort()
        words = _vocabulary(rng)
        # The most frequent words belong to no topic.
        of_category = rng.integers(500, len(words) // 3, (categories, CATEGORY_WORDS))
        of_kind = rng.integers(500, len(words) // 3, (categories * KINDS, KIND_WORDS))
        return cls(_codes(rng, n, "B", 9), category, kind, words, of_category, of_kind, seed)

    def __len__(self) -> int:
        return len(self.ids)

    def table(self) -> pa.Table:
        """What stands in ``products.csv``, in the order of the ids."""
        rng = np.random.default_rng([self.seed, 1])
        named = np.stack([self.of_category[self.category, rng.integers(0, 40, len(self))] for _ in range(2)])
        named = np.concatenate([named, [self.of_kind[self.kind, rng.integers(0, 20, len(self))]]])
        title = pc.utf8_title(pc.binary_join_element_wise(*(self.words.take(pa.array(part)) for part in named), " "))
        category = pc.utf8_title(self.words.take(pa.array(self.of_category[:, 0]))).take(pa.array(self.category))
        price = pa.array(np.round(np.exp(rng.normal(2.5, 0.8, len(self))), 2))
        return pa.table({"asin": self.ids, "title": title, "category": category, "price": price}).sort_by("asin")

    def truth(self) -> pa.Table:
        """``asin``, ``category`` and ``kind`` as numbers."""
        return pa.table({"asin": self.ids, "category": self.category, "kind": self.kind}).sort_by("asin")

    @cached_property
    def forms(self) -> pa.StringArray:
        """Every stop word and word in each of `FORMS`: the word's number times the number of forms, plus the form's."""
        plain = pa.concat_arrays([pa.array(STOP_WORDS), self.words]).to_pylist()
        return pa.array([form.format(word) for word in plain for form in FORMS])


def _vocabulary(rng: np.random.Generator) -> pa.StringArray:
    """`WORDS` different pronounceable words of two to five syllables, short ones first, as in a language."""
    onsets = np.array("b c d f g h j k l m n p r s t v w z br ch cl cr dr fl gr pl pr sh sl st th tr".split())  # noqa: SIM905
    vowels = np.array(["a", "e", "i", "o", "u", "ai", "ea", "ee", "oa", "oo", "ou"])
    codas = np.array(["", "", "", "n", "r", "s", "l", "t", "m"])
    words: dict[str, None] = {}
    for syllables, wanted in ((2, WORDS // 6), (3, WORDS // 2), (4, WORDS)):
        while len(words) < wanted:
            shape = (wanted, syllables)
            parts = (onsets[rng.integers(0, len(onsets), shape)], vowels[rng.integers(0, len(vowels), shape)])
            closed = codas[rng.integers(0, len(codas), wanted)]
            joined = np.char.add(*parts)
            made = joined[:, 0]
            for syllable in range(1, syllables):
                made = np.char.add(made, joined[:, syllable])
            words |= dict.fromkeys(np.char.add(made, closed).tolist()[: wanted - len(words)])
    return pa.array(list(words))


def _codes(rng: np.random.Generator, n: int, first: str, length: int) -> pa.StringArray:
    """Different codes of a letter and `length` letters and digits."""
    numbers = np.zeros(0, np.int64)
    while len(numbers) < n:
        numbers = np.unique(np.concatenate([numbers, rng.integers(0, 36 ** min(length, 12), n)]))
    numbers = rng.permutation(numbers)[:n]
    digits = numbers[:, None] // 36 ** np.arange(length)[::-1].clip(max=11) % 36
    return pa.array(np.char.add(first, np.ascontiguousarray(LETTERS[digits]).view(f"<U{length}").ravel()))


def _reviews(catalogue: Catalogue, n: int, seed: int) -> Iterator[pa.RecordBatch]:
    """Batches of reviews, those of a product behind each other, the products in the order of their ids."""
    rng = np.random.default_rng([seed, 2])
    write = _Texts(catalogue)
    reviewers = _codes(rng, max(2, min(REVIEWERS, n // 32)), "A", 13)
    activity = _table(rng.lognormal(0, 1, len(reviewers)))
    share = rng.lognormal(0, SKEW, len(catalogue))
    each = n >= len(catalogue)  # where they suffice, no product is without a review
    counts = rng.multinomial(n - each * len(catalogue), share / share.sum()) + each
    by_id = pc.sort_indices(catalogue.ids).to_numpy()
    products = np.repeat(by_id, counts[by_id])
    for start in range(0, n, ROWS_AT_A_TIME):
        product = products[start : start + ROWS_AT_A_TIME]
        stars = rng.choice(np.arange(1.0, 6.0), len(product), p=(0.05, 0.05, 0.09, 0.19, 0.62))
        batch = pa.RecordBatch.from_pydict(
            {
                "reviewerID": reviewers.take(pa.array(_drawn(rng, activity, len(product)))),
                "asin": catalogue.ids.take(pa.array(product)),
                "reviewText": write(rng, product, _lengths(rng, len(product))),
                "summary": write(rng, product, rng.integers(1, 7, len(product))),
                "overall": stars,
                "unixReviewTime": rng.integers(START // 86_400, END // 86_400, len(product)) * 86_400,
            }
        )
        yield _with_duplicates(rng, batch)


def _lengths(rng: np.random.Generator, n: int) -> Ints:
    deviation = np.sqrt(2 * np.log(MEAN_LENGTH / MEDIAN_LENGTH))
    return np.exp(rng.normal(np.log(MEDIAN_LENGTH), deviation, n)).round().clip(1, LONGEST).astype(np.int64)


class _Texts:
    """Draws texts about products."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._stop = _table(1 / np.arange(1, len(STOP_WORDS) + 1) ** 0.8)
        self._word = _table(1 / (np.arange(WORDS) + 10.0))
        self._form = _table(np.array(FORM_SHARES))
        self._topics = (
            (CATEGORY_SHARE, catalogue.of_category, catalogue.category, _table(1 / np.arange(1, CATEGORY_WORDS + 1))),
            (KIND_SHARE, catalogue.of_kind, catalogue.kind, _table(1 / np.arange(1, KIND_WORDS + 1))),
        )

    def __call__(self, rng: np.random.Generator, product: Ints, lengths: Ints) -> pa.StringArray:
        """One text about each product, of as many words."""
        about = np.repeat(product, lengths)
        n = len(about)
        word = len(STOP_WORDS) + _drawn(rng, self._word, n)
        source = rng.random(n, np.float32)
        stop = source < STOP_SHARE
        word[stop] = _drawn(rng, self._stop, np.count_nonzero(stop))
        low = STOP_SHARE
        for share, words, group, table in self._topics:
            chosen = np.flatnonzero((source >= low) & (source < low + share))
            word[chosen] = len(STOP_WORDS) + words[group[about[chosen]], _drawn(rng, table, len(chosen))]
            low += share
        form = word * len(FORMS) + _drawn(rng, self._form, n)
        offsets = pa.array(np.concatenate([[0], np.cumsum(lengths)]), pa.int32())
        return pc.binary_join(pa.ListArray.from_arrays(offsets, self._catalogue.forms.take(pa.array(form))), " ")


def _table(weights: NDArray[np.float64]) -> NDArray[np.int32]:
    """Numbers as often as their weights say: a random place in it is a draw, much faster than a search."""
    size = 1 << DRAW_BITS
    return np.searchsorted(_cumulated(weights), (np.arange(size) + 0.5) / size).astype(np.int32)


def _cumulated(weights: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.cumsum(weights) / weights.sum()


def _drawn(rng: np.random.Generator, table: NDArray[np.int32], n: int) -> Ints:
    return table[rng.integers(0, len(table), n, np.int32)].astype(np.int64)


def _with_duplicates(rng: np.random.Generator, batch: pa.RecordBatch) -> pa.RecordBatch:
    """The batch with some rows made copies of others; every other one of them stays under its own product."""
    copies = np.flatnonzero(rng.random(batch.num_rows) < DUPLICATES)
    source = np.arange(batch.num_rows)
    source[copies] = rng.integers(0, batch.num_rows, len(copies))
    copied = batch.take(pa.array(source))
    source[copies[::2]] = copies[::2]
    return copied.set_column(1, "asin", batch.column("asin").take(pa.array(source)))


def _write_reviews(batches: Iterator[pa.RecordBatch], path: Path) -> None:
    with path.open("wb") as file, gzip.GzipFile("", "wb", compresslevel=1, fileobj=file, mtime=0) as packed:
        for batch in batches:
            _write_json_lines(batch, packed)


def _write_json_lines(batch: pa.RecordBatch, stream: IO[bytes]) -> None:
    """No drawn text holds a character that JSON escapes."""
    parts: list[Any] = []
    for name, column in zip(batch.schema.names, batch.columns, strict=True):
        quote = '"' if pa.types.is_string(column.type) else ""
        parts += [f'{", " if parts else "{"}"{name}": {quote}', column.cast(pa.string()), quote]
    lines = pc.binary_join_element_wise(*parts, "}\n", "")
    start, stop = (int.from_bytes(lines.buffers()[1][4 * i : 4 * i + 4], "little") for i in (0, len(lines)))
    stream.write(memoryview(lines.buffers()[2])[start:stop])


def _orders(catalogue: Catalogue, n: int, seed: int) -> Iterator[pa.RecordBatch]:
    """Batches of order lines, in the order of time."""
    rng = np.random.default_rng([seed, 3])
    shelf = _Shelf(catalogue, rng)
    n_orders = max(1, n // MEAN_BASKET)
    customers = max(2, n_orders // 12)
    done = order = 0
    while done < n:
        sizes = (2 + rng.geometric(1 / (MEAN_BASKET - 1), ROWS_AT_A_TIME // MEAN_BASKET) - 1).clip(max=LARGEST_BASKET)
        sizes = sizes[np.cumsum(sizes) - sizes < n - done]
        sizes[-1] = min(sizes[-1], n - done - sizes[:-1].sum())
        number = np.repeat(order + np.arange(len(sizes)), sizes)
        product = shelf.draw(rng, np.repeat(rng.integers(0, len(catalogue), len(sizes)), sizes))
        customer = np.repeat(rng.integers(0, customers, len(sizes)), sizes)
        time = START + np.minimum(number / n_orders, 1) * (END - START)
        texts = pa.array(time.astype(np.int64)).cast(pa.timestamp("s")).cast(pa.string())
        yield pa.RecordBatch.from_pydict(
            {
                "order_id": pa.array(500_000 + number).cast(pa.string()),
                "asin": catalogue.ids.take(pa.array(product)),
                "quantity": rng.geometric(0.75, len(number)),
                "time": texts,
                "customer": pa.array(10_000 + customer).cast(pa.string()),
            }
        )
        done += len(number)
        order += len(sizes)


class _Shelf:
    """Draws what is bought together with a product of a kind: popular products of the kind, of its category, of the shop."""

    def __init__(self, catalogue: Catalogue, rng: np.random.Generator) -> None:
        self._cumulated = np.cumsum(1.0 / (1 + rng.permutation(len(catalogue))) ** POPULARITY)
        self._bounds = []
        for group in (catalogue.kind, catalogue.category):
            first, last = np.searchsorted(group, group, "left"), np.searchsorted(group, group, "right")
            before = np.concatenate([[0.0], self._cumulated])
            self._bounds.append((before[first], before[last]))

    def draw(self, rng: np.random.Generator, around: Ints) -> Ints:
        """One product for each given one."""
        low, high = np.zeros(len(around)), np.full(len(around), self._cumulated[-1])
        source = rng.random(len(around))
        same_kind, same_category = source < SAME_KIND, (source >= SAME_KIND) & (source < SAME_KIND + SAME_CATEGORY)
        for where, (lowest, highest) in zip((same_kind, same_category), self._bounds, strict=True):
            low[where], high[where] = lowest[around[where]], highest[around[where]]
        place = low + (high - low) * rng.random(len(around))
        return np.searchsorted(self._cumulated, place).clip(max=len(self._cumulated) - 1)


def _write_orders(batches: Iterator[pa.RecordBatch], path: Path) -> None:
    first = next(batches)
    with pacsv.CSVWriter(path, first.schema) as writer:
        writer.write_batch(first)
        for batch in batches:
            writer.write_batch(batch)
