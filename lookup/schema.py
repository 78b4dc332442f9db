"""The lookup tables' schemas, all in one place.

Every table with one row per product is in the order of ``products.parquet``, which is sorted by product id. A row number
therefore names a product inside the tables, and the lower row of two is the lower id: ties break by row. Outside the tables
a product is named by its id alone.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

import pyarrow as pa

SCHEMA_VERSION = 2

MANIFEST = "manifest.json"
PRODUCTS = "products.parquet"
CLUSTERS = "clusters.parquet"
TERMS = "terms.parquet"
COMMON_WORDS = "common_words.parquet"
POSTINGS = "postings.parquet"
THUMBNAILS = "thumbnails.parquet"
METRICS = "metrics.parquet"
SWEEP = "sweep.parquet"
WORST = "worst.parquet"
REJECTS = "rejects.parquet"
ENCODER = "encoder.onnx"
FULL_ENCODER = "encoder-float32.onnx"
"""In the work folder."""

NO_NEIGHBOUR = -1
"""Fills a row of neighbours that has fewer than k."""
NO_LIST = 0
"""The k of a metric that is not about a list of recommendations."""
CATEGORY_SLICE = "category: "
"""Before a category's name: the slice of its products alone."""


class Evidence(StrEnum):
    """What the integers beside a neighbour mean; the dashboard words a reason from them."""

    SAME_PHOTO = "same_photo"
    """1 where the two products share one and the same photo, else 0."""
    TERMS = "terms"
    """Rows of ``terms.parquet``: the words that both products' reviews share, strongest first."""
    ORDERS = "orders"
    """The number of orders that hold both products; 0 where the neighbour is listed because it is popular in the shop."""
    PRODUCTS = "products"
    """Rows of ``products.parquet``: the products both are bought with, strongest first."""
    RANKS = "ranks"
    """The rank, from 1, in each signal named in the manifest's ``fused``: 0 where the signal does not list the neighbour,
    negative where it does because the neighbour is popular."""


def neighbours_path(signal: str) -> str:
    return f"neighbours/{signal}.parquet"


def map_path(name: str) -> str:
    return f"maps/{name}.parquet"


def vectors_path(signal: str) -> str:
    return f"vectors/{signal}.parquet"


PRODUCTS_SCHEMA = pa.schema(
    [
        pa.field("product_id", pa.string(), nullable=False),
        ("title", pa.string()),
        ("category", pa.string()),
        ("price", pa.float64()),
        ("url", pa.string()),
        ("image_url", pa.string()),
        ("description", pa.string()),
        pa.field("n_reviews", pa.int32(), nullable=False),
        ("rating", pa.float32()),
        pa.field("n_orders", pa.int32(), nullable=False),
        ("cluster", pa.int32()),
        pa.field("has_picture", pa.bool_(), nullable=False),
    ]
)

MAP_SCHEMA = pa.schema([("x", pa.float32()), ("y", pa.float32())])
"""Null where the product has no data for this map."""

CLUSTERS_SCHEMA = pa.schema(
    [
        pa.field("label", pa.string(), nullable=False),
        pa.field("terms", pa.list_(pa.string()), nullable=False),
        pa.field("size", pa.int32(), nullable=False),
        pa.field("squared_norm", pa.float32(), nullable=False),
    ]
)
"""A cluster's number is its row. The centroids themselves stand, term by term, in ``terms.parquet``."""


def terms_schema(n_clusters: int) -> pa.Schema:
    """One row per term, sorted by term: what a typed query needs to be weighted and to find its centroid.

    ``centroids`` holds the term's weight in each cluster's centroid. Rounded to float16 it moves no product of a sentence and a
    centroid by more than 1 in 2,048.
    """
    return pa.schema(
        [
            pa.field("term", pa.string(), nullable=False),
            pa.field("documents", pa.int32(), nullable=False),
            pa.field("idf", pa.float32(), nullable=False),
            pa.field("centroids", pa.list_(pa.float16(), n_clusters), nullable=False),
        ]
    )


