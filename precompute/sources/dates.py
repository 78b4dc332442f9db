"""Dates: in which of the common notations they are written, and whether the day or the month comes first."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pyarrow.compute as pc

from precompute.sources.cleaning import LONGEST_VALUE, each, none_if_empty, trim

STAGED_COLUMNS = (("time_text", pa.string()), ("time_day_first", pa.timestamp("s")), ("time_month_first", pa.timestamp("s")))
"""What is staged until the whole column has been read and tells which of the two readings is meant."""

_NUMERIC_DATE = re.compile(
    r"(\d{1,4})([/.\-])(\d{1,2})\2(\d{1,4})(?:[T ,]\s*(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d*)?)?\s*([AaPp][Mm])?)?"
)
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

    def read(self, texts: pa.Array) -> dict[str, pa.Array]:
        """The `STAGED_COLUMNS` of a column of texts."""
        texts = none_if_empty(trim(texts))
        day_first = each(texts, lambda text: date(text, month_first=False), pa.timestamp("s"))
        month_first = each(texts, lambda text: date(text, month_first=True), pa.timestamp("s"))
        has_day, has_month = pc.is_valid(day_first), pc.is_valid(month_first)
        self.only_day_first += pc.sum(pc.and_not(has_day, has_month)).as_py() or 0
        self.only_month_first += pc.sum(pc.and_not(has_month, has_day)).as_py() or 0
        self.either += pc.sum(pc.not_equal(day_first, month_first)).as_py() or 0
        return {"time_text": texts, "time_day_first": day_first, "time_month_first": month_first}

    @property
    def month_first(self) -> bool:
        """True where more dates make sense with the month first; where nothing tells, the day comes first."""
        return self.only_month_first > self.only_day_first

    @property
    def column(self) -> str:
        """Which of the two staged columns holds the dates."""
        return "time_month_first" if self.month_first else "time_day_first"

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
    if len(text) > LONGEST_VALUE:
        return None
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
