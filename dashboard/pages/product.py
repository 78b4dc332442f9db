"""One product: its picture, its facts, and what each signal recommends with it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import isfinite
from typing import Any, NamedTuple, Self

import dash_bootstrap_components as dbc
import numpy as np
from dash import Dash, Input, Output, State, ctx, dcc, html
from dash.development.base_component import Component
from numpy.typing import NDArray

from dashboard import ids, wording
from dashboard.components.cards import card_grid, carousel, product_card, stars
from dashboard.components.feedback import feedback_panel
from dashboard.components.messages import empty_state, notice, untrained_label, untrained_note
from dashboard.components.pictures import picture
from dashboard.components.recommended import recommended_card
from dashboard.ids import from_segment, item_href
from dashboard.navigation import Location, Page, View, address, href, readable
from dashboard.pages.catalogue import list_of, query_of, wish_of_list
from dashboard.pages.picture import network_link
from dashboard.recommendations import Recommendation, recommendations, said_briefly
from dashboard.search import PER_PAGE, Wish, search
from dashboard.search import listed as list_rows
from dashboard.store import Build, Product, current_build
from lookup import schema
from lookup.manifest import DamagedCache
from lookup.reader import place_in

PREFIX = "/item/"
CLOSE_MATCHES = 6
FIRST_SHOWN = 8
"""Cards of a row until the whole row is asked for: as many as a wide screen shows. Most of what a click costs is cards."""
TYPING_SECONDS = 0.4
ROWS, CATEGORY, LEAST, MOST, ASKED = "product-rows", "product-category", "product-least", "product-most", "product-asked"
ALL, CHOSEN = "all", "="
"""In the select: the value that means every category, and what goes before a category's name, whatever that may be."""

Found = Mapping[str, Sequence[Recommendation] | None]
"""One product's recommendations by signal, in the manifest's order; None where the signal's table is damaged."""


@dataclass(frozen=True)
class Choice:
    """Which recommendations are shown, and among which products this one stands.

    Attributes
    ----------
    category, least, most
        Only recommendations of a category, and between prices.
    whole
        The signal whose list is shown whole.
    listed
        The catalogue's query that the visitor comes from, see `dashboard.pages.catalogue.list_of`.
    """

    category: str | None = None
    least: float | None = None
    most: float | None = None
    whole: str | None = None
    listed: str = ""

    @classmethod
    def from_location(cls, build: Build, location: Location) -> Choice:
        """From the address; what it says wrongly, or of no product, counts as not said."""
        query = location.query
        category = query.get("category")
        known = category if category in build.catalogue.category_names else None
        least, most = _price(query.get("min")), _price(query.get("max"))
        return cls(known, least, most, query.get("all"), list_of(wish_of_list(build, query.get(ids.LIST, ""))))

    def everything(self) -> Choice:
        """The same without what narrows it."""
        return replace(self, category=None, least=None, most=None)

    def keeps(self, product: Product) -> bool:
        """Whether a product is of the category and between the prices; one without a price is between none."""
        if self.category is not None and product.category != self.category:
            return False
        if self.least is None and self.most is None:
            return True
        if product.price is None:
            return False
        return (self.least is None or product.price >= self.least) and (self.most is None or product.price <= self.most)

    def query(self) -> dict[str, Any]:
        """The query of the address."""
        prices = {"min": _said(self.least), "max": _said(self.most)}
        return {"category": self.category, **prices, "all": self.whole, ids.LIST: self.listed}


def layout(location: Location) -> View:
    build = current_build()
    product_id = _asked_id(location.path)
    row = build.cache.row_of(product_id)
    if row is None:
        return View(f"{wording.NOT_FOUND} · {build.shop}", _not_found(build, product_id))
    product = build.catalogue.product(row)
    choice = Choice.from_location(build, location)
    found = _found(build, product)
    body = [
        _bar(build, product, choice.listed),
        _facts(build, product),
        _controls(build, choice, found),
        dcc.Store(id=ASKED, data={"id": product.id, "all": choice.whole, ids.LIST: choice.listed}),
        html.Div(_rows(build, product, choice, found), id=ROWS),
        untrained_note(build),
        *_missing(build),
        feedback_panel(build),
    ]
    return View(f"{wording.shortened(product.title)} · {build.shop}", html.Div(body))


