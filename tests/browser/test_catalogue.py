"""The catalogue, as people use it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.browser


def search(page: Page, text: str) -> None:
    page.get_by_label("Search").press_sequentially(text, delay=10)


def test_cards_show_pictures_that_load(page: Page) -> None:
    page.goto("/")
    cards = page.locator(".product-card")
    expect(cards).to_have_count(24)
    expect(page.get_by_role("status")).to_have_text("60 products, page 1 of 3")
    first = cards.first.locator("img")
    expect(first).to_have_js_property("complete", True)
    assert first.evaluate("image => image.naturalWidth") > 0
    late = cards.nth(20)
    late.scroll_into_view_if_needed()
    expect(late.locator("img")).to_have_js_property("naturalWidth", 64)


def test_searching_as_you_type_changes_cards_and_address_but_keeps_the_focus(page: Page) -> None:
    page.goto("/")
    search(page, "lamp")
    expect(page.get_by_role("status")).to_have_text("10 products")
    expect(page).to_have_url(re.compile(r"/\?q=lamp$"))
    expect(page.get_by_label("Search")).to_be_focused()
    expect(page.get_by_label("Search")).to_have_value("lamp")


def test_a_shared_address_shows_the_same(page: Page) -> None:
    page.goto("/?q=number&category=Lamps&sort=price-down&page=1")
    expect(page.get_by_role("status")).to_have_text("10 products")
    expect(page.get_by_label("Search")).to_have_value("number")
    expect(page.get_by_label("Category").locator("option:checked")).to_have_text("Lamps (10)")
    expect(page.get_by_label("Sort by").locator("option:checked")).to_have_text("Price, high to low")
    prices = [float(text.removeprefix("€").replace("\u202f", "")) for text in page.locator(".card-price").all_inner_texts()]
    assert prices == sorted(prices, reverse=True)


def test_a_category_can_be_chosen_and_left(page: Page) -> None:
    page.goto("/")
    page.get_by_label("Category").select_option(label="Vases & <b>pots</b> (10)")
    expect(page.get_by_role("status")).to_have_text("10 products")
    expect(page).to_have_url(re.compile("category=Vases"))
    page.get_by_label("Category").select_option(label="All categories")
    expect(page.get_by_role("status")).to_have_text("60 products, page 1 of 3")
    expect(page).to_have_url(re.compile(r"/$"))


def test_pages_are_links_and_back_works(page: Page) -> None:
    page.goto("/?sort=title")
    page.get_by_role("link", name="Next").click()
    expect(page.get_by_role("status")).to_have_text("60 products, page 2 of 3")
    expect(page).to_have_url(re.compile(r"sort=title&page=2"))
    page.go_back()
    expect(page.get_by_role("status")).to_have_text("60 products, page 1 of 3")


def test_the_way_to_a_product_and_back_keeps_the_search(page: Page) -> None:
    page.goto("/")
    search(page, "mug")
    expect(page).to_have_url(re.compile("q=mug"))
    page.locator(".product-card").nth(1).click()
    expect(page.get_by_role("heading", name="Best of all")).to_be_visible()
    page.go_back()
    expect(page.get_by_label("Search")).to_have_value("mug")
    expect(page.get_by_role("status")).to_have_text("10 products")


def test_the_brand_leads_back_to_everything(page: Page) -> None:
    page.goto("/")
    search(page, "mug")
    expect(page).to_have_url(re.compile("q=mug"))
    page.locator(".brand").click()
    expect(page.get_by_role("status")).to_have_text("60 products, page 1 of 3")
    expect(page.get_by_label("Search")).to_have_value("")


def test_nothing_found_says_so_and_leads_back(page: Page) -> None:
    page.goto("/?q=<img src=x onerror=window.hacked=true>")
    expect(page.get_by_role("heading", level=2)).to_contain_text("Nothing matches “<img src=x")
    page.get_by_role("link", name="Show all products").click()
    expect(page.get_by_role("status")).to_have_text("60 products, page 1 of 3")


def test_a_cluster_from_the_address_is_named_and_can_be_taken_away(page: Page) -> None:
    page.goto("/?cluster=1")
    chip = page.locator("a.chip")
    expect(chip).to_contain_text("Cluster 1 · ")
    search(page, "number 1")
    expect(page).to_have_url(re.compile(r"q=number\+1&cluster=1"))
    chip.click()
    expect(page).to_have_url(re.compile(r"\?q=number\+1$"))


@pytest.mark.parametrize("query", ["?page=0", "?page=-1", "?page=x", "?sort=magic", "?cluster=%00", "?q=%ff", "?a=b&q=&q=1"])
def test_a_broken_address_shows_a_page(page: Page, query: str) -> None:
    page.goto(f"/{query}")
    expect(page.get_by_label("Search")).to_be_visible()


def test_the_keyboard_alone_reaches_a_product(page: Page) -> None:
    page.goto("/")
    expect(page.locator(".product-card").first).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    for _ in range(4):
        page.keyboard.press("Tab")
    expect(page.locator(".product-card").first).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Best of all")).to_be_visible()


def test_the_theme_follows_the_system_and_a_choice_is_remembered(browser: Browser, server: str) -> None:
    with browser.new_context(base_url=server, color_scheme="dark") as context:
        page = context.new_page()
        page.goto("/")
        expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
        page.get_by_role("button", name="Switch between light and dark").click()
        expect(page.locator("html")).to_have_attribute("data-bs-theme", "light")
        page.reload()
        expect(page.locator("html")).to_have_attribute("data-bs-theme", "light")


@pytest.mark.parametrize("path", ["/", "/item/item-003", "/about"])
def test_no_page_is_wider_than_the_window(page: Page, path: str) -> None:
    page.goto(path)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    for width in (360, 390, 820, 1440, 2560):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_no_request_leaves_the_server(page: Page, server: str) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/")
    expect(page.locator(".product-card").first).to_be_visible()
    assert asked
    assert [url for url in asked if not url.startswith((server, "data:"))] == []
