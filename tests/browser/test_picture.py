"""The page Picture: samples, uploads, refusals, other categories."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest
from PIL import Image
from playwright.sync_api import FilePayload, Page, expect

from dashboard.pages.picture import MAX_BYTES
from tests.browser.conftest import serving
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


def test_an_uploaded_picture_finds_its_like_and_other_categories(page: Page) -> None:
    page.goto("/picture")
    upload(page, picture(COLOURS[2], 8))
    expect(page.locator(".seen img")).to_be_visible()
    expect(page.locator(".seen figcaption")).to_contain_text("Mugs")
    expect(page.locator(".seen-and-alike .card-kicker").first).to_have_text("Mugs")
    expect(page.locator(".label-warn").first).to_contain_text("Untrained network")
    others = page.locator("#picture-matches .card-kicker")
    expect(others.first).to_be_visible()
    assert "Mugs" not in others.all_inner_texts()
    page.get_by_label("Category").select_option("Lamps")
    expect(others).to_have_text(["Lamps"] * 10)


def test_a_sample_is_tried_with_one_click(page: Page) -> None:
    page.goto("/picture")
    page.locator(".sample").nth(1).click()
    expect(page.locator(".seen img")).to_be_visible()
    expect(page.locator(".seen-and-alike .product-card").first).to_be_visible()


def test_another_picture_takes_the_place_of_the_first(page: Page) -> None:
    page.goto("/picture")
    page.locator(".sample").first.click()
    expect(page.locator(".seen figcaption")).to_be_visible()
    upload(page, b"no picture at all", "notes.png", "image/png")
    expect(page.locator(".notice")).to_contain_text("not a picture")
    expect(page.locator("#picture-found")).to_be_hidden()
    page.locator(".sample").nth(2).click()
    expect(page.locator(".seen img")).to_be_visible()
    expect(page.locator(".notice")).to_have_count(0)


def test_a_file_that_is_too_large_is_refused_before_it_is_sent(page: Page) -> None:
    noise = io.BytesIO()
    Image.effect_noise((3400, 3400), 90).save(noise, "BMP")
    assert len(noise.getvalue()) > MAX_BYTES
    page.goto("/picture")
    posted: list[int] = []
    page.on("request", lambda request: posted.append(len(request.post_data_buffer or b"")))
    upload(page, noise.getvalue(), "large.bmp", "image/bmp")
    expect(page.locator(".notice")).to_contain_text("8 MB")
    assert max(posted, default=0) < 10_000
