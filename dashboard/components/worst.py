"""Where a signal misses most: products, what was bought with them and what was recommended instead, as pictures to look at."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from dash import html
from dash.development.base_component import Component

from dashboard import ids, wording
from dashboard.components.choices import choice
from dashboard.components.pictures import picture
from dashboard.store import Build, Product
from lookup import schema
from lookup.schema import WorstCase


def worst_section(build: Build, asked: str | None, href_of: Callable[[str], str]) -> Component | None:
    """The cases of the signal asked for, else of the best; None where there are none.

    `href_of` gives the page's URL with a signal chosen.
    """
    cases = worst_cases(build)
    if not cases:
        return None
    signals = list(dict.fromkeys(case.signal for case in cases))
    signal = asked if asked in signals else signals[0]
    shown = [case for case in cases if case.signal == signal]
    return html.Section(
        [
            html.H2(wording.WORST_TITLE),
            html.P(wording.worst_lead(shown[0].k)),
            choice(wording.SIGNAL, [(wording.signal_name(one), href_of(one), one == signal) for one in signals]),
            html.Ul([html.Li(_case(build, case), className="worst-case") for case in shown], className="worst", role="list"),
        ],
        className="panel worst-panel",
    )


def worst_cases(build: Build) -> list[WorstCase]:
    """The rows of ``worst.parquet``, none where there is no such table."""
    if schema.WORST not in build.cache:
        return []
    return [WorstCase(**row) for row in build.cache.table(schema.WORST).read(list(WorstCase._fields)).to_pylist()]


def _case(build: Build, case: WorstCase) -> list[Component]:
    [product, *others] = build.catalogue.products([case.product, *case.bought, *case.recommended])
    bought, recommended = others[: len(case.bought)], others[len(case.bought) :]
    title = wording.shortened(product.title)
    return [
        html.A(
            [
                picture(build, product),
                html.Span(
                    [
                        html.Span(title, className="card-title"),
                        html.Span(wording.asked_by(case.orders), className="muted small"),
                    ],
                    className="worst-text",
                ),
            ],
            href=ids.item_href(product.id),
            className="worst-product",
        ),
        _pictures(build, wording.BOUGHT_WITH_IT, bought),
        _pictures(build, wording.RECOMMENDED_INSTEAD, recommended),
    ]


def _pictures(build: Build, label: str, products: Sequence[Product]) -> Component:
    links = [
        html.A(picture(build, product), href=ids.item_href(product.id), title=wording.shortened(product.title))
        for product in products
    ]
    return html.Div(
        [
            html.Span(label, className="worst-label muted small", **{"aria-hidden": "true"}),
            html.Ul([html.Li(link) for link in links], className="worst-pictures", role="list", **{"aria-label": label}),
        ]
    )
