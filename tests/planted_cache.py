"""A small, complete lookup cache with made-up products for the dashboard's tests: every table of `lookup.schema`, no build."""

from __future__ import annotations

import functools
import io
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from lookup import schema
from lookup.manifest import Manifest, SignalEntry
from lookup.packed import postings_table, vectors_table
from lookup.schema import NO_NEIGHBOUR, Evidence
from lookup.words import words as cut_into_words
from lookup.writer import CacheWriter

CATEGORIES = ("Chairs", "Lamps", "Mugs", "Rugs", "Tables", "Vases & <b>pots</b>")
COLOURS = ("#c9a27e", "#7f9c8b", "#b5646b", "#d9b44a", "#6b7fa3", "#8d6f9e")
TOPICS = (
    "sturdy oak chair comfortable seat back wooden legs",
    "warm light lamp bright bulb shade glow evening",
    "ceramic mug coffee handle dishwasher glaze tea",
    "soft wool rug woven floor pattern thick",
    "solid table top oak dining surface legs",
    "tall vase flowers glaze ceramic stem water",
)
ODD_IDS = (
    "..",
    "100%",
    "a/b c",
    'it\'s "quoted" & more',
    "/leading//slash/",
    "q?x=1#frag",
    "x/recommendations",
    "стол-7",
    "椅子",
    "~tilde",
)
COMMON_WORDS = ["and", "of", "the", "too"]
XSS_TITLE = "<script>window.hacked = true</script><img src=x onerror='window.hacked = true'>"
words = functools.cache(cut_into_words)
K = 8
SIGNALS = ("blend", "bought_together", "similar_company", "visual", "style", "reviews")
"""The tables of neighbours that the planted cache holds, in the order of its manifest."""


def write_planted_cache(folder: Path, n: int = 60, without: tuple[str, ...] = (), title: str = XSS_TITLE) -> Manifest:
    """Write a live build of `n` products (at least 20) into `folder`.

    The odd ids of `ODD_IDS` are among them. Product ``item-003`` is titled `title` and has no neighbours of its own in reviews;
    ``item-005`` has no title, category, price, rating or picture. `without` names signals left out, as missing.
    """
    shop = _Planted(n, title)
    kept = [name for name in SIGNALS if name not in without]
    with CacheWriter(folder) as writer:
        writer.write_table(schema.PRODUCTS, shop.products())
        writer.write_table(schema.THUMBNAILS, shop.thumbnails())
        entries = {}
        for name in kept:
            entries[name], table = shop.neighbours(name)
            writer.write_table(schema.neighbours_path(name), table)
        for name in ("reviews", "look", "style"):
            writer.write_table(schema.map_path(name), shop.map(name))
        for name in ("visual", "style"):
            writer.write_table(schema.vectors_path(name), vectors_table(shop.vectors()))
        for name, table in shop.text_tables().items():
            writer.write_table(name, table)
        writer.write_table(schema.METRICS, metrics())
        writer.write_table(schema.SWEEP, sweep())
        writer.write_table(schema.WORST, worst())
        described = Manifest(
            shop={"name": "Planted & <i>Sons</i>", "currency": "EUR"},
            inputs=[{"section": "products", "file": "products.csv", "bytes": 1234, "sha256": "ab" * 32}],
            settings={"shop": {"name": "Planted & <i>Sons</i>"}, "signals": {"visual": {"weights": "untrained", "k": K}}},
            counts={"products": n, "reviews": 5 * n, "orders": 200, "order_lines": 640, "pictures": n - 1},
            mended={"products.csv: HTML entities unescaped in title": 4},
            rejects={"reviews.csv: exact duplicate": 7, "orders.csv: quantity is not above 0": 3},
            signals=entries,
            missing={name: f"no input for {name}" for name in without},
        )
        return writer.publish(described)


def metrics() -> pa.Table:
    """Planted measurements of two signals and the two baselines."""
    rows = [
        (signal, metric, k, part, value, value - 0.02, value + 0.02, 120)
        for part, scale in (("all", 1.0), ("Chairs -> Tables", 0.8))
        for signal, base in (("bought_together", 0.31), ("blend", 0.38), ("popularity", 0.12), ("chance", 0.04))
        for metric, factor in (("hit_rate", 1.0), ("ndcg", 0.6), ("coverage", 1.5))
        for k in (5, 10, 20)
        for value in (round(base * factor * scale * (1 + k / 40), 4),)
    ]
    columns = list(zip(*rows, strict=True))
    return _table(schema.METRICS_SCHEMA, [list(column) for column in columns])


def sweep() -> pa.Table:
    """Planted measurements of other settings: two and 0.1 are in force, one and 0 would reach a little more."""
    rows: list[tuple[Any, ...]] = [
        ("bought_together", metric, least, score, 10, value, value - 0.03, value + 0.03, 120, (least, score) == (2, 0.1))
        for metric, base in (("hit_rate", 0.5), ("precision", 0.2), ("same_category", 0.3))
        for least in (1, 2, 5)
        for score in (0.0, 0.1, 0.25)
        for value in (round(base * (1 - least / 50) * (1 - score / 2), 4),)
    ]
    rows += [
        ("popularity", "hit_rate", None, None, 10, 0.22, 0.2, 0.24, 120, False),
        ("chance", "same_category", None, None, 10, 0.15, None, None, 60, False),
    ]
    return _table(schema.SWEEP_SCHEMA, [list(column) for column in zip(*rows, strict=True)])


