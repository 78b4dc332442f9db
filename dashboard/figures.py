"""The plots, as pure functions to Plotly's JSON.

Figures are plain dictionaries, because ``plotly.graph_objects`` takes memory and checks every value. Grounds are transparent, and
``assets/figures.css`` colours texts and lines: a new theme needs no new figure.
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dashboard import wording

HIGHLIGHT = "#28897b"
"""The colour of what a plot is about, for light and dark ground alike."""

OTHER = "#8d8780"
"""The colour of everything else."""

LINE_END_HEIGHT = 0.08
"""The room a line's name takes at its end, in parts of the plot's height."""

Figure = dict[str, Any]


@dataclass(frozen=True)
class Dot:
    """One measured value with its interval, where there is one; a baseline is drawn hollow."""

    name: str
    value: float
    low: float | None
    high: float | None
    baseline: bool


@dataclass(frozen=True)
class Line:
    """Measured values from left to right, None where there is none; `name` stands at its right end."""

    name: str
    values: Sequence[float | None]
    bold: bool = False


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


def lines_figure(
    lines: Sequence[Line], ticks: Sequence[str], title: str, *, ring: tuple[int, float] | None, level: float | None
) -> Figure:
    """Shares of 100 as lines over evenly spaced ticks, on a scale that starts at zero.

    Parameters
    ----------
    lines
        Each with one value per tick. The bold one is drawn in colour over the others.
    ticks, title
        What is written below.
    ring
        The place and the value that a ring is drawn around.
    level
        A value to compare with, dotted across.
    """
    highest = max([value for line in lines for value in line.values if value is not None] + [level or 0.0])
    traces = [_line(line, ticks) for line in sorted(lines, key=lambda line: line.bold)]
    return {
        "data": traces + ([_ring(*ring)] if ring else []),
        "layout": {
            **_bare_layout(),
            "height": 280,
            "margin": {"l": 44, "r": 64, "t": 12, "b": 52},
            "xaxis": {
                "tickvals": list(range(len(ticks))),
                "ticktext": [plain(tick) for tick in ticks],
                "title": {"text": plain(title), "standoff": 8, "font": {"size": 12}},
                "tickfont": {"size": 11},
                "automargin": True,
                "range": [-0.3, len(ticks) - 0.8],
                "showgrid": False,
                "zeroline": False,
                "fixedrange": True,
            },
            "yaxis": {
                "range": [0, highest * 1.1 or 1.0],
                "tickformat": ".0%" if highest > 0.1 else ".1%",
                "nticks": 5,
                "zeroline": False,
                "fixedrange": True,
            },
            "shapes": [_level(level)] if level is not None else [],
            "annotations": _line_ends(lines, highest),
            "showlegend": False,
            "hovermode": "closest",
        },
    }


def plain(text: str) -> str:
    """A text that Plotly shows as it is: Plotly reads tags and entities in every label."""
    return html.escape(text, quote=False)


def _dots(dots: Sequence[Dot], baseline: bool) -> Figure:
    drawn = [(place, dot) for place, dot in enumerate(dots) if dot.baseline is baseline]
    colour = OTHER if baseline else HIGHLIGHT
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


def _line(line: Line, ticks: Sequence[str]) -> Figure:
    colour = HIGHLIGHT if line.bold else OTHER
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "x": list(range(len(ticks))),
        "y": list(line.values),
        "text": [plain(f"{line.name}, {tick}") for tick in ticks],
        "hovertemplate": "%{text}: %{y:.1%}<extra></extra>",
        "cliponaxis": False,
        "line": {"color": colour, "width": 3 if line.bold else 1.5},
        "marker": {"color": colour, "size": 7 if line.bold else 5},
    }


def _ring(place: int, value: float) -> Figure:
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [place],
        "y": [value],
        "hoverinfo": "skip",
        "cliponaxis": False,
        "marker": {"color": HIGHLIGHT, "size": 20, "symbol": "circle-open", "line": {"width": 2.5, "color": HIGHLIGHT}},
    }


def _level(value: float) -> Figure:
    line = {"color": OTHER, "width": 2, "dash": "dot"}
    return {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": value, "y1": value, "line": line, "layer": "below"}


def _line_ends(lines: Sequence[Line], highest: float) -> list[Figure]:
    """Each line's name at its right end; lines that end within a label's height of one another share a label."""
    groups: list[list[tuple[float, Line]]] = []
    ends = [(value, line) for line in lines if line.values and (value := line.values[-1]) is not None]
    for value, line in sorted(ends, key=lambda end: -end[0]):
        if groups and groups[-1][0][0] - value < LINE_END_HEIGHT * highest:
            groups[-1].append((value, line))
        else:
            groups.append([(value, line)])
    return [
        {
            "x": len(group[0][1].values) - 1,
            "y": sum(value for value, _ in group) / len(group),
            "text": plain(_named([place for place, line in enumerate(lines) if any(line is one for _, one in group)], lines)),
            "xanchor": "left",
            "xshift": 8,
            "showarrow": False,
        }
        for group in groups
    ]


def _named(places: Sequence[int], lines: Sequence[Line]) -> str:
    """The names of some of the lines: those of three and more neighbours as ``1–5``."""
    first, last = places[0], places[-1]
    if len(places) > 2 and last - first == len(places) - 1:
        return f"{lines[first].name}–{lines[last].name}"
    return ", ".join(lines[place].name for place in places)


def _bare_layout() -> Figure:
    return {
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": "inherit", "size": 14},
        "separators": wording.NUMBERS.separators,
    }
