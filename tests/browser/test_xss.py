"""A shop whose every text is a script, really built, in a real browser: every page shows it as text, and no script runs.

Twice: as it is served, and without the content security policy, so that the pages' own escaping is tested, not the policy alone.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, FilePayload, Page, Route, expect

from dashboard.ids import item_href
from lookup import schema
from lookup.reader import Cache
from precompute.build import build
from precompute.evaluate.run import evaluate_shop
from precompute.settings import read_settings
from tests.browser.conftest import PATIENCE, left, serving, settled
from tests.browser.test_clusters import drawn, hover, point
from tests.browser.test_security import VIOLATIONS
from tests.hostile.markup import CLUSTERS, ORDERS, PAYLOADS, SHOP, mark_up_tables, write_marked_up_shop
from tests.planted_cache import COLOURS, picture
from tests.tiny_shop import quiet_report

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(600)]

POLICY = "content-security-policy"
FOUND = """() => {
    const all = [...document.querySelectorAll("*")];
    const text = (element) => element.outerHTML.slice(0, 300);
    const address = /^\\s*(javascript|vbscript|data|https?):/i;
    const own = (value) => value.startsWith(location.origin + "/") || value.startsWith("data:image/webp;base64,");
    const names = ["href", "src", "action", "formaction", "xlink:href", "srcdoc"];
    return {
        ran: window.__xss,
        handlers: all.filter((element) => element.getAttributeNames().some((name) => /^on/i.test(name))).map(text),
        addresses: all.filter((element) => names.map((name) => element.getAttribute(name) || "")
            .some((value) => address.test(value) && !own(value))).map(text),
        scripts: [...document.scripts].filter((script) => script.textContent.includes("__xss")).map(text),
        strangers: [...document.querySelectorAll("iframe, object, embed, base, form, meta[http-equiv=refresh]")].map(text),
        violations: window.violations,
    };
}"""
"""What a script, or the markup for one, would leave behind in a page."""
TITLES = [html.unescape(text).strip() for text in PAYLOADS.values()]
"""As a build mends them."""
NOTHING = {"handlers": [], "addresses": [], "scripts": [], "strangers": [], "violations": []}
GO = """address => {
    history.pushState(null, "", address);
    dispatchEvent(new PopStateEvent("popstate"));
}"""


@pytest.fixture(scope="module")
def cache_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("xss")
    settings = read_settings(write_marked_up_shop(folder / "shop"))
    build(settings, folder / "cache", folder / "work", quiet_report())
    evaluate_shop(settings, folder / "cache", folder / "work", quiet_report())
    mark_up_tables(folder / "cache")
    return folder / "cache"


@pytest.fixture(scope="module")
def server(cache_dir: Path) -> Iterator[str]:
    with serving(cache_dir) as address:
        yield address


@pytest.fixture(params=[True, False], ids=["policy", "no policy"])
def walker(request: pytest.FixtureRequest, browser: Browser, server: str) -> Iterator[Walker]:
    with browser.new_context(base_url=server, viewport={"width": 1280, "height": 900}) as context:
        if not request.param:
            context.route("**/*", without_policy)
        walker = Walker(context, server)
        yield walker
        assert walker.wrong == []


def without_policy(route: Route) -> None:
    """Hand a page on as a server would that knows no content security policy."""
    if route.request.resource_type != "document":
        route.continue_()
        return
    response = route.fetch()
    assert POLICY in response.headers
    route.fulfill(response=response, headers={name: value for name, value in response.headers.items() if name != POLICY})


class Walker:
    """A browser's page that goes from state to state, and looks at each for what a script would leave behind."""

    def __init__(self, context: BrowserContext, server: str) -> None:
        self.page: Page = context.new_page()
        self.page.set_default_timeout(PATIENCE)
        self.page.add_init_script(VIOLATIONS)
        self.wrong: list[str] = []
        self.server = server
        self.missing: set[str] = set()
        self.page.on("dialog", lambda dialog: self.wrong.append(f"dialog: {dialog.message}"))
        self.page.on("console", self._read)
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))
        self.page.on("requestfailed", lambda one: self.wrong.append(f"{one.url}: {one.failure}") if not left(one) else None)
        self.page.on("request", lambda one: None if self._ours(one.url) else self.wrong.append(f"asked {one.url}"))
        self.page.on("popup", lambda popup: self.wrong.append(f"popup: {popup.url}"))

    def open(self, address: str, *, missing: bool = False) -> None:
        """Load a page afresh."""
        if missing:
            self.missing.add(f"{self.server}{address}")
        self.page.goto(address)
        self.look()  # at the plain HTML that comes first
        self.arrived()

    def open_map(self, address: str) -> None:
        self.open(address)
        drawn(self.page)
        self.look()

    def go(self, address: str) -> None:
        """Follow a link inside the app."""
        self.page.evaluate(GO, address)
        self.arrived()

    def arrived(self) -> None:
        settled(self.page)
        expect(self.page.locator("main h1").first).to_be_visible()
        self.look()

    def look(self) -> None:
        """The page as it is now: nothing of a payload is more than a text."""
        found = self.page.evaluate(FOUND)
        assert found.pop("ran", None) is None
        assert found == NOTHING, self.page.url

    def says(self, *texts: str) -> None:
        """The payloads stand there, so that a page that shows nothing proves nothing."""
        for text in texts:
            expect(self.page.locator("body")).to_contain_text(text)

    def _ours(self, url: str) -> bool:
        return url.startswith((f"{self.server}/", "data:image/webp;base64,", "data:image/svg+xml,"))

    def _read(self, message: ConsoleMessage) -> None:
        if message.type == "error" and message.location["url"] not in self.missing:
            self.wrong.append(message.text)


