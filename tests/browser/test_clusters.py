"""The page Clusters: every way to look into the map, with a pointer and without one."""

from __future__ import annotations

import base64
import csv
import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Browser, Locator, Page, Route, expect

from dashboard.maps import OFF_THE_MAP, in_places
from dashboard.store import Build
from lookup import schema
from tests.browser.conftest import arrive, settled, until
from tests.browser.on_the_map import CHART, drag, drawn, point
from tests.planted_cache import CATEGORIES, XSS_TITLE

pytestmark = pytest.mark.browser

POINTS = f"""async () => {{
    const {{ places, products }} = {CHART};
    return [...places.byCell].map((row) => [products.ids.of(row), places.x[row], places.y[row], products.category[row]]);
}}"""
DISCS = f"""async () => {{
    const {{ looks }} = {CHART}, hex = (part) => part.toString(16).padStart(2, "0");
    return [...looks.size].map((size, i) => {{
        const [red, green, blue, opacity] = looks.colour.slice(4 * i, 4 * i + 4);
        return [looks.place[2 * i], looks.place[2 * i + 1], "#" + hex(red) + hex(green) + hex(blue), opacity, size];
    }});
}}"""
VIEW = f"async () => {{ const {{ view }} = {CHART}; return [view.x, view.y, view.scale]; }}"
SWATCHES = """(entries) => entries.map((one) => {
    const parts = getComputedStyle(one.querySelector(".swatch")).color.match(/\\d+/g);
    const hex = parts.map((part) => Number(part).toString(16).padStart(2, "0")).join("");
    return [one.querySelector(".legend-name").textContent, "#" + hex];
})"""
"""The legend's names and the colours beside them."""
DONE = f"async () => {CHART}.isDrawn"
PIXELS = """() => {
    const seen = document.createElement("canvas"), map = document.querySelector(".map-points"), pen = seen.getContext("2d");
    const { width, height } = Object.assign(seen, { width: map.clientWidth, height: map.clientHeight });
    pen.drawImage(map, 0, 0, width, height);
    return btoa(pen.getImageData(0, 0, width, height).data.reduce((text, byte) => text + String.fromCharCode(byte), ""));
}"""
"""What the canvas shows: red, green, blue and opacity of every pixel, in base64."""
PAINTED = f"async () => ({PIXELS})().match(/[^A=]/) !== null"
"""Whether the canvas shows anything."""


def token(page: Page, name: str) -> str:
    """A colour of the stylesheet, in the theme that the page has."""
    value: str = page.evaluate("(name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim()", name)
    return value


def open_map(page: Page, address: str) -> None:
    page.goto(address)
    drawn(page)


def follow(page: Page, link: Locator) -> None:
    """Click a link that changes the page's own state, and wait until the map shows it."""
    page.evaluate(f"async () => {{ window.before = {CHART}.drawing; }}")
    link.click()
    until(page, f"async () => {CHART}.drawing !== window.before")


def hover(page: Page, product_id: str) -> None:
    x, y = point(page, product_id)
    page.mouse.move(x - 25, y - 25)
    page.mouse.move(x, y, steps=5)


def zoom(page: Page, product_id: str, by: float) -> None:
    """Turn the wheel over a product, and wait until the map shows it: Playwright only says that it was turned."""
    page.mouse.move(*point(page, product_id))
    page.evaluate(f"async () => {{ window.before = {CHART}.view.scale; }}")
    page.mouse.wheel(0, by)
    until(page, f"async () => {CHART}.view.scale !== window.before")


def corners_of_map(page: Page) -> tuple[float, float, float, float]:
    """Left, top, right and bottom, a little inside."""
    box = page.locator("#map").bounding_box()
    assert box
    return box["x"] + 4, box["y"] + 4, box["x"] + box["width"] - 70, box["y"] + box["height"] - 4


def places_of(build: Build, name: str = "reviews") -> dict[str, tuple[int, int]]:
    """Id to place, of every product that a map has."""
    x, y = np.frombuffer(in_places(build.cache.table(schema.map_path(name)).read()), "<u2").reshape(2, -1).tolist()
    return {build.cache.id_of(row): (x[row], y[row]) for row in range(len(build.cache)) if x[row] != OFF_THE_MAP}


