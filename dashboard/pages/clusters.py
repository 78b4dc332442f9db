"""Clusters: every product as a point on a map, near to those that are described alike, look alike or share a style.

The server draws everything but the map: ``assets/map`` does that, in a canvas that lasts while what stands around it is drawn
anew. A link to this page (a colour, an entry of the legend, a neighbour) is followed by ``assets/clusters.js``: it writes the
address and asks for what the address says through the store `ASKED`.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast, get_args

import dash_bootstrap_components as dbc
import numpy as np
from dash import ClientsideFunction, Dash, Input, Output, dcc, html, no_update
from dash.development.base_component import Component
from numpy.typing import NDArray

from dashboard import wording
from dashboard.chosen import CHOSEN_FILE, common_words
from dashboard.components.cards import card_grid, product_card
from dashboard.components.choices import choice
from dashboard.components.map_legend import (
    LISTED,
    Group,
    Kind,
    by_size,
    cluster_titles,
    colours,
    group_legend,
    group_table,
    numbers_of,
    scale_legend,
)
from dashboard.components.map_panel import product_panel
from dashboard.components.messages import empty_state, page_header
from dashboard.maps import PRODUCTS, map_href, placed
from dashboard.navigation import Location, Page, View, href
from dashboard.recommendations import Recommendation, recommendations
from dashboard.search import LONGEST_SEARCH, typed_words
from dashboard.store import Build, current_build
from lookup import schema

PATH = "/clusters"
MAP, FRAME, SEARCH = "map", "map-frame", "map-search"
CHOICES, FOUND, CAPTION, BESIDE, BELOW = "map-choices", "map-found", "map-caption", "map-beside", "map-below"
DRAWING, ASKED, AREA, IN_AREA = "map-drawing", "map-asked", "map-area", "map-in-area"
MAPS = ("reviews", "look", "style")
SHOWN = 24
LOOKED_AT = 100
"""So many chosen products, the most popular, say what words all of them share."""
NEIGHBOURS = 12
NAMED_TERMS = 2
"""Words in the middle of a cluster."""


@dataclass(frozen=True)
class Choice:
    """What the URL asks for, as far as a build has it.

    Attributes
    ----------
    map, colour
        One of `MAPS`, and what its points are coloured by, a key of ``wording.COLOURS``.
    kind, group
        The one cluster or category whose products are shown, if any.
    sized
        Whether popular products are larger.
    search
        What is looked for.
    item, signal
        The product whose panel is open, if any, and by what signal its neighbours are listed.
    """

    map: str
    colour: str
    kind: Kind | None = None
    group: str | None = None
    sized: bool = False
    search: str = ""
    item: str | None = None
    signal: str | None = None

    def href(self, **other: str | None) -> str:
        """The URL of this choice with some of its query changed."""
        query: dict[str, str | None] = {
            "map": self.map,
            "colour": self.colour,
            "cluster": self.group if self.kind == "cluster" else None,
            "category": self.group if self.kind == "category" else None,
            "size": "popularity" if self.sized else None,
            "q": self.search,
            "item": self.item,
            "signal": self.signal,
        }
        return href(PATH, query | other)

    def group_href(self, kind: Kind, group: str | None) -> str:
        """The URL that shows the products of one group alone, or of all with None."""
        return self.href(**dict.fromkeys(get_args(Kind)) | {kind: group})


def layout(location: Location) -> View:
    build = current_build()
    title = wording.PAGES[PATH]
    header = page_header(title, wording.CLUSTERS_LEAD)
    maps = maps_of(build)
    if not maps:
        return View(title, html.Div([header, empty_state(wording.NO_MAPS_TITLE, wording.NO_MAPS)]))
    chosen = choose(build, maps, location)
    drawn = draw(build, maps, chosen)
    body = [
        html.Div(drawn[CHOICES], id=CHOICES, className="choices"),
        html.Div(
            [_figure(drawn[CAPTION], drawn[FOUND], chosen), html.Div(drawn[BESIDE], id=BESIDE, className="map-side")],
            className="map-and-side",
        ),
        html.Div(id=IN_AREA),
        html.Div(drawn[BELOW], id=BELOW),
        dcc.Store(id=DRAWING, data=drawn[DRAWING]),
        dcc.Store(id=ASKED),
        dcc.Store(id=AREA),
    ]
    return View(title, html.Div([header, *body], className="clusters"))


def callbacks(app: Dash) -> None:
    parts = (CHOICES, FOUND, CAPTION, BESIDE, BELOW)

    @app.callback(
        *(Output(name, "children") for name in parts), Output(DRAWING, "data"), Input(ASKED, "data"), prevent_initial_call=True
    )
    def follow(asked: Any) -> Any:
        build = current_build()
        maps = maps_of(build)
        if not isinstance(asked, dict) or not maps:
            return [no_update] * (len(parts) + 1)
        drawn = draw(build, maps, choose(build, maps, Location.parse(PATH, asked.get("search"))))
        return [drawn[name] for name in (*parts, DRAWING)]

    @app.callback(Output(IN_AREA, "children"), Input(AREA, "data"), prevent_initial_call=True)
    def show_area(area: Any) -> Any:
        build = current_build()
        match area:
            case {"ids": [*ids], "total": int(total)} if ids and 0 < total <= len(build.cache):
                rows = [row for one in ids[:LOOKED_AT] if isinstance(one, str) and (row := build.cache.row_of(one)) is not None]
                return _chosen_products(build, wording.chosen_on_map(total), rows, total, [_clear_area()])
        return None

    app.clientside_callback(ClientsideFunction("clusters", "draw"), Output(FRAME, "className"), Input(DRAWING, "data"))


def maps_of(build: Build) -> list[str]:
    """The maps that a build has."""
    return [name for name in MAPS if schema.map_path(name) in build.cache]


def choose(build: Build, maps: Sequence[str], location: Location) -> Choice:
    """What the URL asks for, as far as this build has it."""
    query = location.query
    name = query["map"] if query.get("map") in maps else maps[0]
    kind, group = _group(build, location)
    available = colours(build)
    usual = "cluster" if name == "reviews" or kind == "cluster" else "category"
    fallback = usual if usual in available or not available else available[0]
    colour = query["colour"] if query.get("colour") in available else fallback
    item = query.get("item")
    item = item if item is not None and build.cache.row_of(item) is not None else None
    signals = list(build.manifest.signals)
    signal = query["signal"] if item is not None and query.get("signal") in signals else None
    return Choice(name, colour, kind, group, query.get("size") == "popularity", query.get("q", "")[:LONGEST_SEARCH], item, signal)


def _group(build: Build, location: Location) -> tuple[Kind | None, str | None]:
    cluster, category = location.number("cluster"), location.query.get("category")
    if cluster is not None and build.clusters is not None and cluster < build.clusters.num_rows:
        return "cluster", str(cluster)
    return ("category", category) if category in build.catalogue.category_names else (None, None)


def draw(build: Build, maps: Sequence[str], chosen: Choice) -> dict[str, Any]:
    """Everything around the map, and what the map is to show, by the ids of what holds them."""
    found = _rows_found(build, chosen)
    neighbours = _neighbours(build, chosen)
    return {
        CHOICES: _choices(build, maps, chosen),
        FOUND: wording.found_on_map(int(found.sum()), chosen.search) if found is not None else "",
        CAPTION: wording.map_caption(chosen.map, placed(build, chosen.map), len(build.catalogue)),
        BESIDE: _beside(build, chosen, neighbours),
        BELOW: _below(build, chosen, found),
        DRAWING: _drawing(build, chosen, found, neighbours),
    }


def _rows_found(build: Build, chosen: Choice) -> NDArray[np.bool_] | None:
    """bool [n]: the products whose title, category or id holds all that is looked for; None where nothing is."""
    typed = typed_words(chosen.search)
    found = np.ones(len(build.catalogue), bool)
    for word in typed:
        found = build.catalogue.matching(word, found)
    return found if typed else None


def _neighbours(build: Build, chosen: Choice) -> list[Recommendation]:
    signals = list(build.manifest.signals)
    row = build.cache.row_of(chosen.item) if chosen.item is not None else None
    return recommendations(build, row, chosen.signal or signals[0], NEIGHBOURS) if row is not None and signals else []


def _drawing(
    build: Build, chosen: Choice, found: NDArray[np.bool_] | None, neighbours: Sequence[Recommendation]
) -> dict[str, Any]:
    """What ``assets/map`` is to draw. Products are named by their ids; `found` has a bit for each, in the named build's order."""
    labelled: Kind = "cluster" if build.clusters is not None and chosen.colour != "category" else "category"
    return {
        "places": map_href(build.name, chosen.map),
        "products": map_href(build.name, PRODUCTS),
        "file": map_href(build.name, CHOSEN_FILE),
        "called": _called(build, chosen),
        "build": build.name,
        "map": chosen.map,
        "by": chosen.colour,
        "colours": _colours(build, chosen),
        "only": {"by": chosen.kind, "number": _number(build, chosen)} if chosen.kind else None,
        "sized": chosen.sized,
        "labels": {"by": labelled, "texts": _labels(build, labelled)},
        "clusters": build.clusters.column("label").to_pylist() if build.clusters is not None else [],
        "found": base64.b64encode(np.packbits(found, bitorder="little").tobytes()).decode() if found is not None else None,
        "item": chosen.item,
        "neighbours": [one.product.id for one in neighbours],
    }