def segment(text: str) -> str:
    return quote(text, safe="")


def test_the_catalogue(walker: Walker) -> None:
    walker.open("/")
    walker.says(SHOP, *TITLES)
    expect(walker.page).to_have_title(re.compile(re.escape("</title></style></textarea><script>")))
    for text in PAYLOADS.values():
        walker.go(f"/?q={segment(text)}")
        expect(walker.page.get_by_label("Search")).to_have_value(re.compile(re.escape(text[:20])))
    for name in ("script", "plotly", "comment"):
        walker.go(f"/?category={segment(PAYLOADS[name])}&cluster=1")
    search = walker.page.get_by_label("Search")
    walker.open("/")
    for name in ("picture", "double quote", "template"):
        search.fill(f"zz {PAYLOADS[name]}")
        expect(walker.page.get_by_role("heading", name="Nothing matches")).to_contain_text(PAYLOADS[name].strip()[:30])
        walker.look()


def test_every_product(walker: Walker, cache_dir: Path) -> None:
    walker.open("/about")
    for product_id in Cache.open(cache_dir).ids.to_pylist():
        walker.go(f"/item/{segment(product_id)}")
        expect(walker.page.locator("main code").first).to_have_text(product_id)
        expect(walker.page.get_by_text("See it in the shop")).to_have_count(0)
        for signal in Cache.open(cache_dir).manifest.signals:
            expect(walker.page.locator(f"#signal-{signal}")).to_be_visible()


def test_two_products_side_by_side(walker: Walker, cache_dir: Path) -> None:
    ids = Cache.open(cache_dir).ids.to_pylist()
    walker.open("/about")
    for a, b in zip(ids, [*ids[1:], ids[0]], strict=True):
        walker.go(f"/compare?a={segment(a)}&b={segment(b)}")
        expect(walker.page.locator(".compare-side")).to_have_count(2)
        walker.says(a, b)
    walker.go(f"/compare?a={segment(ids[0])}")
    expect(walker.page.locator(".recommended").first).to_be_visible()
    walker.go(f"/compare?a={segment('no ' + PAYLOADS['drawing'])}")
    walker.says(f"no {PAYLOADS['drawing']}")


def test_what_is_taken_along(walker: Walker) -> None:
    walker.open("/take-along")
    asked, answered = walker.page.locator(".example pre.asked"), walker.page.locator(".example pre:not(.asked)")
    expect(asked).to_have_count(2)
    expect(answered.first).to_contain_text("window.__xss=1")
    for summary in walker.page.locator("main summary").all():
        summary.click()
    walker.look()


def test_the_clusters(walker: Walker, cache_dir: Path) -> None:
    texts = list(PAYLOADS.values())
    for name in ("reviews", "look", "style"):
        for colour in ("cluster", "category"):
            walker.open_map(f"/clusters?map={name}&colour={colour}")
            walker.says(CLUSTERS[0])
    for group in (*(f"cluster={i}" for i in range(3)), *(f"category={segment(text)}" for text in texts[::2])):
        walker.go(f"/clusters?map=reviews&colour={group.partition('=')[0]}&{group}")
    for text in (texts[1], texts[9]):
        walker.open_map("/clusters?map=look")
        hover(walker.page, text)
        expect(walker.page.locator(".map-card strong")).to_have_text(text)
        walker.look()
    walker.page.mouse.click(*point(walker.page, texts[9]))
    expect(walker.page.locator("#map-panel h2")).to_have_text(texts[9])
    walker.look()
    for product_id in Cache.open(cache_dir).ids.to_pylist()[::3]:
        walker.go(f"/clusters?map=look&item={segment(product_id)}&signal=style&q={segment(texts[0])}")
        expect(walker.page.locator("#map-panel p > a.button")).to_have_attribute("href", item_href(product_id))


