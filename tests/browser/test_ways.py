"""The ways that people go through the demo shop, from end to end: in every width and theme, and once with keys alone."""

from __future__ import annotations

import csv
import math
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from typing import Any, NamedTuple, cast

import pytest
from playwright.sync_api import Browser, FilePayload, Locator, Page, expect

from dashboard import query, wording
from dashboard.components.map_legend import by_size
from dashboard.pages.clusters import NEIGHBOURS
from dashboard.pages.product import FIRST_SHOWN
from dashboard.recommendations import recommendations
from dashboard.search import Wish, search
from dashboard.store import Build, Product
from lookup import schema
from tests.browser.conftest import arrive, serving, until, watched
from tests.browser.faults import LOST_FOCUS, faults
from tests.browser.on_the_map import CHART, Place, drag, drawn, points
from tests.serving import ROOT

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WIDTHS = {"phone": 390, "tablet": 820, "desktop": 1440}
SHOP = Build.open(ROOT / "cache")
SOUGHT = "lamp"
SENTENCE = "sturdy and comfortable chair"
MOST_TABS = 400
AT_REST = """async () => {
    const end = performance.now() + 100;
    while (performance.now() < end) await new Promise(requestAnimationFrame);
}"""
"""A finger that is lifted while it moves flings, and Chromium takes the next tap for the end of the fling alone."""


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The demo shop's own cache, in place of the planted one."""
    with serving(ROOT / "cache") as address:
        yield address


@pytest.fixture(scope="module", params=[(width, theme) for width in WIDTHS for theme in ("light", "dark")], ids="-".join)
def page(request: pytest.FixtureRequest, browser: Browser, server: str) -> Iterator[Page]:
    """A visitor, who goes all the ways one after another: a new one each time would load everything again."""
    device, theme = request.param
    options = options_of(WIDTHS[device], is_phone=device == "phone") | {"color_scheme": theme}
    with watched(browser, server, **options) as page:
        yield page


@pytest.fixture
def keys_only(browser: Browser, server: str) -> Iterator[Page]:
    with watched(browser, server, **options_of(1280)) as page:
        yield page


def options_of(width: int, *, is_phone: bool = False) -> dict[str, Any]:
    """Without motion, so that axe never sees a colour on its way to another."""
    size = {"width": width, "height": 844 if is_phone else 900}
    return {"viewport": size, "has_touch": is_phone, "is_mobile": is_phone, "reduced_motion": "reduce"}


def press(page: Page, target: Locator) -> None:
    """As the visitor's hand does it: on a phone a tap."""
    if is_phone(page):
        target.tap()
    else:
        target.click()


def is_phone(page: Page) -> bool:
    return width_of(page) == WIDTHS["phone"]


def width_of(page: Page) -> int:
    size = page.viewport_size
    assert size is not None
    return size["width"]


def to_page(page: Page, path: str) -> Locator:
    """The header's link to a page."""
    links = page.get_by_role("navigation", name=wording.PAGES_LABEL)
    return links.get_by_role("link", name=wording.PAGES[path], exact=True)


def arrived_at(page: Page, product: Product) -> None:
    """Wait until a product's page is drawn, to its last part."""
    expect(page.get_by_role("heading", level=1)).to_have_text(product.title)
    expect(page.locator("#feedback .judged-actions")).to_have_count(1)


def titles_below(page: Page, signal: str) -> Locator:
    return page.locator(f"#signal-{signal} .card-title")


def recommended(product: Product, signal: str, category: str | None = None) -> list[str]:
    """The titles that a signal's row shows at first, of all categories or one."""
    listed = recommendations(SHOP, product.row, signal)
    return [one.product.title for one in listed if category in (None, one.product.category)][:FIRST_SHOWN]


def taken(page: Page, take: Any) -> list[dict[str, str]]:
    """The rows of the CSV file that an act of the visitor's downloads."""
    with page.expect_download() as download:
        take()
    return list(csv.DictReader(download.value.path().read_text("utf-8-sig").splitlines()))


class Judged(NamedTuple):
    """A pair that the first way ends with: what looks like a product, in the category that it was narrowed down to."""

    product: Product
    category: str
    other: Product
    rank: int
    reason: str


