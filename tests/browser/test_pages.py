"""The committed demo shop, as a newcomer clicks through it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from lookup.reader import Cache
from tests.browser.conftest import arrive, serving, settled
from tests.serving import ROOT

pytestmark = pytest.mark.browser
PAGES = {
    "Clusters": "Clusters",
    "Describe it": "Describe it",
    "Picture": "Picture",
    "Quality": "Quality",
    "About": "About this data",
    "Catalogue": "Fjord & Form",
}
SIGNALS = ["Best of all", "Looks alike", "Goes with it", "Described alike", "Bought together", "Similar company"]


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The demo shop's own cache, in place of the planted one."""
    with serving(ROOT / "cache") as address:
        yield address


def test_every_page_opens_by_a_click_and_asks_the_server_once(page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "_dash-update-component" in request.url else None)
    arrive(page, "/")
    for link, heading in PAGES.items():
        before = len(asked)
        page.get_by_role("navigation", name="Pages").get_by_role("link", name=link, exact=True).click()
        expect(page.get_by_role("heading", level=1)).to_have_text(heading)
        settled(page)
        assert len(asked) == before + 1, link


def test_a_click_on_a_card_shows_recommendations_of_every_signal_and_they_lead_on(page: Page) -> None:
    arrive(page, "/")
    page.locator(".product-card").first.click()
    for signal in SIGNALS:
        row = page.get_by_role("region", name=signal)
        expect(row.get_by_role("link").first).to_be_visible()
    title = page.get_by_role("heading", level=1).inner_text()
    page.get_by_role("region", name="Goes with it").get_by_role("link").first.click()
    expect(page.get_by_role("heading", level=1)).not_to_have_text(title)
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text(title)


def test_a_typed_sentence_finds_what_it_describes(page: Page) -> None:
    arrive(page, "/describe")
    page.get_by_role("textbox").fill("a sturdy oak chair for a small kitchen")
    expect(page.locator(".product-card").first).to_contain_text("chair")


def test_an_uploaded_catalogue_picture_finds_its_product_first(page: Page) -> None:
    cache = Cache.open(ROOT / "cache")
    products = cache.table("products.parquet").read(["title", "has_picture"]).to_pylist()
    row = next(row for row, product in enumerate(products) if product["has_picture"])
    picture = ROOT / "demo" / "shop" / "images" / f"{cache.id_of(row)}.webp"
    arrive(page, "/picture")
    page.locator("input[type=file]").set_input_files(picture)
    expect(page.locator(".product-card").first).to_contain_text(products[row]["title"])


def test_the_untrained_network_is_named(page: Page) -> None:
    arrive(page, "/about")
    expect(page.get_by_text("Untrained network").first).to_be_visible()
