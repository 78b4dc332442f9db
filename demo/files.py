"""The shop as files: what a shop owner would bring, the usual dirt included."""

from __future__ import annotations

import csv
import gzip
import io
import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, Final, TypeAlias

from PIL import Image

from demo.catalogue import Product, draw_product, make_products
from demo.orders import POSTAGE, make_customers, make_orders
from demo.reviews import make_reviews

SEED: Final = 2024
SHOP_NAME: Final = "Fjord & Form"

SHOP_TOML: Final = f"""\
# The demo shop: everything in this folder was drawn by `python -m demo` from one seed.

[shop]
name = "{SHOP_NAME}"
currency = "EUR"

[products]
path = "products.csv"
id = "sku"
title = "name"
category = "department"
price = "price"
description = "text"
image = "photo"

[images]
folder = "images"

[reviews]
path = "reviews.jsonl.gz"
product = "sku"
text = "review"
title = "headline"
rating = "stars"
time = "date"
reviewer = "customer"
unknown_products = "reject"

[orders]
path = "orders.csv"
layout = "lines"
order = "InvoiceNo"
product = "StockCode"
title = "Description"
quantity = "Quantity"
time = "InvoiceDate"
customer = "CustomerID"
cancelled = "^C"
ignore_products = ["{POSTAGE}"]
unknown_products = "reject"

# Untrained weights need no download of 528 MB, so anyone can build this shop. Colours and textures of flat drawings come
# through them well enough; for photographs say "imagenet".
[signals.visual]
weights = "untrained"
layer = "block2_pool"   # an early layer and few dimensions: the encoder is small enough to be committed
dimensions = 64

[signals.style]
weights = "untrained"
layers = ["block1_conv1", "block2_conv1"]
dimensions = 64

[evaluate]
pairs = [["chairs", "tables"], ["mugs", "bowls"], ["cushions", "blankets"], ["lamps", "rugs"], ["planters", "vases"]]
k = [1, 5, 10]
"""

Row: TypeAlias = dict[str, Any]


@dataclass(frozen=True)
class Oddities:
    """The products that something is wrong with, all different."""

    without_picture: Product
    broken_picture: Product
    without_reviews: Product
    without_orders: Product
    repeated_id: Product


def write_shop(folder: Path, seed: int = SEED) -> dict[str, Any]:
    """Write the whole shop into `folder`, and the truth that was planted in it into ``truth.json`` beside it.

    The same seed writes the same bytes. Returns the truth: ``products`` (by sku: family, category, form, quality, companions)
    and ``dirt`` (what was planted of each kind: a sku or a count).
    """
    random = Random(seed)
    products = make_products(random)
    oddities = Oddities(*random.sample(products, 5))
    customers = make_customers(random)
    reviews, review_dirt = make_reviews(random, products, customers, oddities.without_reviews)
    orders, order_dirt = make_orders(random, products, customers, oddities.without_orders)
    rows, product_dirt = _product_rows(random, products, oddities)

    folder.mkdir(parents=True, exist_ok=True)
    (folder / "shop.toml").write_text(SHOP_TOML, encoding="utf-8")
    (folder / "products.csv").write_bytes(_csv(rows))
    (folder / "orders.csv").write_bytes(_csv(orders))
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in reviews)
    (folder / "reviews.jsonl.gz").write_bytes(gzip.compress(lines.encode(), mtime=0))
    _write_pictures(folder / "images", products, oddities)

    truth = {
        "products": {product.sku: _truth(product) for product in products},
        "dirt": {name: product.sku for name, product in vars(oddities).items()} | product_dirt | review_dirt | order_dirt,
    }
    folder.with_name("truth.json").write_text(json.dumps(truth, indent=1) + "\n", encoding="utf-8")
    return truth


def _product_rows(random: Random, products: Sequence[Product], oddities: Oddities) -> tuple[list[Row], dict[str, int]]:
    rows = [
        {
            "sku": product.sku,
            "name": product.name,
            "department": product.category.name,
            "price": f"{product.price:.2f}",
            "text": product.description,
            "photo": "" if product is oddities.without_picture else picture_name(product),
        }
        for product in products
    ]
    for row in random.sample(rows, 6):
        row["name"] = f"  {row['name']} ".replace(" ", "  ", 3)
    for row in random.sample(rows, 8):
        row["text"] = row["text"].replace(" with ", " &amp; ", 1).replace("a ", "a&nbsp;", 1)
    repeated = next(row for row in rows if row["sku"] == oddities.repeated_id.sku)
    rows.append(repeated | {"name": f"{repeated['name']} (old photo)", "price": "1.00"})
    return rows, {"stray_names": 6, "texts_with_entities": 8}


def _write_pictures(folder: Path, products: Sequence[Product], oddities: Oddities) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for product in sorted(products, key=lambda product: product.look.family.name):  # families share textures
        if product is oddities.without_picture:
            continue
        content = encoded(draw_product(product))
        (folder / picture_name(product)).write_bytes(
            content[: len(content) // 3] if product is oddities.broken_picture else content
        )


def picture_name(product: Product) -> str:
    return f"{product.sku}.webp"


def encoded(picture: Image.Image) -> bytes:
    """Lossless WebP: the smallest of the exact formats for flat drawings."""
    buffer = io.BytesIO()
    picture.save(buffer, "WEBP", lossless=True, quality=80, method=4)
    return buffer.getvalue()


def _csv(rows: Sequence[Row]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def _truth(product: Product) -> Row:
    family, category = product.place
    return {
        "family": family,
        "category": category,
        "form": product.form.name,
        "quality": round(product.quality, 3),
        "companions": sorted(companion.sku for companion in product.companions),
    }
