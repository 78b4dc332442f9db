"""Describe it: what the page says about a sentence, over a planted cache whose categories are its clusters."""

from __future__ import annotations

from pathlib import Path

import pytest

from dashboard import wording
from dashboard.app import create_app
from dashboard.navigation import Location, href
from dashboard.pages import describe
from dashboard.store import Build
from lookup import schema
from tests.drawn import hrefs, links_of, of_class, of_type, parts, text_of
from tests.planted_cache import COMMON_WORDS, write_planted_cache
from tests.republish import republish


@pytest.fixture(scope="module")
def build(planted: Path) -> Build:
    return Build.open(planted)


def reasons(drawn: object) -> list[str]:
    return [text_of(part) for part in of_class(drawn, "card-reason")]


def test_blank_text_shows_nothing(build: Build) -> None:
    assert describe.results(build, " \n ") == []


def test_words_cluster_and_products_of_a_query(build: Build) -> None:
    drawn = describe.results(build, "woven WOOL, of zanzibar")
    assert {"woven", "wool"} == {text_of(part) for part in of_type(drawn, "Mark")}
    assert [text_of(part) for part in of_type(drawn, "S")] == ["of", "zanzibar"]
    cards = of_class(drawn, "product-card")
    rugs = [row for row in range(len(build.catalogue)) if build.catalogue.product(row).category == "Rugs"]
    assert {card.title for card in cards} <= {build.catalogue.product(row).title for row in rugs}
    assert all("woven" in reason or "wool" in reason for reason in reasons(drawn))


def test_shares_of_the_words_add_up_to_all(build: Build) -> None:
    shares = [
        int(text_of(part).split()[0]) for part in of_class(describe.results(build, "wool rug thick floor"), "weight-number")
    ]
    assert len(shares) == 4
    assert sum(shares) == pytest.approx(100, abs=2)
    assert shares == sorted(shares, reverse=True)


def test_the_closest_cluster_is_linked_and_its_other_products_follow_without_repeats(build: Build) -> None:
    drawn = describe.results(build, "nice chair")
    assert any(link.startswith("/clusters?cluster=") for link in hrefs(drawn))
    products = [link for link in hrefs(drawn) if link.startswith("/item/")]
    assert len(products) == len(set(products)) > describe.SHOWN


def test_examples_are_offered_as_links(planted: Path, build: Build) -> None:
    with create_app(planted).server.test_request_context():
        view = describe.layout(Location("/describe"))
    assert links_of(of_class(view.body, "chips")) == {
        example: href(describe.PATH, {"q": example}) for example in build.example_queries
    }


def test_near_words_are_offered_as_links_to_the_sentence_with_them(build: Build) -> None:
    drawn = describe.results(build, "Thick WOL rugg, <b>of</b> wol & zanzibar")
    offers = of_class(drawn, "offers")
    assert links_of(offers) == {
        "wool": href(describe.PATH, {"q": "Thick wool rugg, <b>of</b> wool & zanzibar"}),
        "rug": href(describe.PATH, {"q": "Thick WOL rug, <b>of</b> wol & zanzibar"}),
    }
    assert of_class(drawn, "product-card"), "for thick, as it stands"


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("rugg", "“rugg” finds nothing. Did you mean rug (5 products)?"),
        ("wood", "“wood” finds nothing. Did you mean good (46 products) or wool (7 products)?"),
    ],
)
def test_offers_are_a_sentence(build: Build, asked: str, said: str) -> None:
    offers = parts(of_class(describe.results(build, asked), "offers"))
    assert "".join(part for part in offers if isinstance(part, str)) == said


def test_near_words_are_offered_where_no_word_counts(build: Build) -> None:
    drawn = describe.results(build, "the cofee")
    assert links_of(of_class(drawn, "offers")) == {"coffee": href(describe.PATH, {"q": "the coffee"})}
    assert of_class(drawn, "empty-state")
    assert not of_class(drawn, "product-card")


def test_half_a_character_does_not_keep_words_from_being_offered(build: Build) -> None:
    drawn = describe.results(build, "\ud800 cofee")
    assert links_of(of_class(drawn, "offers")) == {"coffee": href(describe.PATH, {"q": "? coffee"})}


def test_a_text_too_long_for_an_address_gets_no_links_to_it(build: Build) -> None:
    said = "cofee " + "ж" * 2_000  # six bytes of an address each
    assert build.speller.offers(["cofee"])
    assert not of_class(describe.results(build, said), "offers")


def test_no_other_words_are_offered_for_common_ones(build: Build) -> None:
    assert "too" in COMMON_WORDS
    assert build.speller.offers(["toop", "too"]).keys() == {"toop"}, "both are an edit from top"
    assert not of_class(describe.results(build, "too"), "offers")


def test_tables_without_common_words_still_offer(tmp_path: Path) -> None:
    write_planted_cache(tmp_path)
    republish(tmp_path, without=(schema.COMMON_WORDS,))
    assert links_of(of_class(describe.results(Build.open(tmp_path), "toop"), "offers")).keys() == {"top"}


@pytest.mark.parametrize("asked", ["xyzzy", "<script>alert(1)</script>", "\ud800", "椅子", "a" * 100_000])
def test_unknown_words_get_a_friendly_answer(build: Build, asked: str) -> None:
    drawn = describe.results(build, asked)
    assert of_class(drawn, "empty-state")
    assert not of_class(drawn, "product-card")


def test_a_long_text_says_that_only_its_beginning_counts(build: Build) -> None:
    drawn = describe.results(build, "wool " * 50_000)
    assert of_class(drawn, "notice")
    assert of_class(drawn, "product-card")


def test_the_address_fills_the_box_and_the_results(planted: Path) -> None:
    with create_app(planted).server.test_request_context():
        view = describe.layout(Location("/describe", {"q": "wool"}))
    assert [part.value for part in parts(view.body) if getattr(part, "id", None) == describe.TEXT] == ["wool"]
    assert of_class(view.body, "product-card")


def test_without_texts_the_page_says_why(tmp_path: Path) -> None:
    write_planted_cache(tmp_path, without=("reviews",))
    republish(tmp_path, without=(schema.TERMS, schema.POSTINGS, schema.CLUSTERS))
    with create_app(tmp_path).server.test_request_context():
        view = describe.layout(Location("/describe", {"q": "wool"}))
    said = text_of(of_class(view.body, "empty-state"))
    assert wording.NO_WORDS in said
    assert "no input for reviews" not in said, "that is for the shop's owner, on About"
    assert not of_class(view.body, "describe-text")
