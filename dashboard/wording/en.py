"""English. Every other language is a module with the same names: see docs/translate.md."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from dashboard.wording.common import ALL_PRODUCTS, BRAND, Metric, capitalised, shortened
from dashboard.wording.formats import NARROW_SPACE, Numbers
from lookup.schema import CATEGORY_SLICE

NAME = "English"
"""What the language calls itself."""
NUMBERS = Numbers(decimal=".", thousands=NARROW_SPACE, before_percent=NARROW_SPACE, currency_first=True)
number, digits, price, share, percent, size = (
    NUMBERS.number,
    NUMBERS.digits,
    NUMBERS.price,
    NUMBERS.share,
    NUMBERS.percent,
    NUMBERS.size,
)


def moment(time: datetime) -> str:
    """A time in UTC, without a month's name."""
    return time.strftime("%Y-%m-%d at %H:%M UTC")


TAGLINE = "Recommendations that people can click and understand."

# Around every page

PAGES = {
    "/": "Catalogue",
    "/clusters": "Clusters",
    "/describe": "Describe it",
    "/picture": "Picture",
    "/quality": "Quality",
    "/about": "About",
}
"""The header's links: path to name."""
PAGES_LABEL = "Pages"
SKIP_TO_CONTENT = "Skip to content"
THEME = "Light or dark"
SWITCH_THEME = "Switch between light and dark"
LANGUAGE = "Language"
ABOUT_THIS_DATA = "About this data"
NO_SCRIPT = "This page needs JavaScript."
NOT_FOUND = "Not found"
NO_SUCH_PAGE = "There is no such page"
NOTHING_AT = "Nothing stands at "
GO_TO_CATALOGUE = "Go to the catalogue"


def rated(rating: float) -> str:
    """What a screen reader says of stars."""
    return f"rated {number(rating, 1)} of 5"


def without_picture(title: str) -> str:
    return f"{title} (no picture)"


def asked_again_in(seconds: int) -> str:
    return f"Many questions at once. This one is asked again in {seconds} s."


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

# Headings of tables and choices that several pages have

SIGNAL = "Signal"
PRODUCTS = "Products"
CATEGORY = "Category"
CLUSTER = "Cluster"
RECOMMENDATIONS = "Recommendations"

FAILED = "Something went wrong"
FAILED_HINT = "This page could not be drawn. The server's log says why."
DAMAGED = "Part of the data is damaged"
DAMAGED_HINT = "This can't be shown: the lookup table behind it is damaged. The rest works; the server's log names the file."
NO_NEIGHBOURS = "Nothing found for this product."
SHOW_FEWER = "Show fewer"
SHOW_MORE = "Show more"
NOT_BUILT = "Not part of this shop's lookup tables: "
WHY_NOT = "About this data says why"


def show_all(n: int) -> str:
    return f"Show all {number(n)}"


def signal_name(signal: str) -> str:
    """The name of a signal on the screen; a signal this program doesn't know is named as its table."""
    return SIGNALS[signal][0] if signal in SIGNALS else signal.replace("_", " ").capitalize()


def signal_sentence(signal: str) -> str:
    return SIGNALS[signal][1] if signal in SIGNALS else ""


NOUNS = {
    "product": ("product", "products"),
    "review": ("review", "reviews"),
    "order": ("order", "orders"),
    "cluster": ("cluster", "clusters"),
    "recommendation": ("recommendation", "recommendations"),
    "category": ("category", "categories"),
}
"""What is counted: one of it, and several."""


def count(value: int, noun: str) -> str:
    """A number and its noun, a key of `NOUNS`: ``1 review``, ``12 reviews``."""
    one, several = NOUNS[noun]
    return f"{number(value)} {one if value == 1 else several}"


def exact_score(score: float) -> str:
    """On a score's bar, for who asks exactly."""
    return f"Score {digits(score)}"


def listed(words: Sequence[str]) -> str:
    return ", ".join(words)


def cluster_title(number: int, label: str) -> str:
    """A cluster's name wherever it is named: ``3 · chair, oak, seat``."""
    return f"{number} · {label}"


