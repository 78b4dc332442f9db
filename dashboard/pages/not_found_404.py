"""What stands where no page is."""

from __future__ import annotations

from dash import html

from dashboard import wording
from dashboard.components.messages import empty_state
from dashboard.navigation import Location, Page, View


def layout(location: Location) -> View:
    to_catalogue = html.A(wording.GO_TO_CATALOGUE, href="/", className="button")
    return View(
        wording.NOT_FOUND,
        empty_state(
            wording.NO_SUCH_PAGE, [wording.NOTHING_AT, html.Code(location.path[:200]), "."], to_catalogue, whole_page=True
        ),
    )


PAGE = Page("/404", layout)
