"""The page Clusters: hover, click, legend, and a name that tries to be a script."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.planted_cache import XSS_TITLE

pytestmark = pytest.mark.browser

PLACE_OF_POINT = """(id) => {
    const plot = document.querySelector(".js-plotly-plot"), layout = plot._fullLayout, box = plot.getBoundingClientRect();
    for (const points of plot.calcdata) {
        const trace = points[0].trace, i = trace.customdata.indexOf(id);
        if (i >= 0) {
            return [box.x + layout._size.l + layout.xaxis.d2p(trace.x[i]), box.y + layout._size.t + layout.yaxis.d2p(trace.y[i])];
        }
    }
}"""
"""Where Plotly drew a product, in pixels of the window."""


def open_map(page: Page, address: str) -> None:
    page.goto(address)
    expect(page.locator(".map canvas").first).to_be_visible()
    page.wait_for_function("document.querySelector('.js-plotly-plot')?.calcdata?.length > 0")


def point(page: Page, product_id: str) -> tuple[float, float]:
    x, y = page.evaluate(PLACE_OF_POINT, product_id)
    return x, y


def hover(page: Page, product_id: str) -> None:
    x, y = point(page, product_id)
    page.mouse.move(x - 25, y - 25)
    page.mouse.move(x, y, steps=5)


def test_hover_shows_the_product_and_a_click_opens_it(page: Page) -> None:
    open_map(page, "/clusters?map=look")
    hover(page, "item-010")
    tip = page.locator(".tip")
    expect(tip.locator(".tip-picture")).to_have_attribute("src", re.compile(r"/item-010\.webp$"))
    title = tip.locator(".tip-title").inner_text()
    page.mouse.click(*point(page, "item-010"))
    expect(page).to_have_url(re.compile(r"/item/item-010$"))
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("Clusters")


def test_a_title_that_is_markup_is_shown_as_text(page: Page) -> None:
    open_map(page, "/clusters?map=look")
    hover(page, "item-003")
    expect(page.locator(".tip-title")).to_have_text(XSS_TITLE)


def test_the_legend_brings_out_a_group_and_keeps_it_in_the_address(page: Page) -> None:
    open_map(page, "/clusters")
    page.get_by_role("navigation", name="Clusters").get_by_role("link").nth(2).click()
    expect(page).to_have_url(re.compile(r"cluster=\d"))
    cards = page.locator(".chosen-group .product-card")
    expect(cards.first).to_be_visible()
    terms = page.locator(".chosen-group .cluster-terms").inner_text()
    page.reload()
    expect(page.locator(".chosen-group .cluster-terms")).to_have_text(terms)
    page.get_by_role("link", name="Show all").click()
    expect(page.locator(".chosen-group")).to_have_count(0)
    expect(page.locator(".cluster-card")).to_have_count(6)
    page.go_back()
    expect(page.locator(".chosen-group .cluster-terms")).to_have_text(terms)


def test_maps_and_colours_are_switched(page: Page) -> None:
    open_map(page, "/clusters")
    page.get_by_role("link", name="Same style").click()
    expect(page.locator(".choice .chip[aria-current=true]")).to_have_text(["Same style", "Cluster"])
    page.get_by_role("link", name="Category", exact=True).click()
    expect(page.get_by_role("navigation", name="Categories").get_by_role("link")).to_have_count(6)
    expect(page.locator(".legend-name", has_text="<b>pots</b>")).to_be_visible()


@pytest.mark.parametrize("width", [360, 820, 2560])
def test_nothing_is_wider_than_the_window(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    for address in ("/clusters", "/clusters?cluster=1", "/describe?q=soft+wool", "/picture", "/quality"):
        page.goto(address)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        page.wait_for_load_state("networkidle")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
