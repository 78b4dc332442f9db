"""Two products side by side: their facts, what they share, and which signals recommend one with the other."""

from __future__ import annotations

from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from dashboard import pair, wording
from dashboard.components.cards import card_grid, product_card, stars
from dashboard.components.messages import empty_state, page_header, untrained_label, untrained_note
from dashboard.components.pictures import picture
from dashboard.components.recommended import COMPARE as PATH
from dashboard.components.recommended import compare_link
from dashboard.components.tables import Column, data_table
from dashboard.ids import item_href
from dashboard.navigation import Location, Page, View, href
from dashboard.recommendations import recommendations
from dashboard.store import Build, Product, current_build

OFFERED = 12
"""Products offered where only one is chosen yet."""
PICTURE_SIGNALS = ("visual", "style")
Row = tuple[Component | str, ...]


def layout(location: Location) -> View:
    build = current_build()
    asked = [location.query.get("a"), location.query.get("b")]
    unknown = [product_id for product_id in asked if product_id and build.cache.row_of(product_id) is None]
    rows = [row for product_id in asked if product_id and (row := build.cache.row_of(product_id)) is not None]
    products = build.catalogue.products(list(dict.fromkeys(rows)))
    if unknown:
        body = _not_found(unknown[0])
    elif not products:
        body = empty_state(wording.COMPARE, wording.CHOOSE_FIRST, _to_catalogue(), whole_page=True)
    elif len(products) == 1:
        body = _choose_second(build, products[0])
    else:
        body = _compared(build, *products)
    return View(f"{wording.COMPARE} · {build.shop}", html.Div(body, className="compare"))


def _to_catalogue() -> Component:
    return html.A(wording.GO_TO_CATALOGUE, href="/", className="button")


def _not_found(product_id: str) -> Component:
    said = [wording.NO_PRODUCT_WITH_ID, html.Code(product_id[:200]), "."]
    return empty_state(wording.NO_SUCH_PRODUCT, said, _to_catalogue(), whole_page=True)


def _choose_second(build: Build, product: Product) -> list[Component]:
    """The product's neighbours in the shop's first signal, each with a link to compare."""
    signal = next(iter(build.manifest.signals), None)
    offered = [one.product for one in recommendations(build, product.row, signal, OFFERED)] if signal else []
    cards = [html.Div([product_card(build, other), compare_link(product, other)], className="recommended") for other in offered]
    lead = wording.CHOOSE_SECOND if cards else wording.NO_NEIGHBOURS
    return [page_header(wording.compare_with(wording.shortened(product.title)), lead), card_grid(cards)]


def _compared(build: Build, a: Product, b: Product) -> list[Component]:
    swap = html.A(wording.SWAP, href=href(PATH, {"a": b.id, "b": a.id}), className="button button-quiet compare-swap")
    return [
        page_header(wording.COMPARE, wording.COMPARE_LEAD),
        html.Div([swap, _side(build, a), _side(build, b)], className="compare-pair"),
        _section(wording.FACTS_OF_BOTH, _facts(build, a, b)),
        _section(wording.WHAT_THEY_SHARE, _shared(build, a, b)),
        untrained_note(build),
        _section(wording.WHO_LISTS_WHOM, _listings(build, a, b), "compare-lists"),
    ]


def _section(title: str, body: Component, class_name: str = "") -> Component:
    return html.Section([html.H2(title), body], className=f"section {class_name}".strip())


def _side(build: Build, product: Product) -> Component:
    title = html.H2(html.A(wording.shortened(product.title), href=item_href(product.id)))
    return html.Article([picture(build, product, lazy=False), title], className="compare-side")


def _headings(first: str, a: Product, b: Product) -> list[Column]:
    return [Column(first), Column(wording.shortened(a.title, 60)), Column(wording.shortened(b.title, 60))]


def _facts(build: Build, a: Product, b: Product) -> Component:
    of_both = zip(wording.FACTS.values(), _fact_cells(build, a), _fact_cells(build, b), strict=True)
    rows: list[Row] = [(name, first or "–", second or "–") for name, first, second in of_both if first or second]
    return data_table(wording.FACTS_OF_BOTH, _headings(wording.FACT, a, b), rows, none="")


