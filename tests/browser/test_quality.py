"""The page Quality: the plot, its table, and the choices."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import arrive

pytestmark = pytest.mark.browser


def test_plot_and_table_follow_the_choices(page: Page) -> None:
    arrive(page, "/quality")
    expect(page.locator(".quality-headline").first).to_contain_text("Best of all: 47.5")
    expect(page.locator(".quality-plot .ytick text").first).to_have_text(re.compile("Best of all"))
    expect(page.get_by_role("region", name="Hit rate, All products").locator("tbody tr")).to_have_count(4)
    # Each link leads from what its page shows, so each waits until that page is there.
    page.get_by_text("More measures").click()
    page.get_by_role("link", name="NDCG").click()
    expect(page.get_by_role("heading", level=2).first).to_have_text("NDCG at 10")
    page.get_by_role("link", name="Chairs → Tables").click()
    expect(page.get_by_role("link", name="Chairs → Tables")).to_have_attribute("aria-current", "true")
    page.get_by_role("link", name="20", exact=True).click()
    expect(page.get_by_role("heading", level=2).first).to_have_text("NDCG at 20")
    expect(page).to_have_url(re.compile(r"metric=ndcg.*slice=Chairs"))
    page.go_back()
    expect(page.get_by_role("heading", level=2).first).to_have_text("NDCG at 10")


def test_another_signal_leaves_the_page_where_it_is_and_the_focus_on_it(page: Page) -> None:
    arrive(page, "/quality")
    section = page.locator(".worst-panel")
    option = section.get_by_role("link", name="Looks alike")
    option.focus()
    option.evaluate("(link) => window.scrollBy(0, link.getBoundingClientRect().top - 300)")
    before = option.bounding_box()
    page.keyboard.press("Enter")
    expect(section.locator(".worst-case")).to_have_count(2)
    expect(option).to_be_focused()
    after = option.bounding_box()
    assert before
    assert after
    assert after["y"] == pytest.approx(before["y"], abs=2)
    assert page.evaluate("scrollY") > 500
    page.go_back()
    expect(section.locator(".worst-case")).to_have_count(6)


def test_other_settings_are_drawn_and_open_as_tables_from_the_keyboard(page: Page) -> None:
    arrive(page, "/quality")
    section = page.locator(".panel").filter(has_text="How strict should")
    expect(section.locator(".js-plotly-plot")).to_have_count(3)
    # Three lines, and the ring around what is in force.
    expect(section.locator(".js-plotly-plot").first.locator(".scatterlayer .trace")).to_have_count(4)
    numbers = section.get_by_role("region", name="Hit rate in numbers")
    expect(numbers).to_be_hidden()
    section.locator("summary", has_text="Hit rate in numbers").focus()
    page.keyboard.press("Enter")
    expect(numbers.locator("tbody tr")).to_have_count(3)
    expect(numbers.get_by_role("row").filter(has_text="in force")).to_contain_text("45.6")


def test_the_worst_cases_are_pictures_that_lead_to_their_products(page: Page) -> None:
    arrive(page, "/quality")
    section = page.locator(".panel").filter(has=page.get_by_role("heading", name="Where it misses most"))
    expect(section.locator(".worst-case")).to_have_count(6)
    section.get_by_role("link", name="Looks alike").click()
    expect(section.locator(".worst-case")).to_have_count(2)
    case = section.locator(".worst-case").first
    instead = case.get_by_role("list", name="Recommended instead").get_by_role("link")
    expect(instead).to_have_count(4)
    instead.last.scroll_into_view_if_needed()
    expect(instead.last.locator("img")).to_have_js_property("naturalWidth", 64)
    title = instead.last.get_attribute("title")
    assert title is not None
    instead.last.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(title)


def test_the_page_that_is_open_is_on_a_phones_row_of_pages(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    arrive(page, "/quality")
    expect(page.get_by_role("link", name="Quality", exact=True)).to_be_in_viewport(ratio=1)
    assert page.evaluate("window.scrollY") == 0
