"""What stands where no page is."""

from __future__ import annotations

from dash import html

from dashboard.components.messages import empty_state
from dashboard.navigation import Location, Page, View


def layout(location: Location) -> View:
    to_catalogue = html.A("Go to the catalogue", href="/", className="button")
    return View(
        "Not found",
        empty_state(
            "There is no such page", ["Nothing stands at ", html.Code(location.path[:200]), "."], to_catalogue, whole_page=True
        ),
    )


PAGE = Page("/404", layout)
