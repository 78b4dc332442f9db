"""One product: its picture, its facts, and what each signal recommends with it."""

from __future__ import annotations

from dash import html

from dashboard.components.cards import carousel, product_card, reason, score_bar
from dashboard.ids import from_segment
from dashboard.navigation import Location, Page, View
from dashboard.recommendations import recommendations
from dashboard.store import current_build

PREFIX = "/item/"


def layout(location: Location) -> View:
    build = current_build()
    product_id = from_segment(location.path.removeprefix(PREFIX))
    row = build.cache.row_of(product_id)
    if row is None:
        return View("Not found", html.Div("?"))
    product = build.catalogue.product(row)
    rows = []
    for signal in build.manifest.signals:
        found = recommendations(build, row, signal)
        best = found[0].score if found else 0
        cards = [product_card(build, r.product, why=[score_bar(signal, r.score, best), reason(r.reason)]) for r in found]
        rows.append(html.Section([html.H2(signal), carousel(cards, signal)]))
    return View(product.title, html.Div([html.H1(product.title), *rows]))


PAGE = Page(PREFIX, layout)
