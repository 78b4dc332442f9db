"""Searching the catalogue: words, facets and their counts, one page of products in an order.

All in numpy over the columns that `store.Catalogue` keeps, but for the titles: a search makes no Python object per product.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import reduce
from typing import Literal, Self, get_args

import numpy as np
from numpy.typing import NDArray

from dashboard.store import Build, Sort
from lookup import schema
from lookup.packed import Posting, postings_in
from lookup.reader import place_in, row_in
from lookup.words import PAIR_OF, words

Has = Literal["pictures", "reviews", "orders"]
Mask = NDArray[np.bool_]
"""bool [n], over all products."""

PER_PAGE = 24
LONGEST_SEARCH, MOST_WORDS = 200, 10
"""Characters that count of what is typed, and different words of them: each is looked for in every title."""
SHORTEST_BEGINNING = 3
"""Letters from which on a word of the texts is found by its beginning, as it is while someone types it."""
MOST_ENDINGS = 4
"""Words of the texts that one beginning stands for, those that most products use; each costs a read."""
BEHIND_ALL = "\U0010ffff"
"""Sorts behind every letter."""


@dataclass(frozen=True)
class Prices:
    """A range of prices, from `low` up to but without `high`; None where it is open."""

    low: float | None = None
    high: float | None = None

    def holds(self, prices: NDArray[np.float64]) -> Mask:
        """Which prices lie in it; an unknown one (NaN) lies in none."""
        low, high = -np.inf if self.low is None else self.low, np.inf if self.high is None else self.high
        return (prices >= low) & (prices < high)


@dataclass(frozen=True)
class Wish:
    """What someone asks of the catalogue.

    Attributes
    ----------
    text
        Every word of it must stand in a product's title, category or id, or begin a word that its texts use much.
    category, cluster, prices, has
        The facets: only products of a category, of a cluster of the texts, with a price in a range, and that have all of these.
    sort, page
        The order, and the page of it, from 1.
    """

    text: str = ""
    category: str | None = None
    cluster: int | None = None
    prices: Prices | None = None
    has: tuple[Has, ...] = ()
    sort: Sort = "popular"
    page: int = 1

    def parts(self) -> dict[str, Self]:
        """The wish without each of its parts that narrow the search, by the part: ``text``, ``category``, ``has reviews`` ..."""
        usual = type(self)()
        less = {
            name: replace(self, page=1, **{name: getattr(usual, name)})
            for name in ("text", "category", "cluster", "prices")
            if getattr(self, name) != getattr(usual, name)
        }
        return less | {f"has {one}": replace(self, page=1, has=tuple(x for x in self.has if x != one)) for one in self.has}


@dataclass(frozen=True)
class Hits:
    """One page of a search.

    Attributes
    ----------
    rows
        int32 [<= PER_PAGE], the products on this page, in order.
    in_texts
        For each of them, the words of its texts by which it is found where its title, category and id do not say it.
    total, page, pages
        All products found; this page, from 1; the number of pages, at least 1.
    by_texts
        How many of all products found are found by their texts.
    categories, clusters, prices, has
        How many products each choice of a facet would find, all other parts of the wish as they are: categories and clusters that
        have any, most first; prices, low to high.
    without
        How many products would be found without each of `Wish.parts`.
    """

    rows: NDArray[np.int32]
    in_texts: list[list[str]]
    total: int
    page: int
    pages: int
    by_texts: int
    categories: list[tuple[str, int]]
    clusters: list[tuple[int, int]]
    prices: list[tuple[Prices, int]]
    has: dict[Has, int]
    without: dict[str, int]


@dataclass(frozen=True)
class _Word:
    """Where a typed word stands: in names (titles, categories, ids) and, by the terms that it begins, in texts."""

    in_names: Mask
    terms: list[str] = field(default_factory=list)
    postings: list[Posting] = field(default_factory=list)

    def anywhere(self) -> Mask:
        found = self.in_names.copy()
        for products, _ in self.postings:
            found[products] = True
        return found

    def strongest_in(self, row: int) -> str | None:
        """The term that weighs most in a product's texts; None where they use none of them."""
        weights = [_weight_of(row, posting) for posting in self.postings]
        return self.terms[int(np.argmax(weights))] if max(weights, default=0.0) > 0 else None


