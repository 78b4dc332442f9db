"""How languages write numbers, prices and shares: one `Numbers` for each. Babel knows hundreds of them, in ten megabytes."""

from __future__ import annotations

from dataclasses import dataclass

CURRENCIES = {
    "EUR": "€",
    "USD": "$",
    "GBP": "£",
    "JPY": "¥",
    "INR": "₹",
    "CNY": "CN¥",
    "KRW": "₩",
    "BRL": "R$",
    "AUD": "A$",
    "CAD": "CA$",
}
WITHOUT_CENTS = {"JPY", "KRW"}

NARROW_SPACE, SPACE = "\u202f", "\u00a0"
"""Neither ends a line."""


@dataclass(frozen=True)
class Numbers:
    """A language's way with numbers.

    Attributes
    ----------
    decimal, thousands
        What stands before the decimals, and between thousands.
    before_percent
        What stands between a number and its percent sign.
    currency_first
        Whether a price begins with its currency, ``€12.50``, or ends with it, ``12,50 €``.
    """

    decimal: str
    thousands: str
    before_percent: str
    currency_first: bool

    @property
    def separators(self) -> str:
        """What Plotly takes as ``layout.separators``."""
        return self.decimal + self.thousands

    def number(self, value: float, places: int = 0) -> str:
        """A number rounded to so many decimals: ``5 074 160``, ``4.3``."""
        return self._written(f"{value:,.{places}f}")

    def digits(self, value: float, digits: int = 3) -> str:
        """A number of any size, to so many digits that say something: ``0.0312``, ``12.5``."""
        return self._written(f"{value:.{digits}g}")

    def price(self, value: float, currency: str, *, cents: bool = True) -> str:
        """A price with its currency: ``€12.50``, ``CHF 12.50``, ``12.50`` where the shop names no currency; or without cents."""
        amount = self.number(value, 2 if cents and currency not in WITHOUT_CENTS else 0)
        if not currency:
            return amount
        if not self.currency_first:
            return f"{amount}{SPACE}{CURRENCIES.get(currency, currency)}"
        return f"{CURRENCIES[currency]}{amount}" if currency in CURRENCIES else f"{currency}{SPACE}{amount}"

    def share(self, value: float, places: int = 1) -> str:
        """A part of 1 as one of 100: ``35.5 %``."""
        return f"{self.number(100 * value, places)}{self.before_percent}%"

    def percent(self, score: float) -> str:
        """A cosine as a share of 100; below 0 there is nothing alike."""
        return f"{max(0, round(100 * score))}{self.before_percent}%"

    def size(self, n_bytes: int) -> str:
        """A file's size: ``812 B``, ``14 kB``, ``3.2 MB``."""
        if n_bytes < 1000:
            return f"{n_bytes}{NARROW_SPACE}B"
        if n_bytes < 999_500:
            return f"{self.number(n_bytes / 1e3)}{NARROW_SPACE}kB"
        return f"{self.number(n_bytes / 1e6, 1)}{NARROW_SPACE}MB"

    def _written(self, text: str) -> str:
        """Python's own ``1,234.5`` in this language."""
        return text.translate({ord(","): self.thousands, ord("."): self.decimal})