def worst() -> pa.Table:
    """Planted misses of two signals: products next to one another were bought, those some rows on recommended."""
    rows = [
        (signal, product, 9 - product, 20, [product + 1, product + 2], [product + far for far in (7, 8, 9, 10)])
        for signal, products in (("blend", range(6)), ("visual", range(3, 5)))
        for product in products
    ]
    return _table(schema.WORST_SCHEMA, [list(column) for column in zip(*rows, strict=True)])


class _Planted:
    def __init__(self, n: int, title: str) -> None:
        plain = [f"item-{i:03d}" for i in range(n - len(ODD_IDS))]
        self.ids = sorted([*plain, *ODD_IDS])
        self.n = n
        self.title = title
        self.random = np.random.default_rng(7)
        self.category = np.arange(n) % len(CATEGORIES)
        self.bare = self.ids.index("item-005")
        self.spoken_for = self.ids.index("item-003")
        centres = np.eye(len(CATEGORIES), 16) * 2
        points = centres[self.category] + self.random.normal(0, 0.5, (n, 16))
        self.points = points / np.linalg.norm(points, axis=1, keepdims=True)
        self.texts = self._texts()

    def _texts(self) -> list[str]:
        texts = []
        for row in range(self.n):
            vocabulary = [*TOPICS[self.category[row]].split(), "nice", "good", "gift", "colour"]
            texts.append(" ".join(self.random.choice(vocabulary, 14)))
        texts[self.spoken_for] = texts[self.bare] = ""
        return texts

    def products(self) -> pa.Table:
        n = self.n
        titles: list[str | None] = [f"{CATEGORIES[self.category[row]][:-1]} number {row}" for row in range(n)]
        titles[self.spoken_for] = self.title
        prices: list[float | None] = [round(float(x), 2) for x in self.random.uniform(4, 400, n)]
        ratings: list[float | None] = [float(x) for x in self.random.uniform(1, 5, n).astype(np.float32)]
        categories: list[str | None] = [CATEGORIES[number] for number in self.category]
        clusters: list[int | None] = [int(number) for number in self.clusters()]
        urls: list[str | None] = [f"https://shop.example/{row}" for row in range(n)]
        urls[self.spoken_for] = "javascript:window.hacked=true"
        for column in (titles, prices, ratings, categories, clusters, urls):
            column[self.bare] = None
        descriptions: list[str | None] = [f"Made of planted wood, number {row}. <b>Not bold.</b>" for row in range(n)]
        return _table(
            schema.PRODUCTS_SCHEMA,
            [
                self.ids,
                titles,
                categories,
                prices,
                urls,
                [None] * n,
                descriptions,
                [0 if row in (self.bare, self.spoken_for) else 5 + row % 7 for row in range(n)],
                ratings,
                [(row * 37) % 101 for row in range(n)],
                clusters,
                [row != self.bare for row in range(n)],
            ],
        )

    def thumbnails(self) -> pa.Table:
        pictures = [None if row == self.bare else picture(COLOURS[self.category[row]], row) for row in range(self.n)]
        return _table(schema.THUMBNAILS_SCHEMA, [pictures])

    def neighbours(self, name: str) -> tuple[SignalEntry, pa.Table]:
        similar = self.points @ self.points.T
        if name in ("style", "bought_together"):
            similar = np.where(self.category[:, None] == self.category[None, :], -1, similar)
        similar = np.round(similar + self.random.normal(0, 0.05, similar.shape), 6)
        np.fill_diagonal(similar, -np.inf)
        index = np.argsort(-similar, axis=1, kind="stable")[:, :K].astype(np.int32)
        score = np.clip(np.take_along_axis(similar, index, axis=1), 0, 1).astype(np.float32)
        index[1, K - 3 :], score[1, K - 3 :] = NO_NEIGHBOUR, 0
        fallback = np.zeros(self.n, bool)
        fallback[self.bare] = True
        fallback[self.spoken_for] = name == "reviews"
        kind, evidence, details = self._evidence(name, index)
        width = evidence.shape[2] if evidence is not None else 0
        entry = SignalEntry(
            K, self.n - int(fallback.sum()), int(fallback.sum()), kind, width, name in ("visual", "style"), details
        )
        columns = {
            "neighbour": pa.FixedSizeListArray.from_arrays(pa.array(index.ravel()), K),
            "score": pa.FixedSizeListArray.from_arrays(pa.array(score.ravel()), K),
            "fallback": pa.array(fallback),
        }
        if evidence is not None:
            columns["evidence"] = pa.FixedSizeListArray.from_arrays(pa.array(evidence.astype(np.int32).ravel()), K * width)
        return entry, pa.table(columns, schema=schema.neighbours_schema(K, width))

    def _evidence(self, name: str, index: NDArray) -> tuple[str | None, NDArray | None, dict[str, Any]]:
        shape = index.shape
        if name == "visual":
            same = np.zeros((*shape, 1))
            same[0, 0] = 1
            return Evidence.SAME_PHOTO, same, {}
        if name == "reviews":
            vocabulary = self.vocabulary
            terms = np.full((*shape, 3), -1)
            terms[..., 0] = vocabulary.index("good")
            terms[..., 1] = vocabulary.index("nice")
            return Evidence.TERMS, terms, {}
        if name == "bought_together":
            orders = self.random.integers(2, 60, (*shape, 1))
            orders[:, -1] = 0  # the last is listed because it is popular
            return Evidence.ORDERS, orders, {}
        if name == "similar_company":
            return Evidence.PRODUCTS, self.random.integers(0, self.n, (*shape, 2)), {}
        if name == "blend":
            fused = ["visual", "style", "reviews", "bought_together"]
            ranks = self.random.integers(0, 6, (*shape, len(fused)))
            ranks[..., 0] += (ranks.sum(axis=2) == 0).astype(ranks.dtype)
            ranks[:, -1] = [0, 0, 0, -5]  # the last is listed because it is popular
            return Evidence.RANKS, ranks, {"fused": fused, "weights": dict.fromkeys(fused, 0.25)}
        return None, None, {}

    def map(self, name: str) -> pa.Table:
        x, y = self.points[:, 0] + self.points[:, 2], self.points[:, 1] - self.points[:, 3]
        columns = [[float(value) for value in axis] for axis in (x, y)]
        if name == "reviews":
            for column in columns:
                column[self.bare] = column[self.spoken_for] = None  # type: ignore[call-overload]
        return _table(schema.MAP_SCHEMA, columns)

    def vectors(self) -> NDArray:
        return np.where(np.arange(self.n)[:, None] == self.bare, 0, self.points)

    @property
    def vocabulary(self) -> list[str]:
        return sorted({word for text in self.texts for word in words(text)})

    def tfidf(self) -> tuple[NDArray, NDArray, NDArray]:
        """TF-IDF [n, terms] with rows of length one, as scikit-learn defines it; documents and idf per term."""
        place = {word: i for i, word in enumerate(self.vocabulary)}
        counts = np.zeros((self.n, len(place)))
        for row, text in enumerate(self.texts):
            for word in words(text):
                counts[row, place[word]] += 1
        documents = (counts > 0).sum(axis=0)
        idf = np.log((1 + self.n) / (1 + documents)) + 1
        weights = counts * idf
        lengths = np.linalg.norm(weights, axis=1, keepdims=True)
        return weights / np.where(lengths == 0, 1, lengths), documents, idf

    def centroids(self) -> NDArray:
        weights, _, _ = self.tfidf()
        return np.stack([weights[self.category == number].mean(axis=0) for number in range(len(CATEGORIES))])

    def clusters(self) -> NDArray:
        weights, _, _ = self.tfidf()
        centroids = self.centroids()
        return np.argmin((centroids**2).sum(axis=1) - 2 * weights @ centroids.T, axis=1)

    def text_tables(self) -> dict[str, pa.Table]:
        weights, documents, idf = self.tfidf()
        centroids, clusters, vocabulary = self.centroids(), self.clusters(), self.vocabulary
        strongest = [[vocabulary[i] for i in np.argsort(-centroid, kind="stable")[:5]] for centroid in centroids]
        labels = [", ".join(terms[:3]) for terms in strongest]
        sizes = np.bincount(clusters, minlength=len(centroids)).tolist()
        terms, users = np.nonzero(weights.T)
        by_term = pa.FixedSizeListArray.from_arrays(pa.array(centroids.T.astype(np.float16).ravel()), len(centroids))
        return {
            schema.CLUSTERS: _table(schema.CLUSTERS_SCHEMA, [labels, strongest, sizes, (centroids**2).sum(axis=1).tolist()]),
            schema.TERMS: pa.table(
                [pa.array(vocabulary), pa.array(documents, pa.int32()), pa.array(idf, pa.float32()), by_term],
                schema=schema.terms_schema(len(centroids)),
            ),
            schema.POSTINGS: postings_table(np.append(0, np.cumsum(documents)), users, weights[users, terms]),
            schema.COMMON_WORDS: _table(schema.COMMON_WORDS_SCHEMA, [COMMON_WORDS]),
        }


def picture(colour: str, row: int) -> bytes:
    """A flat illustration, 64 x 64, as WebP."""
    image = Image.new("RGB", (64, 64), "#f1ece4")
    draw = ImageDraw.Draw(image)
    inset = 10 + row % 5 * 2
    draw.rounded_rectangle((inset, inset, 64 - inset, 64 - inset), radius=3 + row % 7 * 2, fill=colour)
    draw.ellipse((25, 25, 39, 39), fill="#ffffff")
    file = io.BytesIO()
    image.save(file, "WEBP", quality=80, method=0)
    return file.getvalue()


def _table(table_schema: pa.Schema, columns: list[Any]) -> pa.Table:
    arrays = [pa.array(values, field.type) for values, field in zip(columns, table_schema, strict=True)]
    return pa.table(arrays, schema=table_schema)
