"""The page Picture: samples, uploads, pasting, refusals, what the network sees, other categories."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, FilePayload, Page, Route, expect

from dashboard.pages.picture import MAX_BYTES
from tests.browser.conftest import arrive, serving, settled
from tests.planted_cache import COLOURS, picture, write_planted_cache
from tests.planted_encoder import add_encoder

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The dashboard over a planted cache with an encoder."""
    folder = tmp_path_factory.mktemp("encoding")
    write_planted_cache(folder)
    add_encoder(folder)
    with serving(folder) as address:
        yield address


def upload(page: Page, content: bytes, name: str = "mine.webp", kind: str = "image/webp") -> None:
    page.locator(".upload input").set_input_files(FilePayload(name=name, mimeType=kind, buffer=content))


def give(page: Page, event: str, content: bytes, kind: str, name: str = "mine") -> None:
    """Paste a file on the page, or drop it where pictures are dropped."""
    page.locator(".upload input").wait_for(state="attached")  # Dash brings it late
    page.evaluate(
        """([event, content, kind, name]) => {
            const data = new DataTransfer();
            data.items.add(new File([Uint8Array.from(atob(content), letter => letter.charCodeAt(0))], name, { type: kind }));
            const [Kind, key, target] = event === "paste"
                ? [ClipboardEvent, "clipboardData", document.body]
                : [DragEvent, "dataTransfer", document.querySelector(".upload")];
            target.dispatchEvent(new Kind(event, { [key]: data, bubbles: true, cancelable: true }));
        }""",
        [event, base64.b64encode(content).decode(), kind, name],
    )


def test_an_uploaded_picture_finds_its_like_and_other_categories(page: Page) -> None:
    arrive(page, "/picture")
    upload(page, picture(COLOURS[2], 8))
    expect(page.locator(".seen img")).to_be_visible()
    expect(page.locator(".seen figcaption")).to_contain_text("Mugs")
    expect(page.locator("#picture-seen .card-kicker").first).to_have_text("Mugs")
    expect(page.locator(".label-warn").first).to_contain_text("Untrained network")
    others = page.locator("#picture-matches .card-kicker")
    expect(others.first).to_be_visible()
    assert "Mugs" not in others.all_inner_texts()
    page.get_by_label("Category").select_option("Lamps")
    expect(others).to_have_text(["Lamps"] * 10)


def test_a_sample_is_tried_with_one_click(page: Page) -> None:
    arrive(page, "/picture")
    page.locator(".sample").nth(1).click()
    expect(page.locator(".seen img")).to_be_visible()
    expect(page.locator("#picture-seen .product-card").first).to_be_visible()


@pytest.mark.parametrize("way", ["paste", "drop"])
def test_a_picture_is_pasted_or_dropped(page: Page, way: str) -> None:
    arrive(page, "/picture")
    give(page, way, picture(COLOURS[2], 8), "image/webp")
    expect(page.locator(".seen figcaption")).to_contain_text("Mugs")
    expect(page.locator("#picture-matches .product-card").first).to_be_visible()


@pytest.mark.parametrize("way", ["paste", "drop"])
def test_what_is_no_picture_is_refused_before_it_is_sent(page: Page, way: str) -> None:
    arrive(page, "/picture")
    page.locator(".sample").first.click()
    expect(page.locator("#picture-matches .product-card").first).to_be_visible()
    settled(page)
    posted: list[str] = []
    page.on("request", lambda request: posted.append(request.url) if request.method == "POST" else None)
    give(page, way, b"%PDF-1.7", "application/pdf")
    expect(page.locator(".notice")).to_contain_text("no JPEG, PNG or WebP")
    expect(page.locator(".seen")).to_have_count(0)
    expect(page.locator("#picture-found")).to_be_hidden()
    assert posted == []


