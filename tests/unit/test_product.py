"""What the product page draws, and the words it uses."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dashboard import wording
from dashboard.app import create_app
from dashboard.ids import LIST, item_href
from dashboard.navigation import Location, href
from dashboard.pages import product
from dashboard.pages.catalogue import list_of
from dashboard.pages.product import CATEGORY, LEAST, MOST, Choice, _close_matches, _shop_link, chosen, layout
from dashboard.recommendations import recommendations
from dashboard.search import Wish, listed
from dashboard.store import current_build
from tests.drawn import links_of, of_class, parts, text_of
from tests.planted_cache import SIGNALS, write_planted_cache

CONTROLS = (CATEGORY, LEAST, MOST)


@pytest.fixture(scope="module", autouse=True)
def request_context(planted: Path) -> Iterator[None]:
    with create_app(planted).server.test_request_context():
        yield


def draw(product_id: str) -> Any:
    return layout(Location(f"/item/{product_id}")).body


def test_facts_of_a_product() -> None:
    text = text_of(draw("item-001"))
    assert "Made of planted wood, number 6. <b>Not bold.</b>" in text
    assert "Bought in 20 orders" in text
    assert "11 reviews" in text
    assert "Product id item-001" in text


def test_category_and_cluster_are_links() -> None:
    links = links_of(draw("item-001"))
    assert links["Chairs"] == "/?category=Chairs"
    assert links[current_build().cluster_title(0)] == "/clusters?cluster=0"


def test_rows_stand_in_the_manifests_order() -> None:
    sections = [part.id for part in parts(draw("item-001")) if str(getattr(part, "id", "")).startswith("signal-")]
    assert sections == [f"signal-{name}" for name in SIGNALS]


def test_a_long_row_shows_its_first_cards_and_links_to_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(product, "FIRST_SHOWN", 3)
    short, whole = (
        next(part for part in parts(layout(Location("/item/item-001", query)).body) if getattr(part, "id", "") == "signal-style")
        for query in ({}, {"all": "style"})
    )
    assert links_of(short)["Show all 8"] == "/item/item-001?all=style#signal-style"
    assert links_of(whole)["Show fewer"] == "/item/item-001#signal-style"
    shown, all_shown = ([card.href for card in of_class(section, "product-card")] for section in (short, whole))
    assert (len(shown), len(all_shown)) == (3, 8)
    assert all_shown[:3] == shown


def cards_of(drawn: Any, signal: str) -> list[str]:
    """The pages that a signal's cards lead to."""
    section = next(part for part in parts(drawn) if getattr(part, "id", "") == f"signal-{signal}")
    return [card.href for card in of_class(section, "product-card")]


def test_a_card_says_what_other_signals_say_of_the_pair() -> None:
    build = current_build()
    row = build.cache.row_of("item-001")
    assert row is not None
    found = {
        signal: recommendations(build, row, signal) for signal in ("visual", "reviews", "bought_together", "similar_company")
    }
    alike = {one.product.row: one for one in found["visual"]}
    both = next(one for one in found["reviews"] if one.product.row in alike and not one.fallback)
    section = next(part for part in parts(draw("item-001")) if getattr(part, "id", "") == "signal-reviews")
    place = [one.product.row for one in found["reviews"]].index(both.product.row)
    [also] = of_class(of_class(section, "recommended")[place], "card-also")
    said = [
        words
        for signal, words in (
            ("visual", wording.alike("visual", alike[both.product.row].score)),
            ("similar_company", "same company"),
            ("bought_together", "bought together in"),
        )
        if any(one.product.row == both.product.row and not one.fallback for one in found[signal])
    ]
    assert text_of(also).startswith("Also: ")
    assert all(words in text_of(also) for words in said)
    assert "described" not in text_of(also), "its own reason"


def test_a_blends_reason_is_what_the_other_signals_say() -> None:
    section = next(part for part in parts(draw("item-001")) if getattr(part, "id", "") == "signal-blend")
    assert not of_class(section, "card-also")
    first = text_of(of_class(of_class(section, "recommended")[0], "card-reason"))
    assert "alike" in first
    assert " + " not in first


