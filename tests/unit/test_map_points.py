"""The points of the maps: what a browser reads out of the bytes, and for how long it may keep them."""

from __future__ import annotations

import gc
import gzip
import weakref
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from dashboard import maps
from dashboard.app import create_app
from dashboard.maps import (
    FORMAT,
    HIGHEST_LEVEL,
    MEASURES,
    OFF_THE_MAP,
    STEPS,
    UNKNOWN_LEVEL,
    levels,
    map_href,
    measured,
    placed,
)
from dashboard.store import Build
from lookup import schema
from tests.planted_cache import ODD_IDS, write_planted_cache
from tests.republish import republish

COORDINATES = st.floats(-1e6, 1e6, width=32) | st.none()


@pytest.fixture(scope="module")
def build(planted: Path) -> Build:
    return Build.open(planted)


@pytest.fixture(scope="module")
def client(planted: Path) -> FlaskClient:
    return create_app(planted).server.test_client()


def with_map(folder: Path, points: list[tuple[float | None, float | None]]) -> Build:
    """A build with as many products as points, which its map of looks has at these places."""
    write_planted_cache(folder, len(points))
    x, y = zip(*points, strict=True)
    republish(folder, tables={schema.map_path("look"): pa.table([x, y], schema=schema.MAP_SCHEMA)})
    return Build.open(folder)


def look(build: Build) -> bytes:
    return create_app(build.cache.folder.parent).server.test_client().get(map_href(build.name, "look")).data


def read_places(content: bytes) -> list[list[int]]:
    """x and y of every product, as ``assets/map/points.js`` reads them."""
    return np.frombuffer(content, "<u2").reshape(2, -1).T.tolist()


def read_products(content: bytes) -> list[tuple[int, ...]]:
    """Cluster, category, three levels, the picture and the id of every product, as ``assets/map/points.js`` reads them."""
    n = int.from_bytes(content[:4], "little")
    columns = np.frombuffer(content, "<i4", 3 * n, offset=4).reshape(3, n)
    small = np.frombuffer(content, np.uint8, 4 * n, offset=4 + 12 * n).reshape(4, n)
    texts, end = content[4 + 16 * n :], 0
    found = []
    for (cluster, category, length), few in zip(columns.T.tolist(), small.T.tolist(), strict=True):
        found.append((cluster, category, *few, texts[end : end + length].decode()))
        end += length
    assert end == len(texts)
    return found


def test_places_keep_the_shape_of_the_map(tmp_path: Path) -> None:
    corners: list[tuple[float | None, float | None]] = [(-10, 5), (10, 5), (10, 15), (0, 10), (None, None), (None, 7), (3, None)]
    build = with_map(tmp_path, [*corners, *[(0.0, 10.0)] * 20])
    off = [OFF_THE_MAP] * 2
    half, quarter = STEPS // 2, round(STEPS / 4)
    assert read_places(look(build))[:7] == [[0, 0], [STEPS, 0], [STEPS, half], [half, quarter], off, off, off]


@pytest.mark.parametrize("point", [(0.0, 0.0), (3e38, -3e38), (None, None)])
def test_a_map_without_extent_is_one(tmp_path: Path, point: tuple[float | None, float | None]) -> None:
    place = [OFF_THE_MAP] * 2 if point[0] is None else [0, 0]
    assert read_places(look(with_map(tmp_path, [point] * 20))) == [place] * 20


@given(st.lists(st.tuples(COORDINATES, COORDINATES), min_size=1, max_size=50))
def test_a_step_is_the_most_that_a_place_is_off(points: list[tuple[float | None, float | None]]) -> None:
    table = pa.table(list(zip(*points, strict=True)), schema=schema.MAP_SCHEMA)
    exact = np.stack([table.column(axis).to_numpy() for axis in ("x", "y")]).astype(np.float64)
    known = np.isfinite(exact).all(axis=0)
    found = np.array(read_places(maps.in_places(table))).T
    assert (found[:, ~known] == OFF_THE_MAP).all()
    if known.any():
        low = exact[:, known].min(axis=1, keepdims=True)
        side = (exact[:, known] - low).max()
        assert np.abs(found[:, known] * (side / STEPS) - (exact[:, known] - low)).max() <= side / STEPS


def test_every_product_has_its_id_groups_levels_and_picture(client: FlaskClient, build: Build) -> None:
    content = client.get(map_href(build.name, "products")).data
    products = [build.catalogue.product(row) for row in range(len(build.cache))]
    names = build.catalogue.category_names
    measures = [levels(measured(build, name)).tolist() for name in MEASURES]
    expected = [
        (
            -1 if one.cluster is None else one.cluster,
            -1 if one.category is None else names.index(one.category),
            *(each[one.row] for each in measures),
            one.has_picture,
            one.id,
        )
        for one in products
    ]
    assert read_products(content) == expected
    assert {one.id for one in products} >= set(ODD_IDS)
    assert sorted(one.id.encode() for one in products) == [one.id.encode() for one in products], "the browser looks them up so"


