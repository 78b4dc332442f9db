"""Searching the catalogue, against a loop over all products that asks each of them in plain Python."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dashboard.search import LONGEST_SEARCH, MOST_ENDINGS, MOST_WORDS, PER_PAGE, Prices, Wish, listed, search
from dashboard.store import Build, Product
from lookup import schema
from lookup.packed import postings_in, postings_table
from lookup.words import words
from tests.planted_cache import CATEGORIES, COMMON_WORDS, write_planted_cache
from tests.republish import republish

WORDS = (
    "oak",
    "o",
    "lamp",
    "number",
    "number 1",
    "sturdy",
    "stu",
    "st",
    "GLAZE",
    "the",
    "nice,",
    "item",
    "no-such-thing",
    "椅子",
)


@pytest.fixture(scope="module")
def build(planted: Path) -> Build:
    return Build.open(planted)


@pytest.fixture(scope="module")
def texts(build: Build) -> list[set[str]]:
    """The terms of each product."""
    of_product: list[set[str]] = [set() for _ in range(len(build.catalogue))]
    terms = build.cache.terms.to_pylist()
    for term, (products, _) in zip(terms, postings_in(build.cache.table(schema.POSTINGS).read()), strict=True):
        for product in products.tolist():
            of_product[product].add(term)
    beginnings = [word[:3] for word in terms]
    assert max(sum(word.startswith(beginning) for word in terms) for beginning in beginnings) <= MOST_ENDINGS, "see below"
    return of_product


def is_named(product: Product, word: str) -> bool:
    return any(word in text.lower() for text in (product.title, product.category or "", product.id))


def is_written_of(terms: set[str], word: str) -> bool:
    """Whether a word begins one of the terms: of the planted vocabulary, no beginning has more endings than are looked at."""
    cut = words(word)
    return len(cut) == 1 and any(term == cut[0] or (len(cut[0]) >= 3 and term.startswith(cut[0])) for term in terms)


def is_wanted(product: Product, terms: set[str], wish: Wish) -> bool:
    said = [word for word in wish.text.lower().split() if word not in COMMON_WORDS]
    having = {"pictures": product.has_picture, "reviews": product.n_reviews > 0, "orders": product.n_orders > 0}
    low, high = (wish.prices.low, wish.prices.high) if wish.prices else (None, None)
    return (
        all(is_named(product, word) or is_written_of(terms, word) for word in said)
        and wish.category in (None, product.category)
        and wish.cluster in (None, product.cluster)
        and (wish.prices is None or product.price is not None)
        and (low is None or product.price >= low)
        and (high is None or product.price < high)
        and all(having[name] for name in wish.has)
    )


def by_loop(build: Build, texts: list[set[str]], wish: Wish) -> set[int]:
    catalogue = build.catalogue
    products = catalogue.products(np.arange(len(catalogue)))
    return {product.row for product in products if is_wanted(product, texts[product.row], wish)}


def all_rows(build: Build, wish: Wish) -> list[int]:
    pages = search(build, wish).pages
    return [row for page in range(1, pages + 1) for row in search(build, replace(wish, page=page)).rows.tolist()]


wishes = st.builds(
    Wish,
    text=st.lists(st.sampled_from(WORDS), max_size=3).map(" ".join),
    category=st.none() | st.sampled_from(CATEGORIES),
    cluster=st.none() | st.integers(0, 6),
    prices=st.none() | st.builds(Prices, st.none() | st.just(50.0), st.none() | st.just(200.0)),
    has=st.lists(st.sampled_from(["pictures", "reviews", "orders"]), unique=True).map(tuple),
    sort=st.sampled_from(["popular", "rating", "price", "price-down", "title"]),
)


@settings(max_examples=40, deadline=None)
@given(wish=wishes)
@example(Wish())
@example(Wish(text="lamp number 1"))
@example(Wish(text="sturdy", has=("reviews",)))
def test_a_search_finds_what_a_loop_over_all_products_finds_each_once(build: Build, texts: list[set[str]], wish: Wish) -> None:
    rows = all_rows(build, wish)
    assert len(set(rows)) == len(rows) == search(build, wish).total
    assert set(rows) == by_loop(build, texts, wish)
    assert listed(build, wish).tolist() == rows


@settings(max_examples=15, deadline=None)
@given(wish=wishes)
def test_a_facet_counts_what_each_of_its_choices_would_find(build: Build, wish: Wish) -> None:
    hits = search(build, wish)
    for category in CATEGORIES:
        assert dict(hits.categories).get(category, 0) == search(build, replace(wish, category=category)).total
    for cluster in range(6):
        assert dict(hits.clusters).get(cluster, 0) == search(build, replace(wish, cluster=cluster)).total
    for prices, n in hits.prices:
        assert n == search(build, replace(wish, prices=prices)).total
    for name, n in hits.has.items():
        assert n == search(build, replace(wish, has=(*wish.has, name))).total
    for part, less in wish.parts().items():
        assert hits.without[part] == search(build, less).total


def test_ranges_of_prices_hold_every_price_once(build: Build) -> None:
    hits = search(build, Wish())
    assert sum(n for _, n in hits.prices) == 59, "one product has no price"
    assert len(hits.prices) > 1
    assert [prices.high for prices, _ in hits.prices][:-1] == [prices.low for prices, _ in hits.prices][1:]


@pytest.mark.parametrize("sort", ["rating", "price", "price-down", "title"])
def test_products_stand_in_the_order_asked_for(build: Build, sort: str) -> None:
    order = build.catalogue.order(sort).tolist()  # type: ignore[arg-type]
    rows = all_rows(build, Wish(text="oak", sort=sort))  # type: ignore[arg-type]
    assert rows == sorted(rows, key=order.index)


def test_in_the_usual_order_names_come_before_texts(tmp_path: Path) -> None:
    write_planted_cache(tmp_path, title="An oak thing")  # the title of a product that nobody has reviewed
    build = Build.open(tmp_path)
    rows = all_rows(build, Wish(text="oak"))
    hits = search(build, Wish(text="oak"))
    assert 1 < hits.by_texts == hits.total - 1
    assert build.cache.id_of(rows[0]) == "item-003"
    assert rows[1:] == sorted(rows[1:], key=build.catalogue.order("popular").tolist().index)


def test_a_product_found_by_its_texts_says_by_which_words(build: Build, texts: list[set[str]]) -> None:
    hits = search(build, Wish(text="oak comfort number"))
    assert hits.total > 0
    for row, found_by in zip(hits.rows.tolist(), hits.in_texts, strict=True):
        assert found_by == ["oak", "comfortable"]
        assert set(found_by) <= texts[row]


def test_a_product_found_by_its_title_says_nothing_more(build: Build) -> None:
    assert search(build, Wish(text="lamp")).in_texts == [[]] * 10


def test_of_several_words_with_one_beginning_the_one_that_weighs_most_is_named(build: Build) -> None:
    """``co`` is too short to begin a word; ``com`` and ``cof`` are not."""
    assert search(build, Wish(text="co", category="Chairs")).total == 0
    assert {word for found in search(build, Wish(text="cof")).in_texts for word in found} == {"coffee"}


def test_a_beginning_stands_for_the_word_itself_and_its_most_used_endings(tmp_path: Path) -> None:
    write_planted_cache(tmp_path)
    vocabulary = {"comb": 9, "com": 1, "comb honey": 30, "comet": 2, "comfort": 7, "comic": 3, "common": 8}
    with_one_product_each = _texts({term: [row] for row, term in enumerate(sorted(vocabulary))}, vocabulary)
    republish(tmp_path, tables=with_one_product_each)
    build = Build.open(tmp_path)
    found = {word for words in search(build, Wish(text="com")).in_texts for word in words}
    assert found == {"com", "comb", "common", "comfort"}
    assert len(found) == MOST_ENDINGS
    assert search(build, Wish(text="comi")).in_texts == [["comic"]]


def test_only_the_beginning_of_a_long_text_counts_and_every_word_once(build: Build) -> None:
    assert search(build, Wish(text="lamp " * 100_000)).total == 10
    assert search(build, Wish(text="lamp LAMP Lamp")).total == 10
    assert search(build, Wish(text="lamp" + " " * LONGEST_SEARCH + "mug")).total == 10
    assert search(build, Wish(text="lamp" + " " * (LONGEST_SEARCH - 7) + "mug")).total == 0
    letters = list(dict.fromkeys("lamp number".replace(" ", "")))
    words_that_count = [*letters, "lamp"]
    assert len(words_that_count) == MOST_WORDS
    assert search(build, Wish(text=" ".join([*words_that_count, "mug"]))).total == 10


def test_words_that_nearly_all_texts_use_take_nothing_away(build: Build) -> None:
    assert search(build, Wish(text="the lamp")).total == search(build, Wish(text="lamp")).total == 10


@pytest.mark.parametrize("wish", [Wish(category="Boats"), Wish(cluster=999), Wish(prices=Prices(1e9, None))])
def test_what_does_not_exist_finds_nothing(build: Build, wish: Wish) -> None:
    hits = search(build, wish)
    assert (hits.total, hits.pages, hits.rows.tolist()) == (0, 1, [])


@pytest.mark.parametrize(("page", "shown"), [(0, 1), (-5, 1), (3, 3), (999_999_999, 3)])
def test_a_page_out_of_range_shows_the_nearest(build: Build, page: int, shown: int) -> None:
    hits = search(build, Wish(page=page))
    assert (hits.page, hits.pages, hits.total, len(hits.rows)) == (shown, 3, 60, PER_PAGE if shown < 3 else 12)


def test_a_shop_without_texts_is_searched_by_names(tmp_path: Path) -> None:
    write_planted_cache(tmp_path)
    republish(tmp_path, without=[schema.TERMS, schema.POSTINGS, schema.COMMON_WORDS, schema.CLUSTERS])
    build = Build.open(tmp_path)
    assert search(build, Wish(text="oak")).total == 0
    assert search(build, Wish(text="lamp")).total == 10


def _texts(products: dict[str, list[int]], documents: dict[str, int]) -> dict[str, pa.Table]:
    """The tables of a vocabulary: the products that each term finds, and the number that are said to use it."""
    terms = sorted(products)
    centroids = pa.FixedSizeListArray.from_arrays(pa.array(np.zeros(len(CATEGORIES) * len(terms), np.float16)), len(CATEGORIES))
    used = pa.array([documents[term] for term in terms], pa.int32())
    offsets = np.cumsum([0, *(len(products[term]) for term in terms)])
    rows = np.concatenate([products[term] for term in terms])
    return {
        schema.TERMS: pa.table(
            [pa.array(terms), used, pa.array([1.0] * len(terms), pa.float32()), centroids],
            schema=schema.terms_schema(len(CATEGORIES)),
        ),
        schema.POSTINGS: postings_table(offsets, rows, np.full(len(rows), 0.5)),
    }
