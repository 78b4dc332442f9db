"""The plots, as pure functions from arrays to Plotly's JSON.

Figures are plain dictionaries, because ``plotly.graph_objects`` checks every value and a map may have hundreds of thousands
of points. Grounds are transparent, and ``assets/figures.css`` colours texts and lines: a new theme needs no new figure.
"""

from __future__ import annotations

import base64
import html
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

PALETTE = (
    "#c4572e",
    "#3d7fb8",
    "#5f8f35",
    "#a062b8",
    "#b98412",
    "#2a9188",
    "#d0537f",
    "#7d6fd6",
    "#98714e",
    "#6a8798",
    "#8c8c24",
    "#2493b3",
    "#b8404f",
    "#6f8f6a",
)
"""Colours of a map's groups, for light and dark ground alike. ``assets/figures.css`` holds them again, for the legend."""

OTHER = "#8d8780"
"""The colour of everything that has no colour of its own."""

LABEL_WIDTH, LABEL_HEIGHT = 0.12, 0.05
"""The room a label takes, in parts of the larger side of the map."""

Figure = dict[str, Any]


@dataclass(frozen=True)
class Group:
    """Points of one colour.

    Attributes
    ----------
    name
        What the legend calls them.
    rows
        int [m], rows of the product table.
    colour
        A place in `PALETTE`, or None for `OTHER`.
    value
        What stands for the group in a URL; None where it can't be chosen.
    label
        What is written into its middle on the map; may be empty.
    """

    name: str
    rows: NDArray[np.integer]
    colour: int | None
    value: str | None = None
    label: str = ""


@dataclass(frozen=True)
class Dot:
    """One measured value with its interval, where there is one; a baseline is drawn hollow."""

    name: str
    value: float
    low: float | None
    high: float | None
    baseline: bool


def map_figure(
    x: NDArray[np.float32],
    y: NDArray[np.float32],
    ids: pa.StringArray,
    groups: Sequence[Group],
    chosen: str | None,
) -> Figure:
    """A map of the products, one WebGL trace per group.

    Parameters
    ----------
    x, y
        float32 [n], NaN where a product is not on the map.
    ids
        The product ids [n]. Every point carries its own, so that what is shown or hidden can't give it another product's.
    groups
        The groups, drawn in this order.
    chosen
        The `value` of the group to bring out; the others fade.
    """
    on_map = np.isfinite(x) & np.isfinite(y)
    size = _point_size(int(on_map.sum()))
    traces = [_points(group, group.rows[on_map[group.rows]], x, y, ids, size) for group in groups]
    if chosen is not None:
        for group, trace in zip(groups, traces, strict=True):
            bold = group.value == chosen
            trace["marker"] |= {"opacity": 1.0 if bold else 0.18, "size": size + 3 if bold else size}
        traces.sort(key=lambda trace: trace["marker"]["opacity"])  # the chosen ones on top
    axis = {"visible": False, "zeroline": False}
    return {
        "data": traces,
        "layout": {
            **_bare_layout(),
            "margin": {"l": 0, "r": 0, "t": 0, "b": 0},
            "xaxis": axis,
            "yaxis": axis | {"scaleanchor": "x"},
            "showlegend": False,
            "hovermode": "closest",
            "dragmode": "pan",
            "annotations": _labels(groups, x, y, on_map),
        },
    }


