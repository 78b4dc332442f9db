"""The points of the maps, for the browser: bytes that ``assets/map/points.js`` reads as arrays.

A page of a map names two addresses. Both name the build and the layout of the bytes, so a browser may keep what it got for ever:
another map asks for new places only, other colours for nothing. A point carries its product's id and not its row, because a row
means another product once a new build is live. No Python object is made for each product: the numbers are the catalogue's own,
the ids Arrow's bytes.
"""

from __future__ import annotations

import gzip
from typing import cast
from weakref import WeakKeyDictionary

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from flask import Flask, Response, request
from numpy.typing import NDArray

from dashboard.store import Build, current_build
from dashboard.thumbnails import FOR_EVER
from lookup import schema

FORMAT = 2
"""The layout of what `in_places` and `products` give. To be raised when that changes: browsers keep the old bytes for a year."""
PRODUCTS = "products"
"""Stands where a map's name stands in `map_href`; no map may be called so."""
OFF_THE_MAP = np.iinfo(np.uint16).max
"""The place of a product without data for a map."""
STEPS = OFF_THE_MAP - 1
"""The larger side of a map in the unit of its places. A map has to be enlarged a hundredfold before one is a pixel."""
UNKNOWN_LEVEL = np.iinfo(np.uint8).max
"""The level of a product whose price, rating or popularity isn't known."""
HIGHEST_LEVEL = UNKNOWN_LEVEL - 1
MEASURES = ("price", "rating", "popularity")
"""What a map can be coloured by that is more or less, in the order of their levels in `products`."""
QUICKLY = 1
"""gzip's level: the higher ones take four times as long to save a tenth."""

_compressed: WeakKeyDictionary[Build, bytes] = WeakKeyDictionary()
"""`products` of the live build, as gzip: the same for every visitor. It goes with its build."""
_placed: WeakKeyDictionary[Build, dict[str, int]] = WeakKeyDictionary()
"""How many products each map has, by its name."""


def map_href(build: str, name: str) -> str:
    """The URL of a map's places, or of what all maps say of the products: `PRODUCTS`."""
    return f"/maps/{FORMAT}/{build}/{name}"


def placed(build: Build, name: str) -> int:
    """How many products a map has; counted once for each build."""
    counts = _placed.setdefault(build, {})
    if name not in counts:
        counts[name] = len(build.cache) - build.cache.table(schema.map_path(name)).read(["x"]).column("x").null_count
    return counts[name]


def add_routes(server: Flask) -> None:
    """``/maps/<format>/<build>/products`` and ``/maps/<format>/<build>/<map>``"""
    server.add_url_rule(map_href("<build_name>", "<name>"), "maps", _map)


def _map(build_name: str, name: str) -> Response:
    build = current_build()
    # Another build has other groups and products: a page of it can't use what this one has.
    response = _points(build, name) if build_name == build.name else None
    if response is None:
        # While a build goes live, another worker may already have it, or still. The browser asks again: nothing may keep this.
        return Response(status=404, headers={"Cache-Control": "no-store"})
    response.headers["Cache-Control"] = FOR_EVER
    return response


def _points(build: Build, name: str) -> Response | None:
    if name == PRODUCTS:
        return _products(build)
    if schema.map_path(name) in build.cache:
        # Not compressed: places are as good as random, it would save a fiftieth.
        return _binary(in_places(build.cache.table(schema.map_path(name)).read()))
    return None


def in_places(table: pa.Table) -> bytes:
    """Where a map (`lookup.schema.MAP_SCHEMA`) has the products: uint16 [2, n], x and y in `STEPS`, or `OFF_THE_MAP`.

    Both axes have one unit, so that the map keeps its shape.
    """
    points = np.stack([table.column(axis).to_numpy() for axis in ("x", "y")]).astype(np.float64)
    on_map = np.isfinite(points).all(axis=0)
    points -= points.min(axis=1, keepdims=True, where=on_map, initial=np.inf)
    side = points.max(where=on_map, initial=0.0)
    found = np.full(points.shape, OFF_THE_MAP, dtype="<u2")
    found[:, on_map] = np.rint(points[:, on_map] * (STEPS / side if side else 0.0))
    return found.tobytes()


def products(build: Build) -> bytes:
    """What every map says of the products: int32 n; cluster, category and bytes of the id, int32 [n] each; and the ids.

    Between them, uint8 [n] each: the `levels` of the `MEASURES`, and whether there is a picture. The categories are numbered as
    in `Catalogue.category_names`; -1 is none. The ids are UTF-8, one after the other, and sorted by their bytes.
    """
    ids = build.cache.ids
    numbers = (np.array([len(ids)]), build.catalogue.cluster, build.catalogue.category, pc.binary_length(ids).to_numpy())
    small = (*(levels(measured(build, name)) for name in MEASURES), build.catalogue.has_picture)
    return b"".join(
        [
            *(np.asarray(each, "<i4").tobytes() for each in numbers),
            *(np.asarray(each, np.uint8).tobytes() for each in small),
            _joined(ids),
        ]
    )


def measured(build: Build, name: str) -> NDArray[np.float64]:
    """float64 [n]: one of the `MEASURES`, NaN where it isn't known.

    Popularity is the number of reviews, or of orders in a shop without reviews, as the catalogue's first order has it.
    """
    catalogue = build.catalogue
    if name == "popularity":
        return (catalogue.n_reviews if catalogue.n_reviews.any() else catalogue.n_orders).astype(np.float64)
    return (catalogue.price if name == "price" else catalogue.rating).astype(np.float64)


def levels(values: NDArray[np.float64]) -> NDArray[np.uint8]:
    """uint8 [n]: where each value stands among all, 0 for the lowest and `HIGHEST_LEVEL` for the highest; NaN: `UNKNOWN_LEVEL`.

    By rank and not by size, so that one product that costs a hundred times the rest doesn't make all the others look alike. Equal
    values have equal levels: the one in the middle of their ranks.
    """
    known = ~np.isnan(values)
    found = np.full(len(values), UNKNOWN_LEVEL, np.uint8)
    ordered = np.sort(values[known])
    if len(ordered):
        ranks = (np.searchsorted(ordered, values[known], "left") + np.searchsorted(ordered, values[known], "right") - 1) / 2
        found[known] = np.rint(ranks * (HIGHEST_LEVEL / max(len(ordered) - 1, 1)))
    return found


def _joined(texts: pa.StringArray) -> bytes:
    """Texts one after the other, as UTF-8."""
    whole = pa.ListArray.from_arrays(pa.array([0, len(texts)], pa.int32()), texts)
    return cast("bytes", pc.binary_join(whole, "")[0].as_buffer().to_pybytes())


def _products(build: Build) -> Response:
    """`products`, as gzip for who can read that."""
    if request.accept_encodings.quality("gzip"):
        response = _binary(compressed_products(build))
        response.headers["Content-Encoding"] = "gzip"
    else:
        response = _binary(products(build))
    response.headers["Vary"] = "Accept-Encoding"
    return response


def compressed_products(build: Build) -> bytes:
    """`products` as gzip, kept as long as the build. Two threads that ask first may both do the work, to the same result."""
    found = _compressed.get(build)
    if found is None:
        found = _compressed[build] = gzip.compress(products(build), QUICKLY, mtime=0)
    return found


def _binary(content: bytes) -> Response:
    return Response(content, mimetype="application/octet-stream")
