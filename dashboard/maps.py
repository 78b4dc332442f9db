"""The points of the maps, for the browser: bytes that ``assets/clusters.js`` reads as arrays.

A page of a map names two addresses. Both name the build, so a browser may keep what it got for ever: another map asks for new
places only, other colours for nothing. A point carries its product's id and not its row, because a row means another product
once a new build is live. No Python object is made for each product: the numbers are the catalogue's own, the ids Arrow's bytes.
"""

from __future__ import annotations

import zlib
from typing import cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from flask import Flask, Response, abort, request

from dashboard.ids import MAP_PRODUCTS
from dashboard.store import Build, current_build
from dashboard.thumbnails import FOR_EVER
from lookup import schema

OFF_THE_MAP = np.iinfo(np.uint16).max
"""The place of a product without data for a map."""
STEPS = OFF_THE_MAP - 1
"""The larger side of a map in the unit of its places. A map has to be enlarged a hundredfold before one is a pixel."""
QUICKLY = 1
"""zlib's level: the higher ones take four times as long to save a tenth."""


def add_routes(server: Flask) -> None:
    """``/maps/<build>/products`` and ``/maps/<build>/<map>``"""
    server.add_url_rule("/maps/<build_name>/<name>", "maps", _map)


def _map(build_name: str, name: str) -> Response:
    build = current_build()
    # Another build has other groups and products: the page that still asks for it has to be drawn anew.
    if build_name != build.name:
        abort(404)
    if name == MAP_PRODUCTS:
        response = _compressed(products(build))
    elif schema.map_path(name) in build.cache:
        # Not compressed: places are as good as random, it would save a fiftieth.
        response = _binary(in_places(build.cache.table(schema.map_path(name)).read()))
    else:
        abort(404)
    response.headers["Cache-Control"] = FOR_EVER
    return response


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


def products(build: Build) -> list[bytes]:
    """What every map says of the products: int32 n, then cluster, category and bytes of the id, int32 [n] each; then the ids.

    The categories are numbered as in `Catalogue.category_names`; -1 is none. The ids are UTF-8, one after the other.
    """
    ids = build.cache.ids
    numbers = (np.array([len(ids)]), build.catalogue.cluster, build.catalogue.category, pc.binary_length(ids).to_numpy())
    return [*(np.asarray(each, "<i4").tobytes() for each in numbers), _joined(ids)]


def _joined(texts: pa.StringArray) -> bytes:
    """Texts one after the other, as UTF-8."""
    whole = pa.ListArray.from_arrays(pa.array([0, len(texts)], pa.int32()), texts)
    return cast("bytes", pc.binary_join(whole, "")[0].as_buffer().to_pybytes())


def _compressed(parts: list[bytes]) -> Response:
    if not request.accept_encodings.quality("gzip"):
        response = _binary(b"".join(parts))
    else:
        gzip = zlib.compressobj(QUICKLY, wbits=zlib.MAX_WBITS | 16)
        response = _binary(b"".join([*map(gzip.compress, parts), gzip.flush()]))
        response.headers["Content-Encoding"] = "gzip"
    response.headers["Vary"] = "Accept-Encoding"
    return response


def _binary(content: bytes) -> Response:
    return Response(content, mimetype="application/octet-stream")
