"""The plain HTML that comes first gives way to the drawn page without a reader losing their place in it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import settled

pytestmark = pytest.mark.browser

HELD = "**/_dash-component-suites/**/dash_renderer*"
"""Without it, Dash does not start: the first look stays."""


@pytest.fixture
def held(page: Page) -> list[Route]:
    """What is held back of the requests that Dash needs to start, for a test to let go."""
    waiting: list[Route] = []

    def hold(route: Route) -> None:
        waiting.append(route)

    page.route(HELD, hold)
    return waiting


def let_go(page: Page, held: list[Route]) -> None:
    """Let Dash start, and wait until it has drawn the page."""
    for route in held:
        route.continue_()
    settled(page)


def test_who_reads_on_meanwhile_stays_where_they_are(page: Page, held: list[Route]) -> None:
    page.goto("/", wait_until="commit")
    expect(page.locator("#first-look .product-card")).to_have_count(24)
    page.evaluate("window.scrollTo(0, 500)")
    let_go(page, held)
    assert page.evaluate("window.scrollY") == 500


def test_the_focus_stays_on_the_link_that_has_it(page: Page, held: list[Route]) -> None:
    page.goto("/", wait_until="commit")
    card = page.locator("#first-look .product-card").nth(2)
    card.focus()
    reached = card.get_attribute("href")
    let_go(page, held)
    focused = page.locator(":focus")
    expect(focused).to_have_attribute("href", reached or "")
    expect(focused).to_have_class("product-card")