def alike(signal: str, score: float) -> str:
    """The reason where the score alone speaks."""
    if signal == "style":
        return f"{percent(score)} the same style"
    if signal == "reviews":
        return f"described {percent(score)} alike"
    return f"looks {percent(score)} alike" if signal == "visual" else f"score {digits(score)}"


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
    "Only the dashboard's pictures, typed queries and whole files are limited in number."
)
API_FOR_PROGRAMS = "Programs get the same recommendations as JSON, or all of them as a file: "
API_DESCRIPTION = "The API's description (OpenAPI)"


# About this data

SIGNALS_TITLE = "Signals"
SIGNALS_LEAD = "How many products have neighbours of their own, and for how many popular products of their category stand in."
NO_SIGNALS = "This shop's data feeds no signal."
FALLBACKS = "Fallbacks"
NEIGHBOURS_EACH = "Neighbours each"
NOTE = "Note"
DETAILS = "Details"
WHAT_IS_MISSING = "What is missing"
MISSING_SIGNALS = "Missing signals"
WHY = "Why"
NOTHING_MISSING = "Nothing is missing: every signal was built."
WHAT_WAS_LEFT_OUT = "What was left out"
LEFT_OUT_LEAD = "Rows and pictures that could not be used. The build's rejects.parquet has each with its line."
ROWS_LEFT_OUT = "Rows left out"
NOTHING_LEFT_OUT = "Nothing: every row was used."
WHAT_WAS_MENDED = "What was mended"
MENDED_LEAD = "Rows that were tidied while they were read, and used."
ROWS_MENDED = "Rows mended"
NOTHING_MENDED = "Nothing: every row was clean."
FILE = "File"
WHAT = "What"
ROWS = "Rows"
SIZE = "Size"
SECTION = "Section"
INPUT_FILES = "Input files"
LOOKUP_TABLES = "Lookup tables"
NONE = "None."
SETTINGS = "Settings"
SETTINGS_LEAD = "shop.toml as it was understood, with every default filled in."
SHOW_SETTINGS = "Show the settings"
FOR_PROGRAMS_TITLE = "For programs"
COUNTS: dict[str, str] = {
    "products": "Products",
    "reviews": "Reviews",
    "orders": "Orders",
    "order_lines": "Order lines",
    "pictures": "Pictures",
}
"""What the manifest counts."""


def counted(name: str) -> str:
    """What a number of the manifest counts; what this program doesn't know is named as there."""
    return COUNTS.get(name) or name.replace("_", " ").capitalize()


def about_lead(shop: str) -> str:
    return f"What {shop} brought, what was made of it, and what was left out."


def built_at(time: datetime) -> str:
    """Before the name of a build, which `served_by` follows."""
    return f"Built {moment(time)}, build "


def served_by(version: str) -> str:
    return f". Served by {BRAND} {version}."


def in_all(size: str) -> str:
    return f"{size} in all."


# Catalogue

SEARCH = "Search"
SEARCH_PLACEHOLDER = "Title, category or words of the reviews"
SORT_BY = "Sort by"
FILTERS = "Filters"
CLOSE_FILTERS = "Close the filters"
CLEAR_ALL = "Clear all"
PRICE = "Price"
ANY_CATEGORY, ANY_CLUSTER, ANY_PRICE = "All categories", "All clusters", "All prices"
HAS_LABEL = "Products with"
HAS = {"pictures": "Picture", "reviews": "Reviews", "orders": "Orders"}
"""What a product can have, under `HAS_LABEL`."""
WITH = {"pictures": "With a picture", "reviews": "With reviews", "orders": "With orders"}
"""The same, standing alone."""
PREVIOUS_PAGE, NEXT_PAGE = "Previous", "Next"
PAGES_OF_PRODUCTS = "Pages of products"
NOTHING_HINT = "Fewer or other words may find something. Or take away part of what you chose:"
NOTHING_AT_ALL_HINT = "Fewer or other words may find something."
SHOW_ALL_PRODUCTS = "Show all products"


def filters(active: int) -> str:
    """On the button that opens the filters."""
    return f"{FILTERS} ({active})" if active else FILTERS


def found(total: int, page: int, pages: int, by_texts: int) -> str:
    """``412 products, page 1 of 18 · 365 of them by what is written about them``."""
    where = f", page {number(page)} of {number(pages)}" if pages > 1 else ""
    share = f"{number(by_texts)} of them" if by_texts < total else "all"
    return f"{count(total, 'product')}{where}" + (f" · {share} by what is written about them" if by_texts else "")


