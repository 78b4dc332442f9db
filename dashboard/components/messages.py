"""What a page says when there is little to show: empty states, notices, labels."""

from __future__ import annotations

from typing import Any

from dash import html
from dash.development.base_component import Component

from dashboard import wording
from dashboard.store import Build


def page_header(title: Any, lead: Any = None, **attributes: Any) -> Component:
    """A page's heading and one sentence about it."""
    return html.Header([html.H1(title), html.P(lead, className="lead") if lead else None], className="page-header", **attributes)


def empty_state(title: str, hint: Any, action: Component | None = None, *, whole_page: bool = False) -> Component:
    """A friendly word where there is nothing to show, what to do about it and, where there is one, the link that does it."""
    heading = html.H1(title, className="h2") if whole_page else html.H2(title)
    return html.Div(
        [html.Div(className="empty-mark", **{"aria-hidden": "true"}), heading, html.P(hint), action],
        className="empty-state",
    )


def notice(text: Any) -> Component:
    return html.P(text, className="notice", role="note")


def untrained_label() -> Component:
    """Stands wherever results of random weights stand."""
    return html.Span(wording.capitalised(wording.UNTRAINED), className="label label-warn", title=wording.UNTRAINED_HINT)


def untrained_note(build: Build) -> Component | None:
    """What `untrained_label` means, once on a page of signals; None where each was trained."""
    is_any = any(entry.untrained for entry in build.manifest.signals.values())
    return html.P(wording.UNTRAINED_HINT, className="untrained-note") if is_any else None
