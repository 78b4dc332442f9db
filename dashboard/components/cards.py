"""A product as a card: a picture, a title and what makes it worth a click."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component

from dashboard import ids, wording
from dashboard.components.marks import marked
from dashboard.components.pictures import picture
from dashboard.navigation import href
from dashboard.store import Build, Product


def product_card(
    build: Build,
    product: Product,
    *,
    why: Sequence[Component | None] = (),
    sought: Sequence[str] = (),
    lazy: bool = True,
    listed: str = "",
) -> Component:
    """A card that is one link to the product's page.

    Parameters
    ----------
    build, product
        The lookup tables, and what the card shows of them.
    why
        What goes below the title, e.g. a score and a reason.
    sought
        Words that are marked in title and category.
    lazy
        Whether the picture waits until it comes near the view.
    listed
        The catalogue's query that the card is a result of: the product's page goes on in this list.
    """
    title = wording.shortened(product.title)
    facts = [html.Span(wording.price(product.price, build.currency), className="card-price")] if product.price is not None else []
    if product.rating is not None:
        facts.append(stars(product.rating))
    return html.A(
        [
            picture(build, product, lazy=lazy),
            html.Span(
                [
                    html.Span(marked(product.category, sought), className="card-kicker") if product.category else None,
                    html.Span(marked(title, sought), className="card-title"),
                    html.Span(facts, className="card-facts") if facts else None,
                    *why,
                ],
                className="card-text",
            ),
        ],
        href=href(ids.item_href(product.id), {ids.LIST: listed}),
        className="product-card",
        title=title,
    )


def card_grid(cards: Sequence[Component]) -> Component:
    """Cards in as many columns as fit."""
    return html.Ul([html.Li(card) for card in cards], className="card-grid", role="list")


def carousel(cards: Sequence[Component], label: str) -> Component:
    """Cards in one row that scrolls sideways, by touch, wheel or arrow keys."""
    items = html.Ul([html.Li(card) for card in cards], className="carousel-row", role="list")
    return html.Div(items, className="carousel-track", tabIndex="0", role="region", **{"aria-label": label})


def score_bar(signal: str, score: float, best: float, beside: str | None = None) -> Component:
    """The score as a bar: a share of 1 where the score is a cosine, else of the best score of the list.

    Given the words `beside` it, the bar of a cosine also bears it as a number, unless these words name it already. Other numbers
    say nothing to people: they stand in a tooltip.
    """
    is_cosine = signal in wording.PERCENT_SIGNALS
    share = score if is_cosine else score / best if best > 0 else 0.0
    bar = html.Meter(value=f"{min(1.0, max(0.0, share)):.3f}", min="0", max="1", **{"aria-hidden": "true"})
    text = wording.percent(score)
    is_said = not is_cosine or beside is None or text in beside
    number = None if is_said else html.Span(text, className="score-number")
    return html.Span([bar, number], className="score", title=wording.exact_score(score))


def reason(text: Any) -> Component:
    return html.Span(text, className="card-reason")


def stars(rating: float) -> Component:
    """A rating from 0 to 5 as stars, in halves, and as a number."""
    halves = min(10, max(0, round(2 * rating)))
    return html.Span(
        [
            html.Span(className=f"stars stars-{halves}", **{"aria-hidden": "true"}),
            html.Span(wording.number(rating, 1), className="stars-number"),
        ],
        className="rating",
        role="img",
        **{"aria-label": wording.rated(rating)},
    )
