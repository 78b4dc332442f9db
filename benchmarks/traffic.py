"""What visitors ask of a dashboard: pages, callbacks as the browser posts them, the API and pictures, drawn from a seed."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlencode
from urllib.request import urlopen

import numpy as np
from PIL import Image

from dashboard import api, ids, maps
from dashboard.pages import catalogue, clusters, describe, picture, product, quality
from lookup import schema
from lookup.reader import Cache
from lookup.words import words

UPDATE = "/_dash-update-component"
KNOWN = 5_000
"""Visitors look at so many of the products, at the popular ones more often."""
SHARES = {
    "page": 0.10,
    "callback: catalogue": 0.12,
    "callback: search": 0.10,
    "callback: product": 0.15,
    "callback: describe": 0.05,
    "callback: clusters": 0.01,
    "points: places": 0.01,
    "points: products": 0.01,
    "callback: quality": 0.02,
    "API: recommendations": 0.15,
    "API: product": 0.05,
    "picture": 0.23,
}
"""What each kind of request is of all. "page" is a page's shell alone: scripts and styles are asked for once and then kept. So
are a map's points, but every visit to the clusters is taken for somebody's first."""
ENCODINGS = {"Accept-Encoding": "gzip"}
"""What a browser says that it reads, as far as the dashboard writes it."""
SENTENCE = 5
"""Words of a typed query: one of the vocabulary, however rare, and the others out of a product's title."""


@dataclass(frozen=True)
class Ask:
    """One request; a `body`, JSON, makes it a POST."""

    kind: str
    path: str
    body: str | None = None


class Callbacks:
    """The callbacks of a Dash app, as ``/_dash-dependencies`` lists them, and what a browser posts to run one."""

    def __init__(self, dependencies: list[dict[str, Any]]) -> None:
        self._callbacks = [one for one in dependencies if not one["clientside_function"]]

    @classmethod
    def of(cls, port: int) -> Self:
        """Those of the app that listens on a port."""
        with urlopen(f"http://127.0.0.1:{port}/_dash-dependencies", timeout=30) as response:
            return cls(json.load(response))

    def ask(self, kind: str, fills: str, **values: Any) -> Ask:
        """The request that runs the callback which fills a component.

        `values` are its inputs and states by component id, with ``_`` for ``-``; what isn't named is null, or an empty list where
        a callback takes any number of components.
        """
        callback = next(one for one in self._callbacks if f"{fills}.children" in one["output"].strip(".").split("..."))
        outputs = [_named(*output.rsplit(".", 1)) for output in callback["output"].strip(".").split("...")]
        inputs = [_filled(one, values) for one in callback["inputs"]]
        several = callback["output"].startswith("..")
        first = callback["inputs"][0]
        body = {
            "output": callback["output"],
            "outputs": outputs if several else outputs[0],
            "inputs": inputs,
            "state": [_filled(one, values) for one in callback["state"]],
            "changedPropIds": [f"{first['id']}.{first['property']}"],
        }
        return Ask(kind, UPDATE, json.dumps(body))

    def page(self, kind: str, path: str, query: dict[str, Any] | None = None) -> Ask:
        """The request that draws a page."""
        search = f"?{urlencode(query)}" if query else ""
        return self.ask(kind, ids.PAGE, navigation={"path": path, "search": search, "visit": 1})

    def upload(self) -> Ask:
        """A phone's photo of 12 million pixels on the Picture page."""
        rng = np.random.default_rng(0)
        coarse = Image.fromarray(rng.integers(0, 256, (30, 40, 3), np.uint8))
        file = io.BytesIO()
        coarse.resize((4_000, 3_000), Image.Resampling.BICUBIC).save(file, "JPEG", quality=90)
        contents = "data:image/jpeg;base64," + base64.b64encode(file.getvalue()).decode()
        return self.ask("upload", picture.SEEN, **{picture.CHOSEN.replace("-", "_"): contents})