def show_found(total: int) -> str:
    """On the button that leads from the filters to what they found."""
    return f"Show {count(total, 'product')}"


IN_REVIEWS, IN_DESCRIPTION = "in reviews: ", "in the description: "
"""Before the words by which a product is found though its title doesn't hold them."""


def price_range(low: float | None, high: float | None, currency: str) -> str:
    """A range of prices, open where one of them is None: ``under €20``, ``€20 to €50``, ``€50 and more``."""
    least, most = (price(edge, currency, cents=edge % 1 != 0) for edge in (low or 0.0, high or 0.0))
    if low is None:
        return f"under {most}"
    return f"{least} and more" if high is None else f"{least} to {most}"


def without(part: str) -> str:
    """On what takes a filter away."""
    return f"{part}: take away"


def found_without(part: str, total: int) -> str:
    """On what takes a part of the search away where nothing is found: ``Without “mug”: 12 products``."""
    return f"Without {part}: {count(total, 'product')}"


def quoted(text: str) -> str:
    return f"“{text}”"


def nothing_matches(text: str) -> str:
    """`text` is what was typed; it may be empty."""
    return f"Nothing matches {quoted(text)}" if text else "Nothing matches this choice"


def cluster_named(title: str) -> str:
    return f"{CLUSTER} {title}"


def unknown_cluster(number: int) -> str:
    return f"{number}: unknown"


# Clusters, Describe it, Picture, Quality


_metric = partial(Metric, NUMBERS)

METRICS = {
    "hit_rate": _metric("Hit rate", "How often one or more of the first recommendations stand in the product's order.", True),
    "ndcg": _metric("NDCG", "Like recall, but a right recommendation counts more the higher it stands; 1 is a perfect list."),
    "recall": _metric("Recall", "The share of an order's other products that the first recommendations hold.", True),
    "mrr": _metric(
        "Mean reciprocal rank", "One over the rank of the first right recommendation: 1 for the first, 0.5 the second."
    ),
    "coverage": _metric(
        "Coverage", "The share of the shop's products that are recommended at least once.", True, False, counted="products"
    ),
    "same_category": _metric(
        "Same category", "The share of recommendations of the product's own category.", True, False, counted="products"
    ),
    "popularity_percentile": _metric(
        "Popularity",
        "How popular the recommended products are: the share of the shop's products that are less popular, 50 % at random.",
        True,
        False,
        counted="products",
    ),
    "concentration": _metric(
        "Concentration",
        "How unevenly recommendations fall on the products (Gini): 0 where each is recommended as often, near 1 where few are.",
        to_be_high=False,
        counted="products",
    ),
    "purity": _metric(
        "Purity of clusters",
        "The share of products that are of their cluster's most frequent category.",
        True,
        counted="clustered",
    ),
    "nmi": _metric(
        "Clusters and categories (NMI)",
        "How much a product's cluster says about its category, and its category about its cluster: from 0 to 1.",
        counted="clustered",
    ),
    "judged_precision": _metric(
        "Found good by people",
        "The share of the recommendations judged on product pages that were found good.",
        True,
        counted="judgements",
    ),
}
COUNTED = {
    "queries": "Queries",
    "products": "Products",
    "clustered": "Products in clusters",
    "judgements": "Judgements",
    "count": "Count",
}
"""What a measure is taken over, as the heading of their number."""

MEASURE = "Measure"
MORE_MEASURES = "More measures"
VALUE = "Value"
SAME_IN_NUMBERS = "The same in numbers"
QUALITY_LEAD = "How much each signal's recommendations are worth, measured."
QUALITY_LEADS = {
    "queries": (
        "Some orders were held out while the signals were built. Each of their products in turn asks for recommendations: "
        "how many of the order's other products are among them?"
    ),
    "products": "Measured on the finished recommendations of every product; no orders are needed for it.",
    "clustered": (
        "Clusters are made from reviews alone and know no categories. Chance: the same products, dealt to clusters of the same "
        "sizes at random."
    ),
    "judgements": (
        "Thumbs up and down, exported from the browsers of those who judged. People judge what they happen to see, the first of "
        "a list more than the last: compare signals only where about as many recommendations of each were judged."
    ),
}
"""By what a metric counts."""
BASELINES = {"popularity": "the most popular products", "chance": "a draw at random"}
"""What a signal is compared with, and what that is."""
INTERVALS = "The lines are 95 % intervals: where two do not overlap, the difference is hardly an accident."
NO_INTERVAL = "Without an interval: this is one number of the whole shop, not a mean over products."
NOTHING_MEASURED = "Nothing is measured yet"
NOT_MEASURED = "How good the recommendations are has not been measured. This measures it: "


