"""The product that someone clicked on a map, beside it: what it is, and what lies near in a signal of their choice."""

from __future__ import annotations

from collections.abc import Callable

from dash import html
from dash.development.base_component import Component

from dashboard import wording
from dashboard.components.choices import choice
from dashboard.components.pictures import picture
from dashboard.ids import item_href
from dashboard.recommendations import Recommendation
from dashboard.store import Build, Product

PANEL = "map-panel"
"""The id of the panel, which takes the focus when a click on the map opens it."""


def product_panel(
    build: Build, product: Product, signal: str | None, found: list[Recommendation], link: Callable[..., str], *, on_map: bool
) -> Component:
    """The panel.

    Parameters
    ----------
    build, product
        The lookup tables, and the product.
    signal, found
        What is listed below it; None where the shop has no signals.
    link
        Gives the URL of the page with some of its query changed: ``item``, ``signal``.
    on_map
        Whether the product has a place on the map that is shown.
    """
    title = wording.shortened(product.title)
    facts = [product.category, build.cluster_title(product.cluster) if product.cluster is not None and build.clusters else None]
    signals = [(wording.signal_name(name), link(signal=name), name == signal) for name in build.manifest.signals]
    return html.Section(
        [
            html.A("×", href=link(item=None, signal=None), className="panel-close", **{"aria-label": wording.CLOSE_PANEL}),
            picture(build, product, lazy=False, class_name="panel-picture"),
            html.H2(title),
            *(html.P(fact, className="panel-fact") for fact in facts if fact),
            None if on_map else html.P(wording.OFF_THE_MAP, className="notice"),
            html.P(html.A(wording.OPEN_PRODUCT, href=item_href(product.id), className="button")),
            choice(wording.NEAREST_BY, signals) if signals else None,
            html.P(wording.NO_NEIGHBOURS, className="muted") if signals and not found else None,
            html.Ul([html.Li(_neighbour(build, one, link(item=one.product.id))) for one in found], role="list"),
        ],
        id=PANEL,
        className="map-panel",
        tabIndex="-1",
        **{"aria-label": title},
    )


def _neighbour(build: Build, one: Recommendation, url: str) -> Component:
    return html.A(
        [
            picture(build, one.product, class_name="neighbour-picture"),
            html.Span(
                [
                    html.Span(wording.shortened(one.product.title, 60), className="neighbour-title"),
                    html.Span(one.reason, className="neighbour-reason"),
                ]
            ),
        ],
        href=url,
        className="neighbour",
    )