@pytest.fixture
def build(planted: Path) -> Build:
    return Build.open(planted)


def test_every_product_is_in_its_place(page: Page, build: Build) -> None:
    open_map(page, "/clusters?map=reviews")
    found = {product_id: (x, y) for product_id, x, y, _ in page.evaluate(POINTS)}
    assert found == places_of(build)
    until(page, PAINTED)


@pytest.mark.parametrize("colour", ["cluster", "category"])
def test_every_point_has_the_colour_that_the_legend_gives_its_group(page: Page, build: Build, colour: str) -> None:
    open_map(page, f"/clusters?map=reviews&colour={colour}")
    colour_of = dict(page.locator(".legend li").evaluate_all(SWATCHES))
    assert len(set(colour_of.values())) == len(colour_of)
    expected = {}
    for product_id, place in places_of(build).items():
        row = build.cache.row_of(product_id)
        assert row is not None
        product = build.catalogue.product(row)
        name = product.category if colour == "category" else build.cluster_title(product.cluster or 0)
        expected[place] = colour_of[name] if name else token(page, "--group-other")
    assert {(x, y): shown for x, y, shown, *_ in page.evaluate(DISCS)} == expected


@pytest.mark.parametrize("measure", ["price", "rating", "popularity"])
def test_a_scale_goes_from_its_lowest_to_its_highest_colour_and_knows_the_unknown(page: Page, build: Build, measure: str) -> None:
    open_map(page, f"/clusters?map=look&colour={measure}")
    ends = [token(page, f"--scale-{end}") for end in (0, 4)]
    values = {"price": build.catalogue.price, "rating": build.catalogue.rating, "popularity": build.catalogue.n_reviews}[measure]
    shown = {(x, y): colour for x, y, colour, *_ in page.evaluate(DISCS)}
    places = places_of(build, "look")
    if measure != "popularity":
        lowest, highest = np.nanargmin(values), np.nanargmax(values)
        assert [shown[places[build.cache.id_of(int(row))]] for row in (lowest, highest)] == ends
        assert shown[places["item-005"]] == token(page, "--group-other")
    expect(page.locator(".scale-unknown")).to_have_count(0 if measure == "popularity" else 1)
    assert len(set(shown.values())) > 3


def test_popular_products_are_larger_when_asked_for(page: Page, build: Build) -> None:
    open_map(page, "/clusters?map=look")
    assert len({size for *_, size in page.evaluate(DISCS)}) == 1
    follow(page, page.get_by_role("link", name="By popularity"))
    expect(page).to_have_url(re.compile("size=popularity"))
    sizes = {(x, y): size for x, y, *_, size in page.evaluate(DISCS)}
    places, reviews = places_of(build, "look"), build.catalogue.n_reviews
    most, least = (build.cache.id_of(int(row)) for row in (reviews.argmax(), reviews.argmin()))
    assert sizes[places[most]] > sizes[places[least]]


def test_points_are_asked_for_once(page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda one: asked.append(one.url.rpartition("/")[2]) if "/maps/" in one.url else None)
    open_map(page, "/clusters?map=reviews")
    for link in ("Category", "Same style", "Cluster", "Described alike"):
        follow(page, page.locator("#map-choices").get_by_role("link", name=link, exact=True))
    assert sorted(asked) == ["products", "reviews", "style"]


def test_colours_filters_and_the_theme_keep_the_view(page: Page) -> None:
    open_map(page, "/clusters")
    zoom(page, "item-010", -400)
    before = page.evaluate(VIEW)
    follow(page, page.locator("#map-choices").get_by_role("link", name="Category", exact=True))
    follow(page, page.locator(".legend li a").first)
    page.locator("#theme-toggle").click()
    assert page.evaluate(VIEW) == before
    until(page, PAINTED)
    page.go_back()
    expect(page).to_have_url(re.compile(r"colour=category$"))
    drawn(page)
    assert page.evaluate(VIEW) == before


