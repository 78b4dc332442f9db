"""A shop that writes markup and scripts wherever its files can hold a text; and lookup tables that do where no build would."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pyarrow as pa

from lookup import schema
from lookup.manifest import Manifest
from lookup.reader import Cache
from tests.planted_cache import COLOURS, picture
from tests.republish import republish

RUN = "window.__xss=1"
PAYLOADS = {
    "script": f"<script>{RUN}</script>",
    "picture": f"<img src=x onerror={RUN}>",
    "drawing": f"<svg/onload={RUN}>",
    "address": f"javascript:{RUN}",
    "double quote": f'"><img src=x onerror="{RUN}">',
    "single quote": f"'><img src=x onerror='{RUN}'>",
    "attribute": f'" autofocus onfocus="{RUN}" x="',
    "template": "{{constructor.constructor('" + RUN + "')()}}${" + RUN + "}<%= " + RUN + " %>",
    "markdown": f"[click](javascript:{RUN})![x](x)",
    "plotly": f'<a href="javascript:{RUN}">click</a><b>bold</b><sup>%{{x}}</sup>',
    "title": f"</title></style></textarea><script>{RUN}</script>",
    "escapes": f"\\u003cscript\\u003e{RUN}\\x3c/script\\x3e&lt;script&gt;",
    "data": f"data:text/html,<script>{RUN}</script>",
    "style": f"</style><style>*{{background:url(javascript:{RUN});width:expression({RUN})}}</style>",
    "formula": f"=cmd|' /C calc'!A0+HYPERLINK(\"javascript:{RUN}\")",
    "frame": f'<iframe srcdoc="<script>parent.{RUN.removeprefix("window.")}</script>"></iframe><base href="https://xss.example/">',
    "comment": f"--><!--><script>{RUN}</script><!--",
    "JSON": f'</script>","x":"<script>{RUN}</script>\u2028',
}
"""Each runs `RUN`, or loads something from elsewhere, where it is taken for more than a text."""
SHOP = "".join(PAYLOADS[name] for name in ("title", "picture", "JSON"))
CLUSTERS = [PAYLOADS[name] for name in ("plotly", "script", "template")]
ORDERS = "<img src=x onerror=window.__xss=1>.csv"

SHOP_TOML = f"""
[shop]
name = {json.dumps(SHOP)}
currency = "EUR"

[products]
path = "products.csv"
id = "id"
title = "title"
category = "category"
price = "price"
description = "description"
url = "url"
image_url = "image_url"
image = "image"

[images]
folder = "images"

[reviews]
path = "reviews.jsonl"
product = "id"
text = "text"
title = "title"
rating = "rating"
reviewer = "reviewer"
time = "time"

[orders]
path = {json.dumps(ORDERS)}
order = "order"
product = "product"
customer = "customer"

[signals.visual]
weights = "untrained"
layer = "block1_pool"
k = 6

[signals.style]
weights = "untrained"
layers = ["block1_conv1"]
k = 6

[signals.reviews]
documents = ["reviews"]
max_share = 1.0
stop_words = "none"
clusters = 3
k = 6

[signals.basket]
k = 6

[evaluate]
pairs = [{json.dumps([PAYLOADS["script"], PAYLOADS["drawing"]])}]
k = [1]
"""


def write_marked_up_shop(folder: Path) -> Path:
    """Write the shop's files into a folder; returns its ``shop.toml``. Each payload is a product, and all that is said of it."""
    (folder / "images").mkdir(parents=True)
    texts = list(PAYLOADS.values())
    products = []
    for row, text in enumerate(texts):
        name = text.replace("/", "\u2215") + ".webp"
        (folder / "images" / name).write_bytes(picture(COLOURS[row % len(COLOURS)], row))
        category = texts[row // 2 * 2]
        products.append([text, text, category, f"{row + 1}.50", text, text, text, name])
    # Rows that are left out name what was wrong with them.
    wrong = [["", text, text, "", "", "", "", ""] for text in texts[:3]] + [
        ["no price", "no price", texts[0], texts[1], "", "", "", texts[2]]
    ]
    header = ["id", "title", "category", "price", "description", "url", "image_url", "image"]
    _write(folder / "products.csv", [header, *products, *wrong])
    reviews = [_review(text, texts[(row + i) % len(texts)]) for row, text in enumerate(texts) for i in range(2)]
    (folder / "reviews.jsonl").write_text("".join(json.dumps(review) + "\n" for review in reviews))
    lines = [[f"{one}{repeat}", product, texts[repeat % len(texts)]] for one, product in _bought(texts) for repeat in range(3)]
    _write(folder / ORDERS, [["order", "product", "customer"], *lines])
    shop_toml = folder / "shop.toml"
    shop_toml.write_text(SHOP_TOML)
    return shop_toml


def mark_up_tables(cache_dir: Path) -> None:
    """Write payloads where a build lets no markup through: tables may come from elsewhere, and the pages trust none."""
    texts = list(PAYLOADS.values())
    clusters = Cache.open(cache_dir).table(schema.CLUSTERS).read().to_pylist()
    marked = [one | {"label": text, "terms": [text, *texts[:4]]} for one, text in zip(clusters, CLUSTERS, strict=True)]
    republish(
        cache_dir,
        tables={schema.CLUSTERS: pa.Table.from_pylist(marked, schema.CLUSTERS_SCHEMA)},
        shop={"name": SHOP, "currency": PAYLOADS["picture"]},
        counts=Manifest.read(cache_dir).counts | {PAYLOADS["drawing"]: 1},
        rejects={f"{ORDERS}: {text}": 1 for text in texts},
        mended={f"{text}: {text}": 1 for text in texts},
        missing={text: text for text in texts},
    )


def _review(product: str, text: str) -> dict[str, Any]:
    return {"id": product, "text": f"{text} {product}", "title": text, "rating": 4, "reviewer": text, "time": text}


def _bought(texts: list[str]) -> list[tuple[str, str]]:
    """Orders named by a payload, each with it and the two that follow."""
    return [(text, texts[(row + i) % len(texts)]) for row, text in enumerate(texts) for i in range(3)]


def _write(path: Path, rows: list[list[str]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
