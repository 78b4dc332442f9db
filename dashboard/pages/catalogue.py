"""All products, as picture cards: search as you type, filter, sort, page by page. Everything chosen stands in the address."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, get_args

import dash_bootstrap_components as dbc
from dash import Dash, Input, Output, State, dcc, html
from dash.development.base_component import Component

from dashboard import ids, wording
from dashboard.components.cards import card_grid, product_card
from dashboard.components.messages import empty_state, page_header
from dashboard.navigation import Location, Page, View, address, href, readable
from dashboard.store import LONGEST_SEARCH, Build, Hits, Sort, current_build

PATH = "/"
TYPING_SECONDS = 0.25
ALL, CHOSEN = "all", "="
"""In the select: the value that means every category, and what goes before a category's name, whatever that may be."""
EAGER_CARDS = 6
"""The first cards are in view on most screens: their pictures load at once, the others when they come near."""


@dataclass(frozen=True)
class Choice:
    """What someone asks of the catalogue."""

    text: str = ""
    category: str | None = None
    cluster: int | None = None
    sort: Sort = "popular"
    page: int = 1

    @classmethod
    def from_location(cls, location: Location) -> Choice:
        """From the address; what it says wrongly counts as not said."""
        query = location.query
        category, cluster, page = query.get("category"), location.number("cluster"), location.number("page")
        return cls(query.get("q", "")[:LONGEST_SEARCH], category or None, cluster, _sort(query.get("sort")), page or 1)

    def known_to(self, build: Build) -> Choice:
        """Without a category that no product has: an address must not put a made-up one among the options."""
        return self if self.category in build.catalogue.category_names else replace(self, category=None)

    def query(self) -> dict[str, Any]:
        """The query of the address; what is as usual is left out."""
        sort = self.sort if self.sort != "popular" else None
        page = self.page if self.page > 1 else None
        return {"q": self.text, "category": self.category, "cluster": self.cluster, "sort": sort, "page": page}


def layout(location: Location) -> View:
    build = current_build()
    choice = Choice.from_location(location).known_to(build)
    hits = _search(build, choice)
    body = [
        page_header(build.shop),
        html.Div(_controls(choice, hits), className="filters", role="search"),
        dcc.Store(id="catalogue-cluster", data=choice.cluster),
        html.Div(_results(build, choice, hits), id="catalogue-results"),
    ]
    return View(f"Catalogue · {build.shop}", html.Div(body))


def callbacks(app: Dash) -> None:
    """Search again whenever a control changes: the only callback of this page, and it never draws the controls anew."""
    app.callback(
        Output("catalogue-results", "children"),
        Output("catalogue-category", "options"),
        Output(ids.ADDRESS, "data", allow_duplicate=True),
        Input("catalogue-text", "value"),
        Input("catalogue-category", "value"),
        Input("catalogue-sort", "value"),
        State("catalogue-cluster", "data"),
        prevent_initial_call=True,
    )(_choose)


def _choose(text: Any, category: Any, sort: Any, cluster: Any) -> tuple[list[Component], list[dict[str, str]], dict[str, str]]:
    build = current_build()
    chosen = category.removeprefix(CHOSEN) if isinstance(category, str) and category != ALL else None
    said = {"q": text, "category": chosen, "sort": sort, "cluster": cluster}
    location = Location(PATH, {key: readable(value) for key, value in said.items() if isinstance(value, str | int)})
    choice = Choice.from_location(location).known_to(build)
    hits = _search(build, choice)
    return _results(build, choice, hits), _categories(choice, hits), address(PATH, choice.query())


def _search(build: Build, choice: Choice) -> Hits:
    return build.catalogue.search(choice.text, choice.category, choice.cluster, choice.sort, choice.page)


