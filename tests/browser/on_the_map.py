"""The map of the page Clusters, under a hand: where its points are, and lines drawn on it."""

from __future__ import annotations

from collections.abc import Sequence

from playwright.sync_api import Page, expect

CHART = "(await import('/assets/map/map.js')).theChart()"
PLACES_OF_POINTS = f"""async (ids) => {{
    const {{ view, places, products }} = {CHART}, box = document.getElementById("map").getBoundingClientRect();
    return ids.map((id) => {{
        const row = products.ids.rowOf(id), [left, top] = view.toScreen(places.x[row], places.y[row]);
        return [box.x + left, box.y + top];
    }});
}}"""

Place = tuple[float, float]
"""In pixels of the window."""


def drawn(page: Page) -> None:
    expect(page.locator("#map-frame")).to_have_class("map-frame")


def points(page: Page, ids: Sequence[str]) -> dict[str, Place]:
    """Where products are drawn."""
    return {product_id: (x, y) for product_id, (x, y) in zip(ids, page.evaluate(PLACES_OF_POINTS, ids), strict=True)}


def point(page: Page, product_id: str) -> Place:
    return points(page, [product_id])[product_id]


def drag(page: Page, *corners: Place) -> None:
    page.mouse.move(*corners[0])
    page.mouse.down()
    for corner in corners[1:]:
        page.mouse.move(*corner, steps=8)
    page.mouse.up()
