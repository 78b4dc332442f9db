"""Clusters: what is said about the points, the legend and the names on the map, and that hands on a keyboard can do it all."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from dashboard.store import Build
from tests.browser.conftest import arrive, until
from tests.browser.on_the_map import CHART, drag, drawn, point

pytestmark = pytest.mark.browser

STANDING_OUT = f"""async () => {{
    const {{ looks, products, places }} = {CHART}, found = new Set();
    for (let i = looks.faint; i < looks.size.length; i++) found.add(`${{looks.place[2 * i]}} ${{looks.place[2 * i + 1]}}`);
    const ofGroup = [...places.byCell].filter((row) => found.has(`${{places.x[row]}} ${{places.y[row]}}`));
    return ofGroup.map((row) => products.ids.of(row)).sort();
}}"""
"""The products whose points are drawn as what stands out."""
LABELS = f"""async () => {{
    const {{ labels, view, places }} = {CHART}, under = (box) => [...places.byCell].filter((row) => {{
        const [x, y] = view.toScreen(places.x[row], places.y[row]);
        return x >= box.left && x <= box.right && y >= box.top && y <= box.bottom;
    }}).length;
    return labels.placed(view).map((box) => {{
        const [x, y] = view.toScreen(box.one.x, box.one.y), across = box.one.width / 2, down = box.one.height / 2;
        const inTheMiddle = {{ left: x - across, right: x + across, top: y - down, bottom: y + down }};
        return {{ text: box.one.text, covers: under(box), would: under(inTheMiddle) }};
    }});
}}"""
"""The names on the map, each with the points under it, and under it if it stood in the middle of its group."""
ALL_INSIDE = """() => {
    const box = (one) => one.getBoundingClientRect(), map = box(document.getElementById("map"));
    const names = [...document.querySelectorAll(".map-labels span:not([hidden])")].map(box);
    const others = [...document.querySelectorAll(".map-search, .map-tools")].map(box);
    const isApart = (one, other) => (
        one.left > other.right || other.left > one.right || one.top > other.bottom || other.top > one.bottom
    );
    return names.length > 0 && names.every((name) => (
        name.left >= map.left && name.right <= map.right && name.top >= map.top && name.bottom <= map.bottom
        && others.every((other) => isApart(name, other))
    ));
}"""
"""Whether every name on the map can be read whole."""
PARTS = ["header", ".choices", "#map", ".map-search", ".map-tools", ".legend", ".map-panel", ".all-clusters", ".twin", "footer"]
FOCUSED = """(parts) => {
    const one = document.activeElement, part = parts.find((selector) => one.closest(selector)), look = getComputedStyle(one);
    const isMarked = one.matches(":focus-visible") && (look.outlineStyle !== "none" || look.boxShadow !== "none");
    return { part: part || one.tagName, text: one.getAttribute("aria-label") || one.textContent, isMarked };
}"""
"""On what part of the page the focus is, and whether it can be seen there."""
ON_TOP = """() => {
    const one = document.activeElement, box = one.getBoundingClientRect();
    const shown = document.elementFromPoint(box.x + box.width / 2, box.y + Math.min(box.height / 2, 20));
    return shown && (one.contains(shown) || shown.contains(one));
}"""
"""Whether what has the focus is in view, and nothing lies over it."""


def open_map(page: Page, address: str) -> None:
    arrive(page, address)
    drawn(page)
    expect(page.locator(".map-labels span:not([hidden])").first).to_be_visible()


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


@pytest.fixture
def build(planted: Path) -> Build:
    return Build.open(planted)


def in_category(build: Build, name: str) -> list[str]:
    return sorted(build.cache.id_of(row) for row in range(len(build.cache)) if build.catalogue.product(row).category == name)


def test_the_legend_says_what_it_counts_and_keeps_its_order(page: Page, build: Build) -> None:
    open_map(page, "/clusters?map=look&colour=category")
    said, names = page.locator(".legend-counts"), page.locator(".legend-name").all_inner_texts()
    expect(said).to_have_text("Number of products")
    page.mouse.move(*point(page, "item-010"))
    page.mouse.wheel(0, -600)
    expect(said).to_have_text("Products in view, of all")
    page.get_by_label("Find on the map").fill("number 2")
    expect(said).to_have_text("Products found and in view, of all")
    page.get_by_role("button", name="Show the whole map").click()
    expect(said).to_have_text("Products found, of all")
    expect(page.locator(".legend-name")).to_have_text(names)
    page.get_by_label("Find on the map").fill("")
    expect(said).to_have_text("Number of products")
    page.locator(".legend a", has_text="Mugs").click()
    expect(said).to_have_text("Products shown, of all")
    expect(page.locator(".legend-name")).to_have_text(names)
    page.get_by_role("button", name="Choose products in a box").click()
    left, top = point(page, in_category(build, "Mugs")[0])
    drag(page, (left - 30, top - 30), (left + 30, top + 30))
    expect(said).to_have_text("Products chosen, of all")


def test_an_entry_of_the_legend_brings_out_its_points_under_the_pointer_and_the_focus(page: Page, build: Build) -> None:
    open_map(page, "/clusters?map=look&colour=category")
    mugs = page.locator(".legend a", has_text="Mugs")
    everything = page.evaluate(STANDING_OUT)
    assert len(everything) == len(build.cache)
    mugs.hover()
    until(page, f"async () => {CHART}.looks.faint > 0")
    assert page.evaluate(STANDING_OUT) == in_category(build, "Mugs")
    page.get_by_role("heading", level=1).hover()
    until(page, f"async () => {CHART}.looks.faint === 0")
    page.get_by_role("button", name="SVG").focus()
    press(page, "Tab")
    until(page, f"async () => {CHART}.looks.faint > 0")
    first = page.locator(".legend-name").first.inner_text()
    assert page.evaluate(STANDING_OUT) == in_category(build, first)
    expect(page.locator(".legend-counts")).to_have_text("Number of products")


def test_names_stand_beside_their_points(page: Page) -> None:
    open_map(page, "/clusters")
    labels = page.evaluate(LABELS)
    assert len(labels) > 3
    assert sum(label["covers"] for label in labels) < sum(label["would"] for label in labels), labels


@pytest.mark.parametrize("width", [390, 820, 1280])
def test_no_name_is_cut_or_lies_under_the_tools(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    open_map(page, "/clusters")
    until(page, ALL_INSIDE)
    page.get_by_role("button", name="Zoom in").click()
    expect(page.locator(".legend-counts")).to_have_text("Products in view, of all")
    until(page, ALL_INSIDE)


def test_a_search_leaves_the_names_of_what_it_does_not_find_in_the_background(page: Page) -> None:
    open_map(page, "/clusters?map=look&colour=category&q=mug")
    expect(page.locator(".map-labels .faint:not([hidden])").first).to_be_visible()
    assert "Mugs" not in page.locator(".map-labels .faint:not([hidden])").all_inner_texts()


def test_the_keyboard_walks_the_page_from_top_to_bottom(page: Page) -> None:
    open_map(page, "/clusters")
    parts: list[str] = []
    while "footer" not in parts:
        press(page, "Tab")
        focused = page.evaluate(FOCUSED, PARTS)
        assert focused["isMarked"], focused
        until(page, ON_TOP)
        if focused["part"] not in parts[-1:]:
            parts.append(focused["part"])
    assert parts[1:] == [part for part in PARTS if part != ".map-panel"]
    assert parts[0] == "A", "the link that skips all this"


def test_the_keyboard_does_what_the_pointer_does(page: Page, build: Build) -> None:
    open_map(page, "/clusters?map=look&colour=category")
    page.locator("#map").focus()
    press(page, "+", "+", "Enter")
    panel = page.locator("#map-panel")
    expect(panel).to_be_focused()
    nearest = page.evaluate(
        f"""async () => {{
            const {{ view, places, products }} = {CHART};
            const away = (row) => (places.x[row] - view.x) ** 2 + (places.y[row] - view.y) ** 2;
            return products.ids.of([...places.byCell].reduce((best, row) => (away(row) < away(best) ? row : best)));
        }}"""
    )
    row = build.cache.row_of(nearest)
    assert row is not None
    expect(panel.get_by_role("heading")).to_have_text(build.catalogue.product(row).title)

    while not page.evaluate("() => document.activeElement.matches('.neighbour')"):
        press(page, "Tab")
        focused = page.evaluate(FOCUSED, PARTS)
        assert focused["part"] == ".map-panel", "nothing that the panel lies over takes the focus"
    title = page.locator(".neighbour:focus .neighbour-title").inner_text()
    press(page, "Enter")
    expect(panel.get_by_role("heading")).to_have_text(title)
    expect(panel).to_be_focused()
    press(page, "Escape")
    expect(panel).to_have_count(0)
    expect(page.locator("#map")).to_be_focused()

    page.locator(".legend li a").nth(2).focus()
    name = page.locator(".legend-name").nth(2).inner_text()
    press(page, "Enter")
    expect(page.locator(".chosen-group h2")).to_have_text(name)
    expect(page.locator(".legend li a").nth(2)).to_be_focused()
    press(page, "Enter")
    expect(page.locator(".chosen-group")).to_have_count(0)
    expect(page).not_to_have_url(re.compile("&category="))
