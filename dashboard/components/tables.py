"""A table of text and numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dash import html
from dash.development.base_component import Component

from dashboard import wording
from dashboard.components.takeable import TABLE_FORMATS, takeable


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Attributes
    ----------
    title
        Its heading.
    numeric
        Whether it holds numbers.
    interval
        Whether its cells are `dashboard.components.takeable.measured`: a file has the ends of their intervals as columns too.
    """

    title: str
    numeric: bool = False
    interval: bool = False


def data_table(
    caption: str, columns: Sequence[Column], rows: Sequence[Sequence[Component | str]], *, none: str, as_file: bool = True
) -> Component:
    """A table that scrolls sideways where it is wider than the page; `none` stands in its place when there are no rows.

    It can be taken along, unless it says so little that this is not worth a button.
    """
    if not rows:
        return html.P(none, className="muted")
    head = html.Tr([html.Th(column.title, scope="col", className=_class(column), **_ends(column)) for column in columns])
    body = [
        html.Tr(
            [
                html.Th(row[0], scope="row"),
                *(html.Td(cell, className=_class(c)) for c, cell in zip(columns[1:], row[1:], strict=True)),
            ]
        )
        for row in rows
    ]
    table = html.Table(
        [html.Caption(caption, className="visually-hidden"), html.Thead(head), html.Tbody(body)], className="data-table"
    )
    shown = html.Div(table, className="table-scroll", tabIndex="0", role="region", **{"aria-label": caption})
    return takeable(shown, caption, TABLE_FORMATS) if as_file else shown


def _ends(column: Column) -> dict[str, str]:
    """What a file calls the columns of an interval's ends."""
    return dict(zip(("data-low", "data-high"), wording.interval_ends(column.title), strict=True)) if column.interval else {}


def _class(column: Column) -> str:
    return "numeric" if column.numeric else ""
