"""Texts in CSV files that a spreadsheet would take for formulas."""

from __future__ import annotations

import re

_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_DEFUSED = re.compile(r"'+[=+\-@\t\r]")


def defused(text: str) -> str:
    """A text as a CSV cell that no spreadsheet runs; `undefused` turns it back.

    A cell that begins with ``= + - @``, a tab or a carriage return may be taken for a formula, so it gets an apostrophe in front.
    One that begins so behind apostrophes gets another, else it could not be told from what was defused. Numbers are no texts: a
    negative one stays as it is.

    >>> defused("=1+1"), defused("oak"), defused("'=1")
    ("'=1+1", 'oak', "''=1")
    """
    return f"'{text}" if _FORMULA.match(text) else text


def undefused(cell: str) -> str:
    """The text that `defused` made a cell of."""
    return cell[1:] if _DEFUSED.match(cell) else cell