def _fact_cells(build: Build, product: Product) -> list[Component | str | None]:
    """What is known of each fact of `wording.FACTS`, in its order; None where nothing is."""
    cluster = product.cluster if build.clusters is not None else None
    cells: dict[str, Component | str | None] = {
        "category": html.A(product.category, href=href("/", {"category": product.category})) if product.category else None,
        "cluster": html.A(build.cluster_title(cluster), href=href("/clusters", {"cluster": cluster}))
        if cluster is not None
        else None,
        "price": wording.price(product.price, build.currency) if product.price is not None else None,
        "rating": stars(product.rating) if product.rating is not None else None,
        "reviews": wording.number(product.n_reviews) if product.n_reviews else None,
        "orders": wording.count(product.n_orders, "order") if product.n_orders else None,
        "id": html.Code(product.id),
    }
    return [cells[name] for name in wording.FACTS]


def _shared(build: Build, a: Product, b: Product) -> Component:
    """What is known in common, and plainly what can't be known; nothing is said of what the shop has no signal for."""
    said: list[tuple[str, Sequence[Component | str]]] = [
        (wording.SHARED_WORDS, [_words(build, a, b)]),
        (wording.SHARED_ORDERS, [_orders(build, a, b)]),
    ]
    if "similar_company" in build.manifest.signals:
        said.append((wording.SHARED_COMPANY, [_company(build, a, b)]))
    said += [
        (wording.signal_name(name), _pictures(build, name, a, b)) for name in PICTURE_SIGNALS if name in build.manifest.signals
    ]
    return html.Dl([part for name, words in said for part in (html.Dt(name), html.Dd(words))], className="compare-shared")


def _words(build: Build, a: Product, b: Product) -> str:
    words = pair.shared_words(build, a.row, b.row)
    if words is None:
        return wording.NOT_COMPARED_WORDS
    return wording.share_words(words) if words else wording.NO_SHARED_WORDS


def _orders(build: Build, a: Product, b: Product) -> str:
    if "bought_together" not in build.manifest.signals:
        return wording.NOT_COMPARED_ORDERS
    orders = pair.orders_together(build, a.row, b.row)
    return wording.shared_orders(orders) if orders else wording.FEW_SHARED_ORDERS


def _company(build: Build, a: Product, b: Product) -> str:
    titles = pair.bought_with_both(build, a.row, b.row)
    return wording.listed([wording.shortened(title, 60) for title in titles]) if titles else wording.NOT_COMPARED_COMPANY


def _pictures(build: Build, signal: str, a: Product, b: Product) -> list[Component | str]:
    alike = pair.cosine(build, signal, a.row, b.row)
    label = [" ", untrained_label()] if build.manifest.signals[signal].untrained else []
    said = wording.NOT_COMPARED_PICTURES if alike is None else f"{wording.capitalised(wording.alike(signal, alike))}."
    return [said, *label]


def _listings(build: Build, a: Product, b: Product) -> Component:
    """Each signal, and at which rank the one product's list holds the other."""
    columns = [Column(wording.SIGNAL), *(Column(wording.on_list_of(wording.shortened(one.title, 60))) for one in (a, b))]
    rows: list[Row] = [
        (wording.signal_name(name), _listing(build, name, a, b), _listing(build, name, b, a)) for name in build.manifest.signals
    ]
    return data_table(wording.WHO_LISTS_WHOM, columns, rows, none=wording.NO_NEIGHBOURS)


def _listing(build: Build, signal: str, asking: Product, answering: Product) -> str:
    listed = recommendations(build, asking.row, signal)
    found = next((one for one in listed if one.product.row == answering.row), None)
    if found is not None:
        return wording.at_rank(found.rank, found.reason)
    return wording.STANDS_IN_SHORT if listed and all(one.fallback for one in listed) else wording.not_listed(len(listed))


PAGE = Page(PATH, layout)
