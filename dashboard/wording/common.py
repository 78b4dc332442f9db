"""What all languages share: what a measure is, and how a text is cut."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.wording.formats import Numbers

BRAND = "Aisle"
PERCENT_SIGNALS = {"visual", "style", "reviews", "similar_company"}
"""Signals whose score is a cosine, so that a share of 100 says something."""
ALL_PRODUCTS = "all"
"""The name of the slice that every measured product is in."""
EVALUATE_COMMAND = "python -m precompute evaluate shop.toml --cache cache"


@dataclass(frozen=True)
class Metric:
    """A measure of quality.

    Attributes
    ----------
    numbers
        How its values are written.
    name, sentence
        What it is called, and what it says.
    percent
        Whether it is shown as a share of 100.
    to_be_high
        Whether more of it is better.
    counted
        What its numbers are taken over, a key of ``COUNTED`` and of ``QUALITY_LEADS``.
    """

    numbers: Numbers
    name: str
    sentence: str
    percent: bool = False
    to_be_high: bool = True
    counted: str = "queries"

    def show(self, value: float) -> str:
        return self.numbers.share(value) if self.percent else self.numbers.number(value, 3)


def shortened(text: str, most: int = 120) -> str:
    """A title that may be of any length, where it is named beside other things."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def capitalised(text: str) -> str:
    return text[:1].upper() + text[1:]
