"""Lookup tables of a large shop, drawn from a seed without a build.

Its size is that of Amazon's grocery reviews of 2018 (Ni et al., EMNLP 2019): 287,209 products with 5,074,160 reviews. Every table
has the schema, the row groups and the compression of a real build, because the build's own code makes and writes it; what is
drawn are the numbers and words that go in. Lists of neighbours keep to a category, favour what is popular, and are as long as the
product's data allows; the documents are drawn word by word from Zipf's law, so that postings have the lengths of real ones.

What it can't tell: neighbours that are drawn share less than real ones, so some tables compress a little worse here.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray
from scipy import sparse

from lookup import schema
from lookup.manifest import Manifest, SignalEntry
from lookup.packed import vectors_table
from lookup.schema import NO_NEIGHBOUR, Evidence
from lookup.writer import CacheWriter
from precompute.build import signal_entry
from precompute.clusters import Clusters
from precompute.features import features_of
from precompute.fusion import fuse
from precompute.network import VISUAL_FEATURES, gram_of, network_of
from precompute.pictures import Pictures
from precompute.popularity import with_fallbacks
from precompute.precision import CALIBRATED, deployed_encoder
from precompute.projection import Projection, unit_rows
from precompute.settings import Signals, Style, Visual
from precompute.signals.base import Neighbours
from precompute.signals.reviews import text_tables
from precompute.tfidf import Vocabulary
from precompute.topk import DENSE_DECIMALS, normalised

PRODUCTS = 287_209
REVIEWS_PER_PRODUCT = 5_074_160 / 287_209
ORDERS_PER_PRODUCT = 20
CATEGORIES = 50
WORDS = 200_000
"""Different words that shoppers use; those that one product alone uses are left out of the tables, as a build leaves them out."""
WORDS_PER_REVIEW = 20
"""Without stop words; measured on the All Beauty reviews of the same collection: 19.7."""
OWN_WORDS, OWN_SHARE = 300, 0.5
"""So many words belong to a category, and make up this share of its products' reviews. With the exponents of `_word_counts`,
documents of 295 and 1,077 words have about 194 and 515 different ones; in Musical Instruments they have 192 and 547."""
K = 20
SIGNALS = Signals(visual=Visual(weights="untrained"), style=Style(weights="untrained"))
DEMO_TABLES = Path(__file__).resolve().parent.parent / "cache"

Rows = NDArray[np.int32]


def draw_cache(folder: Path, products: int = PRODUCTS, thumbnails: int = 0, seed: int = 0) -> Manifest:
    """Write the tables of a drawn shop into `folder`, and make them the live build there.

    Takes some 80 seconds and 3.4 GB of memory at the usual size, most of it for the documents and the lists that `blend` fuses.

    Parameters
    ----------
    folder
        A cache folder; what was live in it is replaced.
    products
        How many products the shop has.
    thumbnails
        The most popular so many of them have a picture, one of the demo shop's; the others have none.
    seed
        Equal seeds give equal tables.
    """
    shop = _Shop(products, min(thumbnails, products), seed)
    entries: dict[str, SignalEntry] = {}
    with CacheWriter(folder) as writer:
        writer.write_table(schema.PRODUCTS, shop.product_table())
        if thumbnails:
            writer.write_table(schema.THUMBNAILS, shop.thumbnail_table())
        for name, neighbours in shop.neighbours().items():
            filled, fallback = with_fallbacks(neighbours, shop.n_orders.astype(np.int64), shop.category)
            writer.write_table(schema.neighbours_path(name), filled.to_table(fallback))
            entries[name] = signal_entry(neighbours, fallback)
        texts = shop.documents
        for name, table in text_tables(texts.vocabulary, texts.weights, shop.clusters, SIGNALS.reviews.query_terms).items():
            writer.write_table(name, table)
        for name in ("reviews", "look", "style"):
            writer.write_table(schema.map_path(name), shop.map_table())
        for name, dimensions in (("visual", SIGNALS.visual.dimensions), ("style", SIGNALS.style.dimensions)):
            writer.write_table(schema.vectors_path(name), vectors_table(shop.vectors(dimensions)))
        writer.write_table(schema.METRICS, _metrics(list(entries), products))
        writer.write_bytes(schema.ENCODER, untrained_encoder(seed))
        counts = {"products": products, "reviews": int(shop.n_reviews.sum()), "orders": int(shop.n_orders.sum())}
        described = Manifest(
            shop={"name": "Drawn Groceries", "currency": "USD"},
            settings={"signals": SIGNALS.model_dump(mode="json", exclude_none=True)},
            counts=counts | {"order_lines": counts["orders"], "pictures": thumbnails},
            signals=entries,
        )
        return writer.publish(described)


def untrained_encoder(seed: int) -> bytes:
    """The encoder that a build with the usual settings deploys, of VGG16 with random weights; its projections are random too."""
    rng = np.random.default_rng(seed)
    with tempfile.TemporaryDirectory() as scratch:
        model = Path(scratch) / "network.onnx"
        model.write_bytes(network_of(SIGNALS, "visual").build())
        pictures = _demo_pictures(Path(scratch), CALIBRATED)
        features = features_of(model, pictures.paths)

        def projection(output: str, dimensions: int) -> Projection:
            size = features.of(output, features.contents[:1]).shape[1]
            axes = rng.standard_normal((size, dimensions), np.float32).astype(np.float16).astype(np.float32)
            return Projection(np.zeros(size, np.float32), axes, scale=None)

        layers = SIGNALS.style.layers
        shares = np.array_split(np.arange(SIGNALS.style.dimensions), len(layers))
        style = {gram_of(layer): projection(gram_of(layer), len(share)) for layer, share in zip(layers, shares, strict=True)}
        look = projection(VISUAL_FEATURES, SIGNALS.visual.dimensions)
        return deployed_encoder(features, pictures, SIGNALS.encoder.precision, look, style)


def _demo_pictures(folder: Path, count: int) -> Pictures:
    """The first thumbnails of the demo shop, as files in a folder."""
    by_content = {hashlib.sha256(webp).hexdigest(): webp for webp in _demo_thumbnails()[:count]}
    for content, webp in by_content.items():
        (folder / content).write_bytes(webp)
    paths = {content: folder / content for content in sorted(by_content)}
    return Pictures(list(by_content), paths, folder)


def _demo_thumbnails() -> list[bytes]:
    manifest = Manifest.read(DEMO_TABLES)
    table = pq.read_table(DEMO_TABLES / manifest.folder / schema.THUMBNAILS)
    thumbnails: list[bytes] = table.column("webp").drop_null().to_pylist()
    return thumbnails


@dataclass(frozen=True)
class _Documents:
    """The words of all reviews: float32 CSR [n, t] of TF-IDF, rows of length one."""

    vocabulary: Vocabulary
    weights: sparse.csr_array


class _Shop:
    """The drawn shop; every part comes from a random stream of its own, so that changing one leaves the others as they are."""

    def __init__(self, n: int, thumbnails: int, seed: int) -> None:
        self._n = n
        self._seed = seed
        self._streams = 0
        rng = self._stream()
        sizes = 1 / np.arange(1, CATEGORIES + 1)
        self.category: Rows = rng.choice(CATEGORIES, n, p=sizes / sizes.sum()).astype(np.int32)
        fame = rng.lognormal(0, 1.5, n)
        self.n_reviews = _counts(rng, fame * rng.lognormal(0, 0.5, n), REVIEWS_PER_PRODUCT) + 1
        self.n_orders = _counts(rng, fame, ORDERS_PER_PRODUCT)
        self.has_picture = np.zeros(n, bool)
        self.has_picture[np.argsort(-self.n_reviews, kind="stable")[:thumbnails]] = True
        self._spoken = _words(WORDS)
        self._first_own_word: Rows = 1_000 + OWN_WORDS * self.category

    def _stream(self) -> np.random.Generator:
        self._streams += 1
        return np.random.default_rng([self._seed, self._streams])

    def product_table(self) -> pa.Table:
        """Products without descriptions: their documents are their reviews."""
        rng, n = self._stream(), self._n
        stars = rng.normal(4.2, 0.5, n) + rng.normal(0, 1.2, n) / np.sqrt(self.n_reviews)
        filled = {
            "product_id": _ids(rng, n),
            "title": self._titles(rng),
            "category": [f"{self._spoken[first].capitalize()} foods" for first in self._first_own_word],
            "price": np.round(rng.lognormal(2.5, 0.8, n), 2),
            "n_reviews": self.n_reviews,
            "rating": np.clip(stars, 1, 5).round(3).astype(np.float32),
            "n_orders": self.n_orders,
            "cluster": self.clusters.of_row,
            "has_picture": self.has_picture,
        }
        empty = {name: pa.nulls(n, schema.PRODUCTS_SCHEMA.field(name).type) for name in ("url", "image_url", "description")}
        return pa.table([(filled | empty)[name] for name in schema.PRODUCTS_SCHEMA.names], schema=schema.PRODUCTS_SCHEMA)

    def _titles(self, rng: np.random.Generator) -> list[str]:
        """A brand, words of the category and a pack size, as groceries are named."""
        brands = self._spoken[20_000 + rng.zipf(1.3, self._n) % 30_000]
        own = self._first_own_word[:, None] + rng.integers(0, OWN_WORDS, (self._n, 6))
        lengths = rng.integers(2, 7, self._n)
        ounces = rng.choice([4, 6, 8, 12, 16, 24, 32], self._n)
        return [
            f"{brand} {' '.join(words[:length])}, {size} oz".title()
            for brand, words, length, size in zip(brands, self._spoken[own].tolist(), lengths.tolist(), ounces, strict=True)
        ]

    def thumbnail_table(self) -> pa.Table:
        """The demo shop's pictures in turn."""
        demo = _demo_thumbnails()
        pictures: list[bytes | None] = [None] * self._n
        for place, row in enumerate(np.flatnonzero(self.has_picture).tolist()):
            pictures[row] = demo[place % len(demo)]
        return pa.table([pa.array(pictures, pa.binary())], schema=schema.THUMBNAILS_SCHEMA)

    @cached_property
    def documents(self) -> _Documents:
        """Drawn word by word, counted, pruned and weighted as `precompute.tfidf` does."""
        blocks = list(self._word_counts(self._stream()))
        used = np.sum([np.bincount(block.indices, minlength=WORDS) for block in blocks], axis=0)
        settings = SIGNALS.reviews
        kept = np.flatnonzero((used >= settings.min_documents) & (used <= settings.max_share * self._n))
        kept = kept[np.argsort(self._spoken[kept])]
        idf = np.log((1 + self._n) / (1 + used[kept])) + 1
        for place, block in enumerate(blocks):  # in place: all counts and all weights together would take twice the memory
            blocks[place] = normalised(block[:, kept] @ sparse.diags_array(idf)).astype(np.float32)
        vocabulary = Vocabulary(pa.array(self._spoken[kept]), used[kept].astype(np.int32), idf, common=pa.array([], pa.string()))
        return _Documents(vocabulary, sparse.vstack(blocks))

    def _word_counts(self, rng: np.random.Generator, products: int = 5_000) -> Iterator[sparse.csr_array]:
        """How often each product's reviews use each word, block by block: uint16 CSR [<= products, WORDS]."""
        lengths = np.maximum(1, rng.poisson(self.n_reviews * WORDS_PER_REVIEW * rng.lognormal(-0.125, 0.5, self._n)))
        everywhere, own = _zipf(WORDS, 1.1), _zipf(OWN_WORDS, 1.0)
        for start in range(0, self._n, products):
            length = lengths[start : start + products]
            product = np.repeat(np.arange(len(length), dtype=np.int32), length)
            word = np.searchsorted(everywhere, rng.random(len(product))).astype(np.int32)
            of_category = np.flatnonzero(rng.random(len(product)) < OWN_SHARE)
            word[of_category] = self._first_own_word[start + product[of_category]] + np.searchsorted(
                own, rng.random(len(of_category))
            )
            ones = np.ones(len(product), np.uint16)
            yield sparse.coo_array((ones, (product, word)), shape=(len(length), WORDS)).tocsr()

    @cached_property
    def clusters(self) -> Clusters:
        """One per category, the largest first."""
        order = np.argsort(-np.bincount(self.category, minlength=CATEGORIES), kind="stable")
        of_row = np.argsort(order)[self.category].astype(np.int32)
        sizes = np.bincount(of_row, minlength=CATEGORIES)
        members = sparse.csr_array((1 / sizes[of_row], (of_row, np.arange(self._n))), shape=(CATEGORIES, self._n))
        return Clusters(of_row, (members @ self.documents.weights).toarray().astype(np.float32))

    def neighbours(self) -> dict[str, Neighbours]:
        """All tables of neighbours, in the order in which a build lists them."""
        company = self._stream()
        looks, styles = self._visual(self._stream()), self._style(self._stream())
        described = self._reviews(self._stream())
        bought = self._bought_together(company)
        signals = {
            "visual": looks,
            "style": styles,
            "reviews": described,
            "bought_together": bought,
            "similar_company": self._similar_company(company, bought),
        }
        return {"blend": fuse(signals, dict.fromkeys(signals, 1.0), K)} | signals

    def _visual(self, rng: np.random.Generator) -> Neighbours:
        index = self._of_category(rng, self.category, skew=1.0)
        same = (rng.random((*index.shape, 1)) < 0.002) & (index != NO_NEIGHBOUR)[:, :, None]
        return Neighbours(index, _alike(rng, index), same.astype(np.int32), Evidence.SAME_PHOTO, untrained=True)

    def _style(self, rng: np.random.Generator) -> Neighbours:
        others = (self.category[:, None] + rng.integers(1, CATEGORIES, (self._n, 2 * K))) % CATEGORIES
        index = self._of_category(rng, others, skew=1.0)
        return Neighbours(index, _alike(rng, index), untrained=True)

    def _reviews(self, rng: np.random.Generator) -> Neighbours:
        """Evidence: shared words, which are among the strongest of the product's own."""
        index = self._of_category(rng, self.category, skew=1.5)
        strongest = _strongest_terms(self.documents.weights, 12)
        places = rng.integers(0, 4, (self._n, K, 3)) + np.array([0, 4, 8])
        evidence = np.take_along_axis(strongest, places.reshape(self._n, -1), axis=1).reshape(self._n, K, 3)
        return Neighbours(index, _falling(rng.beta(4, 5, index.shape), index), evidence, Evidence.TERMS)

    def _bought_together(self, rng: np.random.Generator) -> Neighbours:
        """Of a product that few orders hold, only a few companions reach the least number of common orders, or none."""
        index = self._of_category(rng, self.category, skew=3.0)
        lengths = rng.poisson(self.n_orders / 6)
        index[np.arange(K) >= lengths[:, None]] = NO_NEIGHBOUR
        common = -np.sort(-rng.geometric(0.35, index.shape).astype(np.int32), axis=1) + 1
        common[index == NO_NEIGHBOUR] = 0
        orders = np.maximum(self.n_orders, 1)
        score = common / np.sqrt(orders[:, None] * orders[np.maximum(index, 0)])
        return Neighbours(index, _falling(np.minimum(score, 1), index), common[:, :, None], Evidence.ORDERS)

    def _similar_company(self, rng: np.random.Generator, bought: Neighbours) -> Neighbours:
        """Evidence: companions, which are among those that the product is bought with."""
        index = self._of_category(rng, self.category, skew=2.0)
        index[~bought.known] = NO_NEIGHBOUR
        companions = np.maximum((bought.index != NO_NEIGHBOUR).sum(axis=1), 1)
        places = (rng.random((self._n, K * 2)) * companions[:, None]).astype(np.int64)
        evidence = np.take_along_axis(bought.index, places, axis=1).reshape(self._n, K, 2)
        evidence[index == NO_NEIGHBOUR] = NO_NEIGHBOUR
        return Neighbours(index, _falling(rng.beta(2, 5, index.shape), index), evidence, Evidence.PRODUCTS)

    def _of_category(self, rng: np.random.Generator, wanted: Rows, skew: float) -> Rows:
        """int32 [n, K]: different products of the `wanted` categories ([n] or [n, 2 K]); a skew above 1 favours popular ones."""
        by_category = np.lexsort((-self.n_orders, self.category))
        ends = np.searchsorted(self.category[by_category], np.arange(CATEGORIES + 1))
        wanted = np.broadcast_to(wanted.reshape(self._n, -1), (self._n, 2 * K))
        place = np.floor(rng.random(wanted.shape) ** skew * (ends[wanted + 1] - ends[wanted])).astype(np.int64)
        return _first_distinct(by_category[np.minimum(ends[wanted] + place, self._n - 1)].astype(np.int32), K)

    def map_table(self) -> pa.Table:
        """Every category a cloud of its own."""
        rng = self._stream()
        centres = rng.normal(0, 40, (CATEGORIES, 2))
        places = (centres[self.category] + rng.normal(0, 6, (self._n, 2))).astype(np.float32)
        return pa.table([places[:, 0], places[:, 1]], schema=schema.MAP_SCHEMA)

    def vectors(self, dimensions: int) -> NDArray[np.float32]:
        """float32 [n, dimensions], rows of length one; as after PCA, the first dimensions vary most."""
        rng = self._stream()
        spread = (1 + np.arange(dimensions) / 8) ** -0.5
        centres = rng.normal(0, 1, (CATEGORIES, dimensions))
        points = centres[self.category] + rng.normal(0, 0.7, (self._n, dimensions))
        return unit_rows((points * spread).astype(np.float32))


