"""What the colours of a map mean: groups with their counts, or a scale from low to high; and the same as a table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, get_args
from weakref import WeakKeyDictionary

import numpy as np
from dash import html
from dash.development.base_component import Component
from numpy.typing import NDArray

from dashboard import wording
from dashboard.components.choices import show_more
from dashboard.components.tables import Column, data_table
from dashboard.components.takeable import exactly, whole
from dashboard.maps import MEASURES, measured
from dashboard.store import Build

Kind = Literal["cluster", "category"]
LISTED = 80
"""A legend with more groups than this is no help; the rest is summed up."""
COLOURED = 14
"""As many groups have a colour of their own: the tokens ``--group-0`` and on of ``assets/aisle.css``."""


@dataclass(frozen=True)
class Group:
    """A cluster or a category: points of one colour.

    Attributes
    ----------
    name
        What the legend calls it.
    number
        What stands for it in the catalogue's columns.
    size
        How many products it has.
    colour
        The number of its colour, below `COLOURED`, or None for that of all that have none of their own.
    value
        What stands for it in a URL.
    """

    name: str
    number: int
    size: int
    colour: int | None
    value: str


def numbers_of(build: Build, kind: Kind) -> NDArray[np.int32]:
    """int32 [n]: the number of each product's cluster or category; -1 where it has none."""
    if kind == "category":
        return build.catalogue.category
    return build.catalogue.cluster if build.clusters is not None else np.full(len(build.catalogue), -1, np.int32)


@dataclass(frozen=True)
class Facts:
    """What the legends of a build say, whatever is chosen: counted once for all visitors.

    Attributes
    ----------
    sizes
        By kind: the number and the size of each group that has products, the largest first.
    ratings, prices
        By kind: the mean rating and the median price of each group where any is known, by its number.
    scales
        By measure in which products differ: its lowest value, the one in the middle, the highest.
    unknown
        The measures that some products lack.
    """

    sizes: dict[Kind, list[tuple[int, int]]]
    ratings: dict[Kind, dict[int, float]]
    prices: dict[Kind, dict[int, float]]
    scales: dict[str, list[float]]
    unknown: frozenset[str]


_facts: WeakKeyDictionary[Build, Facts] = WeakKeyDictionary()
"""They go with their build."""


def facts(build: Build) -> Facts:
    """The `Facts` of a build. Two threads that ask first may both do the work, to the same result."""
    found = _facts.get(build)
    if found is None:
        found = _facts[build] = _counted(build)
    return found


def _counted(build: Build) -> Facts:
    kinds: tuple[Kind, ...] = get_args(Kind)
    numbers = {kind: numbers_of(build, kind) for kind in kinds}
    values = {name: measured(build, name) for name in MEASURES}
    known = {name: each[~np.isnan(each)] for name, each in values.items()}
    return Facts(
        sizes={kind: _sizes(numbers[kind]) for kind in kinds},
        ratings={kind: _by_group(numbers[kind], values["rating"], np.mean) for kind in kinds},
        prices={kind: _by_group(numbers[kind], values["price"], np.median) for kind in kinds},
        scales={name: np.quantile(each, [0, 0.5, 1]).tolist() for name, each in known.items() if len(each) and np.ptp(each) > 0},
        unknown=frozenset(name for name, each in known.items() if len(each) < len(build.catalogue)),
    )


def _sizes(numbers: NDArray[np.int32]) -> list[tuple[int, int]]:
    counts = np.bincount(numbers[numbers >= 0])
    order = np.argsort(-counts, kind="stable")
    return [(number, int(counts[number])) for number in order.tolist() if counts[number]]


def _by_group(
    numbers: NDArray[np.int32], values: NDArray[np.float64], summary: Callable[[NDArray[np.float64]], np.floating]
) -> dict[int, float]:
    """A summary of the known values of each group that has any."""
    known = ~np.isnan(values) & (numbers >= 0)
    order = np.argsort(numbers[known], kind="stable")
    groups, starts = np.unique(numbers[known][order], return_index=True)
    parts = np.split(values[known][order], starts[1:])
    return {number: float(summary(part)) for number, part in zip(groups.tolist(), parts, strict=False)}


def by_size(build: Build, kind: Kind, chosen: str | None = None) -> list[Group]:
    """The clusters or categories that have products, the largest first. The first ones, and the chosen one, have a colour."""
    names = build.catalogue.category_names if kind == "category" else cluster_titles(build)
    values = names if kind == "category" else [str(number) for number in range(len(names))]
    sizes = facts(build).sizes[kind]
    coloured = [number for number, _ in sizes[:COLOURED]]
    if chosen in values and (number := values.index(chosen)) in {other for other, _ in sizes[COLOURED:]}:
        coloured[-1] = number
    colours = {number: place for place, number in enumerate(coloured)}
    return [Group(names[number], number, size, colours.get(number), values[number]) for number, size in sizes]