def metrics_figure(dots: Sequence[Dot], *, percent: bool) -> Figure:
    """One value per signal on a common scale that starts at zero, with its interval, the first at the top."""
    n = len(dots)
    highest = max((dot.high if dot.high is not None else dot.value for dot in dots), default=0.0)
    return {
        "data": [_dots(dots, baseline=False), _dots(dots, baseline=True)],
        "layout": {
            **_bare_layout(),
            "height": 48 + 44 * n,
            "margin": {"l": 8, "r": 16, "t": 8, "b": 32},
            "xaxis": {
                "range": [0, highest * 1.08 or 1.0],
                "tickformat": ".0%" if percent and highest > 0.1 else ".1%" if percent else ".3~g",
                "zeroline": False,
                "fixedrange": True,
                "nticks": 5,
                "tickangle": 0,
            },
            "yaxis": {
                "tickvals": list(range(n)),
                "ticktext": [plain(dot.name) + "  " for dot in dots],
                "range": [n - 0.5, -0.5],
                "automargin": True,
                "zeroline": False,
                "fixedrange": True,
            },
            "showlegend": False,
            "hovermode": "closest",
        },
    }


def plain(text: str) -> str:
    """A text that Plotly shows as it is: Plotly reads tags and entities in every label."""
    return html.escape(text, quote=False)


def _points(group: Group, rows: NDArray, x: NDArray, y: NDArray, ids: pa.StringArray, size: int) -> Figure:
    return {
        "type": "scattergl",
        "mode": "markers",
        "name": plain(group.name),
        "x": _packed(x[rows]),
        "y": _packed(y[rows]),
        "customdata": ids.take(pa.array(rows)).to_pylist(),
        "marker": {"color": OTHER if group.colour is None else PALETTE[group.colour], "size": size, "opacity": 0.85},
        "hoverinfo": "none",
    }


def _labels(groups: Sequence[Group], x: NDArray, y: NDArray, on_map: NDArray[np.bool_]) -> list[Figure]:
    """The groups' labels at the medians of their points; one that would lie over an earlier one is left out."""
    extent = np.ptp(np.stack([x[on_map], y[on_map]]), axis=1).max(initial=0.0) if on_map.any() else 0.0
    middles: list[tuple[float, float]] = []
    labels = []
    for group in groups:
        rows = group.rows[on_map[group.rows]]
        if not group.label or not len(rows):
            continue
        across, up = float(np.median(x[rows])), float(np.median(y[rows]))
        if all(abs(across - a) > LABEL_WIDTH * extent or abs(up - b) > LABEL_HEIGHT * extent for a, b in middles):
            middles.append((across, up))
            labels.append({"x": across, "y": up, "text": plain(group.label), "showarrow": False})
    return labels


def _point_size(points: int) -> int:
    """In pixels: few points are large enough to hit with a finger, many don't cover each other."""
    return int(np.interp(np.log10(max(points, 1)), [2, 5], [11, 3]))


def _dots(dots: Sequence[Dot], baseline: bool) -> Figure:
    drawn = [(place, dot) for place, dot in enumerate(dots) if dot.baseline is baseline]
    colour = OTHER if baseline else PALETTE[0]
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [dot.value for _, dot in drawn],
        "y": [place for place, _ in drawn],
        "text": [plain(dot.name) for _, dot in drawn],
        "hovertemplate": "%{text}: %{x}<extra></extra>",
        "cliponaxis": False,
        "marker": {
            "color": colour,
            "size": 13,
            "symbol": "circle-open" if baseline else "circle",
            "line": {"width": 2, "color": colour},
        },
        "error_x": {
            "type": "data",
            "symmetric": False,
            "array": [dot.high - dot.value if dot.high is not None else 0.0 for _, dot in drawn],
            "arrayminus": [dot.value - dot.low if dot.low is not None else 0.0 for _, dot in drawn],
            "color": colour,
            "thickness": 2,
            "width": 0,
        },
    }


def _bare_layout() -> Figure:
    return {"paper_bgcolor": "rgba(0,0,0,0)", "plot_bgcolor": "rgba(0,0,0,0)", "font": {"family": "inherit", "size": 14}}


def _packed(values: NDArray[np.float32]) -> dict[str, str]:
    """Numbers as Plotly's typed array: a third of their size as JSON, and nothing to parse."""
    return {"dtype": "f4", "bdata": base64.b64encode(np.ascontiguousarray(values, "<f4").tobytes()).decode()}
