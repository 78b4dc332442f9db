"""What the lookup tables were made from, what they hold, and what is missing."""

from __future__ import annotations

from dashboard.components.messages import page_header
from dashboard.navigation import Location, Page, View


def layout(location: Location) -> View:
    return View("About this data", page_header("About this data"))


PAGE = Page("/about", layout)
