"""Every page for everyone: axe finds nothing serious, the keyboard reaches all, and what is touched is large enough."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from lookup.reader import Cache
from tests.browser.conftest import PATIENCE, ROOT, arrive, serving

pytestmark = [pytest.mark.browser, pytest.mark.slow]

CACHE = Cache.open(ROOT / "cache")
ONE, OTHER = CACHE.id_of(5), CACHE.id_of(9)
PATHS = {
    "catalogue": "/",
    "nothing found": "/?q=" + quote("nothing is called so"),
    "product": f"/item/{ONE}",
    "all of a signal": f"/item/{ONE}?all=visual",
    "no such product": "/item/none",
    "compare": f"/compare?a={ONE}&b={OTHER}",
    "clusters": "/clusters",
    "one cluster": "/clusters?cluster=3",
    "describe": "/describe",
    "described": "/describe?q=sturdy+oak+chair",
    "picture": "/picture",
    "quality": "/quality",
    "about": "/about",
    "take along": "/take-along",
    "no such page": "/no/such/page",
}
WIDTHS = (1280, 390)
STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
TOO_SMALL = """selector => [...document.querySelectorAll(selector)].filter(one => {
    const box = one.getBoundingClientRect();
    if (!one.checkVisibility({ visibilityProperty: true }) || !box.width) return false;
    if (getComputedStyle(one).display === "inline" || one.matches(".skip-link, .visually-hidden")) return false;
    const label = one.labels && one.labels[0] && one.labels[0].getBoundingClientRect();
    const reach = label && label.height >= 24 ? 24 : Math.min(box.width, box.height);
    return reach < 24;
}).map(one => `${one.outerHTML.slice(0, 120)} ${JSON.stringify(one.getBoundingClientRect())}`)"""
FOCUSED = """() => {
    const one = document.activeElement;
    const seen = [one, one.parentElement].map(part => getComputedStyle(part)).some(look =>
        (look.outlineStyle !== "none" && parseFloat(look.outlineWidth) >= 2) || look.boxShadow !== "none");
    return { tag: one.tagName, text: one.textContent.slice(0, 20), seen };
}"""
LONGEST_MOTION = """() => Math.max(...[...document.querySelectorAll("*")].flatMap(one => {
    const { transitionDuration, animationDuration } = getComputedStyle(one);
    const texts = `${transitionDuration},${animationDuration}`.split(",");
    return texts.map(text => parseFloat(text) * (text.includes("ms") ? 1 : 1000));
}))"""
TO_TOUCH = "a[href], button, select, input:not([type=file]):not([type=hidden]), textarea, summary"


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The demo shop's own cache, in place of the planted one."""
    with serving(ROOT / "cache") as address:
        yield address


@pytest.fixture(params=["light", "dark"])
def theme(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.mark.parametrize("path", PATHS.values(), ids=PATHS)
def test_axe_finds_nothing_serious(browser: Browser, server: str, theme: str, path: str) -> None:
    context = browser.new_context(base_url=server, color_scheme=theme, reduced_motion="reduce")  # type: ignore[arg-type]
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    wrong = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        arrive(page, path)
        found = Axe().run(page, options={"runOnly": STANDARDS, "resultTypes": ["violations"]})
        wrong += [
            f"{width}: {one['id']} ({one['impact']}): {node['target']} {node.get('failureSummary', '')}"
            for one in found.response["violations"]
            if one["impact"] in ("serious", "critical")
            for node in one["nodes"]
        ]
    context.close()
    assert wrong == []


def test_a_picture_s_results_are_for_everyone_too(browser: Browser, server: str, theme: str) -> None:
    context = browser.new_context(base_url=server, color_scheme=theme, reduced_motion="reduce")  # type: ignore[arg-type]
    page = context.new_page()
    arrive(page, "/picture")
    page.locator("a.sample").first.click()
    expect(page.locator(".seen img")).to_be_visible()
    page.wait_for_load_state("networkidle")
    found = Axe().run(page, options={"runOnly": STANDARDS})
    context.close()
    assert [one["id"] for one in found.response["violations"] if one["impact"] in ("serious", "critical")] == []


@pytest.mark.parametrize("path", PATHS.values(), ids=PATHS)
def test_what_is_touched_is_24_pixels_large_or_stands_apart(browser: Browser, server: str, path: str) -> None:
    """WCAG 2.2, 2.5.8; a link inside a sentence may be as high as its line."""
    context = browser.new_context(base_url=server, viewport={"width": 390, "height": 844}, has_touch=True)
    page = context.new_page()
    arrive(page, path)
    small = page.evaluate(TOO_SMALL, TO_TOUCH)
    context.close()
    assert small == []


def test_tab_goes_through_a_page_from_top_to_bottom_and_shows_where_it_is(page: Page) -> None:
    arrive(page, "/")
    order = []
    for _ in range(12):
        page.keyboard.press("Tab")
        order.append(page.evaluate(FOCUSED))
    assert [one for one in order if not one["seen"]] == []
    assert order[0]["text"] == "Skip to content"
    assert [one["tag"] for one in order[1:3]] == ["A", "A"], "the brand, then the pages"


def test_the_skip_link_leads_past_the_header(page: Page) -> None:
    arrive(page, "/about")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#page")).to_be_focused()


def test_who_wants_no_motion_gets_none(browser: Browser, server: str) -> None:
    context = browser.new_context(base_url=server, reduced_motion="reduce")
    page = context.new_page()
    arrive(page, "/")
    page.locator(".product-card").first.hover()
    longest = page.evaluate(LONGEST_MOTION)
    context.close()
    assert longest <= 1


@pytest.mark.parametrize("path", PATHS.values(), ids=PATHS)
def test_a_narrow_screen_never_scrolls_sideways(browser: Browser, server: str, path: str) -> None:
    context = browser.new_context(base_url=server, viewport={"width": 360, "height": 740})
    page = context.new_page()
    arrive(page, path)
    wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    context.close()
    assert wider <= 0
