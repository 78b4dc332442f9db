"""A few options of which one is chosen, as links: the choice stands in the URL, so that Back and sharing work."""

from __future__ import annotations

from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

Option = tuple[str, str, bool]
"""What it is called, the URL that chooses it, and whether it is the chosen one."""


def choice(label: str, options: Sequence[Option]) -> Component:
    """A labelled row of options."""
    links = [html.A(name, href=url, className="chip", **{"aria-current": str(chosen).lower()}) for name, url, chosen in options]
    return html.Div(
        [
            html.Span(label, className="choice-label"),
            html.Ul([html.Li(link) for link in links], className="chips", role="list", **{"aria-label": label}),
        ],
        className="choice",
    )