@pytest.mark.parametrize("colour", ["price", "category"])
def test_the_theme_recolours_the_points(page: Page, colour: str) -> None:
    open_map(page, f"/clusters?map=look&colour={colour}")
    before = {colour for *_, colour, _, _ in page.evaluate(DISCS)}
    page.locator("#theme-toggle").click()
    assert not before & {colour for *_, colour, _, _ in page.evaluate(DISCS)} - {token(page, "--group-other")}


@pytest.mark.parametrize(
    ("what", "fail"),
    [
        ("**/maps/**", lambda route: route.abort()),
        ("**/maps/**", lambda route: route.fulfill(status=404)),
        ("**/painter_worker.js", lambda route: route.abort()),
    ],
    ids=["no points", "a build that is gone", "nothing to draw with"],
)
def test_a_map_that_does_not_arrive_is_asked_for_again(
    browser: Browser, server: str, what: str, fail: Callable[[Route], None]
) -> None:
    # Not the page of the fixture, which takes the browser's complaint for an error.
    with browser.new_context(base_url=server) as context:
        page = context.new_page()
        page.route(what, fail)
        page.goto("/clusters?cluster=2")
        expect(page.get_by_role("alert")).to_contain_text("The map could not be drawn")
        expect(page.locator(".chosen-group .product-card").first).to_be_visible()
        with page.expect_console_message(lambda said: said.type == "warning"):  # that it has failed again
            page.get_by_role("link", name="Price").click()
        page.unroute(what)
        page.get_by_role("button", name="Try again").click()
        drawn(page)
        expect(page.get_by_role("alert")).to_have_count(0)
        expect(page).to_have_url(re.compile(r"colour=price&cluster=2"))
        drawing = page.evaluate(f"async () => {CHART}.drawing")
        assert (drawing["by"], drawing["only"]["number"]) == ("price", 2), "what is shown by now, not what was at first"


def without_drawing_beside_the_page(page: Page) -> None:
    page.add_init_script("delete HTMLCanvasElement.prototype.transferControlToOffscreen")


def without_webgl(page: Page) -> None:
    refused = "function (kind) { return kind === 'webgl2' ? null : own.call(this, kind); }"
    change_worker(page, f"own = of.getContext; of.getContext = {refused}")


def without_any_context(page: Page) -> None:
    change_worker(page, "refused = () => null; of.getContext = refused")


def change_worker(page: Page, change: str) -> None:
    """Let what draws the map begin with a change to ``of``, what its canvas is made of."""

    def answer(route: Route) -> None:
        found = route.fetch()
        route.fulfill(response=found, body=f"const of = OffscreenCanvas.prototype, {change};{found.text()}")

    page.route("**/painter_worker.js", answer)


@pytest.mark.parametrize("asked", ["map=reviews", "map=look&category=Desks&size=popularity"])
def test_a_browser_without_webgl_draws_the_same_points(browser: Browser, server: str, page: Page, asked: str) -> None:
    def shown(on: Page) -> NDArray[np.float64]:
        open_map(on, f"/clusters?{asked}")
        until(on, DONE)
        bytes_shown = np.frombuffer(base64.b64decode(on.evaluate(PIXELS)), np.uint8).astype(float)
        return bytes_shown.reshape(-1, 4)

    with browser.new_context(base_url=server, viewport=page.viewport_size) as context:
        plain = context.new_page()
        without_webgl(plain)
        found, expected = shown(plain), shown(page)
    opacity = np.stack([found[:, 3], expected[:, 3]]) / 255
    assert opacity.min(axis=0).sum() > 0.9 * opacity.max(axis=0).sum() > 0, "the same places"
    seen = opacity.min(axis=0) > 0.1
    assert np.abs(found - expected)[seen].mean() < 8, "the same colours"


