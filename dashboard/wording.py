"""Every word that a reader of the dashboard sees more than once: names of signals, reasons, numbers, empty states."""

from __future__ import annotations

from collections.abc import Sequence

BRAND = "Aisle"
TAGLINE = "Recommendations that people can click and understand."

SIGNALS = {
    "blend": ("Best of all", "What the other signals agree on, each counted by how well it predicts real orders."),
    "bought_together": ("Bought together", "Products that stand in the same orders more often than chance would put them there."),
    "similar_company": ("Similar company", "Products that are bought with the same things; often they replace each other."),
    "visual": ("Looks alike", "Products whose pictures show the same kind of thing."),
    "style": ("Goes with it", "Products of other categories whose pictures share colours, texture and pattern."),
    "reviews": ("Described alike", "Products that people describe with the same words."),
}
"""Table of neighbours to its name on the screen and one sentence about it."""

UNTRAINED = "untrained network"
UNTRAINED_HINT = "Untrained network: a demonstration of the mechanics, not of quality."

SORTS = {"popular": "Most popular", "rating": "Best rated", "price": "Price, low to high", "price-down": "Price, high to low", "title": "Title"}

CURRENCIES = {"EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥", "INR": "₹", "CNY": "CN¥", "KRW": "₩", "BRL": "R$", "AUD": "A$", "CAD": "CA$"}
WITHOUT_CENTS = {"JPY", "KRW"}
PERCENT_SIGNALS = {"visual", "style", "reviews", "similar_company"}
"""Signals whose score is a cosine, so that a share of 100 says something."""


def signal_name(signal: str) -> str:
    """The name of a signal on the screen; a signal this program doesn't know is named as its table."""
    return SIGNALS[signal][0] if signal in SIGNALS else signal.replace("_", " ").capitalize()


def signal_sentence(signal: str) -> str:
    return SIGNALS[signal][1] if signal in SIGNALS else ""


def number(value: int) -> str:
    """A whole number with thin spaces between thousands, which no language mistakes for a decimal sign."""
    return f"{value:,}".replace(",", "\u202f")


def count(value: int, one: str, many: str | None = None) -> str:
    """A number and its noun: ``1 review``, ``12 reviews``."""
    return f"{number(value)} {one if value == 1 else many or one + 's'}"


def price(value: float, currency: str) -> str:
    """A price with its currency: ``€12.50``, ``CHF 12.50``, ``12.50`` where the shop names no currency."""
    amount = f"{value:,.{0 if currency in WITHOUT_CENTS else 2}f}".replace(",", "\u202f")
    if not currency:
        return amount
    return f"{CURRENCIES[currency]}{amount}" if currency in CURRENCIES else f"{currency}\u00a0{amount}"


def percent(score: float) -> str:
    """A cosine as a share of 100; below 0 there is nothing alike."""
    return f"{max(0, round(100 * score))}\u202f%"


def score_text(signal: str, score: float) -> str:
    return percent(score) if signal in PERCENT_SIGNALS else f"{score:.3g}"


def listed(words: Sequence[str]) -> str:
    return ", ".join(words)


def alike(signal: str, score: float) -> str:
    """The reason where the score alone speaks."""
    if signal == "style":
        return f"{percent(score)} the same style"
    if signal == "reviews":
        return f"described {percent(score)} alike"
    return f"looks {percent(score)} alike" if signal == "visual" else f"score {score:.3g}"


SAME_PHOTO = "the same photo"


def described_as(words: Sequence[str]) -> str:
    return f"both described as “{listed(words)}”"


def bought_together(orders: int) -> str:
    return f"bought together in {count(orders, 'order')}"


def same_company(titles: Sequence[str]) -> str:
    return f"bought with the same things: {listed(titles)}"


def agreed(signals: Sequence[str]) -> str:
    """The reason of a blend: the signals that list the neighbour, the one that ranks it highest first."""
    names = " + ".join(signal_name(signal).lower() for signal in signals)
    return names[0].upper() + names[1:]


def fallback(signal: str, category: str | None) -> str:
    """Said once above neighbours that stand in for a product without data in a signal."""
    lacking = {
        "reviews": "no reviews of this product yet",
        "visual": "no picture of this product",
        "style": "no picture of this product",
        "bought_together": "too few orders of this product yet",
        "similar_company": "too few orders of this product yet",
    }.get(signal, "no data about this product yet")
    return f"Popular in {category} ({lacking})" if category else f"Popular in this shop ({lacking})"


FALLBACK_REASON = "popular"
