"""How a published JSON file looks."""

from __future__ import annotations

from enum import StrEnum


class Layout(StrEnum):
    """What stands beside a product's id."""

    RICH = "rich"
    """A list of objects: id, rank, score, reason, fallback."""
    TUTORIAL = "tutorial"
    """The ids alone, in one text: ``"a;b;c"``. It can't say what only stands in, so that is left out."""
