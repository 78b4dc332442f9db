"""The page Picture."""

from __future__ import annotations

from dashboard.components.messages import page_header
from dashboard.navigation import Location, Page, View


def layout(location: Location) -> View:
    return View("Picture", page_header("Picture"))


PAGE = Page("/picture", layout)
