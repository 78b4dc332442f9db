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
    bar = None if one.fallback else score_bar(signal, one.score, best, one.reason)
    # A blend has no reason of its own: what the others say is its reason, in more words.
    is_blend = build.manifest.signals[signal].evidence == Evidence.RANKS
    said = [reason(wording.in_detail(others) if is_blend and others else one.reason)]
    if others and not is_blend:
        said.append(html.Span(wording.also(others), className="card-also"))
    return html.Div(
        [
            product_card(build, one.product, why=[bar, *said]),
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


def compare_link(a: Product, b: Product) -> Component:
    """A link to the page that puts the two side by side."""
    label = wording.compare_with(wording.shortened(b.title))
    return html.A(wording.COMPARE, href=href(COMPARE, {"a": a.id, "b": b.id}), className="card-compare", **{"aria-label": label})
