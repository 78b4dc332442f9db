"""All products, as picture cards: search as you type, filter, sort, page by page. Everything chosen stands in the address."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple, get_args
from urllib.parse import quote

import dash_bootstrap_components as dbc
from dash import Dash, Input, Output, ctx, html
from dash.development.base_component import Component

from dashboard import ids, wording
from dashboard.components.cards import card_grid, product_card, reason
from dashboard.components.choices import show_more
from dashboard.components.marks import marked
from dashboard.components.messages import empty_state, page_header
from dashboard.navigation import Location, Page, View, address, href, is_shareable, readable
from dashboard.search import LONGEST_SEARCH, Hits, Prices, Wish, known_has, search, typed_words
from dashboard.store import Build, Product, Sort, current_build

PATH = "/"
TYPING_SECONDS = 0.15
"""A pause after which what is typed is looked for: shorter than between two words, longer than between most letters."""
ALL = ""
"""The value of a facet that nothing is chosen of."""
MOST_OPTIONS = 40
"""Of a facet, those that find most; the others are reached by typing, and a browser draws them all again at every answer."""
EAGER_CARDS = 6
"""The first cards are in view on most screens: their pictures load at once, the others when they come near."""

TEXT, SORT, RESULTS, COUNT, CHOSEN = (f"catalogue-{name}" for name in ("text", "sort", "results", "count", "chosen"))
CATEGORY, CLUSTER, PRICES, HAS = (f"catalogue-{name}" for name in ("category", "cluster", "price", "has"))
OPEN, DONE = "facets-open", "facets-done"

Value = str | int
"""What an option of a facet chooses: a category, a range of prices, the number of a cluster."""

_PRICES = re.compile(r"(\d{1,12}(?:\.\d{1,4})?)?-(\d{1,12}(?:\.\d{1,4})?)?", re.ASCII)


class _Drawn(NamedTuple):
    """What changes with the wish, in the order of the callback's outputs."""

    results: list[Component]
    found: str
    chosen: list[Component]
    categories: list[dict[str, Any]]
    clusters: list[dict[str, Any]]
    prices: list[dict[str, Any]]
    has: list[dict[str, Any]]
    opener: str
    done: str


def wish_in(location: Location, build: Build) -> Wish:
    """What an address asks for. What it says wrongly counts as not said, and so does a category that no product has:
    an address must not put a made-up one among the options."""
    query = location.query
    category = query.get("category")
    return Wish(
        text=query.get("q", "")[:LONGEST_SEARCH],
        category=category if category in build.catalogue.category_names else None,
        cluster=location.number("cluster"),
        prices=_prices_in(query.get("price", "")),
        has=known_has(query.get("has", "").split(",")),
        sort=_sort(query.get("sort")),
        page=location.number("page") or 1,
    )


def query_of(wish: Wish) -> dict[str, Any]:
    """The query of the address; what is as usual is left out."""
    return {
        "q": wish.text,
        "category": wish.category,
        "cluster": wish.cluster,
        "price": _price_value(wish.prices) if wish.prices else None,
        "has": ",".join(wish.has),
        "sort": wish.sort if wish.sort != "popular" else None,
        "page": wish.page if wish.page > 1 else None,
    }


def list_of(wish: Wish) -> str:
    """What a product's page is told of the list that it is opened from: the query of the address, whatever the page of it.

    Empty for the whole catalogue in its usual order, and where the text is so long that an address might not take it.
    """
    said = href("", query_of(replace(wish, page=1))).removeprefix("?")
    return said if is_shareable(quote(said)) else ""


def wish_of_list(build: Build, said: str) -> Wish:
    """What `list_of` was told; an address may hold anything."""
    return replace(wish_in(Location.parse(PATH, said), build), page=1)


