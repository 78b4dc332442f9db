"""Clusters: every product as a point on a map, near to those that are described alike, look alike or share a style."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html, no_update
from dash.development.base_component import Component
from numpy.typing import NDArray

from dashboard import ids, wording
from dashboard.components.cards import card_grid, product_card
from dashboard.components.choices import choice
from dashboard.components.messages import empty_state, page_header
from dashboard.components.pictures import picture
from dashboard.figures import PALETTE, Group, map_figure
from dashboard.maps import PRODUCTS, map_href
from dashboard.navigation import Location, Page, View, href
from dashboard.store import Build, Product, current_build
from lookup import schema

PATH = "/clusters"
MAP, FRAME, POINTS, TIP, CLICKED = "map", "map-frame", "map-points", "map-tip", "map-clicked"
MAPS = ("reviews", "look", "style")
SHOWN = 24
FARTHEST = 1e6
"""No point is as many pixels away."""
LISTED = 80
"""A legend with more groups than this is no help; the rest is summed up."""

Colour = Literal["cluster", "category"]


@dataclass(frozen=True)
class Choice:
    """What the URL asks for: which map, coloured by what, and the group brought out, if any."""

    map: str
    colour: Colour
    group: str | None

    def href(self, **other: str | None) -> str:
        """The URL of this choice with some of it changed."""
        return href(PATH, {"map": self.map, "colour": self.colour, self.colour: self.group, **other})


def layout(location: Location) -> View:
    build = current_build()
    header = page_header("Clusters", wording.CLUSTERS_LEAD)
    maps = [name for name in MAPS if schema.map_path(name) in build.cache]
    if not maps:
        return View("Clusters", html.Div([header, empty_state("There is no map yet", wording.NO_MAPS)]))
    chosen = choose(build, maps, location)
    groups = by_size(build, chosen)
    body = [
        _choices(build, maps, chosen),
        html.Div([_map(build, chosen, groups), _legend(chosen, groups)], className="map-and-legend"),
        _chosen_group(build, chosen, groups) if chosen.group is not None else _all_clusters(build, chosen),
        dcc.Store(id=CLICKED),
    ]
    return View("Clusters", html.Div([header, *body], className="clusters"))


def callbacks(app: Dash) -> None:
    @app.callback(
        Output(TIP, "show"), Output(TIP, "bbox"), Output(TIP, "children"), Input(MAP, "hoverData"), prevent_initial_call=True
    )
    def show_tip(hovered: Any) -> tuple[bool, Any, Any]:
        product = product_at(current_build(), hovered)
        if product is None:
            return False, no_update, no_update
        return True, box_of(hovered), _tip(current_build(), product)

    @app.callback(Output(CLICKED, "data"), Input(MAP, "clickData"), prevent_initial_call=True)
    def open_product(clicked: Any) -> Any:
        product = product_at(current_build(), clicked)
        return no_update if product is None else ids.item_href(product.id)

    app.clientside_callback(
        ClientsideFunction("clusters", "draw"),
        Output(MAP, "figure"),
        Output(FRAME, "className"),
        Input(POINTS, "data"),
        State(MAP, "figure"),
    )
    app.clientside_callback(
        ClientsideFunction("clusters", "follow"), Output(MAP, "clickData"), Input(CLICKED, "data"), prevent_initial_call=True
    )


def choose(build: Build, maps: Sequence[str], location: Location) -> Choice:
    """What the URL asks for, as far as this build has it."""
    asked_map = location.query.get("map", "")
    name = asked_map if asked_map in maps else maps[0]
    category, cluster = location.query.get("category"), location.number("cluster")
    usual: Colour = "cluster" if build.clusters is not None and (name == "reviews" or cluster is not None) else "category"
    asked = location.query.get("colour")
    colour: Colour = "category" if asked == "category" else "cluster" if asked == "cluster" and build.clusters else usual
    if colour == "category":
        return Choice(name, colour, category if category in build.catalogue.category_names else None)
    known = cluster is not None and build.clusters is not None and cluster < build.clusters.num_rows
    return Choice(name, colour, str(cluster) if known else None)


def by_size(build: Build, chosen: Choice) -> list[Group]:
    """The clusters or categories that have products, the largest first. The first ones, and the chosen one, have a colour."""
    if chosen.colour == "cluster" and build.clusters is not None:
        terms = build.clusters.column("terms").to_pylist()
        values = [str(number) for number in range(len(terms))]
        names = [build.cluster_title(number) for number in range(len(terms))]
        labels = [words[0] if words and chosen.map == "reviews" else "" for words in terms]
    else:
        names = build.catalogue.category_names
        values, labels = names, [""] * len(names)
    numbers = _numbers(build, chosen)
    sizes = np.bincount(numbers[numbers >= 0], minlength=len(names)).tolist()
    order = sorted((number for number, size in enumerate(sizes) if size), key=lambda number: (-sizes[number], number))
    coloured = order[: len(PALETTE)]
    if chosen.group in values and (number := values.index(chosen.group)) in order[len(PALETTE) :]:
        coloured[-1] = number
    colours = {number: place for place, number in enumerate(coloured)}
    return [Group(names[number], number, sizes[number], colours.get(number), values[number], labels[number]) for number in order]


def product_at(build: Build, event: Any) -> Product | None:
    """The product whose point an event of the plot names; None for anything else a browser may send."""
    match event:
        case {"points": [{"customdata": str(product_id)}, *_]}:
            row = build.cache.row_of(product_id)
            return build.catalogue.product(row) if row is not None else None
    return None


def box_of(event: Any) -> dict[str, float] | None:
    """Where on the screen the event's point is, in pixels; None where it doesn't say."""
    match event:
        case {"points": [{"bbox": {"x0": x0, "x1": x1, "y0": y0, "y1": y1}}, *_]}:
            box = {"x0": x0, "x1": x1, "y0": y0, "y1": y1}
            return box if all(isinstance(side, int | float) and abs(side) < FARTHEST for side in box.values()) else None
    return None


def _numbers(build: Build, chosen: Choice) -> NDArray[np.int32]:
    """int32 [n]: the number of each product's cluster or category; -1 where it has none."""
    return build.catalogue.cluster if chosen.colour == "cluster" else build.catalogue.category