def _called(build: Build, chosen: Choice) -> str:
    """What files of the map are called: the map, and what of it is shown."""
    group = build.cluster_title(int(chosen.group)) if chosen.kind == "cluster" and chosen.group else chosen.group
    return " ".join(filter(None, [wording.MAPS[chosen.map], group, chosen.search]))


def _colours(build: Build, chosen: Choice) -> dict[str, int]:
    """The number of each coloured group to that of its colour; empty where the points are coloured from low to high."""
    if chosen.colour not in get_args(Kind):
        return {}
    groups = by_size(build, cast("Kind", chosen.colour), chosen.group)
    return {str(group.number): group.colour for group in groups if group.colour is not None}


def _labels(build: Build, kind: Kind) -> dict[str, str]:
    """What is written into the middle of the largest groups, by their numbers."""
    groups = by_size(build, kind)[:LISTED]
    if kind == "category":
        return {str(group.number): wording.shortened(group.name, 30) for group in groups}
    assert build.clusters is not None, "clusters are only named where there are some"
    terms = build.clusters.column("terms")
    return {str(group.number): wording.listed(terms[group.number].as_py()[:NAMED_TERMS]) for group in groups}


def _number(build: Build, chosen: Choice) -> int | None:
    """The number of the chosen group in the catalogue's columns."""
    if chosen.group is None:
        return None
    return int(chosen.group) if chosen.kind == "cluster" else build.catalogue.category_names.index(chosen.group)