def layout(location: Location) -> View:
    build = current_build()
    wish = wish_in(location, build)
    drawn = _drawn(build, wish)
    found = [
        html.Div(drawn.chosen, id=CHOSEN),
        html.P(drawn.found, id=COUNT, className="count", role="status"),
        html.Div(drawn.results, id=RESULTS),
    ]
    body = [
        page_header(build.shop),
        html.Div(_search_row(wish, drawn), className="filters", role="search"),
        html.Div([_facets(build, wish, drawn), html.Div(found, className="catalogue-found")], className="catalogue"),
    ]
    return View(f"{wording.PAGES[PATH]} · {build.shop}", html.Div(body))


def callbacks(app: Dash) -> None:
    """Search again whenever a control changes: the only callback of this page, and it never draws the controls anew."""
    app.callback(
        Output(RESULTS, "children"),
        Output(COUNT, "children"),
        Output(CHOSEN, "children"),
        *(Output(facet, "options") for facet in (CATEGORY, CLUSTER, PRICES, HAS)),
        Output(OPEN, "children"),
        Output(DONE, "children"),
        Output(ids.ADDRESS, "data", allow_duplicate=True),
        *(Input(control, "value") for control in (TEXT, CATEGORY, CLUSTER, PRICES, HAS, SORT)),
        prevent_initial_call=True,
    )(_choose)


def _choose(*said: Any) -> tuple[Any, ...]:
    build = current_build()
    wish = wish_said(build, *said)
    return *_drawn(build, wish), address(PATH, query_of(wish), is_step=ctx.triggered_id != TEXT)


def wish_said(build: Build, text: Any, category: Any, cluster: Any, prices: Any, has: Any, sort: Any) -> Wish:
    """What the controls ask for, read as an address is: a browser may send anything."""
    names = ",".join(map(str, has)) if isinstance(has, list) else None
    said = {"q": text, "category": category, "cluster": cluster, "price": prices, "has": names, "sort": sort}
    return wish_in(Location(PATH, {key: readable(value) for key, value in said.items() if isinstance(value, str | int)}), build)


def _drawn(build: Build, wish: Wish) -> _Drawn:
    hits = search(build, wish)
    ways = {part: (name, href(PATH, query_of(wish.parts()[part]))) for part, name in _names(build, wish).items()}
    category, cluster, prices = wish.category, wish.cluster, wish.prices
    return _Drawn(
        results=_results(build, wish, hits) if hits.total else [_nothing(wish, hits, ways)],
        found=wording.found(hits.total, hits.page, hits.pages, hits.by_texts),
        chosen=_chosen(wish, ways),
        categories=_options(
            wording.ANY_CATEGORY,
            [(name, name, n) for name, n in hits.categories],
            None if category is None else (category, category, hits.total),
        ),
        clusters=_options(
            wording.ANY_CLUSTER,
            [(number, _cluster_title(build, number), n) for number, n in hits.clusters],
            None if cluster is None else (cluster, _cluster_title(build, cluster), hits.total),
        ),
        prices=_options(
            wording.ANY_PRICE,
            [(_price_value(each), _price_name(build, each), n) for each, n in hits.prices],
            None if prices is None else (_price_value(prices), _price_name(build, prices), hits.total),
        ),
        has=[_option(name, wording.HAS[name], n) for name, n in hits.has.items() if build.manifest.counts.get(name)],
        opener=wording.filters(len(ways) - ("text" in ways)),
        done=wording.show_found(hits.total),
    )


# The controls


def _search_row(wish: Wish, drawn: _Drawn) -> list[Component]:
    text = dbc.Input(
        id=TEXT,
        type="search",
        value=wish.text,
        placeholder=wording.SEARCH_PLACEHOLDER,
        debounce=TYPING_SECONDS,
        autocomplete="off",
        maxlength=LONGEST_SEARCH,
    )
    sorts = [{"value": value, "label": label} for value, label in wording.SORTS.items()]
    opener = html.Button(
        drawn.opener, id=OPEN, className="button button-quiet", **{"aria-expanded": "false", "aria-controls": "facets"}
    )
    return [
        _field(wording.SEARCH, text, "field-wide"),
        opener,
        _field(wording.SORT_BY, dbc.Select(id=SORT, options=sorts, value=wish.sort)),
    ]