def test_a_blends_card_counts_the_signals_that_list_its_product() -> None:
    build = current_build()
    row = build.cache.row_of("item-001")
    assert row is not None
    others = [signal for signal in build.manifest.signals if signal != "blend"]
    listed = [[one.product.row for one in recommendations(build, row, signal) if not one.fallback] for signal in others]
    section = next(part for part in parts(draw("item-001")) if getattr(part, "id", "") == "signal-blend")
    assert not of_class(section, "score")
    blend = recommendations(build, row, "blend")
    said = [(text_of(counted), counted.title) for counted in of_class(section, "card-agreement")]
    agreeing = [sum(one.product.row in rows for rows in listed) for one in blend]
    assert said == [
        (wording.signals_agree(n, len(others)), wording.exact_score(one.score)) for n, one in zip(agreeing, blend, strict=True)
    ]
    assert max(agreeing) > 1


def test_only_a_cosine_is_a_number_on_a_card_others_are_in_a_tooltip() -> None:
    build = current_build()
    row = build.cache.row_of("item-001")
    assert row is not None
    drawn = draw("item-001")
    for signal in ("bought_together", "reviews"):
        section = next(part for part in parts(drawn) if getattr(part, "id", "") == f"signal-{signal}")
        scores = [one.score for one in recommendations(build, row, signal) if not one.fallback]
        bars = of_class(section, "score")
        assert [bar.title for bar in bars] == [wording.exact_score(score) for score in scores]
        numbers = [text_of(number) for number in of_class(section, "score-number")]
        assert numbers == ([wording.percent(score) for score in scores] if signal == "reviews" else [])


def test_what_stands_in_is_not_judged() -> None:
    build = current_build()
    judged = [part for part in of_class(draw("item-003"), "thumbs") if getattr(part, "data-signal") == "reviews"]
    assert judged == []
    [place, *_] = of_class(draw("item-001"), "thumbs")
    row = build.cache.row_of("item-001")
    assert row is not None
    best = recommendations(build, row, "blend")[0]
    said = {name: getattr(place, f"data-{name}") for name in ("judged", "signal", "recommended", "rank")}
    assert said == {"judged": "item-001", "signal": "blend", "recommended": best.product.id, "rank": "1"}


def test_the_address_narrows_the_recommendations_down() -> None:
    build = current_build()
    row = build.cache.row_of("item-001")
    assert row is not None
    query = {"category": "Tables", "min": "50", "max": "250.5"}
    drawn = layout(Location("/item/item-001", query)).body
    for signal in SIGNALS:
        wanted = [
            item_href(one.product.id)
            for one in recommendations(build, row, signal)
            if one.product.category == "Tables" and one.product.price is not None and 50 <= one.product.price <= 250.5
        ]
        assert cards_of(drawn, signal) == wanted
    controls = {part.id: part.value for part in parts(drawn) if getattr(part, "id", "") in CONTROLS}
    assert controls == {CATEGORY: "=Tables", LEAST: 50.0, MOST: 250.5}


def test_a_choice_that_fits_nothing_says_so_and_keeps_its_category_among_the_options() -> None:
    drawn = layout(Location("/item/item-001", {"category": "Mugs", "min": "99999"})).body
    [empty] = of_class(drawn, "empty-state")
    assert links_of(empty) == {wording.CLEAR_CHOICE: "/item/item-001"}
    assert not of_class(drawn, "signal-header"), "said once, not for each signal"
    [category] = [part for part in parts(drawn) if getattr(part, "id", "") == CATEGORY]
    assert "=Mugs" in [option["value"] for option in category.options]


@pytest.mark.parametrize(
    "query", [{"category": "made up"}, {"min": "-1"}, {"min": "nan"}, {"max": "inf"}, {"max": "ten"}, {"min": ""}]
)
def test_what_an_address_says_wrongly_counts_as_not_said(query: dict[str, str]) -> None:
    assert Choice.from_location(current_build(), Location("/item/item-001", query)) == Choice()


def test_a_product_without_a_price_is_between_none() -> None:
    build = current_build()
    row = build.cache.row_of("item-005")
    assert row is not None
    bare = build.catalogue.product(row)
    assert Choice().keeps(bare)
    assert not Choice(least=0.0).keeps(bare)
    assert not Choice(most=1e9).keeps(bare)


def test_the_controls_draw_the_rows_and_the_address_that_shows_them_again() -> None:
    rows, path, query = chosen("=Tables", None, 250.5, {"id": "item-001", "all": "style"})
    shown = href(path, query)
    assert shown == "/item/item-001?category=Tables&max=250.5&all=style"
    again = layout(Location.parse(*shown.split("?"))).body
    for signal in SIGNALS:
        assert cards_of(rows, signal) == cards_of(again, signal)


