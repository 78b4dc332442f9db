"""How soon the screens of a large shop answer in a real browser, what a click asks of the server, and what stays in memory."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from playwright.sync_api import Browser, Response
from playwright.sync_api import Page as Tab

from benchmarks.deployed import served, unpack_slug
from benchmarks.results import Page, console
from benchmarks.serving import DYNO
from dashboard.pages import clusters
from lookup.manifest import Manifest
from lookup.reader import Cache
from tests.browser.conftest import launched_browser

WINDOW = {"width": 1440, "height": 900}
PATIENCE_MS = 60_000
TYPED = "an"
CLICK_GOAL_MS, KEY_GOAL_MS, MAP_GOAL_MS = 300, 400, 4_000
TASK_GOAL_MS = 100
LEAK_GOAL, CALLBACK_GOAL = 20_000_000, 200_000
CHANGES, WARM = 50, 10
"""Page changes between the two looks at memory, and before the first: caches fill with the first visits."""
STEPS = 60
"""Moves of the pointer while the map is dragged."""

HOW = """The tables of `python -m benchmarks cache`, served from a slug as a dyno of 512 MB would, in {browser} at {width} x
{height} on the same machine{card}. Medians of {runs} runs, each map in a browser window that has never been anywhere.
Milliseconds run from the event (a click, a key press, the start of a navigation) to the frame after the one that shows the
answer; what is typed waits for the next key first, and that wait is in the time. *Tasks* are what held up the page's main thread
while the map moved."""

PAINTED = """async (event, isShown) => {
    const frame = () => new Promise(requestAnimationFrame), start = performance.now();
    await event();
    while (!(await isShown())) await frame();
    await frame();
    await frame();
    return performance.now() - start;
}"""
CHART = "(await import('/assets/map/map.js')).theChart()"
MAP_IS_DRAWN = f"async () => document.getElementById('map-frame')?.className === 'map-frame' && {CHART}.isDrawn"
UNTIL = """async () => {{ while (!(await ({condition})())) await new Promise(requestAnimationFrame); }}"""
WATCH_TASKS = f"""async () => {{
    window.tasks = [];
    const watch = (seen) => seen.getEntries().forEach((one) => tasks.push(one.duration));
    new PerformanceObserver(watch).observe({{ type: "longtask" }});
    window.views = 0;
    const {{ labels }} = {CHART}, paint = labels.paint;
    labels.paint = (view) => {{ views += 1; paint.call(labels, view); }};
}}"""
"""Labels are painted for each view that has come onto the canvas."""


@dataclass
class Asked:
    """The callbacks that a tab has asked since the last `clear`: what each fills, and the bytes of its answer, uncompressed."""

    answers: list[Response] = field(default_factory=list)

    def watch(self, tab: Tab) -> None:
        tab.on("response", lambda one: self.answers.append(one) if "/_dash-update-component" in one.url else None)

    def clear(self) -> None:
        self.answers.clear()

    def cells(self, tab: Tab) -> tuple[int, int]:
        """How many callbacks ran, and the bytes of the largest answer."""
        tab.wait_for_load_state("networkidle")
        return len(self.answers), max((len(one.body()) for one in self.answers), default=0)


def measure_screens(cache: Path, runs: int) -> None:
    """Serve the tables of `cache`, walk through its screens and write ``results/screens.md``."""
    page = Page("screens", "Screens of a large shop", f"python -m benchmarks screens --runs {runs}")
    with tempfile.TemporaryDirectory(prefix="aisle-screens-") as folder:
        console.print("building and unpacking the slug ...")
        app = unpack_slug(cache, Path(folder))
        with served(app, limit=DYNO, RATE_LIMIT_QUERY="0", RATE_LIMIT_PICTURE="0") as server, launched_browser() as browser:
            walk(browser, f"http://127.0.0.1:{server.port}", cache, runs, page)
            page.text(f"The server took at most {server.memory.peak / 1e6:,.0f} MB.")
    page.write()


def walk(browser: Browser, address: str, cache: Path, runs: int, page: Page) -> None:
    """Measure everything, and put it on the page."""
    tab = new_tab(browser, address)
    how = HOW.format(browser=f"Chromium {browser.version}", runs=runs, card=graphics(tab), **WINDOW)
    page.text(how)
    console.print("clicks and keys ...")
    shop = Cache.open(cache)
    signal = next(iter(Manifest.read(cache).signals))
    clicks = [click_on_a_card(tab, signal) for _ in range(runs)]
    keys = [key_press(tab) for _ in range(runs)]
    console.print("maps ...")
    maps = [open_map(browser, address) for _ in range(runs)]
    longest, views = drag(tab)
    console.print("callbacks ...")
    asked = callbacks_of_clicks(tab, shop.id_of(len(shop) // 2))
    console.print("memory ...")
    before, after = memory_of_changes(tab)
    for said, times, goal in (
        ("from a click on a card to its recommendations", clicks, CLICK_GOAL_MS),
        ("from a key press to the results", keys, KEY_GOAL_MS),
        ("from opening Clusters to all points drawn", maps, MAP_GOAL_MS),
    ):
        page.goal(f"{median(times):,.0f} ms {said} (goal: {goal:,})", median(times) <= goal)
    page.goal(f"dragging the map: longest task {longest:,.0f} ms (goal: {TASK_GOAL_MS})", longest <= TASK_GOAL_MS)
    grown = after - before
    page.goal(f"{grown / 1e6:+,.1f} MB after {CHANGES} page changes (goal: at most {LEAK_GOAL / 1e6:.0f})", grown <= LEAK_GOAL)
    largest = max(size for _, _, size in asked)
    page.goal(f"largest answer to a click {largest / 1e3:,.0f} kB (goal: {CALLBACK_GOAL / 1e3:.0f})", largest <= CALLBACK_GOAL)
    page.text(f"While the map was dragged by {STEPS} moves, {views} views of it were shown.")
    page.text("Callbacks of a click, and the largest answer:")
    page.table(("<click", "callbacks", "kB"), [(said, str(count), f"{size / 1e3:,.1f}") for said, count, size in asked])


def new_tab(browser: Browser, address: str) -> Tab:
    """A window that has never been anywhere."""
    tab = browser.new_context(base_url=address, viewport=WINDOW).new_page()
    tab.set_default_timeout(PATIENCE_MS)
    return tab


def graphics(tab: Tab) -> str:
    """What draws WebGL, where that is no graphics card."""
    name = tab.evaluate(
        """() => {
            const gl = document.createElement("canvas").getContext("webgl2"), told = gl.getExtension("WEBGL_debug_renderer_info");
            return gl.getParameter(told ? told.UNMASKED_RENDERER_WEBGL : gl.RENDERER);
        }"""
    )
    return ", which has no graphics card: the processor draws the points" if "SwiftShader" in name or "llvmpipe" in name else ""


def painted(tab: Tab, event: str, is_shown: str) -> float:
    """Milliseconds from an event to the painted answer; both are JavaScript functions."""
    return tab.evaluate(f"() => ({PAINTED})({event}, {is_shown})")


def until(tab: Tab, condition: str) -> None:
    tab.evaluate(UNTIL.format(condition=condition))


def arrive(tab: Tab, path: str) -> None:
    """Open a page, and wait until Dash has drawn it."""
    tab.goto(path)
    until(tab, "() => !document.getElementById('first-look')")
    tab.wait_for_load_state("networkidle")


def click_on_a_card(tab: Tab, signal: str) -> float:
    arrive(tab, "/")
    return painted(
        tab,
        "() => document.querySelector('.product-card').click()",
        f"() => document.querySelector('#signal-{signal} .product-card')",
    )


def key_press(tab: Tab) -> float:
    """Type the last letter of a search: the results are those of all of it."""
    arrive(tab, "/")
    tab.locator("input[type=search]").first.type(TYPED[:-1])
    tab.wait_for_load_state("networkidle")
    before = json.dumps(tab.locator("p.count").first.inner_text())
    type_last = f"""() => {{
        const box = document.querySelector("input[type=search]");
        Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set.call(box, {json.dumps(TYPED)});
        box.dispatchEvent(new Event("input", {{ bubbles: true }}));
    }}"""
    return painted(tab, type_last, f"() => document.querySelector('p.count').innerText !== {before}")


def open_map(browser: Browser, address: str) -> float:
    """Milliseconds from the start of the navigation until every point is drawn."""
    tab = new_tab(browser, address)
    tab.goto(clusters.PATH)
    until(tab, MAP_IS_DRAWN)
    took = tab.evaluate("() => performance.now()")
    tab.context.close()
    return took


def drag(tab: Tab) -> tuple[float, int]:
    """Drag the map: the longest task of the main thread meanwhile, and how many views came onto the screen."""
    arrive(tab, clusters.PATH)
    until(tab, MAP_IS_DRAWN)
    tab.evaluate(WATCH_TASKS)
    box = tab.locator("#map").bounding_box()
    assert box, "the map is on the page"
    x, y = box["x"] + box["width"] / 3, box["y"] + box["height"] / 3
    tab.mouse.move(x, y)
    tab.mouse.down()
    for step in range(STEPS):
        tab.mouse.move(x + 4 * step, y + 2 * step)
    tab.mouse.up()
    until(tab, MAP_IS_DRAWN)
    longest, views = tab.evaluate("() => [Math.max(0, ...tasks), views]")
    return longest, views


def callbacks_of_clicks(tab: Tab, product_id: str) -> list[tuple[str, int, int]]:
    """For each of some clicks, how many callbacks it runs, and the bytes of the largest answer."""
    asked = Asked()
    asked.watch(tab)

    def chart_shows(condition: str) -> None:
        until(tab, f"async () => {{ const chart = {CHART}; return {condition}; }}")

    def colour() -> None:
        tab.locator("#map-choices").get_by_role("link", name="Price").click()
        chart_shows("chart.drawing.by === 'price'")

    def size() -> None:
        tab.locator("#map-choices a").last.click()
        chart_shows("chart.drawing.sized")

    def group() -> None:
        tab.locator(".cluster-card").first.click()
        chart_shows("chart.drawing.only")

    def point() -> None:
        tab.evaluate(f"async () => {CHART}.on.open({json.dumps(product_id)})")
        chart_shows("chart.drawing.item")

    def search() -> None:
        tab.locator("#map-search").fill(TYPED)
        chart_shows("chart.drawing.found")

    def area() -> None:
        tab.evaluate(f"async () => {{ const chart = {CHART}; chart.choose(chart.strong.slice()); }}")
        tab.locator("#map-in-area .product-card").first.wait_for()

    def card() -> None:
        tab.locator(".product-card").first.click()
        tab.locator("[id^=signal-]").first.wait_for()

    ways: Sequence[tuple[str, str, Callable[[], Any]]] = (
        ("a colour of the map", clusters.PATH, colour),
        ("size by popularity", clusters.PATH, size),
        ("a cluster", clusters.PATH, group),
        ("a point of the map", clusters.PATH, point),
        ("a search on the map", clusters.PATH, search),
        ("all products by an outline", clusters.PATH, area),
        ("a card of the catalogue", "/", card),
    )
    found = []
    for said, path, click in ways:
        arrive(tab, path)
        if path == clusters.PATH:
            until(tab, MAP_IS_DRAWN)
        asked.clear()
        click()
        found.append((said, *asked.cells(tab)))
    return found


def memory_of_changes(tab: Tab) -> tuple[int, int]:
    """Bytes that the page's scripts hold after some changes between the pages, and after `CHANGES` more."""
    arrive(tab, "/")
    links = tab.locator(".site-header nav a")
    paths = [path for one in links.all() if (path := one.get_attribute("href"))]
    developer = tab.context.new_cdp_session(tab)

    def visit(number: int) -> None:
        path = paths[number % len(paths)]
        links.and_(tab.locator(f'[href="{path}"]')).click()
        tab.locator(f'.site-header nav a[href="{path}"][aria-current="page"]').wait_for()
        tab.wait_for_load_state("networkidle")

    def held() -> int:
        developer.send("HeapProfiler.collectGarbage")
        usage = developer.send("Runtime.getHeapUsage")
        return int(usage["usedSize"] + usage.get("embedderHeapUsedSize", 0) + usage.get("backingStorageSize", 0))

    for number in range(WARM):
        visit(number)
    before = held()
    for number in range(WARM, WARM + CHANGES):
        visit(number)
    return before, held()
