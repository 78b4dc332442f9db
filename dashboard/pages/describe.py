"""The page Describe it."""

from __future__ import annotations

from dashboard.components.messages import page_header
from dashboard.navigation import Location, Page, View


def layout(location: Location) -> View:
    return View("Describe it", page_header("Describe it"))


PAGE = Page("/describe", layout)