def judged() -> Judged:
    """The most popular lamp's likes, in the category that most of them are of beside its own."""
    product = SHOP.catalogue.product(int(search(SHOP, Wish(text=SOUGHT)).rows[0]))
    listed = recommendations(SHOP, product.row, "visual")
    counts = Counter(one.product.category for one in listed if one.product.category != product.category)
    category = cast("str", counts.most_common(1)[0][0])
    best = next(one for one in listed if one.product.category == category)
    return Judged(product, category, best.product, best.rank, best.reason)


def check_the_search(page: Page) -> None:
    hits = search(SHOP, Wish(text=SOUGHT))
    expect(page.get_by_role("status")).to_have_text(wording.found(hits.total, 1, hits.pages, hits.by_texts))
    expect(page.locator(".card-title")).to_have_text([one.title for one in SHOP.catalogue.products(hits.rows)])


def check_the_rows(page: Page, product: Product, category: str | None) -> None:
    for signal in SHOP.manifest.signals:
        expect(titles_below(page, signal)).to_have_text(recommended(product, signal, category))


def check_the_pair(page: Page, pair: Judged) -> None:
    expect(page.locator(".compare-side h2")).to_have_text([pair.product.title, pair.other.title])
    listed = page.get_by_role("region", name=wording.WHO_LISTS_WHOM)
    row = listed.get_by_role("row").filter(has=page.get_by_role("rowheader", name=wording.signal_name("visual")))
    expect(row).to_contain_text(wording.at_rank(pair.rank, pair.reason))


def check_the_verdict(page: Page, thumb: Locator) -> None:
    expect(thumb).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#feedback [role=status]")).to_have_text(wording.ONE_JUDGED)


def check_the_files(pair: Judged, verdicts: list[dict[str, str]], every: list[dict[str, str]]) -> None:
    """The verdict names the pair as the file of all recommendations does."""
    said = {"product_id": pair.product.id, "signal": "visual", "recommended_id": pair.other.id, "rank": str(pair.rank)}
    assert [one for one in verdicts if said.items() <= one.items() and one["verdict"] == "good"] == verdicts
    assert len(verdicts) == 1
    assert len([one for one in every if said.items() <= one.items()]) == 1


def visual_as_csv(page: Page) -> Locator:
    return page.get_by_role("link", name=wording.take_as(wording.signal_name("visual"), wording.FORMATS["csv"]))


def test_showing_the_owner_what_to_recommend(page: Page) -> None:
    pair = judged()
    arrive(page, "/")
    page.get_by_label(wording.SEARCH, exact=True).fill(SOUGHT)
    check_the_search(page)
    press(page, page.locator(".product-card").first)
    arrived_at(page, pair.product)
    page.get_by_label(wording.FACTS["category"], exact=True).select_option(f"={pair.category}")
    check_the_rows(page, pair.product, pair.category)
    card = page.locator("#signal-visual .recommended").first
    press(page, card.get_by_role("link", name=wording.compare_with(pair.other.title)))
    check_the_pair(page, pair)
    assert faults(page) == []
    page.go_back()
    arrived_at(page, pair.product)
    check_the_rows(page, pair.product, pair.category)
    thumb = card.get_by_role("button", name=wording.GOOD)
    press(page, thumb)
    check_the_verdict(page, thumb)
    assert faults(page) == []
    verdicts = taken(page, lambda: press(page, page.get_by_role("button", name=wording.EXPORT_JUDGED)))
    press(page, page.get_by_role("contentinfo").get_by_role("link", name=wording.TAKE_ALONG))
    expect(page.get_by_role("heading", level=1)).to_have_text(wording.TAKE_ALONG)
    check_the_files(pair, verdicts, taken(page, lambda: press(page, visual_as_csv(page))))
    assert faults(page) == []


class Group(NamedTuple):
    """A category that the second way looks into, and the ids of its products on the map."""

    name: str
    number: int
    ids: list[str]


def largest_category() -> Group:
    group = by_size(SHOP, "category")[0]
    return Group(group.name, group.number, [one.id for one in on_the_map() if one.category == group.name])


def on_the_map() -> list[Product]:
    """The products that have a place on the map that is shown first."""
    is_placed = SHOP.cache.table(schema.map_path("reviews")).read(["x"]).column("x").is_valid().to_pylist()
    return SHOP.catalogue.products([row for row, is_there in enumerate(is_placed) if is_there])