@pytest.mark.parametrize("lacking", [without_drawing_beside_the_page, without_any_context])
def test_a_browser_that_can_draw_no_map_is_told(browser: Browser, server: str, lacking: Callable[[Page], None]) -> None:
    with browser.new_context(base_url=server) as context:
        page = context.new_page()
        lacking(page)
        page.goto("/clusters?cluster=2")
        expect(page.get_by_role("alert")).to_contain_text("The map could not be drawn")
        expect(page.locator(".chosen-group .product-card").first).to_be_visible()
        expect(page.get_by_role("button", name="Download as CSV")).to_be_hidden()


@pytest.mark.parametrize("answers", [(404,), (429, 404)])
def test_a_file_that_does_not_come_is_said_and_one_that_has_to_wait_is_asked_for_again(
    browser: Browser, server: str, answers: tuple[int, ...]
) -> None:
    """A server that has another build by now, at once or after it had too much to do."""
    left = list(answers)

    def answer(route: Route) -> None:
        route.fulfill(status=left.pop(0), headers={"Retry-After": "1"}, json={"error": "asked again in 1 s"})

    with browser.new_context(base_url=server) as context:
        page = context.new_page()
        page.route("**/chosen.csv", answer)
        open_map(page, "/clusters?cluster=2")
        page.get_by_role("button", name="Download as CSV").click()
        expect(page.locator(".chosen-actions .take-status")).to_contain_text("The file could not be made")
        assert left == []


def test_a_server_that_is_a_build_behind_is_asked_again(browser: Browser, server: str) -> None:
    asked: list[str] = []

    def behind(route: Route) -> None:
        asked.append(route.request.url)
        if asked.count(route.request.url) == 1:
            route.fulfill(status=404, headers={"Cache-Control": "no-store"})
        else:
            route.continue_()

    with browser.new_context(base_url=server) as context:
        page = context.new_page()
        page.route("**/maps/**", behind)
        open_map(page, "/clusters?map=look")
        expect(page.get_by_role("alert")).to_have_count(0)
    assert {url.rpartition("/")[2]: asked.count(url) for url in asked} == {"look": 2, "products": 2}


def test_hover_shows_picture_title_and_terms(page: Page, build: Build) -> None:
    open_map(page, "/clusters?map=look")
    hover(page, "item-010")
    card = page.locator(".map-card")
    row = build.cache.row_of("item-010")
    assert row is not None
    product = build.catalogue.product(row)
    expect(card.locator(".card-picture")).to_have_attribute("src", re.compile(r"/item-010\.webp$"))
    expect(card.locator("strong")).to_have_text(product.title)
    expect(card).to_contain_text(build.cluster(product.cluster or 0)["label"])
    left, top, *_ = corners_of_map(page)
    page.mouse.move(left, top)
    expect(card).to_be_hidden()


def test_a_title_that_is_markup_is_shown_as_text(page: Page) -> None:
    open_map(page, "/clusters?map=look")
    hover(page, "item-003")
    expect(page.locator(".map-card strong")).to_have_text(XSS_TITLE)
    page.mouse.click(*point(page, "item-003"))
    expect(page.locator("#map-panel h2")).to_have_text(XSS_TITLE)


def test_a_click_opens_a_panel_with_neighbours_and_lines_to_them(page: Page, build: Build) -> None:
    open_map(page, "/clusters?map=look")
    page.mouse.click(*point(page, "item-010"))
    panel = page.locator("#map-panel")
    expect(panel).to_be_focused()
    expect(page).to_have_url(re.compile(r"item=item-010"))
    row = build.cache.row_of("item-010")
    assert row is not None
    for signal, name in {"blend": None, "style": "Goes with it"}.items():
        if name:
            follow(page, panel.get_by_role("link", name=name, exact=True))
        rows = build.cache.neighbours(row, signal).rows.tolist()
        titles = [build.catalogue.product(other).title for other in rows]
        expect(panel.locator(".neighbour-title")).to_have_text(titles)
        expect(page.locator(".map-lines line")).to_have_count(len(rows))
    ends = page.locator(".map-lines line").evaluate_all(
        "lines => lines.map((one) => [one.x2.baseVal.value, one.y2.baseVal.value])"
    )
    box = page.locator("#map").bounding_box()
    assert box
    expected = [point(page, build.cache.id_of(other)) for other in rows]
    assert np.allclose([(box["x"] + x, box["y"] + y) for x, y in ends], expected, atol=0.5)
    expect(panel.get_by_role("link", name="Open its page")).to_have_attribute("href", "/item/item-010")
    page.keyboard.press("Escape")
    expect(panel).to_have_count(0)
    expect(page.locator("#map")).to_be_focused()
    expect(page.locator(".map-lines line")).to_have_count(0)
    page.go_back()
    expect(panel).to_be_visible()