POSTINGS_SCHEMA = pa.schema(
    [
        pa.field("gap", pa.list_(pa.int32()), nullable=False),
        pa.field("weight", pa.binary(), nullable=False),
    ]
)
"""One row per term, in the order of ``terms.parquet``: the products that it is among the strongest terms of, and its TF-IDF
weight in each. A product is written as its distance from the one before it, a weight as one byte; `lookup.packed.postings_in`
reads both. How many terms of a product count is the setting ``query_terms``; a weight is off by at most 1/510, or by less than
1/255 where it is smaller than that itself."""

COMMON_WORDS_SCHEMA = pa.schema([pa.field("word", pa.string(), nullable=False)])
"""Sorted: the words that don't count because they are stop words or because too large a share of the products uses them. What is
neither here nor in ``terms.parquet`` is a word that hardly any product uses."""

THUMBNAILS_SCHEMA = pa.schema([("webp", pa.binary())])
"""Null where the product has no readable picture."""

METRICS_SCHEMA = pa.schema(
    [
        pa.field("signal", pa.string(), nullable=False),
        pa.field("metric", pa.string(), nullable=False),
        pa.field("k", pa.int32(), nullable=False),
        pa.field("slice", pa.string(), nullable=False),
        pa.field("value", pa.float64(), nullable=False),
        ("low", pa.float64()),
        ("high", pa.float64()),
        pa.field("n", pa.int32(), nullable=False),
    ]
)

SWEEP_SCHEMA = pa.schema(
    [
        pa.field("signal", pa.string(), nullable=False),
        pa.field("metric", pa.string(), nullable=False),
        ("min_orders", pa.int32()),
        ("min_score", pa.float64()),
        pa.field("k", pa.int32(), nullable=False),
        pa.field("value", pa.float64(), nullable=False),
        ("low", pa.float64()),
        ("high", pa.float64()),
        pa.field("n", pa.int32(), nullable=False),
        pa.field("in_force", pa.bool_(), nullable=False),
    ]
)
"""What *bought together* would reach on the validation orders with other settings. Present where orders were measured."""


class Tried(NamedTuple):
    """A row of `SWEEP_SCHEMA`. The row of a baseline has no settings; ``in_force`` marks those of ``shop.toml``."""

    signal: str
    metric: str
    min_orders: int | None
    min_score: float | None
    k: int
    value: float
    low: float | None
    high: float | None
    n: int
    in_force: bool = False

    @property
    def settings(self) -> tuple[int, float] | None:
        """``min_orders`` and ``min_score``."""
        return (self.min_orders, self.min_score) if self.min_orders is not None and self.min_score is not None else None


WORST_SCHEMA = pa.schema(
    [
        pa.field("signal", pa.string(), nullable=False),
        pa.field("product", pa.int32(), nullable=False),
        pa.field("orders", pa.int32(), nullable=False),
        pa.field("k", pa.int32(), nullable=False),
        pa.field("bought", pa.list_(pa.int32()), nullable=False),
        pa.field("recommended", pa.list_(pa.int32()), nullable=False),
    ]
)
"""Where each signal misses most on the test orders: signal by signal, the best first, and its worst case first. Present where
orders were measured and a signal missed any."""


class WorstCase(NamedTuple):
    """A row of `WORST_SCHEMA`: of the first `k` recommendations, none stood in any of the held-out `orders` that ask.

    ``product`` and the few that were ``bought`` with it or ``recommended`` are rows of ``products.parquet``; those bought most
    often, and recommended first, come first. They were recommended without knowing the held-out orders, so the lists of
    the build may differ.
    """

    signal: str
    product: int
    orders: int
    k: int
    bought: list[int]
    recommended: list[int]