def callbacks(app: Dash) -> None:
    """Draw the rows again whenever a control changes: the only callback of this page, and it never draws the controls anew."""
    app.callback(
        Output(ROWS, "children"),
        Output(ids.ADDRESS, "data", allow_duplicate=True),
        Input(CATEGORY, "value"),
        Input(LEAST, "value"),
        Input(MOST, "value"),
        State(ASKED, "data"),
        prevent_initial_call=True,
    )(_choose)


def exists(path: str) -> bool:
    """Whether there is a product at a path below `PREFIX`."""
    return current_build().cache.row_of(_asked_id(path)) is not None


def _choose(*said: Any) -> tuple[list[Component], dict[str, Any]]:
    rows, path, query = chosen(*said)
    return rows, address(path, query, is_step=ctx.triggered_id == CATEGORY)


def chosen(category: Any, least: Any, most: Any, asked: Any) -> tuple[list[Component], str, dict[str, Any]]:
    """The rows that the controls ask for, and the path and query that show them again; a browser may send anything."""
    build = current_build()
    asked = asked if isinstance(asked, dict) else {}
    product_id = readable(asked.get("id"))
    of_category = category.removeprefix(CHOSEN) if isinstance(category, str) and category != ALL else None
    said = {"category": of_category, "min": least, "max": most, "all": asked.get("all"), ids.LIST: asked.get(ids.LIST)}
    path = item_href(product_id)
    location = Location(path, {key: readable(value) for key, value in said.items() if isinstance(value, str | int | float)})
    choice = Choice.from_location(build, location)
    row = build.cache.row_of(product_id)
    if row is None:  # a build without it went live meanwhile
        return [notice(_unknown(product_id))], path, choice.query()
    product = build.catalogue.product(row)
    return _rows(build, product, choice, _found(build, product)), path, choice.query()


def _asked_id(path: str) -> str:
    return from_segment(path.removeprefix(PREFIX))


def _price(text: str | None) -> float | None:
    """A price out of the address, or as a browser sent it; None where it is none."""
    try:
        price = float(text or "")
    except ValueError:
        return None
    return price if isfinite(price) and price >= 0 else None


def _said(price: float | None) -> str | None:
    return None if price is None else f"{price:.15g}"


def _found(build: Build, product: Product) -> Found:
    found: dict[str, Sequence[Recommendation] | None] = {}
    for signal in build.manifest.signals:
        try:
            found[signal] = recommendations(build, product.row, signal)
        except DamagedCache:  # the other signals have tables of their own
            found[signal] = None
    return found


def _bar(build: Build, product: Product, listed: str) -> Component:
    """The ways back to the catalogue and on to the products around this one, in the list that it was opened from."""
    around = _Around.of(build, product, listed)
    return html.Div([_breadcrumb(product, around), _before_and_after(build, around)], className="product-bar")


