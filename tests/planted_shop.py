"""A small shop whose right answers are known: 4 categories x 3 styles x 2 variants, drawn and written in a moment.

A product ``<category>-<style>-<variant>`` looks like its own variant (the same stripes and shape), shares its style's stripes
with the other categories, is reviewed with its category's words, and is bought with the next category of its style: a chair
with a table, a table with a lamp, a lamp with a rug. ``zz-nothing`` has no picture, no words and no order.
"""

from __future__ import annotations

import csv
import itertools
from pathlib import Path

from PIL import Image, ImageDraw

CATEGORIES = {
    "chair": "comfortable seat with a firm back and steady legs",
    "lamp": "warm light from a bright bulb under the shade",
    "rug": "soft wool pile that keeps feet cosy",
    "table": "wide surface for dinner with plenty of room",
}
BOUGHT_WITH = {"chair": "table", "table": "lamp", "lamp": "rug", "rug": "chair"}
STYLES = {"blue": ((30, 60, 160), 4), "green": ((40, 130, 60), 9), "red": ((190, 40, 40), 20)}
"""Colour, and how many pixels apart its stripes are."""
VARIANTS = ("a", "b")
NOTHING = "zz-nothing"
IDS = sorted(["-".join(parts) for parts in itertools.product(CATEGORIES, STYLES, VARIANTS)] + [NOTHING])
ROW = {product_id: row for row, product_id in enumerate(IDS)}


def write_planted_shop(folder: Path) -> Path:
    """Write the shop's files into a folder; returns its ``shop.toml``."""
    (folder / "images").mkdir(parents=True)
    products = [(i, i.replace("-", " "), i.split("-")[0]) for i in IDS if i != NOTHING] + [(NOTHING, "", "chair")]
    _write(folder / "products.csv", [("id", "title", "category"), *products])
    _write(folder / "reviews.csv", [("id", "text"), *((i, CATEGORIES[i.split("-")[0]]) for i in IDS if i != NOTHING)])
    _write(folder / "orders.csv", [("order", "id", "time"), *_order_lines()])
    for product_id in IDS:
        if product_id != NOTHING:
            _draw(*product_id.split("-")).save(folder / "images" / f"{product_id}.png")
    shop_toml = folder / "shop.toml"
    shop_toml.write_text(SHOP_TOML)
    return shop_toml


SHOP_TOML = """
[shop]
name = "Planted"
currency = "EUR"

[products]
path = "products.csv"
id = "id"
title = "title"
category = "category"

[images]
folder = "images"

[reviews]
path = "reviews.csv"
product = "id"
text = "text"

[orders]
path = "orders.csv"
order = "order"
product = "id"
time = "time"

[signals.visual]
weights = "untrained"
layer = "block1_pool"
k = 5

[signals.style]
weights = "untrained"
layers = ["block1_conv1"]
k = 6
per_category = 2

[signals.reviews]
documents = ["reviews"]
max_share = 1.0
clusters = 4
k = 5

[signals.basket]
k = 5

[evaluate]
pairs = [["chair", "table"]]
k = [1, 3]
"""


def _order_lines() -> list[tuple[str, str, str]]:
    """Each product 10 times with its companions of the same style; every variant with every variant."""
    lines = []
    numbers = itertools.count()
    for day in range(10):
        for category, companion in BOUGHT_WITH.items():
            for style, one, other in itertools.product(STYLES, VARIANTS, VARIANTS):
                order = f"o{next(numbers)}"
                time = f"2026-01-{day + 1:02}T12:00:00"
                lines += [(order, f"{category}-{style}-{one}", time), (order, f"{companion}-{style}-{other}", time)]
    return lines


def _draw(category: str, style: str, variant: str) -> Image.Image:
    colour, gap = STYLES[style]
    image = Image.new("RGB", (64, 64), "white")
    box = {"chair": (8, 8, 46, 60), "lamp": (14, 4, 50, 60), "rug": (2, 24, 62, 56), "table": (2, 30, 62, 62)}[category]
    draw = ImageDraw.Draw(image)
    draw.rectangle(box, fill=colour)
    for x in range(box[0], box[2], gap):
        draw.line((x, box[1], x, box[3]), fill="white", width=2)
    if variant == "b":  # one pixel, so that the two files differ
        image.putpixel((0, 0), (250, 250, 250))
    return image


def _write(path: Path, rows: list[tuple[str, ...]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
