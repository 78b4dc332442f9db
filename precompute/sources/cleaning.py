"""Texts to values: what a shop's export means by ``€ 1.299,00``, ``09 1, 2016`` or ``Salt &amp; pepper``.

Every function takes a column of texts and keeps its length; what can't be read becomes null.
"""

from __future__ import annotations

import html
import math
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

HIGHEST_RATING = 5.0
# Only entities that end in a semicolon: "AT&T" and "a&lt" may be meant as they stand.
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_WHITE_SPACE = r"[\s\p{Z}\x{85}]+"


# What is longer is no number and no date, and would only cost time.
LONGEST_VALUE = 64


def each(texts: pa.Array, parse: Callable[[str], Any], type_: pa.DataType) -> pa.Array:
    """Parse a column of texts with a function of one text, once for each distinct text."""
    encoded = texts.dictionary_encode()
    return pa.array([parse(text) for text in encoded.dictionary.to_pylist()], type_).take(encoded.indices)


def unescape(texts: pa.Array) -> pa.Array:
    """HTML entities as the characters they stand for.

    >>> unescape(pa.array(["Salt &amp; pepper &#34;duo&#34;", "AT&T"])).to_pylist()
    ['Salt & pepper "duo"', 'AT&T']
    """
    # Kleene logic: a null text is no match, and stays null.
    if not pc.any(pc.match_substring(texts, "&")).as_py():
        return texts
    return each(texts, lambda text: _ENTITY.sub(_character, text) if "&" in text else text, pa.string())


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
_CURRENCY = r"(?:[A-Za-z]{1,3}\.?\$?|[^\w\s.,+\-\u2212'’]{1,3})"
_MONEY = re.compile(rf"{_CURRENCY}?\s*(?P<amount>[-+\u2212]?[\d.][\d.,'’ \u00a0\u202f]*?)\s*{_CURRENCY}?(?:,?-)?")


def number(text: str) -> float | None:
    """A number with a decimal point or comma, and thousands in groups where no other reading is left; else None.

    >>> [number(text) for text in ("12.50", "12,50", "1.299,00", "1 299", "1,299,000", "1,299", "twelve")]
    [12.5, 12.5, 1299.0, 1299.0, 1299000.0, None, None]
    """
    found = _NUMBER.fullmatch(text)
    if found is None:
        return None
    if found["bare"] is not None:
        return float("0." + found["bare"])
    group, whole, point, rest = found["group"], found["whole"], found["point"], found["rest"] or ""
    if group is not None and group == point:
        return None
    if group == "." and point is None and whole.count(".") == 1:
        # "1.299" is a plain decimal to every program that writes numbers.
        return float(found["sign"].replace("\u2212", "-") + whole)
    if group == "," and point is None and whole.count(",") == 1:
        return None
    digits = whole if group is None else whole.replace(group, "")
    value = float(f"{found['sign']}{digits}.{rest or 0}".replace("\u2212", "-"))
    return value if math.isfinite(value) else None


def price(text: str) -> float | None:
    """An amount of money, with or without a currency sign or code before or behind it; None where it is unclear or below 0.

    >>> [price(text) for text in ("€ 1.299,00", "$12.50", "12 EUR", "free")]
    [1299.0, 12.5, 12.0, None]
    """
    found = _MONEY.fullmatch(text)
    amount = number(found["amount"]) if found else None
    return amount if amount is not None and amount >= 0 else None


def rating(text: str) -> float | None:
    """A number of stars from 0 to 5, else None."""
    stars = number(text)
    return stars if stars is not None and 0 <= stars <= HIGHEST_RATING else None


_NUMERIC_DATE = re.compile(r"(\d{1,4})([/.\-])(\d{1,2})\2(\d{1,4})(?:[T ,]\s*(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d*)?)?\s*([AaPp][Mm])?)?")
_WRITTEN_DATES = ("%m %d, %Y", "%d %b %Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y", "%a %b %d %H:%M:%S %Y", "%a, %d %b %Y %H:%M:%S")
_UNIX_SECONDS = re.compile(r"(\d{9,10})(?:\.\d*)?")
_UNIX_MILLISECONDS = re.compile(r"(\d{13})(?:\.0*)?")
_EPOCH = datetime(1970, 1, 1)


class Dates:
    """Reads one column of dates, batch by batch, in both orders of day and month, and finds out which of the two it has.

    Dates that name the year first, a month by its name or seconds since 1970 are the same in both orders. Times are UTC.
    """

    def __init__(self) -> None:
        self.only_day_first = 0
        self.only_month_first = 0
        self.either = 0

    def read(self, texts: pa.Array) -> tuple[pa.Array, pa.Array]:
        """Two columns of ``timestamp("s")``: the dates with the day first, and with the month first."""
        day_first = each(texts, lambda text: date(text, month_first=False), pa.timestamp("s"))
        month_first = each(texts, lambda text: date(text, month_first=True), pa.timestamp("s"))
        has_day, has_month = pc.is_valid(day_first), pc.is_valid(month_first)
        self.only_day_first += pc.sum(pc.and_not(has_day, has_month)).as_py() or 0
        self.only_month_first += pc.sum(pc.and_not(has_month, has_day)).as_py() or 0
        self.either += pc.sum(pc.not_equal(day_first, month_first)).as_py() or 0
        return day_first, month_first

    @property
    def month_first(self) -> bool:
        """True where more dates make sense with the month first; where nothing tells, the day comes first."""
        return self.only_month_first > self.only_day_first

    @property
    def unclear(self) -> int:
        """How many dates could be read both ways, where no date in the column tells which way is meant."""
        return 0 if self.only_day_first or self.only_month_first else self.either


def date(text: str, *, month_first: bool) -> datetime | None:
    """A date in one of the common notations, in UTC without a zone, to the second; None where it is none.

    >>> date("03/12/2016", month_first=False)
    datetime.datetime(2016, 12, 3, 0, 0)
    >>> date("1472688000", month_first=False)
    datetime.datetime(2016, 9, 1, 0, 0)
    """
    try:
        if found := _UNIX_SECONDS.fullmatch(text):
            return _EPOCH + timedelta(seconds=int(found[1]))
        if found := _UNIX_MILLISECONDS.fullmatch(text):
            return _EPOCH + timedelta(seconds=int(found[1]) // 1000)
        if found := _NUMERIC_DATE.fullmatch(text):
            return _numeric_date(found, month_first)
    except ValueError:
        return None
    return _written_date(text)


def _numeric_date(found: re.Match[str], month_first: bool) -> datetime | None:
    first, _, second, third, hour, minute, second_of_minute, half = found.groups()
    if len(first) == 4:
        year, month, day = first, second, third
    elif len(first) <= 2 and len(third) in (2, 4):
        year, (month, day) = third, ((first, second) if month_first else (second, first))
    else:
        return None
    if len(year) == 2:
        year = ("20" if int(year) < 70 else "19") + year
    if half is not None:
        if not 1 <= int(hour) <= 12:
            return None
        hour = int(hour) % 12 + (12 if half.lower() == "pm" else 0)
    return datetime(int(year), int(month), int(day), int(hour or 0), int(minute or 0), int(second_of_minute or 0))


def _written_date(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
        return (moment.astimezone(UTC) if moment.tzinfo else moment).replace(tzinfo=None, microsecond=0)
    except (ValueError, OverflowError):
        pass
    for notation in _WRITTEN_DATES:
        try:
            return datetime.strptime(text.removesuffix(" GMT").removesuffix(" UTC"), notation)
        except ValueError:
            continue
    return None