@pytest.mark.parametrize("product_id", ["a/b c", "..", "椅子", "стол-7", "100%"])
def test_odd_ids_open_their_own_panel(page: Page, build: Build, product_id: str) -> None:
    open_map(page, "/clusters?map=look")
    hover(page, product_id)
    row = build.cache.row_of(product_id)
    assert row is not None
    expect(page.locator(".map-card strong")).to_have_text(build.catalogue.product(row).title)
    expect(page.locator(".map-card .card-picture")).to_have_js_property("naturalWidth", 64)
    page.mouse.click(*point(page, product_id))
    expect(page.locator("#map-panel h2")).to_have_text(build.catalogue.product(row).title)


def test_a_filter_shows_its_own_products_and_no_other_picture(page: Page, build: Build) -> None:
    open_map(page, "/clusters?map=look&colour=category")
    follow(page, page.locator(".legend li a", has_text="Mugs"))
    ids = {category: [] for category in CATEGORIES} | {None: []}  # type: dict[str | None, list[str]]
    for row in range(len(build.cache)):
        ids[build.catalogue.product(row).category].append(build.cache.id_of(row))
    places = places_of(build, "look")
    strong = {(x, y) for x, y, _, opacity, _ in page.evaluate(DISCS) if opacity > 128}
    assert strong == {places[product_id] for product_id in ids["Mugs"]}
    for product_id in ids["Mugs"][:4]:
        hover(page, product_id)
        expect(page.locator(".map-card")).to_have_attribute("data-id", product_id)
        title = build.catalogue.products([build.cache.row_of(product_id) or 0])[0].title
        expect(page.locator(".map-card strong")).to_have_text(title)
    pictures = page.locator(".map-thumbnails img").evaluate_all("images => images.map((one) => [one.dataset.id, one.src])")
    assert {product_id for product_id, _ in pictures} <= set(ids["Mugs"])
    expect(page.locator(".chosen-group .card-kicker")).to_have_text(["Mugs"] * len(ids["Mugs"]))


def test_the_legend_counts_what_is_in_view_and_what_is_chosen(page: Page, build: Build) -> None:
    open_map(page, "/clusters?map=look&colour=category")
    mugs = page.locator(".legend li", has_text="Mugs").locator(".legend-count")
    expect(mugs).to_have_text("10")
    zoom(page, "item-010", -300)
    zoom(page, "item-010", -300)
    counted = page.evaluate(
        f"""async (category) => {{
            const {{ view, places, products }} = {CHART};
            return [...places.byCell].filter((row) => {{
                const [x, y] = view.toScreen(places.x[row], places.y[row]);
                return products.category[row] === category && x >= 0 && x <= view.width && y >= 0 && y <= view.height;
            }}).length;
        }}""",
        build.catalogue.category_names.index("Mugs"),
    )
    assert counted < 10
    expect(mugs).to_have_text(f"{counted} of 10")


@pytest.mark.parametrize("tool", ["Choose products in a box", "Choose products with a lasso"])
def test_an_outline_chooses_what_lies_inside(page: Page, build: Build, tool: str) -> None:
    open_map(page, "/clusters?map=look&colour=category")
    page.get_by_role("button", name=tool).click()
    left, top, right, bottom = corners_of_map(page)
    middle = (left + right) / 2
    inside = sorted(product_id for product_id in places_of(build, "look") if point(page, product_id)[0] < middle)
    around = [(left, top), (middle, top), (middle, bottom), (left, bottom), (left, top + 6)]
    drag(page, *(around if "lasso" in tool else [around[0], around[2]]))
    expect(page.locator("#map-in-area h2")).to_have_text(f"{len(inside)} products chosen")
    expect(page.locator("#map-in-area .product-card")).to_have_count(min(24, len(inside)))
    expect(page.locator("#map-in-area .cluster-terms")).to_contain_text("good")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download as CSV").click()
    rows = list(csv.DictReader(io.StringIO(download.value.path().read_text(encoding="utf-8-sig"))))
    assert sorted(row["product_id"] for row in rows) == inside
    page.get_by_role("button", name="Clear the choice").click()
    expect(page.locator("#map-in-area h2")).to_have_count(0)