class _Around(NamedTuple):
    """A product's place in a list of the catalogue: the list's products in order, its query, and where the product stands."""

    rows: NDArray[np.int32]
    place: int
    wish: Wish

    @classmethod
    def of(cls, build: Build, product: Product, listed: str) -> Self:
        """In the list asked for; where that doesn't hold the product (any more), in the whole catalogue."""
        for wish in (wish_of_list(build, listed), Wish()):
            rows = list_rows(build, wish)
            places = np.flatnonzero(rows == product.row)
            if len(places):
                return cls(rows, int(places[0]), wish)
        raise AssertionError("the whole catalogue holds every product")

    @property
    def page_href(self) -> str:
        """The page of the catalogue where the product stands."""
        is_usual = self.wish == Wish()
        return href("/", query_of(self.wish if is_usual else replace(self.wish, page=self.place // PER_PAGE + 1)))


def _breadcrumb(product: Product, around: _Around) -> Component:
    links = [html.Li(html.A(wording.PAGES["/"], href=around.page_href))]
    if product.category:
        links.append(html.Li(html.A(product.category, href=href("/", {"category": product.category}))))
    here = html.Li(wording.shortened(product.title), **{"aria-current": "page"})
    return html.Nav(html.Ol([*links, here]), className="breadcrumbs", **{"aria-label": wording.BREADCRUMB})


def _before_and_after(build: Build, around: _Around) -> Component:
    """Links to the products before and after, which go on in the same list, and the place in it where someone chose the list."""
    links: list[Component] = []
    if around.place > 0:
        before = build.catalogue.product(int(around.rows[around.place - 1]))
        label = wording.previous_product(wording.shortened(before.title))
        links.append(_step(before, around, wording.PREVIOUS_PRODUCT, label, "prev"))
    if around.wish != Wish():
        links.append(html.Span(wording.place_in_list(around.place + 1, len(around.rows)), className="step-place"))
    if around.place + 1 < len(around.rows):
        after = build.catalogue.product(int(around.rows[around.place + 1]))
        label = wording.next_product(wording.shortened(after.title))
        links.append(_step(after, around, wording.NEXT_PRODUCT, label, "next"))
    return html.Nav(links, className="before-and-after", **{"aria-label": wording.BEFORE_AND_AFTER})


def _step(product: Product, around: _Around, said: str, label: str, rel: str) -> Component:
    url = href(item_href(product.id), {ids.LIST: list_of(around.wish)})
    return html.A(said, href=url, rel=rel, title=label, className=f"step step-{rel}", **{"aria-label": label})


def _facts(build: Build, product: Product) -> Component:
    more = build.cache.table(schema.PRODUCTS).row(product.row, ["url", "description"]).to_pylist()[0]
    price = html.P(wording.price(product.price, build.currency), className="product-price") if product.price is not None else None
    return html.Article(
        [
            _picture(build, product),
            html.Div(
                [
                    html.H1(product.title),
                    _rating(product),
                    price,
                    html.P(more["description"], className="product-description") if more["description"] else None,
                    html.Dl([part for name, value in _details(build, product) for part in (html.Dt(name), html.Dd(value))]),
                    html.Div([_shop_link(more["url"]), network_link(build, product), *_copy_link()], className="product-actions"),
                ],
                className="product-facts",
            ),
        ],
        className="product",
    )


def _picture(build: Build, product: Product) -> Component:
    """The picture, which opens large and uncut; `assets/product.js` opens and closes it."""
    shown = picture(build, product, lazy=False, class_name="picture product-picture")
    if not product.has_picture:
        return shown
    title = wording.shortened(product.title)
    opener = html.Button(shown, type="button", className="enlarge", **{"aria-label": wording.enlarge(title)})
    closer = html.Button("×", type="button", className="dialog-close", **{"aria-label": wording.CLOSE})
    large = picture(build, product, class_name="large-picture")
    dialog = html.Dialog([large, closer], className="picture-dialog", **{"aria-label": title})
    return html.Div([opener, dialog], className="product-look")


def _rating(product: Product) -> Component | None:
    if product.rating is None and not product.n_reviews:
        return None
    said = wording.count(product.n_reviews, "review") if product.n_reviews else None
    return html.P([stars(product.rating) if product.rating is not None else None, said], className="product-rating")


def _details(build: Build, product: Product) -> list[tuple[str, Component | str]]:
    names = wording.FACTS
    details: list[tuple[str, Component | str]] = []
    if product.category:
        details.append((names["category"], html.A(product.category, href=href("/", {"category": product.category}))))
    if product.cluster is not None and build.clusters is not None:
        title = build.cluster_title(product.cluster)
        details.append((names["cluster"], html.A(title, href=href("/clusters", {"cluster": product.cluster}))))
    if product.n_orders:
        details.append((names["orders"], wording.count(product.n_orders, "order")))
    return [*details, (names["id"], html.Code(product.id))]


def _shop_link(url: str | None) -> Component | None:
    """A link into the shop; a file may name anything as a URL, only a web address becomes a link."""
    shop_url = (url or "").strip()
    if not shop_url.lower().startswith(("http://", "https://")):
        return None
    return html.A(wording.SEE_IN_SHOP, href=shop_url, target="_blank", rel="noopener noreferrer", className="button")


def _copy_link() -> list[Component]:
    """A button that `assets/product.js` lets copy the page's address, and where it says whether it did."""
    said = {"data-copied": wording.LINK_COPIED, "data-not-copied": wording.LINK_NOT_COPIED}
    button = html.Button(wording.COPY_LINK, type="button", className="button button-quiet copy-link", **said)
    return [button, html.Span(role="status", className="muted small")]


def _controls(build: Build, choice: Choice, found: Found) -> Component | None:
    """The choice of category and price, where there is anything to choose from."""
    products = list({one.product.row: one.product for listed in found.values() for one in listed or ()}.values())
    if not products:
        return None
    prices = [product.price for product in products if product.price is not None]
    chosen = CHOSEN + choice.category if choice.category else ALL
    category = dbc.Select(id=CATEGORY, options=_category_options(products, choice), value=chosen)
    least = _price_input(build, LEAST, choice.least, min(prices, default=None))
    most = _price_input(build, MOST, choice.most, max(prices, default=None))
    fields = [
        _field(wording.FACTS["category"], category),
        _field(wording.LEAST_PRICE, least, hidden=not prices),
        _field(wording.MOST_PRICE, most, hidden=not prices),
    ]
    title = html.P(wording.NARROW_DOWN, className="narrow-down-title", **{"aria-hidden": "true"})
    return html.Div([title, *fields], className="narrow-down", role="search", **{"aria-label": wording.NARROW_DOWN})


def _category_options(products: Sequence[Product], choice: Choice) -> list[dict[str, str]]:
    """The categories of what is recommended, with their products; the chosen one stays, even where there is none of it."""
    counts = Counter(product.category for product in products if product.category)
    if choice.category:
        counts[choice.category] += 0
    named = [{"value": CHOSEN + name, "label": wording.category_with(name, n)} for name, n in sorted(counts.items())]
    return [{"value": ALL, "label": wording.ALL_CATEGORIES}, *named]


def _price_input(build: Build, name: str, value: float | None, hint: float | None) -> Component:
    return dbc.Input(
        id=name,
        type="number",
        min=0,
        value=value,
        placeholder=wording.price(hint, build.currency) if hint is not None else None,
        debounce=TYPING_SECONDS,
        autocomplete="off",
    )


def _field(label: str, control: Component, *, hidden: bool = False) -> Component:
    return html.Div([html.Label(label, htmlFor=control.id), control], className="field", hidden=hidden)


def _rows(build: Build, product: Product, choice: Choice, found: Found) -> list[Component]:
    listed = {signal: of_signal for signal, of_signal in found.items() if of_signal is not None}
    recommended = [one.product for of_signal in listed.values() for one in of_signal]
    if recommended and not any(map(choice.keeps, recommended)):
        return [_nothing_fits(product, choice)]
    said = said_briefly(build, listed)
    return [_signal(build, product, signal, choice, of_signal, said) for signal, of_signal in found.items()]


def _nothing_fits(product: Product, choice: Choice) -> Component:
    """Where no signal has anything of the category and price: why, and the way out."""
    everything = html.A(wording.CLEAR_CHOICE, href=href(item_href(product.id), choice.everything().query()), className="button")
    return empty_state(wording.NOTHING_FITS, wording.NOTHING_FITS_HINT, everything)


def _signal(
    build: Build,
    product: Product,
    signal: str,
    choice: Choice,
    listed: Sequence[Recommendation] | None,
    said: Mapping[int, Mapping[str, str]],
) -> Component:
    """The recommendations of one signal: its name, what it means, and the first cards in a row, or all of them in a grid.

    `said` is what each signal says of each recommended product, by its row.
    """
    name, is_whole = wording.signal_name(signal), choice.whole == signal
    labels = [untrained_label()] if build.manifest.signals[signal].untrained else []
    kept = [one for one in listed or () if choice.keeps(one.product)]
    if listed is None:
        body = notice(wording.DAMAGED_HINT)
    elif not listed:
        body = html.P(wording.NO_NEIGHBOURS, className="muted")
    elif not kept:
        body = html.P([wording.NONE_FITS, " ", _everything(product, signal, len(listed), choice)], className="muted")
    else:
        best = max(one.score for one in listed)
        cards: list[Component] = []
        for one in kept if is_whole else kept[:FIRST_SHOWN]:
            others = [words for other, words in said.get(one.product.row, {}).items() if other != signal]
            cards.append(recommended_card(build, product, signal, one, best=best, others=others))
        body = card_grid(cards) if is_whole else carousel(cards, name)
    if listed and all(one.fallback for one in listed):
        labels.append(html.Span(wording.STANDS_IN, className="label"))
    if len(kept) > FIRST_SHOWN:
        labels.append(_more_or_fewer(product, signal, len(kept), choice))
    header = html.Header([html.H2(name), html.P(wording.signal_sentence(signal)), *labels], className="signal-header")
    return html.Section([header, body], className="section", id=_section_id(signal))


def _more_or_fewer(product: Product, signal: str, n: int, choice: Choice) -> Component:
    is_whole = choice.whole == signal
    said = wording.SHOW_FEWER if is_whole else wording.show_all(n)
    shown = href(item_href(product.id), replace(choice, whole=None if is_whole else signal).query())
    label = f"{said}: {wording.signal_name(signal)}"
    return html.A(said, href=f"{shown}#{_section_id(signal)}", className="more", **{"aria-label": label})


def _everything(product: Product, signal: str, n: int, choice: Choice) -> Component:
    """The way out where a choice leaves nothing of a signal's list."""
    shown = href(item_href(product.id), choice.everything().query())
    return html.A(wording.show_unfiltered(n), href=f"{shown}#{_section_id(signal)}")


def _section_id(signal: str) -> str:
    return f"signal-{signal}"


def _missing(build: Build) -> list[Component]:
    """The signals without a table: last, and quietly. Why, About says, in words for the shop's owner."""
    if not build.manifest.missing:
        return []
    names = wording.listed([wording.signal_name(name) for name in build.manifest.missing])
    said = [f"{wording.NOT_BUILT}{names}. ", html.A(wording.WHY_NOT, href="/about"), "."]
    return [html.Section([html.H2(wording.NOT_SHOWN), html.P(said)], className="section missing")]


def _not_found(build: Build, product_id: str) -> Component:
    to_catalogue = html.A(wording.GO_TO_CATALOGUE, href="/", className="button")
    cards = card_grid([product_card(build, product) for product in _close_matches(build, product_id)])
    near = html.Section([html.H2(wording.PERHAPS_THESE), cards], className="section")
    return html.Div([empty_state(wording.NO_SUCH_PRODUCT, _unknown(product_id), to_catalogue, whole_page=True), near])


def _unknown(product_id: str) -> list[Component | str]:
    return [wording.NO_PRODUCT_WITH_ID, html.Code(product_id[:200]), "."]


def _close_matches(build: Build, product_id: str) -> list[Product]:
    """Products that the id's words find, else those whose ids stand next to it in the alphabet."""
    rows = search(build, Wish(text=product_id)).rows[:CLOSE_MATCHES].tolist()
    if not rows:
        place = place_in(build.cache.ids, product_id)
        first = max(0, min(place - CLOSE_MATCHES // 2, len(build.cache) - CLOSE_MATCHES))
        rows = range(first, min(first + CLOSE_MATCHES, len(build.cache)))
    return build.catalogue.products(rows)


PAGE = Page(PREFIX, layout, callbacks, exists=exists)