def _field(label: str, control: Component, class_name: str = "") -> Component:
    return html.Div([html.Label(label, htmlFor=control.id), control], className=f"field {class_name}".strip())


def _facets(build: Build, wish: Wish, drawn: _Drawn) -> Component:
    """A column beside the products; on narrow screens a sheet that ``assets/catalogue.js`` opens.

    All four are always there, since the callback asks for them; one that the shop leaves no choice of isn't shown.
    """
    catalogue = build.catalogue
    close = html.Button("×", className="facets-close", **{"aria-label": wording.CLOSE_FILTERS})
    prices = _price_value(wish.prices) if wish.prices else ALL
    cluster = ALL if wish.cluster is None else wish.cluster
    parts = [
        html.Div([html.H2(wording.FILTERS), close], className="facets-head"),
        _facet(
            wording.CATEGORY,
            dbc.RadioItems(drawn.categories, wish.category or ALL, id=CATEGORY, name=CATEGORY),
            is_choice=len(catalogue.category_names) > 1,
        ),
        _facet(
            wording.PRICE, dbc.RadioItems(drawn.prices, prices, id=PRICES, name=PRICES), is_choice=len(catalogue.price_steps) > 0
        ),
        _facet(wording.HAS_LABEL, dbc.Checklist(drawn.has, list(wish.has), id=HAS), is_choice=len(drawn.has) > 1),
        _facet(
            wording.CLUSTER,
            dbc.RadioItems(drawn.clusters, cluster, id=CLUSTER, name=CLUSTER),
            is_choice=build.clusters is not None,
        ),
        html.Button(drawn.done, id=DONE, className="button facets-done"),
    ]
    return html.Section(parts, id="facets", className="facets", **{"aria-label": wording.FILTERS})


def _facet(name: str, control: Component, *, is_choice: bool) -> Component:
    """A choice whose later options are shown and hidden where there are many."""
    return html.Fieldset(
        [html.Legend(name), html.Div(control, className="facet-options"), show_more()], className="facet", hidden=not is_choice
    )


def _options(every: str, found: Sequence[tuple[Value, str, int]], chosen: tuple[Value, str, int] | None) -> list[dict[str, Any]]:
    """The options of a facet, by value, name and count; the one that is chosen stays, even where the search finds none of it."""
    shown = list(found[:MOST_OPTIONS])
    if chosen is not None and chosen not in shown:
        shown.append(chosen)
    return [{"value": ALL, "label": every}, *(_option(*each) for each in shown)]


def _option(value: Value, name: str, n: int) -> dict[str, Any]:
    label = [name, " ", html.Span(wording.number(n), className="option-count")]
    return {"value": value, "label": html.Span(label, className="option")}


# What is chosen, as chips that take it away


def _names(build: Build, wish: Wish) -> dict[str, str]:
    """What each of `Wish.parts` is called."""
    names = {"text": wording.quoted(wish.text)} if wish.text else {}
    if wish.category is not None:
        names["category"] = wish.category
    if wish.cluster is not None:
        names["cluster"] = wording.cluster_named(_cluster_title(build, wish.cluster))
    if wish.prices is not None:
        names["prices"] = _price_name(build, wish.prices)
    return names | {f"has {name}": wording.WITH[name] for name in wish.has}


def _chosen(wish: Wish, ways: dict[str, tuple[str, str]]) -> list[Component]:
    """`ways` are what each part of the wish is called, and the address without it."""
    chips = [
        html.A(
            [name, html.Span(" ×", **{"aria-hidden": "true"})],
            href=url,
            className="chip",
            **{"aria-label": wording.without(name)},
        )
        for part, (name, url) in ways.items()
        if part != "text"
    ]
    if not chips:
        return []
    everything = html.A(wording.CLEAR_ALL, href=href(PATH, query_of(Wish(sort=wish.sort))), className="clear-all")
    return [html.Ul([html.Li(link) for link in (*chips, everything)], className="chips", role="list")]