def _counts(rng: np.random.Generator, shares: NDArray[np.float64], mean: float) -> Rows:
    """Whole numbers with about this mean, in proportion to the shares."""
    return rng.poisson(shares * (mean / shares.mean())).astype(np.int32)


def _zipf(count: int, exponent: float) -> NDArray[np.float64]:
    """The cumulative shares of words whose frequency falls with their rank (Zipf's law, in Mandelbrot's form)."""
    frequency = (np.arange(count) + 2.7) ** -exponent
    return np.cumsum(frequency) / frequency.sum()


def _words(count: int) -> NDArray[np.str_]:
    """Different words that can be spoken, in no order of length: ``"bakoru"``, ``"stime"``, ..."""
    onsets = [*"bcdfghjklmnprstvwz", "br", "ch", "cl", "cr", "dr", "fl", "gr", "pl", "pr", "sh", "sl", "st", "str", "th", "tr"]
    syllables = np.array([onset + vowel for onset in onsets for vowel in "aeiouy"])
    number = (np.arange(count, dtype=np.int64) * 7_919 + 31) % len(syllables) ** 3
    low, middle, high = number % len(syllables), number // len(syllables) % len(syllables), number // len(syllables) ** 2
    return np.char.add(np.char.add(syllables[high], syllables[middle]), syllables[low])


