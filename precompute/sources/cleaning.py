"""Texts to values: what a shop's export means by ``€ 1.299,00`` or ``Salt &amp; pepper``.

What works on a column keeps its length and leaves nulls alone; what reads one text gives None where it makes no sense.
"""

from __future__ import annotations

import html
import math
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

HIGHEST_RATING = 5.0
LONGEST_VALUE = 64
"""What is longer is no number and no date, and would only cost time."""

# Only entities that end in a semicolon: "AT&T" and "a&lt" may be meant as they stand.
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_WHITE_SPACE = r"[\s\p{Z}\x{85}]+"


def each(texts: pa.Array, parse: Callable[[str], Any], type_: pa.DataType) -> pa.Array:
    """Parse a column of texts with a function of one text, once for each distinct text."""
    encoded = texts.dictionary_encode()
    return pa.array([parse(text) for text in encoded.dictionary.to_pylist()], type_).take(encoded.indices)


def unescape(texts: pa.Array) -> pa.Array:
    """HTML entities as the characters they stand for.

    >>> unescape(pa.array(["Salt &amp; pepper &#34;duo&#34;", "AT&T"])).to_pylist()
    ['Salt & pepper "duo"', 'AT&T']
    """
    # Few texts hold one, and finding those costs far less than looking at each.
    may_hold = _holding(texts, "&")
    mended = [_ENTITY.sub(_character, text) for text in texts.filter(may_hold).to_pylist()]
    return pc.replace_with_mask(texts, may_hold, pa.array(mended, pa.string())) if mended else texts


def _holding(texts: pa.StringArray, character: str) -> pa.BooleanArray:
    """Which texts hold an ASCII character, found in the bytes of all of them at once."""
    _, offsets, characters = texts.buffers()
    found = np.zeros(len(texts), bool)
    if len(texts) and characters is not None:
        starts = np.frombuffer(offsets, np.int32)[texts.offset : texts.offset + len(texts) + 1]
        places = np.flatnonzero(np.frombuffer(characters, np.uint8)[: starts[-1]] == ord(character))
        found[np.searchsorted(starts, places[places >= starts[0]], "right") - 1] = True
    return pc.and_(pa.array(found), texts.is_valid())  # bytes may lie under a null


def _character(entity: re.Match[str]) -> str:
    # NUL and lone surrogates come back as the replacement character, never as themselves.
    return html.unescape(entity[0])


def collapse(texts: pa.Array) -> pa.Array:
    """White space trimmed at both ends, every run of it inside as one space."""
    return pc.utf8_trim(pc.replace_substring_regex(texts, _WHITE_SPACE, " "), " ")


def trim(texts: pa.Array) -> pa.Array:
    """White space trimmed at both ends."""
    return pc.utf8_trim_whitespace(texts)


def none_if_empty(texts: pa.Array) -> pa.Array:
    """Null for the empty text."""
    return pc.if_else(pc.equal(texts, ""), pa.scalar(None, pa.string()), texts)


_DIGITS = r"\d+"
_GROUPED = r"\d{1,3}(?:(?P<group>[,. '’\u00a0\u202f])\d{3})(?:(?P=group)\d{3})*"
_NUMBER = re.compile(rf"(?P<sign>[-+\u2212]?)(?P<whole>{_GROUPED}|{_DIGITS})(?:(?P<point>[.,])(?P<rest>\d*))?|\.(?P<bare>\d+)")
_CURRENCY = r"(?:[A-Za-z]{1,3}\.?\$?|[^\w\s.,+\-\u2212'’()\[\]{}]{1,3})"
_MONEY = re.compile(rf"{_CURRENCY}?\s*(?P<amount>[-+\u2212]?[\d.][\d.,'’ \u00a0\u202f]*?)\s*{_CURRENCY}?(?:,?-)?")


def number(text: str, *, decimal_comma: bool = False) -> float | None:
    """A number with a decimal point or comma, and thousands in groups where no other reading is left; else None.

    `decimal_comma` says that decimals stand behind a comma, so that the point in ``1.299`` groups thousands.

    >>> [number(text) for text in ("12.50", "12,50", "1.299,00", "1 299", "1,299,000", "1,299", "twelve")]
    [12.5, 12.5, 1299.0, 1299.0, 1299000.0, None, None]
    """
    found = _NUMBER.fullmatch(text) if len(text) <= LONGEST_VALUE else None
    if found is None:
        return None
    if found["bare"] is not None:
        return float("0." + found["bare"])
    group, whole, point, rest = found["group"], found["whole"], found["point"], found["rest"] or ""
    if group is not None and group == point:
        return None
    if group == "." and point is None and whole.count(".") == 1 and (not decimal_comma or whole.startswith("0")):
        # "1.299" is a plain decimal to every program that writes numbers, and no group of thousands begins with 0.
        return float(found["sign"].replace("\u2212", "-") + whole)
    if group == "," and point is None and whole.count(",") == 1:
        return None
    digits = whole if group is None else whole.replace(group, "")
    value = float(f"{found['sign']}{digits}.{rest or 0}".replace("\u2212", "-"))
    return value if math.isfinite(value) else None


def money(text: str, *, decimal_comma: bool = False) -> float | None:
    """An amount, with or without a currency sign or code before or behind it; None where it is unclear. It may be below 0.

    >>> [money(text) for text in ("€ 1.299,00", "$12.50", "12 EUR", "free")]
    [1299.0, 12.5, 12.0, None]
    >>> money("€ 1.299"), money("€ 1.299", decimal_comma=True)
    (1.299, 1299.0)
    """
    found = _MONEY.fullmatch(text) if len(text) <= LONGEST_VALUE else None
    return number(found["amount"], decimal_comma=decimal_comma) if found else None


def has_decimal_comma(text: str) -> bool:
    """Whether an amount of money is certain to have its decimals behind a comma.

    >>> [has_decimal_comma(text) for text in ("€ 12,50", "1.299,00", "12.50", "1,299", "1.299", "free")]
    [True, True, False, False, False, False]
    """
    if money(text) is None:
        return False
    amount = _MONEY.fullmatch(text)
    digits = _NUMBER.fullmatch(amount["amount"]) if amount else None
    return digits is not None and digits["point"] == "," and bool(digits["rest"])


def rating(text: str) -> float | None:
    """A number of stars from 0 to 5, else None."""
    stars = number(text)
    return stars if stars is not None and 0 <= stars <= HIGHEST_RATING else None
