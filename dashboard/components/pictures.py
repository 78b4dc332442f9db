"""A product's picture, or the place where it would be."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from dashboard import ids, wording
from dashboard.store import Build, Product

SIZE = 256
"""Width and height that a picture asks for before it is loaded, in pixels, so that nothing moves when it arrives."""


def picture(build: Build, product: Product, *, lazy: bool = True, class_name: str = "picture") -> Component:
    """The picture, square; a product without one gets its initial on a plain ground.

    A lazy picture is loaded when it comes near the view.
    """
    title = wording.shortened(product.title)
    if not product.has_picture:
        return html.Div(
            html.Span(product.title[:1].upper(), **{"aria-hidden": "true"}),
            className=f"{class_name} picture-none",
            role="img",
            **{"aria-label": wording.without_picture(title)},
        )
    source = ids.thumbnail_href(build.name, product.id)
    return html.Img(
        alt=title,
        width=SIZE,
        height=SIZE,
        className=class_name,
        **({"data-src": source} if lazy else {"src": source}),
    )