def places_on_screen(page: Page, ids: list[str]) -> dict[str, Place]:
    """Where products are drawn, with the whole map in the window."""
    page.locator("#map").evaluate("one => one.scrollIntoView({ block: 'center' })")
    return points(page, ids)


def nearest_to_the_middle(page: Page) -> Product:
    box = page.locator("#map").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    products = {one.id: one for one in on_the_map()}
    places = points(page, list(products))
    return products[min(places, key=lambda product_id: math.dist(places[product_id], (x, y)))]


def most_alone(places: dict[str, Place]) -> str:
    """The product whose nearest neighbour is farthest: a fingertip means it and no other."""

    def to_nearest(product_id: str) -> float:
        return min(math.dist(places[product_id], place) for other, place in places.items() if other != product_id)

    return max(places, key=to_nearest)


def widest_gap(values: list[float]) -> float:
    """The middle of the widest gap between numbers: a line there runs through no point."""
    low, high = max(pairwise(sorted(values)), key=lambda gap: gap[1] - gap[0])
    return (low + high) / 2


def touch(page: Page, x: float, y: float) -> None:
    if is_phone(page):
        page.touchscreen.tap(x, y)
    else:
        page.mouse.click(x, y)


def draw(page: Page, *corners: Place) -> None:
    """Draw a line through some corners with the finger or the mouse."""
    if not is_phone(page):
        return drag(page, *corners)
    client = page.context.new_cdp_session(page)

    def send(kind: str, *fingers: Place) -> None:
        points = [{"x": x, "y": y} for x, y in fingers]
        client.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    send("touchStart", corners[0])
    for (left, top), (x, y) in pairwise(corners):
        for step in range(1, 9):
            send("touchMove", (left + (x - left) * step / 8, top + (y - top) * step / 8))
    page.evaluate(AT_REST)
    send("touchEnd")
    return None


def check_the_group(page: Page, group: Group) -> None:
    """The chosen category in words, on the map and in its own file."""
    section = page.locator(".chosen-group")
    expect(section.get_by_role("heading")).to_have_text(group.name)
    expect(section.locator(".card-kicker").filter(has_not_text=group.name)).to_have_count(0)
    until(page, f"async () => {CHART}.drawing.only?.by === 'category' && {CHART}.drawing.only.number === {group.number}")


def check_the_panel(page: Page, product: Product) -> None:
    """What is nearest to the open product, with a line to each that is on the map."""
    panel = page.locator("#map-panel")
    expect(panel.get_by_role("heading")).to_have_text(product.title)
    nearest = recommendations(SHOP, product.row, next(iter(SHOP.manifest.signals)), NEIGHBOURS)
    expect(panel.locator(".neighbour-title")).to_have_text([one.product.title for one in nearest])
    expect(page.locator(".map-lines line")).to_have_count(len(nearest))


def take_csv(page: Page, within: str) -> list[dict[str, str]]:
    button = page.locator(within).get_by_role("button", name=wording.TAKE_CSV)
    return taken(page, lambda: press(page, button))