def _controls(choice: Choice, hits: Hits) -> list[Component]:
    text = dbc.Input(
        id="catalogue-text",
        type="search",
        value=choice.text,
        placeholder="Search by title, category or id",
        debounce=TYPING_SECONDS,
        autocomplete="off",
        maxlength=LONGEST_SEARCH,
    )
    category = dbc.Select(
        id="catalogue-category", options=_categories(choice, hits), value=CHOSEN + choice.category if choice.category else ALL
    )
    sorts = [{"value": value, "label": label} for value, label in wording.SORTS.items()]
    sort = dbc.Select(id="catalogue-sort", options=sorts, value=choice.sort)
    return [_field("Search", text, "field-wide"), _field("Category", category), _field("Sort by", sort)]


def _field(label: str, control: Component, class_name: str = "") -> Component:
    return html.Div([html.Label(label, htmlFor=control.id), control], className=f"field {class_name}".strip())


def _categories(choice: Choice, hits: Hits) -> list[dict[str, str]]:
    """The choices of category with their counts; the one that is chosen stays, even where the search finds none of it."""
    found = dict(hits.categories) | (
        {choice.category: 0} if choice.category and choice.category not in dict(hits.categories) else {}
    )
    named = [{"value": CHOSEN + name, "label": f"{name} ({wording.number(n)})"} for name, n in sorted(found.items())]
    return [{"value": ALL, "label": "All categories"}, *named]


def _results(build: Build, choice: Choice, hits: Hits) -> list[Component]:
    if not hits.total:
        return [*_cluster(build, choice), _nothing(choice)]
    cards = [
        product_card(build, build.catalogue.product(row), lazy=place >= EAGER_CARDS)
        for place, row in enumerate(hits.rows.tolist())
    ]
    return [*_cluster(build, choice), _count(hits), card_grid(cards), *_pager(choice, hits)]


def _cluster(build: Build, choice: Choice) -> list[Component]:
    """The cluster that the address asks for, as a chip that takes it away."""
    if choice.cluster is None:
        return []
    known = build.clusters is not None and choice.cluster < build.clusters.num_rows
    title = build.cluster_title(choice.cluster) if known else f"{choice.cluster}: unknown"
    without = href(PATH, replace(choice, cluster=None, page=1).query())
    return [html.P(html.A([f"Cluster {title}", html.Span(" ×", **{"aria-hidden": "true"})], href=without, className="chip"))]


def _count(hits: Hits) -> Component:
    shown = f", page {wording.number(hits.page)} of {wording.number(hits.pages)}" if hits.pages > 1 else ""
    return html.P(wording.count(hits.total, "product") + shown, className="count", role="status")


def _nothing(choice: Choice) -> Component:
    sought = f"“{choice.text}”" if choice.text else "this choice"
    everything = html.A("Show all products", href=PATH, className="button")
    return empty_state(f"Nothing matches {sought}", "Try fewer or other words, or another category.", everything)


def _pager(choice: Choice, hits: Hits) -> list[Component]:
    """Links to the pages around this one, the first and the last."""
    if hits.pages == 1:
        return []
    near = sorted({1, hits.pages, *range(max(1, hits.page - 1), min(hits.pages, hits.page + 1) + 1)})
    links: list[Component] = []
    for before, page in zip([0, *near], near, strict=False):
        if page - before > 1:
            links.append(html.Li("…", className="gap"))
        links.append(html.Li(_page_link(choice, page, wording.number(page), current=page == hits.page)))
    previous = _page_link(choice, hits.page - 1, "Previous") if hits.page > 1 else None
    following = _page_link(choice, hits.page + 1, "Next") if hits.page < hits.pages else None
    return [
        html.Nav([previous, html.Ul(links, role="list"), following], className="pager", **{"aria-label": "Pages of products"})
    ]


def _page_link(choice: Choice, page: int, label: str, *, current: bool = False) -> Component:
    return html.A(label, href=href(PATH, replace(choice, page=page).query()), **({"aria-current": "page"} if current else {}))


def _sort(text: str | None) -> Sort:
    return next((sort for sort in get_args(Sort) if sort == text), "popular")


PAGE = Page(PATH, layout, callbacks)