def test_a_filter_narrows_what_an_outline_chose(page: Page, build: Build) -> None:
    names = build.catalogue.category_names
    open_map(page, "/clusters?map=look&colour=category")
    mugs = {product_id for product_id, *_, category in page.evaluate(POINTS) if names[category] == "Mugs"}
    left, top, right, _ = corners_of_map(page)
    middle = float(np.median([point(page, product_id)[1] for product_id in mugs]))
    inside = {product_id for product_id in mugs if point(page, product_id)[1] < middle}
    assert 0 < len(inside) < len(mugs)
    page.get_by_role("button", name="Choose products in a box").click()
    drag(page, (left, top), (right, middle))
    expect(page.locator("#map-in-area h2")).to_be_visible()
    follow(page, page.locator(".legend li a").filter(has_text="Mugs"))
    expect(page.locator("#map-in-area h2")).to_have_text(f"{len(inside)} products chosen")
    expect(page.locator(".legend li").filter(has_text="Mugs")).to_contain_text(f"{len(inside)} of {len(mugs)}")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download as CSV").click()
    rows = csv.DictReader(io.StringIO(download.value.path().read_text(encoding="utf-8-sig")))
    assert {row["product_id"] for row in rows} == inside
    page.get_by_label("Find on the map").fill(sorted(mugs - inside)[0])
    expect(page.locator("#map-in-area h2")).to_have_count(0)  # nothing of it is left inside
    expect(page.locator(".chosen-group .product-card")).to_have_count(1)


def test_a_search_brings_out_what_it_finds_and_says_how_many(page: Page, build: Build) -> None:
    open_map(page, "/clusters?map=look")
    page.get_by_label("Find on the map").fill("mug")
    expect(page.get_by_role("status").filter(has_text="found")).to_have_text("10 products found for “mug”")
    expect(page).to_have_url(re.compile("q=mug"))
    places = places_of(build, "look")
    mugs = {places[build.cache.id_of(row)] for row in range(len(build.cache)) if build.catalogue.product(row).category == "Mugs"}
    settled(page)
    assert {(x, y) for x, y, _, opacity, _ in page.evaluate(DISCS) if opacity > 128} == mugs
    page.get_by_label("Find on the map").fill("")
    expect(page.locator("#map-found")).to_be_hidden()


def test_pictures_are_drawn_where_few_points_are_in_view(page: Page) -> None:
    open_map(page, "/clusters?map=look")
    for _ in range(12):
        page.mouse.move(*point(page, "item-010"))
        page.mouse.wheel(0, -300)
    shown = page.locator('.map-thumbnails img[data-id="item-010"]')
    expect(shown).to_have_js_property("naturalWidth", 64)
    box = shown.bounding_box()
    assert box
    assert (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2) == pytest.approx(point(page, "item-010"), abs=2)
    page.get_by_role("button", name="Show the whole map").click()
    expect(shown).to_have_count(0)


@pytest.mark.parametrize("kind", ["PNG", "SVG"])
def test_the_map_is_downloaded(page: Page, kind: str) -> None:
    open_map(page, "/clusters")
    expect(page.locator(".map-labels span:not([hidden])").first).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name=f"Download the map as {kind}").click()
    content = download.value.path().read_bytes()
    assert download.value.suggested_filename == f"planted-i-sons-i-described-alike.{kind.lower()}"
    if kind == "PNG":
        assert content.startswith(b"\x89PNG")
        assert len(content) > 5_000
    else:
        assert content.count(b"<circle") == 58
        assert content.count(b"<text") > 0