def test_judging_whether_the_clusters_make_sense(page: Page) -> None:
    group = largest_category()
    tool = "lasso" if page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches") else "box"
    arrive(page, "/")
    press(page, to_page(page, "/clusters"))
    drawn(page)
    press(page, page.locator("#map-choices").get_by_role("link", name=wording.COLOURS["category"], exact=True))
    legend = page.get_by_role("navigation", name=wording.LEGENDS["category"])
    press(page, legend.get_by_role("link").filter(has_text=group.name))
    check_the_group(page, group)
    places = places_on_screen(page, group.ids)
    chosen = most_alone(places)
    touch(page, *places[chosen])
    row = SHOP.cache.row_of(chosen)
    assert row is not None
    check_the_panel(page, SHOP.catalogue.product(row))
    press(page, page.get_by_role("link", name=wording.CLOSE_PANEL, exact=True))
    expect(page.locator("#map-panel")).to_have_count(0)
    hand = page.get_by_role("button", name=wording.MAP_TOOL[tool])
    press(page, hand)
    expect(hand).to_have_attribute("aria-pressed", "true")
    places = places_on_screen(page, group.ids)
    xs, ys = [x for x, _ in places.values()], [y for _, y in places.values()]
    left, right, top, bottom = min(xs) - 20, widest_gap(xs), min(ys) - 20, max(ys) + 20
    corners = [(left, bottom), (right, top)] if tool == "box" else [(left, bottom), (left, top), (right, top), (right, bottom)]
    draw(page, *corners)
    inside = {product_id for product_id, (x, _) in places.items() if x < right}
    assert 0 < len(inside) < len(group.ids)
    expect(page.locator("#map-in-area").get_by_role("heading")).to_have_text(wording.chosen_on_map(len(inside)))
    assert {one["product_id"] for one in take_csv(page, "#map-in-area")} == inside
    assert faults(page) == []
    press(page, page.locator("#map-in-area").get_by_role("button", name=wording.CLEAR_CHOICE))
    expect(page.locator("#map-in-area > *")).to_have_count(0)
    press(page, page.locator(".twin summary"))
    table = page.get_by_role("table", name=wording.AS_TABLE)
    expect(table.get_by_role("row")).to_have_count(1 + len(SHOP.catalogue.category_names))
    other = by_size(SHOP, "category")[1]
    line = table.get_by_role("row").filter(has=page.get_by_role("rowheader", name=other.name, exact=True))
    expect(line.get_by_role("cell").first).to_have_text(wording.number(other.size))
    press(page, line.get_by_role("link"))
    expect(page.locator(".chosen-group").get_by_role("heading")).to_have_text(other.name)
    assert faults(page) == []


def check_the_words(page: Page) -> Product:
    """The best match of `SENTENCE`, once it is shown with the words that counted."""
    result = query.search(SHOP.cache, SHOP.catalogue.cluster, SENTENCE, 1)
    best = SHOP.catalogue.product(result.hits[0].row)
    expect(page.locator(".weights mark")).to_have_text(result.query.terms, use_inner_text=True)
    expect(page.locator("#describe-results .card-title").first).to_have_text(best.title)
    return best


def check_the_picture(page: Page, product: Product) -> str:
    """A product's own picture finds it first; gives a category of what else goes with it."""
    expect(page.locator(".seen img")).to_have_attribute("alt", wording.YOUR_PICTURE)
    expect(page.locator("#picture-seen .card-title").first).to_have_text(product.title)
    return next(name for name in SHOP.catalogue.category_names if name != product.category)


def own_picture(product: Product) -> FilePayload:
    content = SHOP.cache.thumbnail(product.row)
    assert content is not None
    return FilePayload(name="mine.webp", mimeType="image/webp", buffer=content)


def check_the_matches(page: Page, category: str) -> None:
    kickers = page.locator("#picture-matches .card-kicker")
    expect(kickers.first).to_have_text(category)
    expect(kickers.filter(has_not_text=category)).to_have_count(0)


def test_from_words_or_a_picture_to_recommendations(page: Page) -> None:
    arrive(page, "/")
    press(page, to_page(page, "/describe"))
    page.get_by_label(wording.YOUR_WORDS, exact=True).fill(SENTENCE)
    best = check_the_words(page)
    assert faults(page) == []
    press(page, page.locator("#describe-results .product-card").first)
    arrived_at(page, best)
    check_the_rows(page, best, None)
    press(page, to_page(page, "/picture"))
    page.locator(".upload input").set_input_files(own_picture(best))
    category = check_the_picture(page, best)
    page.get_by_label(wording.CATEGORY, exact=True).select_option(label=category)
    check_the_matches(page, category)
    assert faults(page) == []
    match = page.locator("#picture-matches .product-card").first
    title = match.locator(".card-title").inner_text()
    press(page, match)
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    expect(page.locator("#product-rows section")).to_have_count(len(SHOP.manifest.signals))
    assert faults(page) == []


def tab_to(page: Page, target: Locator) -> None:
    """Press Tab until a control has the focus, and see at each stop on the way where it is."""
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        assert page.evaluate(LOST_FOCUS) is None
        if target.evaluate("one => one === document.activeElement"):
            return
    pytest.fail(f"Tab doesn't come to {target}")


def enter(page: Page, target: Locator) -> None:
    tab_to(page, target)
    page.keyboard.press("Enter")


def follow(page: Page, link: Locator) -> None:
    """Press Enter on a link to another page, and wait until that page has the focus: Tab goes on from there."""
    enter(page, link)
    expect(page.locator("#page")).to_be_focused()


