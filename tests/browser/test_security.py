"""Every page under the content security policy, and a limit that someone runs into."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import arrive, serving
from tests.planted_cache import write_planted_cache
from tests.planted_encoder import add_encoder
from tests.unit.test_limits import QUERY

pytestmark = pytest.mark.browser
PAGES = ["/", "/clusters", "/describe?q=wool", "/picture", "/quality", "/about", "/item/item-001"]
NO_PAGES = ["/item/nobody", "/no/such/page"]
VIOLATIONS = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) =>
    window.violations.push(`${event.effectiveDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`));
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A dashboard with every page, that allows six typed queries a minute: one every ten seconds."""
    folder = tmp_path_factory.mktemp("secured")
    write_planted_cache(folder)
    add_encoder(folder)
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("RATE_LIMIT_QUERY", "6")
        with serving(folder) as address:
            yield address


@pytest.mark.parametrize("path", PAGES)
def test_a_page_keeps_to_the_policy(page: Page, path: str) -> None:
    page.add_init_script(VIOLATIONS)
    arrive(page, path)
    assert page.evaluate("window.violations") == []


@pytest.mark.parametrize("path", NO_PAGES)
def test_a_page_that_does_not_exist_keeps_to_the_policy(page: Page, path: str) -> None:
    page.add_init_script(VIOLATIONS)
    arrive(page, "/about")
    expect(page.get_by_role("heading", level=1)).to_have_text("About this data")
    # A link inside the app: opened afresh, the address would answer 404, which the fixture takes for an error.
    page.evaluate("path => { history.pushState(null, '', path); dispatchEvent(new PopStateEvent('popstate')); }", path)
    expect(page.get_by_role("heading", level=1)).not_to_have_text("About this data")
    assert page.evaluate("window.violations") == []


def test_the_preview_of_a_picture_keeps_to_the_policy(page: Page) -> None:
    page.add_init_script(VIOLATIONS)
    arrive(page, "/picture")
    page.locator(".sample").first.click()
    expect(page.locator(".seen img")).not_to_have_js_property("naturalWidth", 0)
    assert page.evaluate("window.violations") == []


def test_the_map_is_drawn(page: Page) -> None:
    arrive(page, "/clusters")
    expect(page.locator("#map-frame")).to_have_class("map-frame")
    expect(page.locator(".map-points")).to_be_visible()


def test_the_policy_stops_an_inline_script(browser: Browser, server: str) -> None:
    # Not the page of the fixture, which takes the browser's complaint for an error.
    with browser.new_context(base_url=server) as context:
        page = context.new_page()
        page.add_init_script(VIOLATIONS)
        arrive(page, "/about")
        page.evaluate("""() => {
            const script = document.createElement("script");
            script.textContent = "window.hacked = true";
            document.body.append(script);
        }""")
        assert page.evaluate("window.violations.length") == 1
        assert page.evaluate("window.hacked") is None


def test_who_asks_too_much_reads_so_and_gets_the_answer_later(browser: Browser, server: str) -> None:
    with browser.new_context(base_url=server) as context:
        page = context.new_page()
        arrive(page, "/describe")
        box = page.get_by_label("Your words")
        # Somebody else of the same home uses the allowance up.
        used_up = any(page.request.post("/_dash-update-component", data=QUERY).status == 429 for _ in range(30))
        assert used_up
        box.fill("soft wool")
        expect(page.get_by_role("status")).to_contain_text("asked again in")
        expect(page.locator(".product-card").first).to_be_visible()
        expect(page.locator("#limit-notice")).to_be_hidden()
