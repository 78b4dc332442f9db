"""The page Describe it: results as someone types, the address, examples."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser


def test_results_follow_the_typing_and_the_address_follows_too(page: Page) -> None:
    page.goto("/describe")
    box = page.get_by_label("Your words")
    expect(page.locator(".product-card")).to_have_count(0)
    box.press_sequentially("soft wool of zanzibar")
    expect(page.locator(".weights mark")).to_have_text(["wool", "soft"], use_inner_text=True)
    expect(page.locator(".not-counted s")).to_have_text(["of", "zanzibar"])
    expect(page.locator(".card-kicker").first).to_have_text("Rugs")
    expect(page).to_have_url(re.compile(r"/describe\?q=soft\+wool\+of\+zanzibar$"))
    expect(box).to_be_focused()
    page.reload()
    expect(box).to_have_value("soft wool of zanzibar")
    expect(page.locator(".weights mark")).to_have_count(2)


def test_an_example_is_a_query(page: Page) -> None:
    page.goto("/describe")
    example = page.locator(".chip").nth(1)
    words = example.inner_text()
    example.click()
    expect(page.get_by_label("Your words")).to_have_value(words)
    expect(page.locator(".product-card").first).to_be_visible()


def test_words_that_nobody_uses_get_an_answer_and_markup_stays_text(page: Page) -> None:
    page.goto("/describe")
    box = page.get_by_label("Your words")
    box.fill("<img src=x onerror='window.hacked=true'>")
    expect(page.locator(".empty-state")).to_be_visible()
    box.fill("")
    expect(page.locator(".empty-state")).to_have_count(0)


def test_the_closest_cluster_leads_to_the_map(page: Page) -> None:
    page.goto("/describe?q=coffee")
    page.locator(".cluster-link").click()
    expect(page).to_have_url(re.compile(r"/clusters\?cluster=\d+$"))
    expect(page.locator(".chosen-group .cluster-terms")).to_contain_text("coffee")
