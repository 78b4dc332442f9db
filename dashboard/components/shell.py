"""What stands around every page: header, navigation, footer."""

from __future__ import annotations

from dash import dcc, html
from dash.development.base_component import Component

from dashboard import ids, wording
from dashboard.store import Build


def shell(build: Build, page: Component) -> Component:
    """The frame of the app around a page; the router fills `ids.PAGE` with others."""
    stores = [dcc.Store(id=name) for name in (ids.NAVIGATION, "drawn", "arrived", "written")]
    return html.Div(
        [
            html.A(wording.SKIP_TO_CONTENT, href=f"#{ids.PAGE}", className="skip-link"),
            _header(build),
            html.Main(page, id=ids.PAGE, tabIndex="-1"),
            _footer(build),
            *stores,
        ],
        className="shell",
    )


def page_loading() -> Component:
    """What stands where a page will be."""
    return html.Div(className="page-loading", **{"aria-busy": "true"})


def _header(build: Build) -> Component:
    links = html.Ul([html.Li(html.A(name, href=path)) for path, name in wording.PAGES.items()], role="list")
    toggle = html.Button(
        html.Span(className="theme-mark", **{"aria-hidden": "true"}),
        id="theme-toggle",
        className="theme-toggle",
        title=wording.THEME,
        **{"aria-label": wording.SWITCH_THEME},
    )
    brand = html.A(
        [html.Span(wording.BRAND, className="brand-name"), html.Span(build.shop, className="brand-shop")],
        href="/",
        className="brand",
    )
    return html.Header(
        html.Div([brand, html.Nav(links, **{"aria-label": wording.PAGES_LABEL}), _languages(), toggle], className="bar"),
        className="site-header",
    )


def _languages() -> Component:
    """A choice of languages, which ``assets/language.js`` remembers: a round button with the tag, as the theme's."""
    chosen = wording.language()
    options = [html.Option(words.NAME, value=tag, lang=tag, selected=tag == chosen) for tag, words in wording.LANGUAGES.items()]
    return html.Div(
        [
            html.Span(chosen, **{"aria-hidden": "true"}),
            html.Select(options, id="language", autoComplete="off", title=wording.LANGUAGE, **{"aria-label": wording.LANGUAGE}),
        ],
        className="language",
    )


def _footer(build: Build) -> Component:
    counts = build.manifest.counts
    said = [wording.count(counts[what], what.removesuffix("s")) for what in ("products", "reviews", "orders") if counts.get(what)]
    links = [html.A(wording.TAKE_ALONG, href="/take-along"), html.A(wording.ABOUT_THIS_DATA, href="/about")]
    return html.Footer([html.Span(" · ".join(said)), html.Span(links, className="footer-links")], className="site-footer")
