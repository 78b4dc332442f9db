"""A lookup table that is damaged while it is served: the page says so in words, and goes on once it is mended."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from dashboard import wording
from tests.browser.conftest import arrive, serving
from tests.planted_cache import write_planted_cache

pytestmark = pytest.mark.browser


def test_a_question_that_needs_a_damaged_table_is_answered_in_words_until_it_is_mended(browser: Browser, tmp_path: Path) -> None:
    manifest = write_planted_cache(tmp_path)
    postings = tmp_path / manifest.folder / "postings.parquet"
    content = postings.read_bytes()
    with serving(tmp_path) as address, browser.new_context(base_url=address) as context:
        page = context.new_page()
        arrive(page, "/describe")
        box = page.get_by_label("Your words")
        postings.write_bytes(b"")
        box.fill("warm lamp")
        expect(page.locator("#limit-notice")).to_have_text(wording.DAMAGED_HINT)
        page.goto("/item/item-001")
        expect(page.locator("h1")).to_be_visible()
        postings.write_bytes(content)
        page.goto("/describe?q=lamp")
        expect(page.locator(".product-card").first).to_be_visible()
        expect(page.locator("#limit-notice")).to_be_hidden()
