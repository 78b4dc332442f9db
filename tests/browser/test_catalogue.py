"""The catalogue, as people use it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import arrive, serving
from tests.serving import ROOT

pytestmark = pytest.mark.browser


def search(page: Page, text: str) -> None:
    page.get_by_label("Search").press_sequentially(text, delay=10)


def test_cards_show_pictures_that_load(page: Page) -> None:
    arrive(page, "/")
    cards = page.locator(".product-card")
    expect(cards).to_have_count(24)
    expect(page.get_by_role("status")).to_have_text("60 products, page 1 of 3")
    expect(cards.first.locator("img")).to_have_js_property("naturalWidth", 64)
    late = cards.nth(20)
    late.scroll_into_view_if_needed()
    expect(late.locator("img")).to_have_js_property("naturalWidth", 64)


def test_searching_as_you_type_changes_cards_and_address_but_keeps_the_focus(page: Page) -> None:
    arrive(page, "/")
    search(page, "lamp")
    expect(page.get_by_role("status")).to_have_text("10 products")
    expect(page).to_have_url(re.compile(r"/\?q=lamp$"))
    expect(page.get_by_label("Search")).to_be_focused()
    expect(page.get_by_label("Search")).to_have_value("lamp")


def test_a_shared_address_shows_the_same(page: Page) -> None:
    arrive(page, "/?q=number&category=Lamps&sort=price-down&page=1")
    expect(page.get_by_role("status")).to_have_text("10 products")
    expect(page.get_by_label("Search")).to_have_value("number")
    expect(page.get_by_role("radio", name="Lamps 10")).to_be_checked()
    expect(page.get_by_label("Sort by").locator("option:checked")).to_have_text("Price, high to low")
    prices = [float(text.removeprefix("€").replace("\u202f", "")) for text in page.locator(".card-price").all_inner_texts()]
    assert prices == sorted(prices, reverse=True)


def test_filters_are_chosen_left_and_undone_by_back(page: Page) -> None:
    arrive(page, "/")
    page.get_by_role("radio", name="Vases & <b>pots</b> 10").check()
    expect(page.get_by_role("status")).to_have_text("10 products")
    expect(page).to_have_url(re.compile("category=Vases"))
    page.get_by_role("checkbox", name="Reviews 10").check()
    expect(page).to_have_url(re.compile("category=Vases.*&has=reviews$"))
    expect(page.get_by_role("checkbox", name="Reviews 10")).to_be_focused()
    page.go_back()
    expect(page.get_by_role("checkbox", name="Reviews 10")).not_to_be_checked()
    expect(page.get_by_role("radio", name="Vases & <b>pots</b> 10")).to_be_checked()
    page.get_by_role("radio", name="All categories").check()
    expect(page.get_by_role("status")).to_have_text("60 products, page 1 of 3")
    expect(page).to_have_url(re.compile(r"/$"))


def test_a_chip_takes_its_filter_away(page: Page) -> None:
    arrive(page, "/?category=Lamps&has=orders,reviews")
    page.get_by_role("link", name="Lamps: take away").click()
    expect(page).to_have_url(re.compile(r"/\?has=reviews%2Corders$"))
    expect(page.get_by_role("radio", name="All categories")).to_be_checked()
    page.get_by_role("link", name="Clear all").click()
    expect(page).to_have_url(re.compile(r"/$"))
    expect(page.get_by_role("status")).to_have_text("60 products, page 1 of 3")


def test_what_was_typed_is_marked_and_words_of_the_texts_are_named(page: Page) -> None:
    arrive(page, "/")
    search(page, "lamp")
    expect(page.get_by_role("status")).to_have_text("10 products")
    expect(page.locator(".card-title mark").first).to_have_text("Lamp")
    page.get_by_label("Search").fill("stur")
    expect(page.get_by_role("status")).to_contain_text("all by what is written about them")
    expect(page.locator(".card-reason").first).to_have_text("in reviews: sturdy")


def test_pages_are_links_and_back_works(page: Page) -> None:
    arrive(page, "/?sort=title")
    page.get_by_role("link", name="Next").click()
    expect(page.get_by_role("status")).to_have_text("60 products, page 2 of 3")
    expect(page).to_have_url(re.compile(r"sort=title&page=2"))
    page.go_back()
    expect(page.get_by_role("status")).to_have_text("60 products, page 1 of 3")


def test_the_way_to_a_product_and_back_keeps_the_search(page: Page) -> None:
    arrive(page, "/")
    search(page, "mug")
    expect(page).to_have_url(re.compile("q=mug"))
    page.locator(".product-card").nth(1).click()
    expect(page.get_by_role("heading", name="Best of all")).to_be_visible()
    page.go_back()
    expect(page.get_by_label("Search")).to_have_value("mug")
    expect(page.get_by_role("status")).to_have_text("10 products")


def test_the_brand_leads_back_to_everything(page: Page) -> None:
    arrive(page, "/")
    search(page, "mug")
    expect(page).to_have_url(re.compile("q=mug"))
    page.locator(".brand").click()
    expect(page.get_by_role("status")).to_have_text("60 products, page 1 of 3")
    expect(page.get_by_label("Search")).to_have_value("")


def test_nothing_found_says_so_and_leads_back(page: Page) -> None:
    arrive(page, "/?q=<img src=x onerror=window.hacked=true>")
    expect(page.get_by_role("heading", level=2)).to_contain_text("Nothing matches “<img src=x")
    page.get_by_role("link", name="Show all products").click()
    expect(page.get_by_role("status")).to_have_text("60 products, page 1 of 3")


def test_a_cluster_from_the_address_is_named_and_can_be_taken_away(page: Page) -> None:
    arrive(page, "/?cluster=1")
    chip = page.locator("a.chip")
    expect(chip).to_contain_text("Cluster 1 · ")
    search(page, "number 1")
    expect(page).to_have_url(re.compile(r"q=number\+1&cluster=1"))
    expect(chip).to_have_attribute("href", re.compile(r"q=number\+1$"))
    chip.click()
    expect(page).to_have_url(re.compile(r"\?q=number\+1$"))


@pytest.mark.parametrize("query", ["?page=0", "?page=-1", "?page=x", "?sort=magic", "?cluster=%00", "?q=%ff", "?a=b&q=&q=1"])
def test_a_broken_address_shows_a_page(page: Page, query: str) -> None:
    arrive(page, f"/{query}")
    expect(page.get_by_label("Search")).to_be_visible()


def test_the_keyboard_alone_reaches_a_product(page: Page) -> None:
    arrive(page, "/")
    expect(page.locator(".product-card").first).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    for _ in range(9):  # search, order, three lists, three boxes
        page.keyboard.press("Tab")
    expect(page.locator(".product-card").first).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Best of all")).to_be_visible()


def test_arrow_keys_move_between_the_cards_and_tab_comes_back_to_the_last(page: Page) -> None:
    arrive(page, "/")
    page.set_viewport_size({"width": 1440, "height": 900})
    cards = page.locator(".product-card")
    cards.first.focus()
    columns = cards.evaluate_all("cards => cards.filter((card) => card.offsetTop === cards[0].offsetTop).length")
    assert columns > 2
    place = 0
    for key, to in (
        ("ArrowLeft", 0),
        ("ArrowUp", 0),
        ("ArrowRight", 1),
        ("ArrowDown", 1 + columns),
        ("ArrowLeft", columns),
        ("ArrowUp", 0),
        ("End", 23),
        ("ArrowRight", 23),
        ("ArrowDown", 23),
        ("Home", 0),
        ("ArrowRight", 1),
    ):
        page.keyboard.press(key)
        expect(cards.nth(to), f"{key} from {place}").to_be_focused()
        place = to
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="1", exact=True)).to_be_focused()
    page.keyboard.press("Shift+Tab")
    expect(cards.nth(1)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Best of all")).to_be_visible()


def test_on_a_phone_the_filters_are_a_sheet_that_the_keyboard_stays_in(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    arrive(page, "/")
    expect(page.locator("#facets")).to_be_hidden()
    page.get_by_role("button", name="Filters").press("Enter")
    sheet = page.get_by_role("dialog", name="Filters")
    expect(sheet.get_by_role("button", name="Close the filters")).to_be_focused()
    sheet.get_by_role("checkbox", name="Reviews").check()
    expect(sheet.get_by_role("button", name="Show 58 products")).to_be_visible()
    for _ in range(12):  # once around
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement === document.body || !!document.activeElement.closest('#facets')")
    page.keyboard.press("Escape")
    expect(page.locator("#facets")).to_be_hidden()
    expect(page.get_by_role("button", name="Filters (1)")).to_be_focused()
    expect(page.get_by_role("status")).to_have_text("58 products, page 1 of 3")
    page.get_by_role("button", name="Filters (1)").click()
    expect(sheet).to_be_visible()
    page.go_back()
    expect(page.get_by_role("status")).to_have_text("60 products, page 1 of 3")
    page.get_by_role("link", name="Clusters").click()
    expect(page).to_have_url(re.compile("/clusters$"))


def test_while_an_answer_is_slow_the_cards_say_so(page: Page) -> None:
    arrive(page, "/")
    expect(page.locator(".product-card")).to_have_count(24)
    page.route("**/_dash-update-component*", lambda _: None)
    search(page, "lamp")
    expect(page.locator(".product-card").first).to_have_css("animation-name", "wait")
    page.unroute_all()
    expect(page.locator(".product-card")).to_have_count(10)
    expect(page.locator(".product-card").first).to_have_css("animation-name", "none")


def test_the_theme_follows_the_system_and_a_choice_is_remembered(browser: Browser, server: str) -> None:
    with browser.new_context(base_url=server, color_scheme="dark") as context:
        page = context.new_page()
        arrive(page, "/")
        expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
        page.get_by_role("button", name="Switch between light and dark").click()
        expect(page.locator("html")).to_have_attribute("data-bs-theme", "light")
        page.reload()
        expect(page.locator("html")).to_have_attribute("data-bs-theme", "light")


@pytest.mark.parametrize("path", ["/", "/item/item-003", "/about"])
def test_no_page_is_wider_than_the_window(page: Page, path: str) -> None:
    arrive(page, path)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    for width in (360, 390, 820, 1440, 2560):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_no_request_leaves_the_server(page: Page, server: str) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    arrive(page, "/")
    expect(page.locator(".product-card").first).to_be_visible()
    assert asked
    assert [url for url in asked if not url.startswith((server, "data:"))] == []


def test_a_long_facet_shows_its_first_options_and_the_chosen_one_until_all_are_asked_for(browser: Browser) -> None:
    """The demo shop has 13 categories. Nothing scrolls inside the page."""
    with serving(ROOT / "cache") as address, browser.new_context(base_url=address) as context:
        page = context.new_page()
        arrive(page, "/?category=planters")
        facet = page.get_by_role("group", name="Category")
        shown = facet.get_by_role("radio")
        expect(shown).to_have_count(9 + 1)
        expect(facet.get_by_role("radio", name="planters")).to_be_checked()
        more = facet.get_by_role("button")
        more.press("Enter")
        expect(shown).to_have_count(1 + 13)
        expect(more).to_have_text("Show fewer", use_inner_text=True)
        facet.get_by_role("radio", name="shelves").check()
        expect(page).to_have_url(re.compile("category=shelves"))
        expect(shown).to_have_count(1 + 13)
        more.press("Enter")
        expect(shown).to_have_count(9)
        overflows = page.locator("#facets, #facets *").evaluate_all("all => all.map((one) => getComputedStyle(one).overflowY)")
        assert not {"auto", "scroll"}.intersection(overflows)