# What is found


def _results(build: Build, wish: Wish, hits: Hits) -> list[Component]:
    sought, listed = typed_words(wish.text), list_of(wish)
    cards = [
        product_card(
            build, product, sought=sought, why=_in_texts(product, terms, sought), lazy=place >= EAGER_CARDS, listed=listed
        )
        for place, (product, terms) in enumerate(zip(build.catalogue.products(hits.rows), hits.in_texts, strict=True))
    ]
    return [card_grid(cards), *_pager(wish, hits)]


def _in_texts(product: Product, terms: Sequence[str], sought: Sequence[str]) -> list[Component]:
    """Why a product is here whose title, category and id don't say it."""
    if not terms:
        return []
    where = wording.IN_REVIEWS if product.n_reviews else wording.IN_DESCRIPTION
    return [reason([where, html.Span(marked(wording.listed(terms), sought))])]


def _nothing(wish: Wish, hits: Hits, ways: dict[str, tuple[str, str]]) -> Component:
    """A word about it, and the ways on: what would be found without each part of the wish, most first."""
    finding = sorted((part for part in ways if hits.without[part]), key=lambda part: -hits.without[part])
    offers = [
        html.Li(html.A(wording.found_without(name, hits.without[part]), href=url, className="chip"))
        for part in (finding if len(ways) > 1 else [])
        for name, url in [ways[part]]
    ]
    everything = html.A(wording.SHOW_ALL_PRODUCTS, href=PATH, className="button")
    return empty_state(
        wording.nothing_matches(wish.text),
        wording.NOTHING_HINT if offers else wording.NOTHING_AT_ALL_HINT,
        html.Div([html.Ul(offers, className="chips", role="list") if offers else None, everything], className="ways-on"),
    )


def _pager(wish: Wish, hits: Hits) -> list[Component]:
    """Links to the pages around this one, the first and the last."""
    if hits.pages == 1:
        return []
    near = sorted({1, hits.pages, *range(max(1, hits.page - 1), min(hits.pages, hits.page + 1) + 1)})
    links: list[Component] = []
    for before, page in zip([0, *near], near, strict=False):
        if page - before > 1:
            links.append(html.Li("…", className="gap"))
        links.append(html.Li(_page_link(wish, page, wording.number(page), current=page == hits.page)))
    previous = _page_link(wish, hits.page - 1, wording.PREVIOUS_PAGE) if hits.page > 1 else None
    following = _page_link(wish, hits.page + 1, wording.NEXT_PAGE) if hits.page < hits.pages else None
    pages = html.Ul(links, role="list")
    return [html.Nav([previous, pages, following], className="pager", **{"aria-label": wording.PAGES_OF_PRODUCTS})]


def _page_link(wish: Wish, page: int, label: str, *, current: bool = False) -> Component:
    return html.A(label, href=href(PATH, query_of(replace(wish, page=page))), **({"aria-current": "page"} if current else {}))


# Names and addresses of what can be chosen


def _cluster_title(build: Build, number: int) -> str:
    known = build.clusters is not None and number < build.clusters.num_rows
    return build.cluster_title(number) if known else wording.unknown_cluster(number)


def _price_name(build: Build, prices: Prices) -> str:
    return wording.capitalised(wording.price_range(prices.low, prices.high, build.currency))


def _price_value(prices: Prices) -> str:
    """A range of prices in the address: ``20-50``, ``-20``, ``50-``."""
    return "-".join("" if edge is None else f"{edge:.15g}" for edge in (prices.low, prices.high))


def _prices_in(text: str) -> Prices | None:
    """The range that `_price_value` wrote; None for any other text."""
    edges = _PRICES.fullmatch(text)
    if edges is None or not any(edges.groups()):
        return None
    low, high = (float(edge) if edge else None for edge in edges.groups())
    return Prices(low, high)


def _sort(text: str | None) -> Sort:
    return next((sort for sort in get_args(Sort) if sort == text), "popular")


PAGE = Page(PATH, layout, callbacks)
