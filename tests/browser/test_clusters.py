"""The page Clusters: hover, click, legend, and a name that tries to be a script."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, Route, expect

from dashboard.maps import OFF_THE_MAP, in_places
from dashboard.store import Build
from lookup import schema
from tests.planted_cache import XSS_TITLE

pytestmark = pytest.mark.browser

PLACE_OF_POINT = """(id) => {
    const plot = document.querySelector(".js-plotly-plot"), layout = plot._fullLayout, box = plot.getBoundingClientRect();
    for (const points of plot.calcdata) {
        const trace = points[0].trace, i = (trace.customdata || []).indexOf(id);
        if (i >= 0) {
            return [box.x + layout._size.l + layout.xaxis.d2p(trace.x[i]), box.y + layout._size.t + layout.yaxis.d2p(trace.y[i])];
        }
    }
}"""
"""Where Plotly drew a product, in pixels of the window."""

DRAWN = "document.querySelector('.js-plotly-plot')?.calcdata?.some((points) => points[0].trace.customdata?.length)"
"""Whether a map has its points."""
POINTS = """() => document.querySelector(".js-plotly-plot").data.flatMap(
    ({ group, x, y, customdata }) => customdata.map((id, i) => [id, x[i], y[i], group]))"""
"""Id, place and group of every point."""


def open_map(page: Page, address: str) -> None:
    page.goto(address)
    expect(page.locator(".map canvas").first).to_be_visible()
    page.wait_for_function(DRAWN)


def point(page: Page, product_id: str) -> tuple[float, float]:
    x, y = page.evaluate(PLACE_OF_POINT, product_id)
    return x, y


def hover(page: Page, product_id: str) -> None:
    x, y = point(page, product_id)
    page.mouse.move(x - 25, y - 25)
    page.mouse.move(x, y, steps=5)


@pytest.mark.parametrize("colour", ["cluster", "category"])
def test_every_product_is_in_its_place_and_of_its_colour(page: Page, planted: Path, colour: str) -> None:
    open_map(page, f"/clusters?map=reviews&colour={colour}")
    build = Build.open(planted)
    numbers = (build.catalogue.cluster if colour == "cluster" else build.catalogue.category).tolist()
    x, y = np.frombuffer(in_places(build.cache.table(schema.map_path("reviews")).read()), "<u2").reshape(2, -1).tolist()
    expected = {
        (build.cache.id_of(row), x[row], y[row], numbers[row] if numbers[row] >= 0 else None)
        for row in range(len(build.cache))
        if x[row] != OFF_THE_MAP
    }
    found = [tuple(point) for point in page.evaluate(POINTS)]
    assert len(found) == len(expected)
    assert set(found) == expected


def test_points_are_asked_for_once(page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda one: asked.append(one.url.rpartition("/")[2]) if "/maps/" in one.url else None)
    open_map(page, "/clusters?map=reviews")
    for link, maps in {"Category": 1, "Same style": 2, "Cluster": 2, "Described alike": 2}.items():
        page.locator(".choices").get_by_role("link", name=link, exact=True).click()
        expect(page.locator(".choice .chip[aria-current=true]", has_text=link)).to_be_visible()
        page.wait_for_function(DRAWN)
        assert len(asked) == 1 + maps, link
    assert sorted(asked) == ["products", "reviews", "style"]


@pytest.mark.parametrize(
    "fail", [lambda route: route.abort(), lambda route: route.fulfill(status=404)], ids=["no answer", "a build that is gone"]
)
def test_a_map_that_does_not_arrive_is_asked_for_again(browser: Browser, server: str, fail: Callable[[Route], None]) -> None:
    # Not the page of the fixture, which takes the browser's complaint for an error.
    with browser.new_context(base_url=server) as context:
        page = context.new_page()
        page.route("**/maps/**", fail)
        page.goto("/clusters?cluster=2")
        expect(page.get_by_role("alert")).to_contain_text("The map could not be loaded")
        expect(page.locator(".chosen-group .product-card").first).to_be_visible()
        page.unroute("**/maps/**")
        page.get_by_role("link", name="Try again").click()
        page.wait_for_function(DRAWN)
        expect(page.get_by_role("alert")).to_have_count(0)
        expect(page).to_have_url(re.compile(r"cluster=2"))


def test_a_server_that_is_a_build_behind_is_asked_again(browser: Browser, server: str) -> None:
    asked: list[str] = []

    def behind(route: Route) -> None:
        asked.append(route.request.url)
        if asked.count(route.request.url) == 1:
            route.fulfill(status=404, headers={"Cache-Control": "no-store"})
        else:
            route.continue_()

    with browser.new_context(base_url=server) as context:
        page = context.new_page()
        page.route("**/maps/**", behind)
        open_map(page, "/clusters?map=look")
        expect(page.get_by_role("alert")).to_have_count(0)
    assert {url.rpartition("/")[2]: asked.count(url) for url in asked} == {"look": 2, "products": 2}


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