def metric(name: str) -> Metric:
    """The words for a measure; one this program doesn't know is named as in its table."""
    return METRICS.get(name) or _metric(name.replace("_", " ").capitalize(), "", counted="count")


def metric_at(name: str, k: int) -> str:
    """A measure of the first `k` recommendations."""
    return f"{name} at {k}"


def at_k(k: int) -> str:
    return f"at {k}"


def interval_ends(title: str) -> tuple[str, str]:
    """What a file calls the two ends of a column's intervals."""
    return f"{title}, 95 % from", f"{title}, 95 % to"


def from_to(low: str, high: str) -> str:
    """An interval, in numbers that are written already."""
    return f"{low} to {high}"


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
    "The same recommendations with other settings: in how many orders a pair must stand together (min_orders in shop.toml), and "
    "how high its score must be (min_score). They are tried on held-out orders, none of which the measures above are taken on."
)
SWEEP_LEGEND = (
    "Each line asks for the number of orders at its right end; along it, the least score rises. The ring marks the settings in "
    "force. Dotted: what it is compared with."
)
LEAST_ORDERS = "Orders, at least"
LEAST_SCORE = "Score, at least"
SWEEP_METRICS = {
    "hit_rate": _metric(
        "Hit rate",
        "How often one or more of the first recommendations stand in the product's order. A stricter score can only lower it.",
        True,
    ),
    "precision": _metric(
        "Precision",
        "The share of the recommendations shown that stand in the order: what a stricter score is meant to raise.",
        True,
    ),
    "same_category": _metric(
        "Same category",
        "The share of recommendations of the product's own category: companions come from others, substitutes from the same.",
        True,
    ),
    "coverage": _metric("Coverage", "The share of the shop's products that have any recommendation left.", True),
}
"""What the settings of *bought together* are compared by, in the page's order."""
IN_FORCE = "in force"
NO_SWEEP = "Other settings are tried on held-out orders. These lookup tables were built without orders."
NOT_SWEPT = "No other settings have been tried, or too few orders were held out. This tries them: "

WORST_TITLE = "Where it misses most"
BOUGHT_WITH_IT = "Bought with it"
RECOMMENDED_INSTEAD = "Recommended instead"


def worst_lead(k: int) -> str:
    listed_first = "the first recommendation never" if k == 1 else f"none of the first {number(k)} recommendations"
    return f"Held-out orders asked for these products most often, yet {listed_first} stood in those orders."


def asked_by(orders: int) -> str:
    return f"in {number(orders)} held-out {'order' if orders == 1 else 'orders'}"


def in_numbers(metric: str) -> str:
    return f"{metric} in numbers"


def compared_with(baseline: str, value: str, interval: str) -> str:
    """What a plot's dotted level is: ``The most popular products: 35.5 % (32.0 % to 39.3 %).``"""
    return f"{capitalised(BASELINES[baseline])}: {value}{f' ({interval})' if interval else ''}."


def settings_named(min_orders: int, min_score: float) -> str:
    """Settings of *bought together*, within a sentence."""
    least = f"a score of {digits(min_score, 6)} or more" if min_score > 0 else "any score"
    return f"{count(min_orders, 'order')} or more together and {least}"


def score_from(min_score: float) -> str:
    """The heading of a column: recommendations with at least this score."""
    return f"score from {digits(min_score, 6)}"


def none_better(value: str) -> str:
    return f"No other setting tried has a higher hit rate than the {value} of the settings in force."


