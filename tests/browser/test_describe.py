"""The page Describe it: results as someone types, the address, examples."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import arrive, settled

pytestmark = pytest.mark.browser


def test_results_follow_the_typing_and_the_address_follows_too(page: Page) -> None:
    arrive(page, "/describe")
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
    arrive(page, "/describe")
    example = page.locator(".chip").nth(1)
    words = example.inner_text()
    example.click()
    expect(page.get_by_label("Your words")).to_have_value(words)
    expect(page.locator(".product-card").first).to_be_visible()


def test_words_that_nobody_uses_get_an_answer_and_markup_stays_text(page: Page) -> None:
    arrive(page, "/describe")
    box = page.get_by_label("Your words")
    box.fill("<img src=x onerror='window.hacked=true'>")
    expect(page.locator(".empty-state")).to_be_visible()
    box.fill("")
    expect(page.locator(".empty-state")).to_have_count(0)


def test_an_offered_word_takes_the_place_of_the_misspelt_one(page: Page) -> None:
    arrive(page, "/describe")
    box = page.get_by_label("Your words")
    box.press_sequentially("Thick <b>RUGG</b>, of wol")
    offers = page.locator("[aria-live=polite] .offers")
    expect(offers.locator("p")).to_have_count(2)
    expect(offers).to_contain_text("“rugg” finds nothing. Did you mean rug (")
    expect(page.locator(".weights mark")).to_have_text(["thick"], use_inner_text=True)
    expect(box).to_have_value("Thick <b>RUGG</b>, of wol")
    offers.get_by_role("link", name="rug", exact=True).focus()
    page.keyboard.press("Enter")
    expect(box).to_have_value("Thick <b>rug</b>, of wol")
    offers.get_by_role("link", name="wool").click()
    expect(page).to_have_url(re.compile(r"/describe\?q=Thick\+%3Cb%3Erug%3C%2Fb%3E%2C\+of\+wool$"))
    expect(page.locator(".weights mark")).to_have_count(3)
    expect(offers).to_have_count(0)
    page.go_back()
    expect(box).to_have_value("Thick <b>rug</b>, of wol")


def test_words_are_offered_where_none_counts(page: Page) -> None:
    arrive(page, "/describe?q=cofee")
    expect(page.locator(".empty-state")).to_be_visible()
    page.locator(".offers a").click()
    expect(page.locator(".product-card").first).to_be_visible()


def test_the_closest_cluster_leads_to_the_map(page: Page) -> None:
    arrive(page, "/describe?q=coffee")
    page.locator(".cluster-link").click()
    expect(page).to_have_url(re.compile(r"/clusters\?cluster=\d+$"))
    expect(page.locator(".chosen-group .cluster-terms").first).to_contain_text("coffee")


def test_the_newest_answer_wins_however_late_an_older_one_comes(page: Page) -> None:
    arrive(page, "/describe")
    held: list[Route] = []

    def hold_the_first(route: Route) -> None:
        if held:
            route.continue_()
        else:
            held.append(route)

    page.route(re.compile("_dash-update-component"), hold_the_first)
    box = page.get_by_label("Your words")
    with page.expect_request(lambda request: "wool" in (request.post_data or "")):
        box.fill("wool")
    box.fill("coffee")
    expect(page.locator(".weights mark")).to_have_text(["coffee"], use_inner_text=True)
    with page.expect_request_finished(lambda request: "wool" in (request.post_data or "")):
        held[0].continue_()
    settled(page)
    expect(page.locator(".weights mark")).to_have_text(["coffee"], use_inner_text=True)
    expect(page).to_have_url(re.compile(r"/describe\?q=coffee$"))