@pytest.mark.parametrize("asked", [None, "item-001", {"id": "gone"}, {"id": ["x"]}, {}])
def test_controls_of_a_product_that_is_gone_say_so(asked: Any) -> None:
    rows, *_ = chosen("all", None, None, asked)
    assert wording.NO_PRODUCT_WITH_ID in text_of(rows)


def test_products_before_and_after_are_those_of_the_catalogues_order() -> None:
    build = current_build()
    order = [build.cache.id_of(row) for row in build.catalogue.order("popular").tolist()]
    for place in (0, 1, len(order) - 1):
        links = {part.rel: part.href for part in of_class(layout(Location(item_href(order[place]))).body, "step")}
        around = {"prev": order[place - 1] if place else None, "next": order[place + 1] if place + 1 < len(order) else None}
        assert links == {rel: item_href(other) for rel, other in around.items() if other is not None}


def steps(path: str, query: dict[str, str]) -> dict[str, Location]:
    """Where a product's page leads to before and after it."""
    links = {part.rel: part.href for part in of_class(layout(Location(path, query)).body, "step")}
    return {rel: Location.parse(*link.partition("?")[::2]) for rel, link in links.items()}


def test_the_way_through_a_list_of_the_catalogue_is_that_list() -> None:
    """From its first card on, the steps go through all products found, in their order, and back."""
    build = current_build()
    wish = Wish(text="number", category="Chairs", sort="price-down")
    wanted = [item_href(build.cache.id_of(row)) for row in listed(build, wish).tolist()]
    assert len(wanted) > 3
    here, walked, back = Location(wanted[0], {LIST: list_of(wish)}), [wanted[0]], []
    while "next" in steps(here.path, here.query):
        here = steps(here.path, here.query)["next"]
        walked.append(here.path)
    while "prev" in steps(here.path, here.query):
        here = steps(here.path, here.query)["prev"]
        back.append(here.path)
    assert walked == wanted
    assert back == wanted[-2::-1]


def test_the_list_says_where_the_product_stands_and_leads_back_to_its_page() -> None:
    build = current_build()
    row = int(listed(build, Wish(sort="title"))[30])
    drawn = layout(Location(item_href(build.cache.id_of(row)), {LIST: "sort=title"})).body
    assert text_of(of_class(drawn, "step-place")) == "31 of 60"
    assert links_of(of_class(drawn, "breadcrumbs"))[wording.PAGES["/"]] == "/?sort=title&page=2"


def test_a_choice_of_recommendations_keeps_the_list() -> None:
    _, path, query = chosen("=Tables", None, None, {"id": "item-001", LIST: "sort=title"})
    assert href(path, query) == "/item/item-001?category=Tables&list=sort%3Dtitle"
    drawn = layout(Location("/item/item-001", {"min": "99999", LIST: "sort=title"})).body
    assert links_of(of_class(drawn, "empty-state")) == {wording.CLEAR_CHOICE: "/item/item-001?list=sort%3Dtitle"}


@pytest.mark.parametrize("said", ["category=Mugs", "q=xyzzy", "page=2", "sort=made-up", "\ud800", "%%%", "q=" + "a" * 5_000])
def test_a_list_without_the_product_is_the_whole_catalogue(said: str) -> None:
    assert steps("/item/item-001", {LIST: said}) == steps("/item/item-001", {})


def test_the_way_out_stands_in_a_row_that_a_choice_leaves_nothing_of() -> None:
    """Mugs are in some rows only: the other rows say so, and show the way to all of them."""
    drawn = layout(Location("/item/item-001", {"category": "Mugs"})).body
    without = [signal for signal in SIGNALS if not cards_of(drawn, signal)]
    assert 0 < len(without) < len(SIGNALS)
    for signal in without:
        section = next(part for part in parts(drawn) if getattr(part, "id", "") == f"signal-{signal}")
        assert links_of(section) == {wording.show_unfiltered(8): f"/item/item-001#signal-{signal}"}


def test_only_a_product_with_a_picture_has_one_to_enlarge() -> None:
    [button] = of_class(draw("item-001"), "enlarge")
    assert getattr(button, "aria-label") == "Enlarge the picture: Chair number 6"
    assert not of_class(draw("item-005"), "enlarge")