def better_tried(in_force: str, best: str, settings: str, *, within: bool) -> str:
    """`within` says that the best lies inside the interval of the settings in force."""
    return (
        f"Hit rate in force: {in_force}. Best tried: {best}, with {settings}{'; the difference may be chance' if within else ''}."
    )


MAPS = {"reviews": "Described alike", "look": "Looks alike", "style": "Same style"}
CLUSTERS_LEAD = "Every point is a product. What lies close together is described alike, looks alike or shares a style."
NO_MAPS_TITLE = "There is no map yet"
NO_MAPS = "Maps need reviews, descriptions or pictures; this shop's lookup tables were built without."
MAP_ABOUT = {
    "reviews": "Near to each other: products that people describe with the same words.",
    "look": "Near to each other: products whose pictures look alike.",
    "style": "Near to each other: products whose pictures share colours, texture and pattern.",
}
MAP_FAILED = "The map could not be drawn. Everything else on this page works without it."
TRY_AGAIN = "Try again"


def map_caption(name: str, placed: int, products: int) -> str:
    """What a map shows, and how many products it leaves out for want of data."""
    left_out = products - placed
    lacking = f" {count(left_out, 'product')} {'has' if left_out == 1 else 'have'} no data for this map." if left_out else ""
    return f"{MAP_ABOUT[name]}{lacking} Drag to move, scroll to zoom, click a point to see its product."


MAP = "Map"
COLOUR_BY = "Colour"
COLOURS = {
    "cluster": "Cluster",
    "category": "Category",
    "rating": "Rating",
    "price": "Price",
    "popularity": "Popularity",
}
"""What a map can be coloured by."""
SIZE_BY = "Size"
SIZE_BY_POPULARITY = "By popularity"
LEGENDS = {"cluster": "Clusters", "category": "Categories", "rating": "Rating", "price": "Price", "popularity": "Popularity"}
"""The heading of the legend."""
LEVELS_LEAD = "By rank: half of the products are left of the middle."
NOT_KNOWN = "not known"
SHOW_ALL = "Show all"
SEARCH_MAP = "Find on the map"
MAP_TOOLS = "Tools of the map"
MAP_TOOL = {
    "move": "Move the map",
    "box": "Choose products in a box",
    "lasso": "Choose products with a lasso",
    "in": "Zoom in",
    "out": "Zoom out",
    "whole": "Show the whole map",
    "png": "Download the map as PNG",
    "svg": "Download the map as SVG",
}
MAP_KEYS = (
    "Map of the products. Arrow keys move it, plus and minus zoom, 0 shows all of it, Enter opens the product in its middle. "
    "The table below says the same in words."
)
PART_OF = "{part} of {whole}"
"""The legend's counts: as many in view, or chosen, of all. ``assets/map`` fills in the numbers."""
LEGEND_COUNTS = {
    "all": "Number of products",
    "all-in-view": "Products in view, of all",
    "shown": "Products shown, of all",
    "shown-in-view": "Products shown and in view, of all",
    "found": "Products found, of all",
    "found-in-view": "Products found and in view, of all",
    "chosen": "Products chosen, of all",
}
"""What the legend's counts are of: ``assets/map`` says which. Shown are those of the chosen group."""
ALL_CLUSTERS = "What the clusters are about"
COMMON_WORDS = "Words that they share: "
TAKE_CSV = "Download as CSV"
TAKE_FAILED = "The file could not be made. Load the page again, then try once more."
CLEAR_CHOICE = "Clear the choice"
NEAREST_BY = "Its nearest by"
OPEN_PRODUCT = "Open its page"
CLOSE_PANEL = "Close"
OFF_THE_MAP = "It has no data for this map."
AS_TABLE = "The map as a table"
MEAN_RATING = "Mean rating"
MEDIAN_PRICE = "Median price"


def found_on_map(products: int, text: str) -> str:
    return f"{count(products, 'product')} found for “{shortened(text, 40)}”"


CHOSEN_BELOW = "The chosen products are listed below"


def chosen_on_map(products: int) -> str:
    return f"{count(products, 'product')} chosen"


def first_shown(shown: int) -> str:
    """Above the cards of a choice that has more products than cards."""
    return f"The most popular {number(shown)}:"


def shared_by(word: str, products: int, looked_at: int) -> str:
    """A word that chosen products share, and how many of those looked at."""
    return f"{word} ({number(products)} of {number(looked_at)})"