def _choices(build: Build, maps: Sequence[str], chosen: Choice) -> Component:
    choices = [choice("Map", [(wording.MAPS[name], chosen.href(map=name), name == chosen.map) for name in maps])]
    if build.clusters is not None and build.catalogue.category_names:
        options: list[tuple[str, Colour]] = [("Cluster", "cluster"), ("Category", "category")]
        choices.append(
            choice(
                "Colour",
                [(name, href(PATH, {"map": chosen.map, "colour": colour}), colour == chosen.colour) for name, colour in options],
            )
        )
    return html.Div(choices, className="choices")


def _map(build: Build, chosen: Choice, groups: Sequence[Group]) -> Component:
    placed = len(build.catalogue) - build.cache.table(schema.map_path(chosen.map)).read(["x"]).column("x").null_count
    config = {"scrollZoom": True, "displaylogo": False, "displayModeBar": False, "doubleClick": "reset"}
    graph = dcc.Graph(
        id=MAP,
        figure=map_figure(groups, placed, chosen.group),
        config=config,
        clear_on_unhover=True,
        responsive=True,
        className="map",
    )
    points = {"places": map_href(build.name, chosen.map), "products": map_href(build.name, PRODUCTS)}
    return html.Figure(
        [
            html.Div(graph, id=FRAME, className="map-frame map-loading", **{"aria-hidden": "true"}),
            html.Div(
                [html.P(wording.MAP_FAILED), html.A(wording.TRY_AGAIN, href=chosen.href(), className="button button-quiet")],
                className="map-failure",
                role="alert",
            ),
            dcc.Store(id=POINTS, data=points | {"by": chosen.colour}),
            dcc.Tooltip(
                id=TIP, direction="bottom", className="map-tip", background_color="var(--surface)", border_color="var(--line)"
            ),
            html.Figcaption(wording.map_caption(chosen.map, placed, len(build.catalogue))),
        ],
        className="map-figure",
    )