def _choices(build: Build, maps: Sequence[str], chosen: Choice) -> list[Component]:
    available = colours(build)
    found = [choice(wording.MAP, [(wording.MAPS[name], chosen.href(map=name), name == chosen.map) for name in maps])]
    if len(available) > 1:
        options = [(wording.COLOURS[name], chosen.href(colour=name), name == chosen.colour) for name in available]
        found.append(choice(wording.COLOUR_BY, options))
    if "popularity" in available:
        sized = chosen.href(size=None if chosen.sized else "popularity")
        found.append(choice(wording.SIZE_BY, [(wording.SIZE_BY_POPULARITY, sized, chosen.sized)]))
    return found


def _figure(caption: str, found: str, chosen: Choice) -> Component:
    tools = [
        html.Button(className="map-tool", type="button", title=said, **{"data-tool": name, "aria-label": said}, **_pressed(name))
        for name, said in wording.MAP_TOOL.items()
    ]
    search = dbc.Input(
        id=SEARCH,
        type="search",
        value=chosen.search,
        placeholder=wording.SEARCH_MAP,
        autocomplete="off",
        maxlength=LONGEST_SEARCH,
    )
    again = html.Button(wording.TRY_AGAIN, type="button", className="button button-quiet", **{"data-tool": "again"})
    return html.Figure(
        [
            html.Div(
                [
                    # Nothing of React's stands inside: assets/map puts its canvas there.
                    html.Div(id=MAP, className="map", tabIndex="0", role="application", **{"aria-label": wording.MAP_KEYS}),
                    html.Div(
                        [
                            html.Label(wording.SEARCH_MAP, htmlFor=SEARCH, className="visually-hidden"),
                            search,
                            html.P(found, id=FOUND, className="map-found", role="status"),
                        ],
                        className="map-search",
                    ),
                    html.P(wording.CHOSEN_BELOW, className="map-found map-chosen"),
                    html.Div(tools, className="map-tools", role="group", **{"aria-label": wording.MAP_TOOLS}),
                    html.Div([html.P(wording.MAP_FAILED), again], className="map-failure", role="alert"),
                ],
                id=FRAME,
                className="map-frame map-loading",
            ),
            html.Figcaption(caption, id=CAPTION),
        ],
        className="map-figure",
    )


def _pressed(tool: str) -> dict[str, str]:
    """Of tools of which one is in hand at a time: whether it is at first."""
    return {"aria-pressed": str(tool == "move").lower()} if tool in ("move", "box", "lasso") else {}


def _beside(build: Build, chosen: Choice, neighbours: list[Recommendation]) -> list[Component]:
    """The legend and, over it, the panel of the open product."""
    clear = chosen.group_href("cluster", None) if chosen.kind else None
    if chosen.colour in get_args(Kind):
        kind = cast("Kind", chosen.colour)
        groups = by_size(build, kind, chosen.group)
        legend = group_legend(kind, [_legend_entry(chosen, kind, group) for group in groups], clear=clear)
    else:
        legend = scale_legend(build, chosen.colour, clear=clear)
    row = build.cache.row_of(chosen.item) if chosen.item is not None else None
    if row is None:
        return [legend]
    place = build.cache.table(schema.map_path(chosen.map)).row(row, ["x"]).column("x")
    signals = list(build.manifest.signals)
    signal = chosen.signal or (signals[0] if signals else None)
    product = build.catalogue.product(row)
    return [legend, product_panel(build, product, signal, neighbours, chosen.href, on_map=place.null_count == 0)]