def test_labels_do_not_lie_over_one_another(page: Page) -> None:
    open_map(page, "/clusters")
    expect(page.locator(".map-labels span:not([hidden])").first).to_be_visible()
    boxes: list[Any] = page.locator(".map-labels span:not([hidden])").evaluate_all(
        "all => all.map((one) => one.getBoundingClientRect()).map(({ left, top, right, bottom }) => [left, top, right, bottom])"
    )
    for place, (left, top, right, bottom) in enumerate(boxes):
        for other in boxes[:place]:
            assert left > other[2] or right < other[0] or top > other[3] or bottom < other[1]


def test_the_legend_brings_out_a_group_and_keeps_it_in_the_address(page: Page) -> None:
    open_map(page, "/clusters")
    page.get_by_role("navigation", name="Clusters").get_by_role("link").nth(2).click()
    expect(page).to_have_url(re.compile(r"cluster=\d"))
    cards = page.locator(".chosen-group .product-card")
    expect(cards.first).to_be_visible()
    terms = page.locator(".chosen-group .cluster-terms").first.inner_text()
    page.reload()
    expect(page.locator(".chosen-group .cluster-terms").first).to_have_text(terms)
    page.get_by_role("link", name="Show all").click()
    expect(page.locator(".chosen-group")).to_have_count(0)
    expect(page.locator(".cluster-card")).to_have_count(6)
    page.go_back()
    expect(page.locator(".chosen-group .cluster-terms").first).to_have_text(terms)


def test_a_click_keeps_the_scroll_and_the_focus(page: Page) -> None:
    page.set_viewport_size({"width": 1280, "height": 500})
    open_map(page, "/clusters")
    entry = page.locator(".legend li a").nth(3)
    page.evaluate("scrollTo(0, 120)")
    entry.scroll_into_view_if_needed()
    before = page.evaluate("scrollY")
    assert before > 0
    follow(page, entry)
    assert page.evaluate("scrollY") == before
    expect(page.locator(".legend li a").nth(3)).to_be_focused()
    expect(page.locator(".legend li a").nth(3)).to_have_attribute("aria-current", "true")


def test_keys_alone_move_the_map_and_read_its_table(page: Page) -> None:
    open_map(page, "/clusters")
    page.locator("#map").focus()
    x, y, scale = page.evaluate(VIEW)
    page.keyboard.press("+")
    page.keyboard.press("ArrowRight")
    moved = page.evaluate(VIEW)
    assert moved[2] > scale
    assert moved[0] > x
    page.keyboard.press("0")
    assert page.evaluate(VIEW) == [x, y, scale]
    page.locator("summary").focus()
    page.keyboard.press("Enter")
    table = page.get_by_role("table", name="The map as a table")
    expect(table.get_by_role("row")).to_have_count(7)
    table.get_by_role("link").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".chosen-group .product-card").first).to_be_visible()


def test_a_phone_gets_a_sheet(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    open_map(page, "/clusters?map=look&item=item-010")
    sheet = page.locator("#map-panel").bounding_box()
    assert sheet
    assert sheet["y"] + sheet["height"] == pytest.approx(844, abs=1)
    assert sheet["width"] == pytest.approx(390, abs=1)
    page.get_by_role("link", name="Close", exact=True).click()
    expect(page.locator("#map-panel")).to_have_count(0)


def test_a_click_runs_one_callback(page: Page) -> None:
    open_map(page, "/clusters")
    settled(page)
    asked: list[str] = []
    page.on("request", lambda one: asked.append(one.url) if "/_dash-update-component" in one.url else None)
    follow(page, page.locator("#map-choices").get_by_role("link", name="Price"))
    settled(page)
    assert len(asked) == 1


@pytest.mark.parametrize("width", [360, 820, 2560])
def test_nothing_is_wider_than_the_window(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    for address in ("/clusters", "/clusters?cluster=1&item=item-010", "/describe?q=soft+wool", "/picture", "/quality"):
        arrive(page, address)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