def and_more(groups: int) -> str:
    return f"and {number(groups)} more"


def all_in_catalogue(products: int) -> str:
    return f"All {count(products, 'product')} in the catalogue"


DESCRIBE_LEAD = "Write what you look for as you would in a review, and see the products that people describe with the same words."
DESCRIBE_PLACEHOLDER = "sturdy and comfortable, warm colours, easy to clean …"
YOUR_WORDS = "Your words"
EXAMPLES = "Examples"
TRY = "Try"
WORDS_THAT_COUNT = "The words that count"
CLOSEST_CLUSTER = "The closest cluster"
IN_CLOSEST_CLUSTER = "in the closest cluster"
BEST_MATCHES = "Best matches"
MORE_FROM_CLUSTER = "More from the closest cluster"
NO_WORDS_TITLE = "There are no words to search in"
NO_KNOWN_WORD_TITLE = "None of these words tells products apart"
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
    found = f"{count(total, 'product')} {'shares' if total == 1 else 'share'} a word with yours"
    return f"{found}; the best {number(shown)}:" if total > shown else f"{found}:"


def shares_words(score: float, words: Sequence[str]) -> str:
    return f"{percent(score)}: {listed(words)}"


PICTURE_LEAD = "Show a picture, and see the products that look like it and what goes with it."
NO_ENCODER = "These lookup tables come without the network that reads pictures."
DROP_PICTURE = "Drop, paste or choose a picture"
UPLOAD_HINT = "JPEG, PNG or WebP, up to 8 MB. It is looked at in memory and kept nowhere."
TRY_SAMPLES = "Or try one of the shop's own:"
YOUR_PICTURE = "Your picture"
ALL_OTHER_CATEGORIES = "All other categories"
NOT_READABLE = "That did not arrive as a picture. Choose a JPEG, PNG or WebP file."
NO_VECTORS = "These lookup tables hold no vectors to compare the picture with."
NO_MATCHES = "Nothing in this category goes with the picture."
PICTURE_GONE = "The shop has no such picture, or has it no more."
NO_PICTURES_COMPARED = "Pictures can't be compared here"
LOOK_ALIKES = "Look-alikes"
GOES_WITH_IT = "Goes with it"
SHOW_NETWORK = "Show what the network sees"
NETWORK_SEES = "What the network sees"
NETWORK_SEES_LEAD = (
    "The feature maps that answer most strongly in each block of the network, the strongest first. Bright is where it has found "
    "one of its patterns; the later the block, the larger the pattern."
)


NETWORKS_ASKED = {
    "float32": "Asked here: the full network (float32).",
    "float16": "Asked here: the deployed network (16 bits).",
    "int8": "Asked here: the deployed network (8 bits).",
}
"""By the precision of the numbers that it computes with, or is stored in."""


def blocks_needed(n: int, of: int) -> str:
    """Said where the deeper blocks of the network are left out."""
    return f"This shop's recommendations need only {n} of the network's {of} blocks."


def network_block(number: int) -> str:
    return f"Block {number}"


def feature_map(block: int, place: int) -> str:
    """What a screen reader says of one of a block's small pictures."""
    return f"Feature map {place} of block {block}"


def read_from(width: int, height: int, side: int) -> str:
    """What of a product's picture the network is shown."""
    shop, network = f"{width}\u00a0×\u00a0{height}", f"{side}\u00a0×\u00a0{side}"
    return f"Read from the shop's small picture of {shop} pixels. The network itself looks at {network}."


def too_large(most: int) -> str:
    return f"That file is too large: a picture may have {number(most / 1e6)} MB."


def too_many_pixels(most: int) -> str:
    """Said of every format: what a JPEG may have beyond this depends on how it was written."""
    return f"This picture is too large in pixels. Make it smaller, to {number(most / 1e6)} million or fewer, and choose it again."


OTHER_FORMAT = "This file can't be used: it is no JPEG, PNG or WebP picture."


def refused(reason: str) -> str:
    """Why a picture can't be used, from one of the fixed sentences of `lookup.encoder`."""
    return f"This file can't be used: {reason}. Choose a JPEG, PNG or WebP file."


