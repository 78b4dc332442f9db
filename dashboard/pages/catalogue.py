"""The catalogue."""

from __future__ import annotations

from dash import html

from dashboard.components.cards import card_grid, product_card
from dashboard.navigation import Location, Page, View
from dashboard.store import current_build


def layout(location: Location) -> View:
    build = current_build()
    hits = build.catalogue.search(location.query.get("q", ""))
    cards = [product_card(build, build.catalogue.product(row)) for row in hits.rows.tolist()]
    return View("Catalogue", html.Div(card_grid(cards)))


PAGE = Page("/", layout)
