"""Names and titles of any length: no page becomes wider than the window."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
import pytest
from playwright.sync_api import Page, expect

from lookup import schema
from lookup.reader import Cache
from tests.browser.conftest import arrive, serving
from tests.planted_cache import CATEGORIES, write_planted_cache
from tests.republish import republish

pytestmark = pytest.mark.browser
LONG = "Sofabezug" * 60
PATHS = (
    "/",
    f"/?q=no&category={LONG}",
    "/item/item-003",
    "/clusters",
    f"/clusters?map=look&colour=category&category={LONG}",
    "/describe?q=" + "z" * 3000,
    "/picture",
    f"/quality?slice={LONG} -> {LONG}",
    "/about",
)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A planted cache with a product title of 10,000 characters, and a shop and a category of one long word."""
    folder = tmp_path_factory.mktemp("long")
    write_planted_cache(folder, title="Kissen" * 1700)
    cache = Cache.open(folder)
    products = cache.table(schema.PRODUCTS).read()
    at = products.schema.get_field_index("category")
    names = [LONG if name == CATEGORIES[2] else name for name in products.column("category").to_pylist()]
    metrics = [
        row | {"slice": f"{LONG} -> {LONG}"} for row in cache.table(schema.METRICS).read().to_pylist() if row["slice"] == "all"
    ]
    tables = {
        schema.PRODUCTS: products.set_column(at, products.schema.field(at), pa.array(names)),
        schema.METRICS: pa.Table.from_pylist(metrics, schema.METRICS_SCHEMA),
    }
    republish(folder, tables=tables, shop={"name": "Einrichtungshaus" * 20, "currency": "EUR"})
    with serving(folder) as address:
        yield address


@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("path", PATHS, ids=lambda path: path[:20])
def test_no_page_is_wider_than_the_window(page: Page, path: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    arrive(page, path)
    expect(page.locator("main h1").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_title_of_any_length_leaves_the_product_in_view(page: Page) -> None:
    arrive(page, "/item/item-003")
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_be_visible()
    box = heading.bounding_box()
    assert box is not None
    assert box["height"] < 300