def taken_for(category: str) -> str:
    return f"Most look-alikes are in {category}"


# The product page, comparing two products, judging recommendations

BREADCRUMB = "Breadcrumb"
BEFORE_AND_AFTER = "Products before and after"
PREVIOUS_PRODUCT = "Previous"
NEXT_PRODUCT = "Next"
FACTS = {
    "category": "Category",
    "cluster": "Cluster",
    "price": "Price",
    "rating": "Rating",
    "reviews": "Reviews",
    "orders": "Bought in",
    "id": "Product id",
}
SEE_IN_SHOP = "See it in the shop"
COPY_LINK = "Copy link"
LINK_COPIED = "Link copied."
LINK_NOT_COPIED = "Your browser doesn't allow that; copy the address instead."
CLOSE = "Close"
NOT_SHOWN = "Not shown"
NO_SUCH_PRODUCT = "There is no such product"
NO_PRODUCT_WITH_ID = "This shop has no product with the id "
PERHAPS_THESE = "Perhaps one of these"
NARROW_DOWN = "Narrow the recommendations down"
ALL_CATEGORIES = "All categories"
LEAST_PRICE = "Price from"
MOST_PRICE = "Price to"


def previous_product(title: str) -> str:
    return f"Previous product: {title}"


def next_product(title: str) -> str:
    return f"Next product: {title}"


def enlarge(title: str) -> str:
    """Of the button that shows a picture large."""
    return f"Enlarge the picture: {title}"


def category_with(name: str, products: int) -> str:
    """A choice of category, with how many products it leaves."""
    return f"{name} ({number(products)})"


NOTHING_FITS = "Nothing fits this choice"
NOTHING_FITS_HINT = "This product's recommendations are of other categories or prices."
NONE_FITS = "Nothing here fits the category and price that you chose."
"""Where a choice leaves nothing of one signal's list, but something of others'."""


def show_unfiltered(n: int) -> str:
    """On the way out of such a choice."""
    return f"Show {count(n, 'recommendation')} of any kind"


def place_in_list(place: int, n: int) -> str:
    """Between the steps to the products before and after: ``3 of 41``."""
    return f"{number(place)} of {number(n)}"


def in_brief(signal: str, score: float, reason: str) -> str:
    """What a signal says of a pair beside another signal's reason: short, so that several fit on a card."""
    if signal == "similar_company":
        return f"{percent(score)} same company"
    return alike(signal, score) if signal == "reviews" else reason


def also(others: Sequence[str]) -> str:
    """What other signals say about the same pair."""
    return f"Also: {listed(others)}"


def signals_agree(n: int, asked: int) -> str:
    """Of a blend: how many of the shop's other signals list the product too."""
    return f"{number(n)} of {number(asked)} signals agree" if n > 1 else f"{number(n)} signal of {number(asked)}"


def in_detail(parts: Sequence[str]) -> str:
    """What the signals that a blend is made of say about the pair."""
    return capitalised(listed(parts))


COMPARE = "Compare"
COMPARE_LEAD = "Two products side by side: what they share, and which signals recommend one with the other."
CHOOSE_SECOND = "Choose a product to compare with:"
CHOOSE_FIRST = "Open a product and follow “Compare” below any of its recommendations."
SWAP = "Swap sides"
FACT = "Fact"
FACTS_OF_BOTH = "Facts"
WHAT_THEY_SHARE = "What they share"
SHARED_WORDS = "Words of reviews"
SHARED_ORDERS = "Orders"
SHARED_COMPANY = "Bought with both"
WHO_LISTS_WHOM = "Which signals list the pair"
NOT_COMPARED_WORDS = "Not known: these lookup tables hold no words of reviews."
NO_SHARED_WORDS = "None among the words that say most about each of them."
NOT_COMPARED_ORDERS = "Not known: these lookup tables hold no orders."
FEW_SHARED_ORDERS = "Not known: neither is on the other's list, and only what is listed comes with its orders."
NOT_COMPARED_COMPANY = "Not known: neither is on the other's list of “Similar company”."
NOT_COMPARED_PICTURES = "Not known: one of the two has no picture, or these lookup tables hold no vectors."
STANDS_IN_SHORT = "popular products stand in"