class Traffic:
    """Draws requests about the products of a cache; pictures only of products that have one."""

    def __init__(self, cache_dir: Path, callbacks: Callbacks) -> None:
        cache = Cache.open(cache_dir)
        products = cache.table(schema.PRODUCTS).read(["title", "category", "n_reviews", "has_picture"])
        popular = np.argsort(-products.column("n_reviews").to_numpy(), kind="stable")
        with_picture = popular[products.column("has_picture").to_numpy(zero_copy_only=False)[popular]]
        shown = products.take(popular[:KNOWN])
        self._callbacks = callbacks
        self._ids = [cache.id_of(row) for row in popular[:KNOWN].tolist()]
        self._pictured = [cache.id_of(row) for row in with_picture[:KNOWN].tolist()]
        self._categories = shown.column("category").to_pylist()
        self._titles = [words(title or "") for title in shown.column("title").to_pylist()]
        self._terms = cache.terms
        self._signals = list(cache.manifest.signals)
        self._build = cache.manifest.folder
        self._maps = [name for name in clusters.MAPS if schema.map_path(name) in cache]

    def draw(self, seed: int, kind: str | None = None) -> Iterator[Ask]:
        """Requests without end, mixed by `SHARES`, or all of one kind."""
        rng = np.random.default_rng(seed)
        shares = {kind: 1.0} if kind else SHARES
        for _ in count():
            yield self._ask(str(rng.choice(list(shares), p=list(shares.values()))), rng)

    def _ask(self, kind: str, rng: np.random.Generator) -> Ask:
        place = _popular(rng, len(self._ids))
        segment = ids.to_segment(self._ids[place])
        match kind:
            case "page":
                path = str(rng.choice([catalogue.PATH, f"{product.PREFIX}{segment}", clusters.PATH, describe.PATH]))
            case "API: recommendations":
                path = f"{api.PREFIX}{segment}/recommendations?signal={rng.choice(self._signals)}"
            case "API: product":
                path = f"{api.PREFIX}{segment}"
            case "picture":
                path = ids.thumbnail_href(self._build, self._pictured[_popular(rng, len(self._pictured))])
            case "points: places":
                path = maps.map_href(self._build, str(rng.choice(self._maps)))
            case "points: products":
                path = maps.map_href(self._build, maps.PRODUCTS)
            case _:
                return self._callback(kind, place, rng)
        return Ask(kind, path)

    def _callback(self, kind: str, place: int, rng: np.random.Generator) -> Ask:
        """A callback about the product at a place in the order of popularity."""
        title = self._titles[place]
        match kind:
            case "callback: catalogue":
                query = {"category": self._categories[place], "sort": rng.choice(["popular", "rating", "price"])}
                return self._callbacks.page(kind, catalogue.PATH, query | {"page": rng.integers(1, 4)})
            case "callback: search":
                typed = str(rng.choice(title))[: rng.integers(3, 9)]
                return self._callbacks.ask(kind, "catalogue-results", catalogue_text=typed, catalogue_sort="popular")
            case "callback: product":
                return self._callbacks.page(kind, ids.item_href(self._ids[place]))
            case "callback: describe":
                typed = " ".join([self._terms[int(rng.integers(len(self._terms)))].as_py(), *title][:SENTENCE])
                return self._callbacks.ask(kind, describe.RESULTS, **{describe.TEXT.replace("-", "_"): typed})
            case "callback: clusters":
                return self._callbacks.page(kind, clusters.PATH)
            case "callback: quality":
                return self._callbacks.page(kind, quality.PATH)
        raise ValueError(f"no kind of request is called {kind!r}")


def _popular(rng: np.random.Generator, n: int) -> int:
    """A number below n, the small ones more often."""
    return int(n * rng.random() ** 2)


def _named(component: str, prop: str) -> dict[str, str]:
    return {"id": component, "property": prop}


def _filled(one: dict[str, str], values: dict[str, Any]) -> Any:
    """An input or state with its value, as the browser sends it."""
    if one["id"].startswith("{"):
        return []
    return _named(one["id"], one["property"]) | {"value": values.get(one["id"].replace("-", "_"))}