def _ids(rng: np.random.Generator, n: int) -> list[str]:
    """Ids such as ``B00K3F9Q2A``, sorted."""
    numbers = np.unique(rng.integers(0, 36**7, 2 * n))
    return [f"B00{np.base_repr(number, 36):0>7}" for number in np.sort(rng.choice(numbers, n, replace=False)).tolist()]


def _first_distinct(candidates: Rows, k: int) -> Rows:
    """int32 [n, k]: of each row's candidates the first k that are neither repeated nor the row itself."""
    order = np.argsort(candidates, axis=1, kind="stable")
    ordered = np.take_along_axis(candidates, order, axis=1)
    fresh = np.ones(candidates.shape, bool)
    np.put_along_axis(fresh, order[:, 1:], ordered[:, 1:] != ordered[:, :-1], axis=1)
    fresh &= candidates != np.arange(len(candidates))[:, None]
    places = np.argsort(~fresh, axis=1, kind="stable")[:, :k]
    return np.where(np.take_along_axis(fresh, places, axis=1), np.take_along_axis(candidates, places, axis=1), NO_NEIGHBOUR)


def _falling(scores: NDArray[np.floating], index: Rows) -> NDArray[np.float32]:
    """float32 [n, K]: sorted, best first, and 0 where there is no neighbour."""
    ordered = -np.sort(-scores.astype(np.float32), axis=1)
    ordered[index == NO_NEIGHBOUR] = 0
    return ordered