REJECTS_SCHEMA = pa.schema(
    [
        pa.field("file", pa.string(), nullable=False),
        ("line", pa.int64()),
        pa.field("reason", pa.string(), nullable=False),
        ("detail", pa.string()),
    ]
)
"""``reason`` is one of a few fixed sentences, so that it can be counted; ``detail`` is what stood there."""


def neighbours_schema(k: int, evidence_width: int) -> pa.Schema:
    """One row per product: its k neighbours, best first.

    ``neighbour`` holds rows of ``products.parquet``, ``NO_NEIGHBOUR`` behind the last. ``evidence`` holds
    ``evidence_width`` integers for each neighbour, flattened; the column is absent where the width is 0. ``fallback``
    is true where the product has no data in this signal and popular products of its category stand in. ``score`` is rounded
    (`lookup.packed.rounded_scores`): it falls along a row, and neighbours with equal scores may differ in what was rounded off.
    """
    fields = [
        pa.field("neighbour", pa.list_(pa.int32(), k), nullable=False),
        pa.field("score", pa.list_(pa.float32(), k), nullable=False),
        pa.field("fallback", pa.bool_(), nullable=False),
    ]
    if evidence_width:
        fields.append(pa.field("evidence", pa.list_(pa.int32(), k * evidence_width), nullable=False))
    return pa.schema(fields)


def vectors_schema(size: int) -> pa.Schema:
    """One row per product: its vector, or all zeros where the product has no readable picture.

    One signed byte a number; only the direction counts, since `lookup.packed.vectors_in` makes its length one.
    """
    return pa.schema([pa.field("vector", pa.binary(size), nullable=False)])


def expected_schema(path: str, *, k: int, evidence_width: int, n_clusters: int) -> pa.Schema | None:
    """The schema that a file of a build must have; None where any will do. `k` and `evidence_width` are of its signal, if any."""
    known = {
        PRODUCTS: PRODUCTS_SCHEMA,
        CLUSTERS: CLUSTERS_SCHEMA,
        TERMS: terms_schema(n_clusters),
        COMMON_WORDS: COMMON_WORDS_SCHEMA,
        POSTINGS: POSTINGS_SCHEMA,
        THUMBNAILS: THUMBNAILS_SCHEMA,
        METRICS: METRICS_SCHEMA,
        SWEEP: SWEEP_SCHEMA,
        WORST: WORST_SCHEMA,
        REJECTS: REJECTS_SCHEMA,
    }
    if path.startswith("maps/"):
        return MAP_SCHEMA
    return neighbours_schema(k, evidence_width) if path.startswith("neighbours/") else known.get(path)


def counted_like(path: str) -> str | None:
    """The table that has as many rows as a file of a build; None for one that counts something else."""
    if path == POSTINGS:
        return TERMS
    is_by_product = path == THUMBNAILS or path.startswith(("maps/", "neighbours/", "vectors/"))
    return PRODUCTS if is_by_product else None


def rows_per_group(path: str) -> int:
    """How many rows one row group holds: a click reads one row group, so wide rows want small groups."""
    if path == THUMBNAILS:
        return 64
    if path == POSTINGS:
        return 64
    if path == TERMS:
        return 512
    if path.startswith("neighbours/"):
        return 256
    if path.startswith("vectors/"):
        return 16_384
    return 1024


def encodings(path: str) -> dict[str, str]:
    """How Parquet encodes the columns that zstd alone would leave larger, each named by its leaf.

    A number's first bytes hardly vary: with all first bytes side by side, then all second ones, they take next to no room.
    Evidence is better left as it is, since whole numbers come again; but for a blend's, where all numbers are ranks.
    """
    if path == POSTINGS:
        columns = ["gap"]
    elif path == TERMS:
        columns = ["centroids"]
    elif path == neighbours_path("blend"):
        columns = ["neighbour", "score", "evidence"]
    else:
        columns = ["neighbour", "score"] if path.startswith("neighbours/") else []
    return {f"{column}.list.element": "BYTE_STREAM_SPLIT" for column in columns}