def search(build: Build, wish: Wish) -> Hits:
    """Find products. A category or cluster that doesn't exist finds nothing; a page behind the last shows the last.

    In the usual order, most popular first, products found by their names come before those found by their texts: who types "lamp"
    looks for lamps, not for what stands beside one. Raises `DamagedCache`.
    """
    catalogue = build.catalogue
    by_names, by_words, typed = _typed(build, wish.text)
    having = _having(build)
    narrowed = _narrowed(build, wish, having)
    found = _all_of(by_words, narrowed)
    of_category, of_cluster, of_prices = (_all_of(by_words, narrowed, without=name) for name in ("category", "cluster", "prices"))
    rows = _in_order(build, wish, found, by_names)
    pages = max(1, -(-len(rows) // PER_PAGE))
    page = min(max(wish.page, 1), pages)
    shown = rows[(page - 1) * PER_PAGE : page * PER_PAGE]
    return Hits(
        rows=shown,
        in_texts=[_found_in_texts(typed, row) for row in shown.tolist()],
        total=len(rows),
        page=page,
        pages=pages,
        by_texts=len(rows) - int(np.count_nonzero(by_names[rows])),
        categories=[(catalogue.category_names[number], n) for number, n in _counts(catalogue.category[of_category])],
        clusters=_counts(catalogue.cluster[of_cluster]),
        prices=_price_counts(catalogue.price_steps, catalogue.price[of_prices]),
        has={name: int(np.count_nonzero(found & mask)) for name, mask in having.items()},
        without={
            part: int(np.count_nonzero(_all_of(by_words if part != "text" else np.ones_like(found), narrowed, without=part)))
            for part in wish.parts()
        },
    )


def listed(build: Build, wish: Wish) -> NDArray[np.int32]:
    """The rows of all products that `search` finds, in its order, page after page. Raises `DamagedCache`."""
    by_names, by_words, _ = _typed(build, wish.text)
    return _in_order(build, wish, _all_of(by_words, _narrowed(build, wish, _having(build))), by_names)


def typed_words(text: str) -> list[str]:
    """The different words of what is typed, in lower case, in their order."""
    return list(dict.fromkeys(text[:LONGEST_SEARCH].lower().split()))[:MOST_WORDS]


def known_has(names: Sequence[str]) -> tuple[Has, ...]:
    """Those of some names that a product can have, each once, in the order of `Has`."""
    return tuple(name for name in get_args(Has) if name in names)


def _typed(build: Build, text: str) -> tuple[Mask, Mask, list[_Word]]:
    """The products that hold every typed word in their names, those that hold every one anywhere, and the words that count."""
    by_names, by_words, typed = np.ones(len(build.catalogue), bool), np.ones(len(build.catalogue), bool), []
    for typed_word in typed_words(text):
        if typed_word not in build.common_words:
            word = _looked_up(build, typed_word, by_words)
            by_names, by_words = by_names & word.in_names, by_words & word.anywhere()
            typed.append(word)
    return by_names, by_words, typed


def _having(build: Build) -> dict[Has, Mask]:
    catalogue = build.catalogue
    return {"pictures": catalogue.has_picture, "reviews": catalogue.n_reviews > 0, "orders": catalogue.n_orders > 0}


def _looked_up(build: Build, word: str, among: Mask) -> _Word:
    in_names = build.catalogue.matching(word, among)
    rows = _term_rows(build, word)
    if not rows:
        return _Word(in_names)
    terms = [build.cache.terms[row].as_py() for row in rows]
    return _Word(in_names, terms, postings_in(build.cache.table(schema.POSTINGS).rows(rows)))


def _term_rows(build: Build, typed: str) -> list[int]:
    """The rows of the terms that a typed word stands for: the word itself, and the most used of those that begin with it."""
    cut = words(typed)
    if len(cut) != 1 or schema.TERMS not in build.cache:
        return []
    [word], terms = cut, build.cache.terms
    exact = row_in(terms, word)
    rows = [exact] if exact is not None else []
    if len(word) >= SHORTEST_BEGINNING:
        first, end = place_in(terms, word), place_in(terms, word + BEHIND_ALL)
        for place in np.argsort(-build.term_documents[first:end], kind="stable").tolist():
            if len(rows) == MOST_ENDINGS:
                break
            row = first + place
            if row != exact and PAIR_OF not in terms[row].as_py():
                rows.append(row)
    return rows


def _weight_of(row: int, posting: Posting) -> float:
    products, weights = posting
    place = int(np.searchsorted(products, row))
    return float(weights[place]) if place < len(products) and products[place] == row else 0.0


def _found_in_texts(typed: Sequence[_Word], row: int) -> list[str]:
    strongest = (word.strongest_in(row) for word in typed if not word.in_names[row])
    return list(dict.fromkeys(term for term in strongest if term is not None))


def _narrowed(build: Build, wish: Wish, having: dict[Has, Mask]) -> dict[str, Mask]:
    """The products that each chosen facet leaves, by its name in `Wish.parts`."""
    catalogue = build.catalogue
    narrowed: dict[str, Mask] = {f"has {name}": having[name] for name in wish.has}
    if wish.category is not None:
        narrowed["category"] = catalogue.category == catalogue.category_number(wish.category)
    if wish.cluster is not None:
        narrowed["cluster"] = catalogue.cluster == wish.cluster
    if wish.prices is not None:
        narrowed["prices"] = wish.prices.holds(catalogue.price)
    return narrowed


def _all_of(found: Mask, narrowed: dict[str, Mask], without: str | None = None) -> Mask:
    return reduce(np.logical_and, [mask for name, mask in narrowed.items() if name != without], found)


def _in_order(build: Build, wish: Wish, found: Mask, by_names: Mask) -> NDArray[np.int32]:
    ordered = build.catalogue.order(wish.sort)
    rows = ordered[found[ordered]]
    if wish.sort != "popular":
        return rows
    named = by_names[rows]
    return np.concatenate([rows[named], rows[~named]])


def _counts(numbers: NDArray[np.int32]) -> list[tuple[int, int]]:
    """How often each number from 0 on occurs, the most frequent first."""
    counts = np.bincount(numbers + 1)[1:]
    order = np.argsort(-counts, kind="stable")
    return [(number, int(counts[number])) for number in order.tolist() if counts[number]]


def _price_counts(steps: NDArray[np.float64], prices: NDArray[np.float64]) -> list[tuple[Prices, int]]:
    """How many prices lie in each range between steps that holds any."""
    if not len(steps):
        return []
    counts = np.bincount(np.searchsorted(steps, prices[~np.isnan(prices)], side="right"), minlength=len(steps) + 1)
    edges = [None, *steps.tolist(), None]
    return [(Prices(edges[i], edges[i + 1]), n) for i, n in enumerate(counts.tolist()) if n]
