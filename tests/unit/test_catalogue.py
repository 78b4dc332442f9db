"""What the catalogue draws, and the router under it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.app import PAGES, create_app
from dashboard.navigation import Location, Page, View, href
from dashboard.pages import catalogue
from dashboard.pages.catalogue import CATEGORY, HAS, PRICES, layout, list_of, query_of, wish_in, wish_of_list, wish_said
from dashboard.search import LONGEST_SEARCH, PER_PAGE, Has, Prices, Wish, known_has
from dashboard.store import Build, Sort
from lookup import schema
from tests.drawn import links_of, of_class, of_type, parts, text_of
from tests.planted_cache import CATEGORIES, write_planted_cache
from tests.republish import republish

TEXT = st.text(st.characters(exclude_categories=["Cs"]))


@pytest.fixture(scope="module", autouse=True)
def request_context(planted: Path) -> Iterator[None]:
    with create_app(planted).server.test_request_context():
        yield


@pytest.fixture(scope="module")
def build(planted: Path) -> Build:
    return Build.open(planted)


def draw(search: str) -> Any:
    return layout(Location.parse("/", search)).body


prices = st.one_of(st.none(), *(st.decimals(0, 1_000_000, places=2).map(float) for _ in range(2)))


@given(
    st.builds(
        Wish,
        text=TEXT.filter(lambda text: len(text) <= LONGEST_SEARCH),
        category=st.none() | st.sampled_from(CATEGORIES),
        cluster=st.none() | st.integers(0, 999_999_999),
        prices=st.none() | st.builds(Prices, prices, prices).filter(lambda range_: range_ != Prices()),
        has=st.sets(st.sampled_from(get_args(Has))).map(known_has),
        sort=st.sampled_from(get_args(Sort)),
        page=st.integers(1, 999_999_999),
    )
)
def test_a_wish_comes_back_from_the_address(build: Build, wish: Wish) -> None:
    assert wish_in(Location.parse("/", href("", query_of(wish))), build) == wish


def test_what_is_as_usual_is_left_out_of_the_address() -> None:
    assert href("/", query_of(Wish())) == "/"


@given(st.text() | st.none() | st.integers() | st.lists(st.text()), st.text() | st.none() | st.dictionaries(st.text(), st.text()))
def test_any_address_is_some_wish(build: Build, path: Any, search: Any) -> None:
    assert wish_in(Location.parse(path, search), build).page >= 1


@pytest.mark.parametrize("text", ["", "-", "20", "x-y", "1-2-3", "-1-2", "1e9-", "nan-", "٣-", "9999999999999-"])
def test_what_is_no_range_of_prices_counts_as_none(build: Build, text: str) -> None:
    assert wish_in(Location.parse("/", href("", {"price": text})), build).prices is None


def test_the_first_of_a_repeated_key_counts() -> None:
    assert Location.parse("/", "?q=a&q=b").query == {"q": "a"}


def test_a_page_of_cards_links_to_products() -> None:
    cards = of_class(draw("?category=Lamps&sort=title"), "product-card")
    assert len(cards) == 10
    assert cards[0].href == "/item/%2Fleading%2F%2Fslash%2F?list=category%3DLamps%26sort%3Dtitle"
    assert "?" not in of_class(draw("?page=2"), "product-card")[0].href, "the usual list needs no name"
    assert text_of(cards[0]).startswith("Lamps Lamp number 1 €")


@pytest.mark.parametrize("text", ["", "oak & <b>", "ж" * LONGEST_SEARCH, "\N{GRINNING FACE}"])
@pytest.mark.parametrize(
    "wish", [Wish(), Wish(category="Chairs", sort="price", page=2), Wish(prices=Prices(None, 20.0), has=("reviews",))]
)
def test_a_list_is_the_search_whatever_its_page(build: Build, wish: Wish, text: str) -> None:
    assert wish_of_list(build, list_of(replace(wish, text=text))) == replace(wish, text=text, page=1)


def test_a_list_too_long_for_an_address_is_not_named() -> None:
    assert list_of(Wish(text="\N{GRINNING FACE}" * LONGEST_SEARCH)) == ""


def test_the_pager_names_the_ends_and_what_is_near() -> None:
    links = links_of(draw("?sort=title&page=2"))
    assert links["Previous"] == "/?sort=title"
    assert links["Next"] == "/?sort=title&page=3"
    assert [name for name in links if name.isdigit()] == ["1", "2", "3"]


def test_one_page_needs_no_pager() -> None:
    assert "Next" not in links_of(draw("?category=Lamps"))


def options(drawn: Any, facet: str) -> dict[Any, str]:
    """The options of a facet: their values, and what they are called."""
    control = next(part for part in parts(drawn) if getattr(part, "id", "") == facet)
    return {option["value"]: text_of(option["label"]).replace("   ", " ") for option in control.options}


def test_the_chosen_category_stays_in_the_list_when_nothing_of_it_is_found() -> None:
    assert options(draw("?q=mug&category=Lamps"), CATEGORY) == {"": "All categories", "Mugs": "Mugs 10", "Lamps": "Lamps 0"}


@pytest.mark.parametrize("search", ["?category=%ff", "?category=Boats"])
def test_a_category_that_no_product_has_is_no_option(search: str) -> None:
    assert sorted(options(draw(search), CATEGORY)) == ["", *sorted(CATEGORIES)]
    assert links_of(draw(search))["2"] == "/?page=2"


def test_facets_have_counts() -> None:
    drawn = draw("?q=lamp")
    assert options(drawn, CATEGORY) == {"": "All categories", "Lamps": "Lamps 10"}
    assert options(drawn, HAS) == {"pictures": "Picture 10", "reviews": "Reviews 10", "orders": "Orders 10"}
    assert sum(int(name.rpartition(" ")[2]) for value, name in options(drawn, PRICES).items() if value) == 10


def test_a_range_of_prices_that_no_option_has_is_one_while_it_is_chosen() -> None:
    assert options(draw("?price=33.5-44&q=zzz"), PRICES) == {"": "All prices", "33.5-44": "€33.50 to €44 0"}
    assert "€33.50 to €44  ×" in links_of(draw("?price=33.5-44"))


@pytest.mark.parametrize(
    ("without", "hidden"),
    [((), []), ((schema.CLUSTERS, schema.TERMS, schema.POSTINGS, schema.COMMON_WORDS), ["Cluster"])],
)
def test_a_facet_that_the_shop_leaves_no_choice_of_is_hidden(tmp_path: Path, without: tuple[str, ...], hidden: list[str]) -> None:
    write_planted_cache(tmp_path)
    republish(tmp_path, without=without)
    with create_app(tmp_path).server.test_request_context():
        facets = of_class(draw(""), "facet")
    assert [text_of(facet.children[0]) for facet in facets if facet.hidden] == hidden
    assert len(facets) == 4


def test_a_cluster_has_one_name(build: Build) -> None:
    title = build.cluster_title(2)
    assert title.startswith("2 · ")
    assert f"Cluster {title}" in text_of(draw("?cluster=2"))


def test_an_unknown_cluster_is_named_as_such() -> None:
    assert "Cluster 77: unknown" in text_of(draw("?cluster=77"))


def test_a_chip_takes_its_filter_away_and_one_link_all_of_them() -> None:
    links = links_of(of_class(draw("?q=number&category=Lamps&price=20-&has=pictures,reviews&sort=price&page=2"), "chips"))
    assert links == {
        "Lamps  ×": "/?q=number&price=20-&has=pictures%2Creviews&sort=price",
        "€20 and more  ×": "/?q=number&category=Lamps&has=pictures%2Creviews&sort=price",
        "With a picture  ×": "/?q=number&category=Lamps&price=20-&has=reviews&sort=price",
        "With reviews  ×": "/?q=number&category=Lamps&price=20-&has=pictures&sort=price",
        "Clear all": "/?sort=price",
    }


def test_typed_words_are_marked_where_they_stand() -> None:
    first = of_class(draw("?q=LAMP number"), "product-card")[0]
    assert [text_of(mark) for mark in of_type(first, "Mark")] == ["Lamp", "Lamp", "number"]
    assert text_of(of_class(first, "card-kicker")) == "Lamp s"


def test_a_product_found_by_its_texts_says_so() -> None:
    cards = of_class(draw("?q=sturd"), "product-card")
    assert cards
    assert {text_of(of_class(card, "card-reason")) for card in cards} == {"in reviews:  sturd y"}
    assert "all by what is written about them" in text_of(draw("?q=sturd"))


def test_where_nothing_is_found_each_part_is_offered_to_be_taken_away() -> None:
    drawn = of_class(draw("?q=mug&category=Lamps&has=reviews"), "empty-state")
    assert "Nothing matches “mug”" in text_of(drawn)
    assert links_of(drawn) == {
        "Without Lamps: 9 products": "/?q=mug&has=reviews",
        "Without “mug”: 10 products": "/?category=Lamps&has=reviews",
        "Show all products": "/",
    }


def test_where_words_alone_find_nothing_other_words_are_asked_for() -> None:
    assert links_of(of_class(draw("?q=zzz"), "empty-state")) == {"Show all products": "/"}


def test_controls_that_say_nothing_ask_for_everything(build: Build) -> None:
    assert wish_said(build, "", "", "", "", [], "popular") == wish_said(build, *[None] * 6) == Wish()


def test_controls_say_what_is_asked_for(build: Build) -> None:
    wish = wish_said(build, "lamp", "Lamps", 0, "-50", ["orders", "pictures"], "title")
    assert wish == Wish("lamp", "Lamps", 0, Prices(None, 50.0), ("pictures", "orders"), "title")


@pytest.mark.parametrize("junk", [None, 7, 1.5, True, [], ["a"], {}, {"a": [1]}, [{}], "x" * 10_000, "\x00", "\ud800"])
def test_controls_may_say_what_no_browser_sends(build: Build, junk: Any) -> None:
    assert query_of(wish_said(build, *[junk] * 6)).keys() >= {"q", "page"}


def test_a_card_wall_is_a_page_long() -> None:
    assert sum(getattr(part, "className", "") == "product-card" for part in parts(draw(""))) == PER_PAGE


@pytest.mark.parametrize(
    ("page_path", "path", "answers"),
    [
        ("/", "/", True),
        ("/", "/about", False),
        ("/about", "/about", True),
        ("/about", "/about/", True),
        ("/about", "/about/us", False),
        ("/item/", "/item/x", True),
        ("/item/", "/item/a%2Fb", True),
        ("/item/", "/items", False),
    ],
)
def test_a_page_answers_its_path(page_path: str, path: str, answers: bool) -> None:
    assert Page(page_path, lambda _: View("", [])).answers(path) is answers


def test_every_path_has_one_page() -> None:
    assert [page.path for page in PAGES if page.answers("/")] == [catalogue.PATH]
    assert len({page.path for page in PAGES}) == len(PAGES)