def _legend_entry(chosen: Choice, kind: Kind, group: Group) -> tuple[Group, str, bool]:
    """A group, its URL, and whether it is chosen; chosen already, its link shows all again."""
    is_chosen = (chosen.kind, chosen.group) == (kind, group.value)
    return group, chosen.group_href(kind, None if is_chosen else group.value), is_chosen


def _below(build: Build, chosen: Choice, found: NDArray[np.bool_] | None) -> list[Component | None]:
    """The products of the chosen group that are found, else what all clusters are about; and the map as a table."""
    kind: Kind = "category" if chosen.colour == "category" or build.clusters is None else "cluster"
    groups = [(group, chosen.group_href(kind, group.value)) for group in by_size(build, kind)]
    table = group_table(build, kind, groups) if groups else None
    if chosen.kind is None and found is None:
        return [_all_clusters(build, chosen), table]
    wanted = np.ones(len(build.catalogue), bool) if found is None else found
    if chosen.kind is not None:
        wanted = wanted & (numbers_of(build, chosen.kind) == _number(build, chosen))
    popular = build.catalogue.order("popular")
    rows = popular[wanted[popular]]
    return [_chosen_section(build, chosen, rows), table]


def _chosen_section(build: Build, chosen: Choice, rows: NDArray[np.int32]) -> Component:
    """The chosen group's or found products, the most popular first: what the map shows, for everyone who can't see it."""
    if chosen.kind == "cluster":
        title = build.cluster_title(int(chosen.group or 0))
    else:
        title = chosen.group or wording.found_on_map(len(rows), chosen.search)
    in_catalogue = href("/", {chosen.kind or "category": chosen.group, "q": chosen.search})
    to_catalogue = html.A(wording.all_in_catalogue(len(rows)), href=in_catalogue, className="button button-quiet")
    about = wording.listed(build.cluster(int(chosen.group))["terms"]) if chosen.kind == "cluster" and chosen.group else None
    return _chosen_products(build, title, rows[:LOOKED_AT].tolist(), len(rows), [to_catalogue], about)


def _chosen_products(
    build: Build, title: str, rows: Sequence[int], total: int, links: Sequence[Component], about: str | None = None
) -> Component:
    """Chosen products: their words, the first as cards, and what to do with all of them.

    `rows` are the most popular, at most `LOOKED_AT` of a `total`; `about` stands below the title.
    """
    shared = common_words(build, rows)
    said = [wording.shared_by(word, n, len(rows)) for word, n in shared]
    take = _take_csv() if total else []
    return html.Section(
        [
            html.H2(title),
            html.P(about, className="cluster-terms") if about else None,
            html.P([wording.COMMON_WORDS, wording.listed(said)], className="cluster-terms") if said else None,
            html.Div([*take, *links], className="chosen-actions"),
            html.P(wording.first_shown(SHOWN), className="muted small") if total > SHOWN else None,
            card_grid([product_card(build, product) for product in build.catalogue.products(rows[:SHOWN])]),
        ],
        className="chosen-group",
    )


def _take_csv() -> list[Component]:
    """A button that ``assets/clusters.js`` lets hand over a file, and where it says if it can't."""
    said = {"data-take": "csv", "data-failed": wording.TAKE_FAILED}
    return [
        html.Button(wording.TAKE_CSV, type="button", className="button", **said),
        html.Span(role="status", className="take-status"),
    ]


def _clear_area() -> Component:
    return html.Button(wording.CLEAR_CHOICE, type="button", className="button button-quiet", **{"data-take": "nothing"})


def _all_clusters(build: Build, chosen: Choice) -> Component | None:
    """Every cluster with its words: the way into the clusters without a map."""
    if build.clusters is None:
        return None
    titles = cluster_titles(build)
    cards = [html.Li(_cluster_card(chosen, number, titles[number], row)) for number, row in enumerate(build.clusters.to_pylist())]
    return html.Section(
        [html.H2(wording.ALL_CLUSTERS), html.Ul(cards, className="cluster-grid", role="list")], className="all-clusters"
    )


def _cluster_card(chosen: Choice, number: int, title: str, cluster: Mapping[str, Any]) -> Component:
    return html.A(
        [
            html.Span(title, className="cluster-label"),
            html.Span(wording.listed(cluster["terms"]), className="cluster-terms"),
            html.Span(wording.count(cluster["size"], "product"), className="cluster-size"),
        ],
        href=chosen.group_href("cluster", str(number)),
        className="cluster-card",
    )


PAGE = Page(PATH, layout, callbacks)
