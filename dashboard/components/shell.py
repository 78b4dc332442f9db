"""What stands around every page: header, navigation, footer."""

from __future__ import annotations

from dash import dcc, html
from dash.development.base_component import Component

from dashboard import ids, wording
from dashboard.store import Build

LINKS = (
    ("Catalogue", "/"),
    ("Clusters", "/clusters"),
    ("Describe it", "/describe"),
    ("Picture", "/picture"),
    ("Quality", "/quality"),
    ("About", "/about"),
)


def shell(build: Build) -> Component:
    """The frame of the app; the router fills `ids.PAGE`."""
    stores = [dcc.Store(id=name) for name in (ids.NAVIGATION, "drawn", "arrived", "written")]
    return html.Div(
        [
            html.A("Skip to content", href=f"#{ids.PAGE}", className="skip-link"),
            _header(build),
            html.Main(html.Div(className="page-loading", **{"aria-busy": "true"}), id=ids.PAGE, tabIndex="-1"),
            _footer(build),
            *stores,
        ],
        className="shell",
    )


def _header(build: Build) -> Component:
    links = html.Ul([html.Li(html.A(name, href=path)) for name, path in LINKS], role="list")
    toggle = html.Button(
        html.Span(className="theme-mark", **{"aria-hidden": "true"}),
        id="theme-toggle",
        className="theme-toggle",
        title="Light or dark",
        **{"aria-label": "Switch between light and dark"},
    )
    brand = html.A(
        [html.Span(wording.BRAND, className="brand-name"), html.Span(build.shop, className="brand-shop")],
        href="/",
        className="brand",
    )
    return html.Header(
        html.Div([brand, html.Nav(links, **{"aria-label": "Pages"}), toggle], className="bar"), className="site-header"
    )


def _footer(build: Build) -> Component:
    counts = build.manifest.counts
    said = [wording.count(counts[what], what.removesuffix("s")) for what in ("products", "reviews", "orders") if counts.get(what)]
    return html.Footer([html.Span(" · ".join(said)), html.A("About this data", href="/about")], className="site-footer")