def pick(page: Page, field: Locator, value: str, letters: str) -> None:
    """Choose from a list by the first letters of what it is called."""
    tab_to(page, field)
    page.keyboard.type(letters)
    expect(field).to_have_value(value)


def test_keys_alone_show_the_owner_what_to_recommend(keys_only: Page) -> None:
    page, pair = keys_only, judged()
    arrive(page, "/")
    follow(page, page.get_by_role("link", name=wording.SKIP_TO_CONTENT))
    tab_to(page, page.get_by_label(wording.SEARCH, exact=True))
    page.keyboard.type(SOUGHT)
    check_the_search(page)
    follow(page, page.locator(".product-card").first)
    arrived_at(page, pair.product)
    pick(page, page.get_by_label(wording.FACTS["category"], exact=True), f"={pair.category}", pair.category)
    check_the_rows(page, pair.product, pair.category)
    card = page.locator("#signal-visual .recommended").first
    follow(page, card.get_by_role("link", name=wording.compare_with(pair.other.title)))
    check_the_pair(page, pair)
    follow(page, page.locator(".compare-side").first.get_by_role("link"))
    arrived_at(page, pair.product)
    pick(page, page.get_by_label(wording.FACTS["category"], exact=True), f"={pair.category}", pair.category)
    check_the_rows(page, pair.product, pair.category)
    thumb = card.get_by_role("button", name=wording.GOOD)
    tab_to(page, thumb)
    page.keyboard.press("Space")
    check_the_verdict(page, thumb)
    verdicts = taken(page, lambda: enter(page, page.get_by_role("button", name=wording.EXPORT_JUDGED)))
    follow(page, page.get_by_role("contentinfo").get_by_role("link", name=wording.TAKE_ALONG))
    expect(page.get_by_role("heading", level=1)).to_have_text(wording.TAKE_ALONG)
    check_the_files(pair, verdicts, taken(page, lambda: enter(page, visual_as_csv(page))))


def test_keys_alone_judge_whether_the_clusters_make_sense(keys_only: Page) -> None:
    page, group = keys_only, largest_category()
    arrive(page, "/")
    follow(page, to_page(page, "/clusters"))
    drawn(page)
    enter(page, page.locator("#map-choices").get_by_role("link", name=wording.COLOURS["category"], exact=True))
    map_itself = page.locator("#map")
    enter(page, map_itself)
    check_the_panel(page, nearest_to_the_middle(page))
    page.keyboard.press("Escape")
    expect(page.locator("#map-panel")).to_have_count(0)
    expect(map_itself).to_be_focused()
    legend = page.get_by_role("navigation", name=wording.LEGENDS["category"])
    enter(page, legend.get_by_role("link").filter(has_text=group.name))
    check_the_group(page, group)
    files = page.locator(".chosen-group").get_by_role("button", name=wording.TAKE_CSV)
    rows = taken(page, lambda: enter(page, files))
    assert {one["product_id"] for one in rows} == set(group.ids)
    enter(page, page.locator(".twin summary"))
    table, other = page.get_by_role("table", name=wording.AS_TABLE), by_size(SHOP, "category")[1]
    enter(page, table.get_by_role("link", name=other.name, exact=True))
    expect(page.locator(".chosen-group").get_by_role("heading")).to_have_text(other.name)


def test_keys_alone_lead_from_words_or_a_picture_to_recommendations(keys_only: Page) -> None:
    page = keys_only
    arrive(page, "/")
    follow(page, to_page(page, "/describe"))
    tab_to(page, page.get_by_label(wording.YOUR_WORDS, exact=True))
    page.keyboard.type(SENTENCE)
    best = check_the_words(page)
    follow(page, page.locator("#describe-results .product-card").first)
    arrived_at(page, best)
    arrive(page, "/picture")
    with page.expect_file_chooser() as asked:
        enter(page, page.locator(".upload input"))
    asked.value.set_files(own_picture(best))
    category = check_the_picture(page, best)
    field = page.get_by_label(wording.CATEGORY, exact=True)
    pick(page, field, f"one:{category}", category)
    check_the_matches(page, category)
    match = page.locator("#picture-matches .product-card").first
    title = match.locator(".card-title").inner_text()
    follow(page, match)
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
