"""Judging recommendations: what `assets/feedback.js` needs to draw its thumbs, and where it says how many were judged."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from dashboard import wording
from dashboard.store import Build


def thumbs(product_id: str, signal: str, recommended_id: str, rank: int) -> Component:
    """The place for a thumbs up and a thumbs down. They are drawn in the browser, where the verdicts are."""
    pair = {"data-judged": product_id, "data-signal": signal, "data-recommended": recommended_id, "data-rank": str(rank)}
    return html.Span(className="thumbs", **pair)


def feedback_panel(build: Build) -> Component:
    """How many recommendations were judged in this browser, to export and to clear.

    A page with `thumbs` needs it, for it also holds the words that they are drawn with.
    """
    words = {
        "none": wording.NONE_JUDGED,
        "one": wording.ONE_JUDGED,
        "many": wording.MANY_JUDGED,
        "not-kept": wording.NOT_KEPT,
        "export": wording.EXPORT_JUDGED,
        "clear": wording.CLEAR_JUDGED,
        "restore": wording.RESTORE_JUDGED,
        "good": wording.GOOD,
        "bad": wording.BAD,
    }
    place = html.Div(id="feedback", **{f"data-{name}": text for name, text in words.items()}, **{"data-build": build.name})
    lead = html.P([wording.JUDGE_LEAD, html.Code(wording.FEEDBACK_COMMAND), "."], className="muted")
    # A footer, because no other page has one in its place: React would go on with the element, and with what was drawn into it.
    return html.Footer([html.H2(wording.JUDGED), lead, place], className="section judged")
