"""Example queries: phrases of the shop's own texts, which find something."""

from __future__ import annotations

from pathlib import Path

import pytest

from dashboard.examples import FEWEST_WORDS, LABEL_WORDS, MOST_EXAMPLES, MOST_WORDS, best_phrase
from dashboard.query import search
from dashboard.store import Build
from lookup import schema
from lookup.words import words
from tests.planted_cache import TOPICS, write_planted_cache
from tests.republish import republish

DEMO = Path(__file__).parents[2] / "cache"
COMMON = {"a", "and", "in", "is", "of", "the", "with"}


def test_each_example_of_the_demo_shop_is_its_own_phrase_and_finds_products() -> None:
    demo = Build.open(DEMO)
    texts = [text.lower() for text in demo.cache.table(schema.PRODUCTS).read(["description"]).column(0).to_pylist()]
    assert len(demo.example_queries) == MOST_EXAMPLES
    for example in demo.example_queries:
        assert any(example in text for text in texts)
        assert FEWEST_WORDS <= len(example.split()) <= MOST_WORDS
        assert demo.common_words.isdisjoint((example.split()[0], example.split()[-1]))
        found = search(demo.cache, demo.catalogue.cluster, example, 10)
        assert found.hits
        assert len(found.query.terms) > 1, "more than one word of it counts"


def test_the_demo_shops_examples_are_about_different_clusters() -> None:
    demo = Build.open(DEMO)
    found = {search(demo.cache, demo.catalogue.cluster, example, 1).cluster for example in demo.example_queries}
    assert len(found) == MOST_EXAMPLES


def test_where_no_text_has_a_phrase_the_clusters_own_words_stand(planted: Path) -> None:
    """The planted titles and descriptions hold numbers, and what stands before these names no cluster."""
    build = Build.open(planted)
    for example in build.example_queries:
        assert len(example.split(", ")) == LABEL_WORDS
        assert search(build.cache, build.catalogue.cluster, example, 10).hits
    topics = {next(topic for topic in TOPICS if words(example)[0] in topic.split()) for example in build.example_queries}
    assert len(topics) == MOST_EXAMPLES


def test_a_shop_without_texts_has_no_examples(tmp_path: Path) -> None:
    write_planted_cache(tmp_path, without=("reviews",))
    republish(tmp_path, without=(schema.CLUSTERS, schema.TERMS, schema.POSTINGS))
    assert Build.open(tmp_path).example_queries == []


@pytest.mark.parametrize(
    ("texts", "phrase"),
    [
        (["A chair in pale oak, 50 x 80 cm. The best of all."], "chair in pale oak"),
        (["Pale oak chair with a"], "pale oak chair"),
        (["Seat of pale oak", "Chair with a seat of oak"], "chair with a seat of oak"),
        (["First chair of all", "Second chair of all"], "first chair of all"),
        ([None, "", "An “easy-going” chair: chair number one"], "chair number one"),
        (["Made for sitting (a sturdy old chair - of course)"], "sturdy old chair"),
    ],
)
def test_the_phrase_with_most_of_the_clusters_words(texts: list[str | None], phrase: str) -> None:
    assert best_phrase(texts, ["chair", "seat", "oak"], COMMON) == phrase


@pytest.mark.parametrize(
    "text",
    [
        "A chair",
        "Chair no. 1 of all 7 chairs",
        "chair, seat, oak",
        "a lamp that lights the room",
        "<b>chair</b> of the year",
        "see www.shop.example/chair now",
        "a chair that says more than any sentence of so many words",
        "椅子と机",
    ],
)
def test_what_nobody_would_type_is_no_phrase(text: str) -> None:
    assert best_phrase([text], ["chair", "seat", "oak"], COMMON) is None


def test_a_phrase_about_something_else_is_none_of_the_clusters() -> None:
    """A term behind the first few may be anything: it makes no phrase the cluster's."""
    assert best_phrase(["screws and plugs inside"], ["shelf", "books", "boards", "screws", "plugs"], COMMON) is None
