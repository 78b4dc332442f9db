"""Every page for everyone: axe finds nothing serious, the keyboard reaches all, and what is touched is large enough."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page, expect

from lookup.reader import Cache
from tests.browser.conftest import arrive, serving, settled
from tests.browser.faults import TOO_WIDE, serious_finds
from tests.serving import ROOT

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
    with browser.new_context(base_url=server, color_scheme=theme, reduced_motion="reduce") as context:  # type: ignore[arg-type]
        page = context.new_page()
        arrive(page, path)
        wrong = []
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            settled(page)
            wrong += [f"{width}: {one}" for one in serious_finds(page)]
    assert wrong == []


def test_a_picture_s_results_are_for_everyone_too(browser: Browser, server: str, theme: str) -> None:
    with browser.new_context(base_url=server, color_scheme=theme, reduced_motion="reduce") as context:  # type: ignore[arg-type]
        page = context.new_page()
        arrive(page, "/picture")
        page.locator("a.sample").first.click()
        expect(page.locator(".seen img")).to_be_visible()
        settled(page)
        wrong = serious_finds(page)
    assert wrong == []


@pytest.mark.parametrize("path", PATHS.values(), ids=PATHS)
def test_on_a_phone_nothing_is_too_small_to_touch_or_wider_than_the_screen(browser: Browser, server: str, path: str) -> None:
    """WCAG 2.2, 2.5.8: 24 pixels, or apart; a link inside a sentence may be as high as its line."""
    with browser.new_context(base_url=server, viewport={"width": 360, "height": 740}, has_touch=True) as context:
        page = context.new_page()
        arrive(page, path)
        small, wider = page.evaluate(TOO_SMALL, TO_TOUCH), page.evaluate(TOO_WIDE)
    assert small == []
    assert wider <= 0


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
    with browser.new_context(base_url=server, reduced_motion="reduce") as context:
        page = context.new_page()
        arrive(page, "/")
        page.locator(".product-card").first.hover()
        longest = page.evaluate(LONGEST_MOTION)
    assert longest <= 1
