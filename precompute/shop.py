"""A shop's data after cleaning: what every signal works on."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from precompute.rejects import Rejects
from precompute.settings import Settings

if TYPE_CHECKING:
    from precompute.pictures import Pictures

PRODUCTS_SCHEMA = pa.schema(
    [
        pa.field("product_id", pa.string(), nullable=False),
        ("title", pa.string()),
        ("category", pa.string()),
        ("price", pa.float64()),
        ("description", pa.string()),
        ("url", pa.string()),
        ("image_url", pa.string()),
        ("picture", pa.string()),
    ]
)
"""Sorted by product_id, in the order of code points. ``picture`` is the absolute path of the picture file, null without one."""

REVIEWS_SCHEMA = pa.schema(
    [
        pa.field("product", pa.int32(), nullable=False),
        pa.field("text", pa.string(), nullable=False),
        ("rating", pa.float32()),
        ("time", pa.timestamp("us")),
        ("reviewer", pa.string()),
    ]
)
"""One row per review that counts; ``product`` is a row of the products, ``text`` the review's title and text."""

ORDER_LINES_SCHEMA = pa.schema(
    [
        pa.field("order", pa.int32(), nullable=False),
        pa.field("product", pa.int32(), nullable=False),
        pa.field("quantity", pa.float64(), nullable=False),
        ("time", pa.timestamp("us")),
    ]
)
"""One row per order and product, sorted by both; ``order`` counts orders from 0 in order of first appearance."""


@dataclass
class Shop:
    """Clean tables, and where they came from.

    Attributes
    ----------
    settings
        The shop's settings.
    products
        `PRODUCTS_SCHEMA`, in memory.
    reviews, orders
        Parquet files of `REVIEWS_SCHEMA` and `ORDER_LINES_SCHEMA` in the work folder, or None without such input.
    rejects
        Every row and picture that was left out, and why.
    counts
        ``products``, ``reviews``, ``orders``, ``order_lines``, ``pictures``: what is left after cleaning.
    inputs
        For the manifest: one object per input file.
    work
        The work folder, where heavy intermediate results are kept.
    notes
        ``"<file>: <what>"`` to how often it was mended while reading.
    pictures
        The readable pictures, once `precompute.pictures.read_pictures` has looked at them; None where no product has one.
    """

    settings: Settings
    products: pa.Table
    reviews: Path | None
    orders: Path | None
    rejects: Rejects
    counts: dict[str, int]
    inputs: list[dict[str, Any]]
    work: Path
    notes: dict[str, int] = field(default_factory=dict)
    pictures: Pictures | None = None

    @cached_property
    def categories(self) -> NDArray[np.int32]:
        """int32 [n]: a number per category, -1 where a product has none."""
        column = self.products.column("category").combine_chunks().dictionary_encode()
        return column.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int32)

    def __len__(self) -> int:
        return self.products.num_rows