def _alike(rng: np.random.Generator, index: Rows) -> NDArray[np.float32]:
    """Cosines of pictures, rounded as exact search rounds them."""
    return _falling(rng.beta(6, 3, index.shape).astype(np.float32).round(DENSE_DECIMALS), index)


def _strongest_terms(weights: sparse.csr_array, count: int) -> Rows:
    """int32 [n, count]: the columns of each row's largest weights, repeated where a row has fewer."""
    found = np.empty((weights.shape[0], count), np.int32)
    for row, (start, stop) in enumerate(zip(weights.indptr[:-1], weights.indptr[1:], strict=True)):
        strongest = weights.indices[start:stop][np.argsort(-weights.data[start:stop], kind="stable")[:count]]
        found[row] = np.resize(strongest, count) if len(strongest) else NO_NEIGHBOUR
    return found


def _metrics(signals: list[str], n: int) -> pa.Table:
    """A plausible line for every signal, baseline, metric and k, so that the Quality page has its usual length."""
    measured = [
        (signal, metric, k, "all", value, value - 0.01, value + 0.01, n // 10)
        for place, signal in enumerate([*signals, "popularity", "chance"])
        for metric in ("hit_rate", "ndcg", "coverage")
        for k in (5, 10, 20)
        for value in (round(0.4 * 0.8**place * k / 20, 4),)
    ]
    columns = [list(column) for column in zip(*measured, strict=True)]
    arrays = [pa.array(values, field.type) for values, field in zip(columns, schema.METRICS_SCHEMA, strict=True)]
    return pa.table(arrays, schema=schema.METRICS_SCHEMA)