def test_a_refusal_outlasts_the_answer_to_the_picture_before_it(page: Page) -> None:
    held: list[Route] = []
    asked = "**/_dash-update-component*"
    arrive(page, "/picture")
    page.route(asked, lambda route: held.append(route), times=1)  # noqa: PLW0108  Playwright marks the function it is given
    with page.expect_request(asked):
        upload(page, picture(COLOURS[2], 8))
    waiting = page.locator("#picture-seen[data-dash-is-loading]")
    expect(waiting).to_have_count(1)
    upload(page, b"%PDF-1.7", "mine.pdf", "application/pdf")
    expect(page.locator(".notice")).to_contain_text("no JPEG, PNG or WebP")
    with page.expect_response(lambda response: response.request == held[0].request):
        held[0].continue_()
    expect(waiting).to_have_count(0)
    page.evaluate("new Promise(done => setTimeout(() => requestIdleCallback(done)))")  # Dash has done with the answer
    expect(page.locator(".notice")).to_contain_text("no JPEG, PNG or WebP")
    expect(page.locator("#picture-found")).to_be_hidden()


def test_pasted_text_changes_nothing(page: Page) -> None:
    arrive(page, "/picture")
    page.locator(".sample").first.click()
    expect(page.locator(".seen img")).to_be_visible()
    page.evaluate(
        "document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData: new DataTransfer(), bubbles: true }))"
    )
    expect(page.locator(".seen img")).to_be_visible()
    expect(page.locator(".notice")).to_have_count(0)


def test_what_the_network_sees_in_a_products_picture(page: Page) -> None:
    arrive(page, "/item/item-009")
    title = page.get_by_role("heading", level=1).inner_text()
    page.get_by_role("link", name="Show what the network sees").click()
    expect(page.locator(".block")).to_have_count(2)
    drawn = page.locator(".feature-map")
    expect(drawn).to_have_count(6)
    for number in range(6):
        expect(drawn.nth(number)).to_have_js_property("naturalWidth", 32 if number < 3 else 4)
    expect(page.get_by_role("img", name="Feature map 1 of block 2")).to_be_visible()
    expect(page.locator(".seen a")).to_have_text(title)
    expect(page.locator(".seen")).to_be_in_viewport()
    page.reload()
    expect(drawn).to_have_count(6)
    settled(page)
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text(title)


def test_an_own_picture_takes_the_product_out_of_the_address(page: Page) -> None:
    arrive(page, "/picture?product=item-009")
    expect(page.locator(".seen a")).to_be_visible()
    upload(page, picture(COLOURS[2], 8))
    expect(page).to_have_url(re.compile(r"/picture$"))
    expect(page.locator(".seen img")).to_have_attribute("alt", "Your picture")
    page.locator(".sample").first.click()
    expect(page).to_have_url(re.compile(r"/picture\?product="))
    expect(page.locator(".seen a")).to_be_visible()


def test_a_product_that_is_not_there_is_said(page: Page) -> None:
    arrive(page, "/picture?product=nothing")
    expect(page.locator(".notice")).to_contain_text("no such picture")


def test_on_a_phone_nothing_is_wider_than_the_screen(browser: Browser, server: str) -> None:
    with browser.new_context(base_url=server, viewport={"width": 390, "height": 844}, has_touch=True) as context:
        page = context.new_page()
        page.goto("/picture?product=item-009#picture-seen")
        expect(page.locator("#picture-matches .product-card").first).to_be_visible()
        expect(page.locator(".feature-map").first).to_be_in_viewport()
        assert page.evaluate("document.documentElement.scrollWidth") == 390


def test_another_picture_takes_the_place_of_the_first(page: Page) -> None:
    arrive(page, "/picture")
    page.locator(".sample").first.click()
    expect(page.locator(".seen figcaption")).to_be_visible()
    upload(page, b"no picture at all", "notes.png", "image/png")
    expect(page.locator(".notice")).to_contain_text("not a picture")
    expect(page.locator("#picture-found")).to_be_hidden()
    page.locator(".sample").nth(2).click()
    expect(page.locator(".seen img")).to_be_visible()
    expect(page.locator(".notice")).to_have_count(0)


def test_a_file_that_is_too_large_is_refused_before_it_is_sent(page: Page) -> None:
    arrive(page, "/picture")
    posted: list[int] = []
    page.on("request", lambda request: posted.append(len(request.post_data_buffer or b"")))
    upload(page, bytes(MAX_BYTES + 1), "large.png", "image/png")
    expect(page.locator(".notice")).to_contain_text("8 MB")
    assert max(posted, default=0) < 10_000
