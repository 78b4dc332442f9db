"""What a reader can take along: a table as a file of its rows, a plot as a picture. ``assets/take_along.js`` makes both."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from dash import html
from dash.development.base_component import Component

from dashboard import wording

TABLE_FORMATS = ("csv", "json")
PLOT_FORMATS = ("png", "svg")


def takeable(part: Component, name: str, formats: Sequence[str]) -> Component:
    """A table or plot, and below it a button for each format; `name` is what it shows, and what its files are called."""
    buttons = [
        html.Button(
            wording.FORMATS[each],
            type="button",
            className="take-button",
            **{"aria-label": wording.take_as(name, wording.FORMATS[each]), "data-file": each, "data-name": name},
        )
        for each in formats
    ]
    failed = html.Span(role="status", className="take-status", **{"data-failed": wording.TAKE_FAILED})
    return html.Div([part, html.Div([failed, *buttons], className="take")], className="takeable")


def exactly(value: float, shown: Component | str | Sequence[Component | str | None]) -> Component:
    """A number as it is shown; a file of the table has the number itself."""
    return html.Data(shown, value=str(value))


def measured(value: float, low: float | None, high: float | None, show: Callable[[float], str]) -> Component:
    """A measured value, `exactly`, and below it its interval where it has one; a file of the table has the ends too."""
    if low is None or high is None:
        return exactly(value, show(value))
    interval = html.Span(wording.from_to(show(low), show(high)), className="interval")
    return html.Data([show(value), interval], value=str(value), **{"data-low": str(low), "data-high": str(high)})


def whole(n: int) -> Component:
    """A whole number, `exactly`."""
    return exactly(n, wording.number(n))
