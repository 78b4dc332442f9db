"""What the lookup tables say of two products: each answer held against the tables themselves."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from dashboard import pair
from dashboard.store import Build
from lookup import schema
from lookup.packed import postings_in, vectors_in
from tests.planted_cache import write_planted_cache


@pytest.fixture(scope="module")
def build(planted: Path) -> Build:
    return Build.open(planted)


def row_of(build: Build, product_id: str) -> int:
    row = build.cache.row_of(product_id)
    assert row is not None
    return row


def unlisted(build: Build, signal: str, row: int) -> int:
    """A product that is on no list of a signal together with one, of those that have lists of their own."""
    for other in range(len(build.cache)):
        lists = [build.cache.neighbours(one, signal) for one in (row, other)]
        has_lists = other != row and not any(listed.fallback for listed in lists)
        if has_lists and other not in lists[0].rows and row not in lists[1].rows:
            return other
    raise AssertionError("every product is on a list")


def test_a_listed_pair_is_as_alike_as_its_card_says_whichever_asks(build: Build) -> None:
    row = row_of(build, "item-001")
    listed = build.cache.neighbours(row, "visual")
    other = next(other for other in listed.rows.tolist() if row not in build.cache.neighbours(other, "visual").rows)
    score = float(listed.scores[listed.rows.tolist().index(other)])
    assert pair.cosine(build, "visual", row, other) == pair.cosine(build, "visual", other, row) == score


def test_a_pair_on_no_list_is_compared_by_its_vectors(build: Build) -> None:
    row = row_of(build, "item-001")
    other = unlisted(build, "visual", row)
    vectors = vectors_in(build.cache.table(schema.vectors_path("visual")).read())
    assert pair.cosine(build, "visual", row, other) == pytest.approx(float(vectors[row] @ vectors[other]))


def test_without_a_picture_nothing_is_known(build: Build) -> None:
    bare = row_of(build, "item-005")
    other = next(row for row in range(len(build.cache)) if bare not in build.cache.neighbours(row, "visual").rows)
    assert pair.cosine(build, "visual", bare, other) is None, "on its own list popular products stand in"


def test_orders_are_those_of_the_list_that_holds_the_pair(build: Build) -> None:
    row = row_of(build, "item-001")
    listed = build.cache.neighbours(row, "bought_together")
    first, last = int(listed.rows[0]), int(listed.rows[-1])
    assert pair.orders_together(build, row, first) == int(listed.evidence[0, 0])
    if row not in build.cache.neighbours(last, "bought_together").rows:
        assert pair.orders_together(build, row, last) is None, "listed because it is popular"
    assert pair.orders_together(build, row, unlisted(build, "bought_together", row)) is None


def test_companions_are_named_where_either_lists_the_other(build: Build) -> None:
    row = row_of(build, "item-001")
    listed = build.cache.neighbours(row, "similar_company")
    titles = build.catalogue.titles_of(listed.evidence[0])
    assert pair.bought_with_both(build, row, int(listed.rows[0])) == titles
    assert pair.bought_with_both(build, row, unlisted(build, "similar_company", row)) is None


def test_shared_words_stand_in_both_products_postings_the_pairs_own_reason_first(build: Build) -> None:
    row = row_of(build, "item-001")
    terms, postings = build.cache.terms.to_pylist(), postings_in(build.cache.table(schema.POSTINGS).read())
    holding = {word: set(products.tolist()) for word, (products, _) in zip(terms, postings, strict=True)}
    for other in (int(build.cache.neighbours(row, "reviews").rows[0]), unlisted(build, "reviews", row)):
        words = pair.shared_words(build, row, other)
        assert words is not None
        is_listed = other in build.cache.neighbours(row, "reviews").rows
        own = ["good", "nice"] if is_listed else []
        assert words[: len(own)] == own
        assert all({row, other} <= holding[word] for word in words[len(own) :])
        assert len(words) == len(set(words)) <= pair.MOST_SHARED
        # The planted reasons are these two words for every product, so no other word is tried.
        assert set(words[len(own) :]) == {word for word in ("good", "nice") if {row, other} <= holding[word]} - set(own)


def test_without_a_signal_of_words_none_are_known(tmp_path: Path) -> None:
    write_planted_cache(tmp_path, n=30, without=("reviews", "bought_together"))
    build = Build.open(tmp_path)
    assert pair.shared_words(build, 0, 1) is None
    assert pair.orders_together(build, 0, 1) is None


def test_the_heaviest_common_word_comes_first(build: Build) -> None:
    terms = build.cache.terms.to_pylist()
    a, b = row_of(build, "item-001"), row_of(build, "item-006")
    postings = postings_in(build.cache.table(schema.POSTINGS).read())
    weights = {}
    for place, (products, of_products) in enumerate(postings):
        by_product = dict(zip(products.tolist(), of_products.tolist(), strict=True))
        if a in by_product and b in by_product:
            weights[place] = by_product[a] * by_product[b]
    found = pair._in_both(build, list(range(len(terms))), a, b)
    assert found == sorted(weights, key=lambda place: (-np.float32(weights[place]), place))
    assert len(found) > 1
