"""One product: its picture, its facts, and what each signal recommends with it."""

from __future__ import annotations

from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from dashboard import wording
from dashboard.components.cards import card_grid, carousel, product_card, reason, score_bar, stars
from dashboard.components.messages import empty_state, notice, untrained_label
from dashboard.components.pictures import picture
from dashboard.ids import from_segment, item_href
from dashboard.navigation import Location, Page, View, href
from dashboard.recommendations import Recommendation, recommendations
from dashboard.store import Build, Product, current_build
from lookup import schema
from lookup.manifest import DamagedCache
from lookup.reader import place_in

PREFIX = "/item/"
CLOSE_MATCHES = 6
FIRST_SHOWN = 8
"""Cards of a row until the whole row is asked for: as many as a wide screen shows. Most of what a click costs is cards."""


def layout(location: Location) -> View:
    build = current_build()
    product_id = _asked_id(location.path)
    row = build.cache.row_of(product_id)
    if row is None:
        return View(f"Not found · {build.shop}", _not_found(build, product_id))
    product = build.catalogue.product(row)
    whole = location.query.get("all")
    rows = [_signal(build, product, signal, whole=signal == whole) for signal in build.manifest.signals]
    return View(
        f"{wording.shortened(product.title)} · {build.shop}",
        html.Div([_breadcrumb(product), _facts(build, product), *rows, *_missing(build)]),
    )


def exists(path: str) -> bool:
    """Whether there is a product at a path below `PREFIX`."""
    return current_build().cache.row_of(_asked_id(path)) is not None


def _asked_id(path: str) -> str:
    return from_segment(path.removeprefix(PREFIX))


def _breadcrumb(product: Product) -> Component:
    links = [html.Li(html.A("Catalogue", href="/"))]
    if product.category:
        links.append(html.Li(html.A(product.category, href=href("/", {"category": product.category}))))
    here = html.Li(wording.shortened(product.title), **{"aria-current": "page"})
    return html.Nav(html.Ol([*links, here]), className="breadcrumbs", **{"aria-label": "Breadcrumb"})


def _facts(build: Build, product: Product) -> Component:
    more = build.cache.table(schema.PRODUCTS).row(product.row, ["url", "description"]).to_pylist()[0]
    price = html.P(wording.price(product.price, build.currency), className="product-price") if product.price is not None else None
    return html.Article(
        [
            picture(build, product, lazy=False, class_name="picture product-picture"),
            html.Div(
                [
                    html.H1(product.title),
                    _rating(product),
                    price,
                    html.P(more["description"], className="product-description") if more["description"] else None,
                    html.Dl([part for name, value in _details(build, product) for part in (html.Dt(name), html.Dd(value))]),
                    _shop_link(more["url"]),
                ],
                className="product-facts",
            ),
        ],
        className="product",
    )


def _rating(product: Product) -> Component | None:
    if product.rating is None and not product.n_reviews:
        return None
    said = wording.count(product.n_reviews, "review") if product.n_reviews else None
    return html.P([stars(product.rating) if product.rating is not None else None, said], className="product-rating")


def _details(build: Build, product: Product) -> list[tuple[str, Component | str]]:
    details: list[tuple[str, Component | str]] = []
    if product.category:
        details.append(("Category", html.A(product.category, href=href("/", {"category": product.category}))))
    if product.cluster is not None and build.clusters is not None:
        title = build.cluster_title(product.cluster)
        details.append(("Cluster", html.A(title, href=href("/clusters", {"cluster": product.cluster}))))
    if product.n_orders:
        details.append(("Bought in", wording.count(product.n_orders, "order")))
    return [*details, ("Product id", html.Code(product.id))]


def _shop_link(url: str | None) -> Component | None:
    """A link into the shop; a file may name anything as a URL, only a web address becomes a link."""
    address = (url or "").strip()
    if not address.lower().startswith(("http://", "https://")):
        return None
    return html.P(html.A("See it in the shop", href=address, target="_blank", rel="noopener noreferrer", className="button"))


def _signal(build: Build, product: Product, signal: str, *, whole: bool) -> Component:
    """The recommendations of one signal: its name, what it means, and the first cards in a row, or all of them in a grid."""
    name = wording.signal_name(signal)
    labels = [untrained_label()] if build.manifest.signals[signal].untrained else []
    try:
        found = recommendations(build, product.row, signal)
    except DamagedCache:  # the other signals have tables of their own
        body = notice(wording.DAMAGED_HINT)
    else:
        cards = _cards(build, signal, found if whole else found[:FIRST_SHOWN])
        body = card_grid(cards) if whole else carousel(cards, name)
        if not found:
            body = html.P(wording.NO_NEIGHBOURS, className="muted")
        if found and all(one.fallback for one in found):
            labels.append(html.Span(wording.STANDS_IN, className="label"))
        if len(found) > FIRST_SHOWN:
            labels.append(_more_or_fewer(product, signal, len(found), whole=whole))
    header = html.Header([html.H2(name), html.P(wording.signal_sentence(signal)), *labels], className="signal-header")
    return html.Section([header, body], className="section", id=_section_id(signal))


def _more_or_fewer(product: Product, signal: str, n: int, *, whole: bool) -> Component:
    said = wording.SHOW_FEWER if whole else wording.show_all(n)
    address = href(item_href(product.id), {} if whole else {"all": signal})
    label = f"{said}: {wording.signal_name(signal)}"
    return html.A(said, href=f"{address}#{_section_id(signal)}", className="more", **{"aria-label": label})


def _section_id(signal: str) -> str:
    return f"signal-{signal}"


def _cards(build: Build, signal: str, found: Sequence[Recommendation]) -> list[Component]:
    best = max((one.score for one in found), default=0.0)
    return [
        product_card(
            build,
            one.product,
            why=[None if one.fallback else score_bar(signal, one.score, best, one.reason), reason(one.reason)],
        )
        for one in found
    ]


def _missing(build: Build) -> list[Component]:
    """The signals without a table: last, and quietly. Why, About says, in words for the shop's owner."""
    if not build.manifest.missing:
        return []
    names = wording.listed([wording.signal_name(name) for name in build.manifest.missing])
    said = [f"{wording.NOT_BUILT}{names}. ", html.A(wording.WHY_NOT, href="/about"), "."]
    return [html.Section([html.H2("Not shown"), html.P(said)], className="section missing")]


def _not_found(build: Build, product_id: str) -> Component:
    to_catalogue = html.A("Go to the catalogue", href="/", className="button")
    said = ["This shop has no product with the id ", html.Code(product_id[:200]), "."]
    cards = card_grid([product_card(build, product) for product in _close_matches(build, product_id)])
    near = html.Section([html.H2("Perhaps one of these"), cards], className="section")
    return html.Div([empty_state("There is no such product", said, to_catalogue, whole_page=True), near])


def _close_matches(build: Build, product_id: str) -> list[Product]:
    """Products that the id's words find, else those whose ids stand next to it in the alphabet."""
    rows = build.catalogue.search(product_id).rows[:CLOSE_MATCHES].tolist()
    if not rows:
        place = place_in(build.cache.ids, product_id)
        first = max(0, min(place - CLOSE_MATCHES // 2, len(build.cache) - CLOSE_MATCHES))
        rows = range(first, min(first + CLOSE_MATCHES, len(build.cache)))
    return build.catalogue.products(rows)


PAGE = Page(PREFIX, layout, exists=exists)
