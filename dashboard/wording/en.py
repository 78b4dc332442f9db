"""Every word that a reader of the dashboard sees more than once: names of signals, reasons, numbers, empty states."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lookup.schema import CATEGORY_SLICE

BRAND = "Aisle"
TAGLINE = "Recommendations that people can click and understand."

SIGNALS = {
    "blend": ("Best of all", "Products that the other signals agree on."),
    "bought_together": ("Bought together", "Products that stand in the same orders."),
    "similar_company": ("Similar company", "Products that are bought with the same things; often they replace each other."),
    "visual": ("Looks alike", "Products whose pictures show the same kind of thing."),
    "style": ("Goes with it", "Products of other categories whose pictures share colours, texture and pattern."),
    "reviews": ("Described alike", "Products that people describe with the same words."),
}
"""Table of neighbours to its name on the screen and one sentence about it."""

UNTRAINED = "untrained network"
UNTRAINED_HINT = "Untrained network: a demonstration of the mechanics, not of quality."

SORTS = {
    "popular": "Most popular",
    "rating": "Best rated",
    "price": "Price, low to high",
    "price-down": "Price, high to low",
    "title": "Title",
}

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
PERCENT_SIGNALS = {"visual", "style", "reviews", "similar_company"}
"""Signals whose score is a cosine, so that a share of 100 says something."""


FAILED = "Something went wrong"
FAILED_HINT = "This page could not be drawn. The server's log says why."
DAMAGED = "Part of the data is damaged"
DAMAGED_HINT = "This can't be shown: the lookup table behind it is damaged. The rest works; the server's log names the file."
NO_NEIGHBOURS = "Nothing found for this product."
SHOW_FEWER = "Show fewer"
NOT_BUILT = "Not part of this shop's lookup tables: "
WHY_NOT = "About this data says why"


def show_all(n: int) -> str:
    return f"Show all {number(n)}"


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


def size(n_bytes: int) -> str:
    """A file's size: ``812 B``, ``14 kB``, ``3.2 MB``."""
    if n_bytes < 1000:
        return f"{n_bytes}\u202fB"
    return f"{n_bytes / 1e3:.0f}\u202fkB" if n_bytes < 999_500 else f"{n_bytes / 1e6:.1f}\u202fMB"


def listed(words: Sequence[str]) -> str:
    return ", ".join(words)


def shortened(text: str, most: int = 120) -> str:
    """A title that may be of any length, where it is named beside other things."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def capitalised(text: str) -> str:
    return text[:1].upper() + text[1:]


def cluster_title(number: int, label: str) -> str:
    """A cluster's name wherever it is named: ``3 · chair, oak, seat``."""
    return f"{number} · {label}"


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
    return f"bought with the same things: {listed([shortened(title, 60) for title in titles])}"


def agreed(signals: Sequence[str]) -> str:
    """The reason of a blend: the signals that list the neighbour, the one that ranks it highest first."""
    return " + ".join(signal_name(signal).lower() for signal in signals)


STANDS_IN = "Nothing in this signal for this product yet; popular products stand in."
"""Why a product lacks neighbours, the lookup tables don't say: its picture may be missing, or be like no other."""


def popular_in(category: str | None) -> str:
    """The reason of a product that stands in: popular in the category that it shares, else in the whole shop."""
    return f"Popular in {category or 'this shop'}"


API_LEAD = (
    "Recommendations as JSON, read-only and without a key. Product ids stand percent-encoded in an address, their slashes too. "
    "Only the dashboard's pictures and typed queries are limited in number."
)
API_FOR_PROGRAMS = "Programs get the same recommendations as JSON. "
API_DESCRIPTION = "The API's description (OpenAPI)"


# Clusters, Describe it, Picture, Quality


@dataclass(frozen=True)
class Metric:
    """A measure of quality.

    Attributes
    ----------
    name, sentence
        What it is called, and what it says.
    percent
        Whether it is shown as a share of 100.
    to_be_high
        Whether more of it is better.
    counted
        What its numbers are taken over, which `QUALITY_LEADS` explains.
    """

    name: str
    sentence: str
    percent: bool = False
    to_be_high: bool = True
    counted: str = "Queries"

    def show(self, value: float) -> str:
        return f"{100 * value:.1f}\u202f%" if self.percent else f"{value:.3f}"