def test_the_labels_of_a_map(walker: Walker) -> None:
    walker.open_map("/clusters?map=reviews&colour=cluster")
    labels = walker.page.locator(".map-labels span")
    expect(labels).not_to_have_count(0)
    first = next(iter(PAYLOADS.values()))
    assert set(labels.all_text_contents()) <= {f"{text}, {first}" for text in CLUSTERS}


def test_what_is_typed(walker: Walker) -> None:
    walker.open(f"/describe?q={segment('img onerror script xss')}")
    walker.says("onerror", *list(PAYLOADS.values())[:1])
    box = walker.page.get_by_label("Your words")
    for text in PAYLOADS.values():
        box.fill(f"{text} onerror")
        expect(walker.page).to_have_url(re.compile(re.escape(segment(text)[:12]).replace("%20", r"(%20|\+)")))
        expect(walker.page.locator(".product-card").first).to_be_visible()
        walker.look()


def test_pictures(walker: Walker) -> None:
    walker.open("/picture")
    seen = walker.page.locator(".seen img")
    walker.page.locator(".sample").first.click()
    expect(seen).to_be_visible()
    walker.look()
    chosen = walker.page.locator(".upload input")
    for name in ("picture", "drawing", "attribute"):
        file = f"{PAYLOADS[name]}.webp"
        chosen.set_input_files(FilePayload(name=file, mimeType="image/webp", buffer=picture(COLOURS[1], 1)))
        expect(seen).to_be_visible()
        expect(walker.page.locator("#picture-matches .product-card").first).to_be_visible()
        walker.look()
    drawing = b'<svg xmlns="http://www.w3.org/2000/svg" onload="window.__xss=1"><script>window.__xss=1</script></svg>'
    chosen.set_input_files(FilePayload(name="x.svg", mimeType="image/svg+xml", buffer=drawing))
    expect(walker.page.locator(".notice").first).to_contain_text("This file can't be used")
    walker.look()
    walker.page.locator(".sample").first.click()
    expect(seen).to_be_visible()
    for name in ("title", "JSON"):
        walker.page.get_by_label("Category").select_option(f"one:{PAYLOADS['drawing' if name == 'title' else 'script']}")
        walker.look()


def test_the_numbers(walker: Walker, cache_dir: Path) -> None:
    rows = Cache.open(cache_dir).table(schema.METRICS).read(["metric", "slice"]).to_pylist()
    walker.open("/quality")
    for metric, part in {(row["metric"], row["slice"]) for row in rows}:
        walker.go(f"/quality?metric={metric}&slice={segment(part)}")
    walker.go("/quality?metric=hit_rate")
    walker.says(f"{PAYLOADS['script']} → {PAYLOADS['drawing']}")


def test_about(walker: Walker) -> None:
    walker.open("/about")
    walker.page.get_by_text("Show the settings").click()
    walker.says(SHOP, ORDERS, *PAYLOADS.values())
    walker.look()


def test_where_nothing_is(walker: Walker) -> None:
    for address in (f"/item/{segment('no ' + PAYLOADS['title'])}", f"/{segment(PAYLOADS['script'])}?q={segment(SHOP)}"):
        walker.open(address, missing=True)
    walker.says(segment(PAYLOADS["script"]))
    for text in PAYLOADS.values():
        walker.go(f"/item/{segment(f'no {text}')}")
        walker.says(f"no {text}")


def test_what_programs_get(walker: Walker, cache_dir: Path) -> None:
    ids = [segment(product_id) for product_id in Cache.open(cache_dir).ids.to_pylist()]
    for product_id in ids:
        for address in (f"/api/products/{product_id}", f"/api/products/{product_id}/recommendations", "/api/openapi.json"):
            response = walker.page.request.get(address)
            assert response.headers["content-type"] == "application/json"
            assert response.headers["x-content-type-options"] == "nosniff"
            json.loads(response.text())
            walker.page.goto(address)
            assert walker.page.evaluate("window.__xss") is None
    refused = walker.page.request.get(f"/api/products/{ids[0]}/recommendations?category={segment(SHOP)}")
    assert (refused.status, refused.headers["content-type"]) == (400, "application/json")
    walker.missing.add(refused.url)
    walker.page.goto(refused.url)
    assert walker.page.evaluate("window.__xss") is None


@pytest.mark.parametrize("name", ["picture", "drawing", "plotly", "frame"])
def test_the_walk_would_notice(browser: Browser, server: str, name: str) -> None:
    with browser.new_context(base_url=server) as context:
        context.route("**/*", without_policy)
        walker = Walker(context, server)
        walker.open("/about")
        walker.page.evaluate("markup => { document.querySelector('main').innerHTML = markup; }", PAYLOADS[name])
        with pytest.raises(AssertionError):
            walker.look()