def compare_with(title: str) -> str:
    return f"Compare with {title}"


def on_list_of(title: str) -> str:
    """The heading of a column: where the other product stands among what is recommended with this one."""
    return f"On the list of {title}"


def at_rank(rank: int, reason: str) -> str:
    return f"rank {number(rank)}: {reason}"


def not_listed(k: int) -> str:
    return f"not among its {number(k)}"


def shared_orders(orders: int) -> str:
    return f"{count(orders, 'order')} hold{'s' if orders == 1 else ''} both."


def share_words(words: Sequence[str]) -> str:
    return f"“{listed(words)}”"


JUDGED = "Your judgements"
JUDGE_LEAD = (
    "Is a recommendation good? Say so with the thumbs below it. Your judgements stay in this browser until you export them; "
    "whoever builds the lookup tables measures with the file: "
)
FEEDBACK_COMMAND = "python -m precompute evaluate shop.toml --feedback judged.csv"
NONE_JUDGED = "Nothing judged yet."
ONE_JUDGED = "1 recommendation judged."
MANY_JUDGED = "{n} recommendations judged."
"""``{n}`` stands for their number."""
NOT_KEPT = "This browser keeps nothing between pages, so judgements can't be collected."
EXPORT_JUDGED = "Export CSV"
CLEAR_JUDGED = "Clear"
RESTORE_JUDGED = "Undo clearing"
GOOD = "Good recommendation"
BAD = "Bad recommendation"


# Quality, category by category

CATEGORY_BY_CATEGORY = "Does each category recommend itself?"
CATEGORY_BY_CATEGORY_LEAD = (
    "The share of recommendations of the product's own category, for the largest categories. Look-alikes are high where a "
    "category has one look; what goes together comes from others."
)


# Take along

TAKE_ALONG = "Take along"
TAKE_ALONG_LEAD = "Every recommendation as a file, or one answer at a time for programs. Nothing to sign up for."
ALL_RECOMMENDATIONS = "All recommendations"
ALL_SIGNALS = "All signals"
FILES = "Files"
EXPORT_LEAD = "One row for each recommendation. Large files begin at once and are made while they are sent, one at a time."
EXPORT_COLUMNS = {
    "product_id": "The product that the recommendation stands beside.",
    "signal": "The table it comes from.",
    "rank": "From 1, the best.",
    "recommended_id": "The product that is recommended.",
    "score": "Comparable inside a signal only.",
    "reason": "Why it is recommended, in words.",
    "fallback": "True where a popular product stands in, because the signal has nothing, or nothing more.",
    "title": "The title of the product that the recommendation stands beside.",
    "recommended_title": "The title of the product that is recommended.",
}
"""The columns of the files, and what stands in them."""
WHAT_STANDS_IN = "What stands in the files"
COLUMN = "Column"
CSV_HINT = (
    "CSV opens in any spreadsheet: a text that the spreadsheet would take for a formula has an apostrophe before it. JSON Lines "
    "is an object a line, Parquet the smallest."
)
WHAT_WAS_MEASURED = "What was measured"
MEASURED_FILES = {
    "metrics": "Quality of each signal",
    "sweep": "Other settings of “Bought together”",
    "worst": "Where it misses most",
}
FORMATS = {"csv": "CSV", "json": "JSON", "jsonl": "JSON Lines", "parquet": "Parquet", "png": "PNG", "svg": "SVG"}
"""Formats of files, by the end of their names."""
ONE_AT_A_TIME = "One answer at a time"
ASK_FOR = {
    "product": "What is known of a product",
    "recommendations": "What to recommend with it",
}
"""The examples of the API."""
PARAMETERS = {
    "signal": "Why products are recommended together; the first if not said.",
    "k": "At most so many recommendations; all if not said.",
    "category": "Only products of this category.",
}
"""What a question for recommendations can say."""
PARAMETER = "Parameter"
TAKES = "Takes"
ANSWER = "Answer"
TRY_IT = "Try it"


def take_as(what: str, file_format: str) -> str:
    """What a screen reader says of a link to a file: ``Looks alike as CSV``."""
    return f"{what} as {file_format}"


def whole_numbers(least: int, most: int) -> str:
    """What a parameter takes."""
    return f"{number(least)} to {number(most)}"
