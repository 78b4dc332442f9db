"""What the catalogue draws, and the router under it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.app import PAGES, create_app
from dashboard.navigation import Location, Page, View, href
from dashboard.pages import catalogue
from dashboard.pages.catalogue import ALL, Choice, _choose, layout
from dashboard.store import PER_PAGE, Build, Sort
from tests.drawn import links_of, parts, text_of
from tests.planted_cache import CATEGORIES

TEXT = st.text(st.characters(exclude_categories=["Cs"]))


@pytest.fixture(scope="module", autouse=True)
def request_context(planted: Path) -> Iterator[None]:
    with create_app(planted).server.test_request_context():
        yield


def draw(search: str) -> Any:
    return layout(Location.parse("/", search)).body


@given(
    st.builds(
        Choice,
        text=TEXT.filter(lambda text: len(text) <= 200),
        category=st.none() | TEXT.filter(bool),
        cluster=st.none() | st.integers(0, 999_999_999),
        sort=st.sampled_from(get_args(Sort)),
        page=st.integers(1, 999_999_999),
    )
)
def test_a_choice_comes_back_from_the_address(choice: Choice) -> None:
    assert Choice.from_location(Location.parse("/", href("", choice.query()))) == choice


def test_what_is_as_usual_is_left_out_of_the_address() -> None:
    assert href("/", Choice().query()) == "/"


@given(st.text() | st.none() | st.integers() | st.lists(st.text()), st.text() | st.none() | st.dictionaries(st.text(), st.text()))
def test_any_address_is_some_choice(path: Any, search: Any) -> None:
    assert Choice.from_location(Location.parse(path, search)).page >= 1


def test_the_first_of_a_repeated_key_counts() -> None:
    assert Location.parse("/", "?q=a&q=b").query == {"q": "a"}


def test_a_page_of_cards_links_to_products() -> None:
    cards = [part for part in parts(draw("?category=Lamps&sort=title")) if getattr(part, "className", "") == "product-card"]
    assert len(cards) == 10
    assert cards[0].href == "/item/%2Fleading%2F%2Fslash%2F"
    assert text_of(cards[0]).startswith("Lamps Lamp number 1 €")


def test_the_pager_names_the_ends_and_what_is_near() -> None:
    links = links_of(draw("?sort=title&page=2"))
    assert links["Previous"] == "/?sort=title"
    assert links["Next"] == "/?sort=title&page=3"
    assert [name for name in links if name.isdigit()] == ["1", "2", "3"]


def test_one_page_needs_no_pager() -> None:
    assert "Next" not in links_of(draw("?category=Lamps"))


def test_the_chosen_category_stays_in_the_list_when_nothing_of_it_is_found() -> None:
    select = next(part for part in parts(draw("?q=mug&category=Lamps")) if getattr(part, "id", "") == "catalogue-category")
    assert select.value == "=Lamps"
    assert [option["label"] for option in select.options] == ["All categories", "Lamps (0)", "Mugs (10)"]


@pytest.mark.parametrize("search", ["?category=%ff", "?category=Boats"])
def test_a_category_that_no_product_has_is_no_option(search: str) -> None:
    select = next(part for part in parts(draw(search)) if getattr(part, "id", "") == "catalogue-category")
    assert select.value == ALL
    assert [option["label"].partition(" (")[0] for option in select.options] == ["All categories", *sorted(CATEGORIES)]
    _, options, address = _choose("", "=Boats", "popular", None)
    assert len(options) == 1 + len(CATEGORIES)
    assert address["href"] == "/"


def test_a_cluster_has_one_name(planted: Path) -> None:
    title = Build.open(planted).cluster_title(2)
    assert title.startswith("2 · ")
    assert f"Cluster {title}" in text_of(draw("?cluster=2"))


def test_an_unknown_cluster_is_named_as_such() -> None:
    assert "Cluster 77: unknown" in text_of(draw("?cluster=77"))


def test_the_callback_answers_with_cards_counts_and_address() -> None:
    results, options, address = _choose("lamp", ALL, "price", None)
    assert text_of(results).startswith("10 products ")
    assert [option["label"] for option in options] == ["All categories", "Lamps (10)"]
    assert address == {"path": "/", "href": "/?q=lamp&sort=price"}


@pytest.mark.parametrize("junk", [None, 7, 1.5, True, [], ["a"], {}, {"a": [1]}, "x" * 10_000, "\x00", "\ud800"])
def test_the_callback_survives_what_no_browser_sends(junk: Any) -> None:
    results, options, _ = _choose(junk, junk, junk, junk)
    assert results
    assert options[0]["value"] == ALL


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
