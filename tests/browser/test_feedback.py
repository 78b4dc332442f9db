"""Judging recommendations in a browser: kept between pages, taken back, cleared, exported, and measured by `evaluate`."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from dashboard import wording
from dashboard.csv_text import defused
from lookup.reader import Cache
from precompute.evaluate.feedback import judged_metrics, read_feedback
from precompute.evaluate.run import built_neighbours
from tests.browser.conftest import arrive, settled

pytestmark = pytest.mark.browser

VISITS = [pytest.param({"width": 1280, "height": 900}, id="desktop"), pytest.param({"width": 390, "height": 844}, id="phone")]


def thumbs(page: Page, signal: str, place: int) -> tuple[Locator, Locator]:
    card = page.locator(f"#signal-{signal} .recommended").nth(place)
    return card.get_by_role("button", name=wording.GOOD), card.get_by_role("button", name=wording.BAD)


def status(page: Page) -> Locator:
    return page.locator("#feedback [role=status]")


@pytest.mark.parametrize("viewport", VISITS)
def test_a_verdict_is_kept_and_pressing_it_again_takes_it_back(page: Page, viewport: dict[str, int]) -> None:
    page.set_viewport_size(viewport)  # type: ignore[arg-type]
    arrive(page, "/item/item-001")
    expect(status(page)).to_have_text(wording.NONE_JUDGED)
    good, bad = thumbs(page, "visual", 0)
    good.click()
    expect(good).to_have_attribute("aria-pressed", "true")
    expect(bad).to_have_attribute("aria-pressed", "false")
    expect(status(page)).to_have_text(wording.ONE_JUDGED)
    bad.click()
    expect(good).to_have_attribute("aria-pressed", "false")
    expect(bad).to_have_attribute("aria-pressed", "true")
    expect(status(page)).to_have_text(wording.ONE_JUDGED)
    page.reload()
    expect(thumbs(page, "visual", 0)[1]).to_have_attribute("aria-pressed", "true")
    thumbs(page, "visual", 0)[1].click()
    expect(status(page)).to_have_text(wording.NONE_JUDGED)


def test_verdicts_belong_to_their_pair_and_signal_alone(page: Page) -> None:
    arrive(page, "/item/item-001")
    thumbs(page, "visual", 0)[0].click()
    expect(page.locator('.thumb[aria-pressed="true"]')).to_have_count(1)
    page.get_by_role("navigation", name=wording.BEFORE_AND_AFTER).get_by_role("link").last.click()
    expect(page.get_by_role("heading", level=1)).not_to_have_text("Chair number 6")
    expect(page.locator(".thumb").first).to_be_visible()
    expect(page.locator('.thumb[aria-pressed="true"]')).to_have_count(0)
    page.go_back()
    expect(thumbs(page, "visual", 0)[0]).to_have_attribute("aria-pressed", "true")


def test_nothing_of_the_panel_stays_behind_on_other_pages(page: Page) -> None:
    arrive(page, "/item/item-001")
    for name in wording.PAGES.values():
        expect(page.locator("#feedback .judged-actions")).to_have_count(1)
        page.get_by_role("navigation", name=wording.PAGES_LABEL).get_by_role("link", name=name, exact=True).click()
        expect(page.locator("#feedback")).to_have_count(0)
        expect(page.locator(".judged-actions, .thumb")).to_have_count(0)
        page.go_back()


def test_what_was_cleared_comes_back_by_keyboard_alone(page: Page) -> None:
    arrive(page, "/item/item-001")
    good, _ = thumbs(page, "style", 1)
    good.focus()
    page.keyboard.press("Space")
    expect(status(page)).to_have_text(wording.ONE_JUDGED)
    expect(good).to_be_focused()
    page.get_by_role("button", name=wording.CLEAR_JUDGED).focus()
    page.keyboard.press("Enter")
    expect(status(page)).to_have_text(wording.NONE_JUDGED)
    expect(page.get_by_role("button", name=wording.RESTORE_JUDGED)).to_be_focused()
    page.keyboard.press("Enter")
    expect(status(page)).to_have_text(wording.ONE_JUDGED)
    expect(good).to_have_attribute("aria-pressed", "true")


def test_another_tab_shows_the_same(page: Page) -> None:
    arrive(page, "/item/item-001")
    other = page.context.new_page()
    arrive(other, "/item/item-001")
    expect(status(other)).to_have_text(wording.NONE_JUDGED)
    thumbs(page, "visual", 0)[0].click()
    expect(thumbs(other, "visual", 0)[0]).to_have_attribute("aria-pressed", "true")
    expect(status(other)).to_have_text(wording.ONE_JUDGED)


def test_a_browser_that_keeps_nothing_says_so(browser: Browser, server: str) -> None:
    context = browser.new_context(base_url=server)
    context.add_init_script("""
        window.setItem = Storage.prototype.setItem;
        Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError'); };
    """)
    page = context.new_page()
    arrive(page, "/item/item-001")
    thumbs(page, "visual", 0)[0].click()
    expect(status(page)).to_have_text(wording.NOT_KEPT)
    page.evaluate("() => { Storage.prototype.setItem = window.setItem; }")
    thumbs(page, "visual", 0)[0].click()
    expect(status(page)).to_have_text(wording.ONE_JUDGED)
    context.close()


@pytest.mark.parametrize("kept", ["{", "null", '{"a": 1}', '"text"', "7"])
def test_what_another_program_left_in_the_store_is_no_judgement(page: Page, kept: str) -> None:
    page.add_init_script(f"localStorage.setItem('aisle-judged-1', {kept!r})")
    arrive(page, "/item/item-001")
    expect(status(page)).to_have_text(wording.NONE_JUDGED)


@pytest.mark.parametrize("viewport", VISITS)
def test_the_export_is_what_evaluate_reads(page: Page, planted: Path, tmp_path: Path, viewport: dict[str, int]) -> None:
    page.set_viewport_size(viewport)  # type: ignore[arg-type]
    arrive(page, "/item/item-001")
    for place, is_good in enumerate((True, True, False)):
        thumbs(page, "visual", place)[0 if is_good else 1].click()
    thumbs(page, "reviews", 0)[1].click()
    expect(status(page)).to_have_text(wording.MANY_JUDGED.format(n=4))
    with page.expect_download() as started:
        page.get_by_role("button", name=wording.EXPORT_JUDGED).click()
    assert started.value.suggested_filename == "judged.csv"
    saved = tmp_path / "judged.csv"
    started.value.save_as(saved)
    cache = Cache.open(planted)
    feedback = read_feedback(saved, cache, built_neighbours(cache))
    assert not len(feedback.rejects)
    shares = {one["signal"]: (one["value"], one["n"]) for one in judged_metrics(feedback)}
    assert shares == {"visual": (pytest.approx(2 / 3), 3), "reviews": (0, 1)}
    rows = list(csv.DictReader(saved.read_text("utf-8-sig").splitlines()))
    assert [row["rank"] for row in rows] == ["1", "2", "3", "1"]
    assert {row["build"] for row in rows} == {cache.manifest.folder}


def test_texts_that_look_like_formulas_are_defused_as_csv_text_does(page: Page, tmp_path: Path) -> None:
    odd = ["=1+1", "+1", "-1", "@sum", "\t=1", "'=1", "'tis", 'a"b,c\nd', "plain"]
    verdicts = [
        {"product_id": text, "signal": "visual", "recommended_id": "x", "rank": 1, "verdict": "good", "build": "b", "time": "t"}
        for text in odd
    ]
    arrive(page, "/item/item-001")
    page.evaluate("kept => localStorage.setItem('aisle-judged-1', JSON.stringify(kept))", verdicts)
    page.reload()
    settled(page)
    with page.expect_download() as started:
        page.get_by_role("button", name=wording.EXPORT_JUDGED).click()
    saved = tmp_path / "judged.csv"
    started.value.save_as(saved)
    with saved.open(encoding="utf-8-sig", newline="") as file:
        cells = [row["product_id"] for row in csv.DictReader(file)]
    assert cells == [defused(text) for text in odd]