def test_levels_go_by_rank() -> None:
    known = [1.0, 2.0, 1000.0, 2.0, np.nan]
    # Ranks 0, 1.5, 3, 1.5 of 3: half way is 127 of 254.
    assert levels(np.array(known)).tolist() == [0, 127, HIGHEST_LEVEL, 127, UNKNOWN_LEVEL]
    assert levels(np.array([7.0])).tolist() == [0]
    assert levels(np.array([np.nan])).tolist() == [UNKNOWN_LEVEL]


@given(st.lists(st.floats(-1e9, 1e9) | st.just(float("nan")), max_size=60))
def test_levels_keep_the_order_of_values(values: list[float]) -> None:
    found = levels(np.array(values, float)).tolist()
    known = [(value, level) for value, level in zip(values, found, strict=True) if not np.isnan(value)]
    assert all(level == UNKNOWN_LEVEL for value, level in zip(values, found, strict=True) if np.isnan(value))
    for value, level in known:
        assert level <= HIGHEST_LEVEL
        for other, other_level in known:
            assert value != other or level == other_level
            assert value <= other or level >= other_level


def test_popular_is_what_has_most_reviews_or_most_orders(build: Build, tmp_path: Path) -> None:
    assert measured(build, "popularity").tolist() == build.catalogue.n_reviews.tolist()
    write_planted_cache(tmp_path)
    products = Build.open(tmp_path).cache.table(schema.PRODUCTS).read()
    at = schema.PRODUCTS_SCHEMA.get_field_index("n_reviews")
    none = pa.array(np.zeros(products.num_rows, np.int32))
    republish(tmp_path, tables={schema.PRODUCTS: products.set_column(at, schema.PRODUCTS_SCHEMA.field(at), none)})
    other = Build.open(tmp_path)
    assert measured(other, "popularity").tolist() == other.catalogue.n_orders.tolist()


@pytest.mark.parametrize(("name", "missing"), [("reviews", 2), ("look", 0)])
def test_placed_counts_the_products_of_a_map(build: Build, name: str, missing: int) -> None:
    assert placed(build, name) == len(build.cache) - missing


def test_products_are_compressed_for_who_can_read_it(client: FlaskClient, build: Build) -> None:
    address = map_href(build.name, "products")
    plain, packed = client.get(address), client.get(address, headers={"Accept-Encoding": "br, gzip;q=0.5"})
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert {plain.headers["Vary"], packed.headers["Vary"]} == {"Accept-Encoding"}
    assert "Content-Encoding" not in client.get(address, headers={"Accept-Encoding": "gzip;q=0"}).headers


def test_products_are_compressed_once_for_each_build(planted: Path, tmp_path: Path) -> None:
    build = Build.open(planted)
    kept = maps.compressed_products(build)
    assert maps.compressed_products(build) is kept
    write_planted_cache(tmp_path, 20)
    other = Build.open(tmp_path)
    assert gzip.decompress(maps.compressed_products(other)) == maps.products(other) != maps.products(build)
    assert maps.compressed_products(build) is kept


def test_what_was_compressed_keeps_no_build_alive(planted: Path) -> None:
    build = Build.open(planted)
    maps.compressed_products(build)
    seen = weakref.ref(build)
    del build
    gc.collect()
    assert seen() is None


def test_visitors_who_ask_at_once_get_the_same(planted: Path) -> None:
    build = Build.open(planted)
    with ThreadPoolExecutor(8) as threads:
        found = set(threads.map(lambda _: maps.compressed_products(build), range(64)))
    assert [gzip.decompress(one) for one in found] == [maps.products(build)]


@pytest.mark.parametrize("name", ["products", "reviews", "look", "style"])
def test_a_browser_may_keep_what_it_got_for_ever(client: FlaskClient, build: Build, name: str) -> None:
    response = client.get(map_href(build.name, name))
    assert (response.status_code, response.mimetype) == (200, "application/octet-stream")
    assert "immutable" in response.headers["Cache-Control"]


@pytest.mark.parametrize("name", ["taste", "..", "look.parquet", "Look", "%00", "x" * 3000])
def test_what_is_no_map_is_not_found(client: FlaskClient, build: Build, name: str) -> None:
    assert client.get(map_href(build.name, name)).status_code == 404


@pytest.mark.parametrize("name", ["products", "look"])
def test_the_points_of_another_build_are_not_found(client: FlaskClient, name: str) -> None:
    response = client.get(map_href("000000000000", name))
    assert response.status_code == 404
    assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("name", ["products", "look"])
def test_the_points_of_another_layout_are_not_found(client: FlaskClient, build: Build, name: str) -> None:
    address = map_href(build.name, name)
    assert address == f"/maps/{FORMAT}/{build.name}/{name}"
    for other in (f"/maps/{build.name}/{name}", f"/maps/{FORMAT + 1}/{build.name}/{name}"):
        response = client.get(other)
        assert "immutable" not in response.headers.get("Cache-Control", "")
        assert response.status_code == 404, other