def _legend(chosen: Choice, groups: Sequence[Group]) -> Component:
    entries = [_legend_entry(chosen, group) for group in groups[:LISTED]]
    more = [html.P(wording.and_more(len(groups) - LISTED), className="muted small")] if len(groups) > LISTED else []
    title = "Clusters" if chosen.colour == "cluster" else "Categories"
    everything = (
        [html.A("Show all", href=chosen.href(**{chosen.colour: None}), className="legend-clear")]
        if chosen.group is not None
        else []
    )
    return html.Nav(
        [html.Div([html.H2(title), *everything], className="legend-head"), html.Ul(entries, role="list"), *more],
        className="legend",
        **{"aria-label": title},
    )


def _legend_entry(chosen: Choice, group: Group) -> Component:
    swatch = "swatch swatch-other" if group.colour is None else f"swatch swatch-{group.colour}"
    return html.Li(
        html.A(
            [
                html.Span(className=swatch, **{"aria-hidden": "true"}),
                html.Span(group.name, className="legend-name"),
                html.Span(wording.number(group.size), className="legend-count"),
            ],
            href=chosen.href(**{chosen.colour: group.value}),
            **{"aria-current": str(group.value == chosen.group).lower()},
        )
    )


def _chosen_group(build: Build, chosen: Choice, groups: Sequence[Group]) -> Component:
    """The chosen group's products, the most popular first: what the map shows, for everyone who can't see it."""
    group = next((group for group in groups if group.value == chosen.group), None)
    popular = build.catalogue.order("popular")
    shown = popular[_numbers(build, chosen)[popular] == group.number][:SHOWN].tolist() if group is not None else []
    size = group.size if group is not None else 0
    number = int(chosen.group) if chosen.colour == "cluster" and chosen.group is not None else None
    title = build.cluster_title(number) if number is not None else chosen.group
    terms = [html.P(wording.listed(build.cluster(number)["terms"]), className="cluster-terms")] if number is not None else []
    in_catalogue = html.A(
        wording.all_in_catalogue(size), href=href("/", {chosen.colour: chosen.group}), className="button button-quiet"
    )
    cards = card_grid([product_card(build, build.catalogue.product(row)) for row in shown])
    return html.Section([html.H2(title), *terms, cards, in_catalogue if size > len(shown) else None], className="chosen-group")


def _all_clusters(build: Build, chosen: Choice) -> Component | None:
    """Every cluster with its words: the way into the clusters without a map."""
    if build.clusters is None:
        return None
    return html.Section(
        [
            html.H2("What the clusters are about"),
            html.Ul(
                [html.Li(_cluster_card(build, chosen, number)) for number in range(build.clusters.num_rows)],
                className="cluster-grid",
                role="list",
            ),
        ],
        className="all-clusters",
    )


def _cluster_card(build: Build, chosen: Choice, number: int) -> Component:
    cluster = build.cluster(number)
    return html.A(
        [
            html.Span(build.cluster_title(number), className="cluster-label"),
            html.Span(wording.listed(cluster["terms"]), className="cluster-terms"),
            html.Span(wording.count(cluster["size"], "product"), className="cluster-size"),
        ],
        href=href(PATH, {"map": chosen.map, "cluster": number}),
        className="cluster-card",
    )


def _tip(build: Build, product: Product) -> Component:
    said = [product.category] if product.category else []
    if product.cluster is not None and build.clusters is not None:
        said.append(build.cluster_title(product.cluster))
    return html.Div(
        [
            picture(build, product, lazy=False, class_name="tip-picture"),
            html.Strong(wording.shortened(product.title), className="tip-title"),
            *(html.Span(text, className="tip-fact") for text in said),
        ],
        className="tip",
    )


PAGE = Page(PATH, layout, callbacks)