METRICS = {
    "hit_rate": Metric("Hit rate", "How often one or more of the first recommendations stand in the product's order.", True),
    "ndcg": Metric("NDCG", "Like recall, but a right recommendation counts more the higher it stands; 1 is a perfect list."),
    "recall": Metric("Recall", "The share of an order's other products that the first recommendations hold.", True),
    "mrr": Metric(
        "Mean reciprocal rank", "One over the rank of the first right recommendation: 1 for the first, 0.5 the second."
    ),
    "coverage": Metric(
        "Coverage", "The share of the shop's products that are recommended at least once.", True, False, counted="Products"
    ),
    "same_category": Metric(
        "Same category", "The share of recommendations of the product's own category.", True, False, counted="Products"
    ),
    "popularity_percentile": Metric(
        "Popularity",
        "How popular the recommended products are: the share of the shop's products that are less popular, 50 % at random.",
        True,
        False,
        counted="Products",
    ),
    "concentration": Metric(
        "Concentration",
        "How unevenly recommendations fall on the products (Gini): 0 where each is recommended as often, near 1 where few are.",
        to_be_high=False,
        counted="Products",
    ),
    "purity": Metric(
        "Purity of clusters",
        "The share of products that are of their cluster's most frequent category.",
        True,
        counted="Products in clusters",
    ),
    "nmi": Metric(
        "Clusters and categories (NMI)",
        "How much a product's cluster says about its category, and its category about its cluster: from 0 to 1.",
        counted="Products in clusters",
    ),
}
ALL_PRODUCTS = "all"

QUALITY_LEAD = "How much each signal's recommendations are worth, measured."
QUALITY_LEADS = {
    "Queries": (
        "Some orders were held out while the signals were built. Each of their products in turn asks for recommendations: "
        "how many of the order's other products are among them?"
    ),
    "Products": "Measured on the finished recommendations of every product; no orders are needed for it.",
    "Products in clusters": (
        "Clusters are made from reviews alone and know no categories. Chance: the same products, dealt to clusters of the same "
        "sizes at random."
    ),
}
"""By what a metric counts."""
BASELINES = {"popularity": "the most popular products", "chance": "a draw at random"}
"""What a signal is compared with, and what that is."""
INTERVALS = "The lines are 95 % intervals: where two do not overlap, the difference is hardly an accident."
NO_INTERVAL = "Without an interval: this is one number of the whole shop, not a mean over products."
NOT_MEASURED = "How good the recommendations are has not been measured. This measures it: "
EVALUATE_COMMAND = "python -m precompute evaluate shop.toml --cache cache"


def metric(name: str) -> Metric:
    """The words for a measure; one this program doesn't know is named as in its table."""
    return METRICS.get(name) or Metric(name.replace("_", " ").capitalize(), "", counted="Count")


def quality_legend(baselines: Sequence[str], *, intervals: bool) -> str:
    """What the plot's marks mean: only those that it shows."""
    hollow = f"Hollow: for comparison, {' or '.join(BASELINES[name] for name in baselines)}." if baselines else ""
    return " ".join(filter(None, ["Filled: a signal.", hollow, INTERVALS if intervals else NO_INTERVAL]))


def slice_name(name: str) -> str:
    """A part of the measured products on the screen: all, those of a category, or ``"<category> -> <category>"``."""
    if name.startswith(CATEGORY_SLICE):
        return name.removeprefix(CATEGORY_SLICE)
    return "All products" if name == ALL_PRODUCTS else name.replace("->", "→")


def slice_sentence(name: str) -> str:
    """What is asked in a pair of categories; empty for all products, and for those of one category."""
    asking, arrow, answering = name.partition(" -> ")
    if not arrow or name.startswith(CATEGORY_SLICE):
        return ""
    return (
        f"Here each product of {asking} asks, and products of {answering} alone answer. All orders count, not only those held "
        "out: popularity has seen them and looks better than it is, the signals shown have seen none."
    )


def best_beside(named: Sequence[tuple[str, str]]) -> str:
    """``Best of all: 38 %, against 12 % for Popularity and 4 % for Chance.``"""
    (best, value), *others = named
    against = " and ".join(f"{other_value} for {other}" for other, other_value in others)
    return f"{best}: {value}, against {against}."


SWEEP_TITLE = "How strict should “Bought together” be?"
SWEEP_LEAD = (
    "The same recommendations with other settings. min_orders: the orders that a pair needs in common. min_score: the least "
    "score of a recommendation. They are tried on held-out orders, none of which the measures above are taken on."
)
SWEEP_LEGEND = (
    "Each line is one min_orders, named at its right end; along it, min_score rises. The ring marks the settings in force. "
    "Dotted: what it is compared with."
)
SWEEP_METRICS = {
    "hit_rate": Metric(
        "Hit rate",
        "How often one or more of the first recommendations stand in the product's order. A higher min_score can only lower it.",
        True,
    ),
    "precision": Metric(
        "Precision",
        "The share of the recommendations shown that stand in the order: what a higher min_score is meant to raise.",
        True,
    ),
    "same_category": Metric(
        "Same category",
        "The share of recommendations of the product's own category: companions come from others, substitutes from the same.",
        True,
    ),
    "coverage": Metric("Coverage", "The share of the shop's products that have any recommendation left.", True),
}
"""What the settings of *bought together* are compared by, in the page's order."""
IN_FORCE = "in force"
NO_SWEEP = "Other settings are tried on held-out orders. These lookup tables were built without orders."
NOT_SWEPT = "No other settings have been tried, or too few orders were held out. This tries them: "


