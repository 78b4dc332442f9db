"""Everyone reads the dashboard in their own language, and keeps the one they chose."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from dashboard.wording import de, en
from dashboard.wording.common import Metric
from lookup.reader import Cache
from tests.browser.conftest import PATIENCE, arrive, serving
from tests.serving import ROOT
from tests.unit.test_wording import words_of

pytestmark = pytest.mark.browser

PRODUCT = Cache.open(ROOT / "cache").id_of(5)
PATHS = [
    "/",
    "/?q=xyzzy",
    f"/item/{PRODUCT}",
    "/item/none",
    f"/compare?a={PRODUCT}",
    "/clusters?cluster=3",
    "/describe?q=sturdy+oak",
    "/picture",
    "/quality",
    "/about",
    "/no/such/page",
]
EVERYTHING_READ = """() => [document.title, document.body.innerText, ...[...document.querySelectorAll("body *")].flatMap(one =>
    ["aria-label", "title", "placeholder", "alt"].map(name => one.getAttribute(name) || ""))].join("\\n")"""


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The demo shop's own cache, in place of the planted one."""
    with serving(ROOT / "cache") as address:
        yield address


@pytest.fixture
def german(browser: Browser, server: str) -> Iterator[Page]:
    """A page of someone whose browser asks for German."""
    context = browser.new_context(base_url=server, locale="de-DE")
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    yield page
    context.close()


def sentences(words: dict[str, Any]) -> Iterator[str]:
    """Every text of two words and more that a language has as it stands, without functions and placeholders."""
    for value in words.values():
        parts = value.values() if isinstance(value, dict) else [value]
        for part in parts:
            texts = [part.name, part.sentence] if isinstance(part, Metric) else part if isinstance(part, tuple) else [part]
            yield from (text for text in texts if isinstance(text, str) and " " in text.strip() and "{" not in text)


@pytest.mark.slow
@pytest.mark.parametrize("path", PATHS)
def test_who_asks_for_german_reads_german(german: Page, path: str) -> None:
    arrive(german, path)
    assert german.evaluate("document.documentElement.lang") == "de"
    read = german.evaluate(EVERYTHING_READ)
    english = set(sentences(words_of(en))) - set(sentences(words_of(de)))
    assert [text for text in english if text.strip() in read] == []
    assert de.ABOUT_THIS_DATA in read


def test_prices_counts_and_shares_are_written_the_german_way(german: Page) -> None:
    arrive(german, f"/item/{PRODUCT}")
    said = german.locator("#page").inner_text()
    assert re.search(r"\b\d+,\d\d\s€", said)
    assert re.search(r"\b\d,\d\b", said), "a rating"
    assert not re.search(r"€\d|\b\d\.\d\b", said)


def test_a_choice_of_language_is_remembered(german: Page) -> None:
    arrive(german, "/")
    german.get_by_label(de.LANGUAGE).select_option("en")
    expect(german.get_by_role("link", name=en.PAGES["/about"], exact=True)).to_be_visible()
    assert german.evaluate("document.documentElement.lang") == "en"
    arrive(german, "/quality")
    expect(german.get_by_label(en.LANGUAGE)).to_have_value("en")
    german.get_by_label(en.LANGUAGE).select_option("de")
    expect(german.get_by_role("link", name=de.PAGES["/about"], exact=True)).to_be_visible()
    assert german.url.endswith("/quality"), "where one was"


def test_the_first_answer_is_german_already(german: Page) -> None:
    answer = german.request.get("/", headers={"Accept-Language": "de"})
    assert '<html lang="de">' in answer.text()
    assert de.PAGES["/quality"] in answer.text()
