"""The page Clusters."""

from __future__ import annotations

from dashboard.components.messages import page_header
from dashboard.navigation import Location, Page, View


def layout(location: Location) -> View:
    return View("Clusters", page_header("Clusters"))


PAGE = Page("/clusters", layout)