@pytest.mark.parametrize(
    ("url", "is_link"),
    [
        ("https://shop.example/a?b=c", True),
        ("http://shop.example", True),
        (" HTTPS://shop.example ", True),
        ("javascript:alert(1)", False),
        (" javascript:alert(1)", False),
        ("java\nscript:alert(1)", False),
        ("data:text/html,x", False),
        ("//evil.example", False),
        ("http", False),
        ("", False),
        (None, False),
    ],
)
def test_only_web_addresses_become_links(url: str | None, is_link: bool) -> None:
    assert (_shop_link(url) is not None) is is_link


def test_close_matches_are_those_found_else_those_beside_it() -> None:
    build = current_build()
    assert all(product.id.startswith("item-04") for product in _close_matches(build, "ITEM-04"))
    beside = [product.id for product in _close_matches(build, "item-0205")]
    assert beside == [f"item-0{number}" for number in range(18, 24)]
    assert len(_close_matches(build, "\U0010ffff")) == 6


def test_what_is_missing_is_named_without_the_owners_reason(tmp_path: Path) -> None:
    write_planted_cache(tmp_path, n=30, without=("visual", "style"))
    with create_app(tmp_path).server.test_request_context():
        body = draw("item-001")
    [missing] = of_class(body, "missing")
    assert text_of(missing) == f"Not shown {wording.NOT_BUILT}Looks alike, Goes with it.  {wording.WHY_NOT} ."
    assert links_of(body)[wording.WHY_NOT] == "/about"


def test_what_stands_in_is_called_so_once_and_each_says_where_it_is_popular() -> None:
    row = next(part for part in parts(draw("item-003")) if getattr(part, "id", "") == "signal-reviews")
    assert text_of(row).count(wording.STANDS_IN) == 1
    for card in of_class(row, "product-card"):
        shares = text_of(of_class(card, "card-kicker")) == "Mugs"
        assert text_of(of_class(card, "card-reason")) == ("Popular in Mugs" if shares else "Popular in this shop")


def test_a_long_title_is_cut_where_it_is_named_beside_other_things() -> None:
    assert wording.shortened("x" * 121) == "x" * 119 + "…"
    assert wording.shortened("x" * 120) == "x" * 120
    assert len(wording.same_company(["x" * 10_000, "y" * 10_000])) < 200


def test_a_shop_without_any_signal_still_has_products(tmp_path: Path) -> None:
    write_planted_cache(tmp_path, n=30, without=SIGNALS)
    with create_app(tmp_path).server.test_request_context():
        assert "Product id item-001" in text_of(draw("item-001"))


@pytest.mark.parametrize(
    ("value", "currency", "said"),
    [
        (12.5, "EUR", "€12.50"),
        (1234567.891, "USD", "$1\u202f234\u202f567.89"),
        (12.5, "CHF", "CHF\u00a012.50"),
        (12.5, "", "12.50"),
        (980.0, "JPY", "¥980"),
        (0.0, "GBP", "£0.00"),
    ],
)
def test_prices(value: float, currency: str, said: str) -> None:
    assert wording.price(value, currency) == said


@pytest.mark.parametrize(("score", "said"), [(0.934, "93\u202f%"), (1.0, "100\u202f%"), (-0.2, "0\u202f%"), (0.0, "0\u202f%")])
def test_percents(score: float, said: str) -> None:
    assert wording.percent(score) == said


@pytest.mark.parametrize(("n", "said"), [(1, "1 review"), (0, "0 reviews"), (1234, "1\u202f234 reviews")])
def test_counts(n: int, said: str) -> None:
    assert wording.count(n, "review") == said


@pytest.mark.parametrize(
    ("n", "said"), [(812, "812\u202fB"), (14_400, "14\u202fkB"), (999_600, "1.0\u202fMB"), (3_240_000, "3.2\u202fMB")]
)
def test_sizes(n: int, said: str) -> None:
    assert wording.size(n) == said


def test_reasons_in_words() -> None:
    assert wording.alike("visual", 0.93) == "looks 93\u202f% alike"
    assert wording.described_as(["nutty", "smooth"]) == "both described as “nutty, smooth”"
    assert wording.bought_together(42) == "bought together in 42 orders"
    assert wording.bought_together(1) == "bought together in 1 order"
    assert wording.agreed(["bought_together", "visual"]) == "bought together + looks alike"
    assert wording.popular_in("Mugs") == "Popular in Mugs"
    assert wording.popular_in(None) == "Popular in this shop"


def test_a_signal_of_another_program_is_named_as_its_table() -> None:
    assert wording.signal_name("same_maker") == "Same maker"
