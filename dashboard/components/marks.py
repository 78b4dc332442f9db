"""A text with the words in it that someone looked for."""

from __future__ import annotations

import re
from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component


def marked(text: str, words: Sequence[str]) -> str | list[str | Component]:
    """The text, with every place marked where one of some words stands, in upper or lower case."""
    if not words:
        return text
    longest_first = sorted(words, key=len, reverse=True)
    pieces = re.split("(" + "|".join(map(re.escape, longest_first)) + ")", text, flags=re.IGNORECASE)
    return [html.Mark(piece) if place % 2 else piece for place, piece in enumerate(pieces) if piece]