def cluster_titles(build: Build) -> list[str]:
    """What every cluster is called, by its number."""
    labels = build.clusters.column("label").to_pylist() if build.clusters is not None else []
    return [wording.cluster_title(number, label) for number, label in enumerate(labels)]


def colours(build: Build) -> list[str]:
    """What this build's maps can be coloured by: keys of `wording.COLOURS`."""
    found = [kind for kind in get_args(Kind) if facts(build).sizes[kind]]
    return found + [name for name in ("rating", "price", "popularity") if name in facts(build).scales]


def group_legend(kind: Kind, entries: Sequence[tuple[Group, str, bool]], *, clear: str | None) -> Component:
    """The groups as links, each with its URL and whether it is the chosen one; `clear` is the URL that shows all again."""
    shown = [_entry(group, url, chosen=chosen) for group, url, chosen in entries[:LISTED]]
    more = [html.P(wording.and_more(len(entries) - LISTED), className="legend-rest muted small")] if len(entries) > LISTED else []
    counts = {"data-kind": kind, "data-part-of": wording.PART_OF, "data-thousands": wording.NUMBERS.thousands}
    said = {f"data-{counted}": words for counted, words in wording.LEGEND_COUNTS.items()}
    what = html.P(wording.LEGEND_COUNTS["all"], className="legend-counts", **said)
    return html.Nav(
        [_head(wording.LEGENDS[kind], clear), what, html.Ul(shown, role="list"), show_more(), *more],
        className="legend",
        **{"aria-label": wording.LEGENDS[kind]},
        **counts,
    )


def scale_legend(build: Build, measure: str, *, clear: str | None) -> Component:
    """The colours from low to high, with the lowest value, that in the middle and the highest."""
    ends = [html.Span(_written(build, measure, end)) for end in facts(build).scales[measure]]
    unknown = [html.Span(className="swatch swatch-other", **{"aria-hidden": "true"}), wording.NOT_KNOWN]
    return html.Section(
        [
            _head(wording.LEGENDS[measure], clear),
            html.Div(
                [
                    html.Div(className="scale-bar", **{"aria-hidden": "true"}),
                    html.P(ends, className="scale-ends"),
                    html.P(unknown, className="scale-unknown") if measure in facts(build).unknown else None,
                    html.P(wording.LEVELS_LEAD, className="muted small"),
                ],
                className="scale",
            ),
        ],
        className="legend",
    )


def group_table(build: Build, kind: Kind, entries: Sequence[tuple[Group, str]]) -> Component:
    """The map in words: each group with its URL, its number of products, their mean rating and median price."""
    rating, price = facts(build).ratings[kind], facts(build).prices[kind]
    rows = [
        (
            html.A(group.name, href=url),
            whole(group.size),
            exactly(rating[group.number], wording.number(rating[group.number], 1)) if group.number in rating else "–",
            exactly(price[group.number], wording.price(price[group.number], build.currency)) if group.number in price else "–",
        )
        for group, url in entries
    ]
    titles = (wording.PRODUCTS, wording.MEAN_RATING, wording.MEDIAN_PRICE)
    columns = [Column(wording.COLOURS[kind]), *(Column(title, True) for title in titles)]
    return html.Details([html.Summary(wording.AS_TABLE), data_table(wording.AS_TABLE, columns, rows, none="")], className="twin")


def _head(title: str, clear: str | None) -> Component:
    everything = html.A(wording.SHOW_ALL, href=clear, className="legend-clear") if clear else None
    return html.Div([html.H2(title), everything], className="legend-head")


def _entry(group: Group, url: str, *, chosen: bool) -> Component:
    swatch = "swatch swatch-other" if group.colour is None else f"swatch swatch-{group.colour}"
    size = wording.number(group.size)
    facts_of = {
        "data-group": str(group.number),
        "data-whole": str(group.size),
        "data-widest": wording.PART_OF.format(part=size, whole=size),
    }
    count = html.Span(size, className="legend-count", **facts_of)
    return html.Li(
        html.A(
            [html.Span(className=swatch, **{"aria-hidden": "true"}), html.Span(group.name, className="legend-name"), count],
            href=url,
            **{"aria-current": str(chosen).lower()},
        )
    )


def _written(build: Build, measure: str, value: float) -> str:
    if measure == "price":
        return wording.price(value, build.currency)
    if measure == "rating":
        return wording.number(value, 1)
    return wording.count(round(value), "review" if build.catalogue.n_reviews.any() else "order")