def in_numbers(metric: str) -> str:
    return f"{metric} in numbers"


def compared_with(baseline: str, value: str, interval: str) -> str:
    """What a plot's dotted level is: ``The most popular products: 35.5 % (32.0 % to 39.3 %).``"""
    return f"{capitalised(BASELINES[baseline])}: {value}{f' ({interval})' if interval else ''}."


def settings_named(min_orders: int, min_score: float) -> str:
    return f"min_orders = {min_orders}, min_score = {min_score:g}"


def none_better(value: str) -> str:
    return f"No other setting tried has a higher hit rate than the {value} of the settings in force."


def better_tried(in_force: str, best: str, settings: str, *, within: bool) -> str:
    """`within` says that the best lies inside the interval of the settings in force."""
    return (
        f"Hit rate in force: {in_force}. Best tried: {best}, with {settings}{'; the difference may be chance' if within else ''}."
    )


MAPS = {"reviews": "Described alike", "look": "Looks alike", "style": "Same style"}
CLUSTERS_LEAD = "Every point is a product. What lies close together is described alike, looks alike or shares a style."
NO_MAPS = "Maps need reviews, descriptions or pictures; this shop's lookup tables were built without."
MAP_ABOUT = {
    "reviews": "Near to each other: products that people describe with the same words.",
    "look": "Near to each other: products whose pictures look alike.",
    "style": "Near to each other: products whose pictures share colours, texture and pattern.",
}
MAP_FAILED = "The map could not be loaded. Everything else on this page works without it."
TRY_AGAIN = "Try again"


def map_caption(name: str, placed: int, products: int) -> str:
    """What a map shows, and how many products it leaves out for want of data."""
    left_out = products - placed
    lacking = f" {count(left_out, 'product')} {'has' if left_out == 1 else 'have'} no data for this map." if left_out else ""
    return f"{MAP_ABOUT[name]}{lacking} Drag to move, scroll to zoom, click a point to open its product."


def and_more(groups: int) -> str:
    return f"and {number(groups)} more"


def all_in_catalogue(products: int) -> str:
    return f"All {count(products, 'product')} in the catalogue"


DESCRIBE_LEAD = "Write what you look for as you would in a review, and see the products that people describe with the same words."
DESCRIBE_PLACEHOLDER = "sturdy and comfortable, warm colours, easy to clean …"
NO_WORDS = "These lookup tables hold no words of reviews or descriptions. "
NO_KNOWN_WORD = "No review uses them, hardly any does, or nearly every one does. Try one of the examples, or other words."
NOT_COUNTED = "Not counted, because no review uses them, hardly any does, or nearly every one does: "
SHORTENED = "That is a long text: only its beginning counts."
OR = " or "


def did_you_mean(word: str) -> str:
    """Before the words that are offered for one."""
    return f"“{word}” finds nothing. Did you mean "


def used_by(products: int) -> str:
    """Behind a word that is offered."""
    return f" ({count(products, 'product')})"


def matches_of(total: int, shown: int) -> str:
    found = count(total, "product shares a word", "products share a word") + " with yours"
    return f"{found}; the best {number(shown)}:" if total > shown else f"{found}:"


def shares_words(score: float, words: Sequence[str]) -> str:
    return f"{percent(score)}: {listed(words)}"


PICTURE_LEAD = "Show a picture, and see the products that look like it and what goes with it."
NO_ENCODER = "These lookup tables come without the network that reads pictures."
DROP_PICTURE = "Drop a picture here, or choose one"
UPLOAD_HINT = "JPEG, PNG or WebP, up to 8 MB. It is looked at in memory and kept nowhere."
TRY_SAMPLES = "Or try one of the shop's own:"
YOUR_PICTURE = "Your picture"
ALL_OTHER_CATEGORIES = "All other categories"
NOT_READABLE = "That did not arrive as a picture. Choose a JPEG, PNG or WebP file."
NO_VECTORS = "These lookup tables hold no vectors to compare the picture with."
NO_MATCHES = "Nothing in this category goes with the picture."
SAMPLE_GONE = "The shop has no such picture any more. Reload the page."


def too_large(most: int) -> str:
    return f"That file is too large: a picture may have {most / 1e6:.0f} MB."


def too_many_pixels(most: int) -> str:
    """Said of every format: what a JPEG may have beyond this depends on how it was written."""
    return f"This picture is too large in pixels. Make it smaller, to {most / 1e6:.0f} million or fewer, and choose it again."


def refused(reason: str) -> str:
    """Why a picture can't be used, from one of the fixed sentences of `lookup.encoder`."""
    return f"This file can't be used: {reason}. Choose a JPEG, PNG or WebP file."


def taken_for(category: str) -> str:
    return f"Most look-alikes are in {category}"
