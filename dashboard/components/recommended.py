"""A recommended product as a card: why it is here, what other signals say, and what to do with it."""

from __future__ import annotations

from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from dashboard import wording
from dashboard.components.cards import product_card, reason, score_bar
from dashboard.components.feedback import thumbs
from dashboard.navigation import href
from dashboard.recommendations import Recommendation
from dashboard.store import Build, Product
from lookup.schema import Evidence

COMPARE = "/compare"
"""The path of the page that puts two products side by side."""


def recommended_card(
    build: Build, product: Product, signal: str, one: Recommendation, *, best: float, others: Sequence[str]
) -> Component:
    """The card of what a signal recommends with a product.

    Parameters
    ----------
    build, product, signal
        The lookup tables, and which of their lists the recommendation stands in.
    one
        The recommendation.
    best
        The best score of the whole list: what a bar is drawn against.
    others
        What other signals say of the same pair.
    """
    # A blend has no reason of its own: what the others say is its reason, in more words.
    is_blend = build.manifest.signals[signal].evidence == Evidence.RANKS
    why = _agreement(build, one, others) if is_blend and others else _own_reason(signal, one, best, others)
    return html.Div(
        [
            product_card(build, one.product, why=why),
            html.Div(
                [
                    compare_link(product, one.product),
                    None if one.fallback else thumbs(product.id, signal, one.product.id, one.rank),
                ],
                className="card-actions",
            ),
        ],
        className="recommended",
    )


def _agreement(build: Build, one: Recommendation, others: Sequence[str]) -> list[Component | None]:
    """Why a blend lists a product. No bar: fused scores lie so close together that nearly all would be full."""
    asked = sum(entry.evidence != Evidence.RANKS for entry in build.manifest.signals.values())
    counted = html.Span(
        wording.signals_agree(len(others), asked), className="card-agreement", title=wording.exact_score(one.score)
    )
    return [counted, reason(wording.in_detail(others))]


def _own_reason(signal: str, one: Recommendation, best: float, others: Sequence[str]) -> list[Component | None]:
    return [
        None if one.fallback else score_bar(signal, one.score, best, one.reason),
        reason(one.reason),
        html.Span(wording.also(others), className="card-also") if others else None,
    ]


def compare_link(a: Product, b: Product) -> Component:
    """A link to the page that puts the two side by side."""
    label = wording.compare_with(wording.shortened(b.title))
    return html.A(wording.COMPARE, href=href(COMPARE, {"a": a.id, "b": b.id}), className="card-compare", **{"aria-label": label})
