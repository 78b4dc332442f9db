"""A few options of which one is chosen, as links: the choice stands in the URL, so that Back and sharing work."""

from __future__ import annotations

from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from dashboard import wording

Option = tuple[str, str, bool]
"""What it is called, the URL that chooses it, and whether it is the chosen one."""


def choice(label: str, options: Sequence[Option], more: Sequence[Option] = (), more_label: str = "") -> Component:
    """A labelled row of options; `more` of them stand behind a button, which is open where one of those is chosen."""
    parts: list[Component] = [html.Span(label, className="choice-label"), _chips(label, options)]
    if more:
        is_open = any(chosen for _, _, chosen in more)
        parts.append(html.Details([html.Summary(more_label), _chips(more_label, more)], open=is_open, className="choice-more"))
    return html.Div(parts, className="choice")


def show_more() -> Component:
    """The button below a long list of options, which ``assets/choices.js`` turns; the list's stylesheet says what it shows."""
    said = [html.Span(wording.SHOW_MORE), html.Span(wording.SHOW_FEWER)]
    return html.Button(said, type="button", className="show-more", **{"aria-expanded": "false"})


def _chips(label: str, options: Sequence[Option]) -> Component:
    links = [html.A(name, href=url, className="chip", **{"aria-current": str(chosen).lower()}) for name, url, chosen in options]
    return html.Ul([html.Li(link) for link in links], className="chips", role="list", **{"aria-label": label})
