"""A real server over the planted cache, and a real Chromium that fails a test on any error it sees."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, Response, expect, sync_playwright

from tests.planted_cache import write_planted_cache
from tests.serving import running

SYSTEM_CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
PATIENCE = 40_000
"""Milliseconds. Playwright has `expect` wait 5 s, which a map on a busy machine may take to be drawn."""
SETTLED = """() => {
    const page = document.querySelector("#react-entry-point main");
    const coming = "#first-look, main > .page-loading, .navigating, script[src*='/async-']"; // Dash brings some components late
    if (!page?.firstElementChild || document.querySelector(coming)) return false;
    const { stored, completed, ...underWay } = window.store.getState().callbacks;
    const isDrawn = [...document.querySelectorAll(".dash-graph")].every((plot) => plot.querySelector(".main-svg"));
    return isDrawn && Object.values(underWay).every((callbacks) => callbacks.length === 0);
}"""
"""Whether Dash has drawn the page in place of the plain HTML that comes first, and has nothing left to ask or to answer."""

expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of ``python -m dashboard`` over a planted cache."""
    cache_dir = tmp_path_factory.mktemp("cache")
    write_planted_cache(cache_dir)
    with serving(cache_dir) as address:
        yield address


@contextmanager
def serving(cache_dir: Path) -> Iterator[str]:
    """Run ``python -m dashboard`` over a cache folder on a free port until the block ends; gives its address."""
    with running(cache_dir, workers=1, command=(sys.executable, "-m", "dashboard")) as app:
        yield f"http://127.0.0.1:{app.port}"


def until(page: Page, condition: str) -> None:
    """Wait until a JavaScript function, which may be async, gives true.

    Playwright's `wait_for_function` has the page evaluate a text, which its policy forbids.
    """
    page.evaluate(
        f"""async () => {{
            const end = performance.now() + {PATIENCE};
            while (!(await ({condition})())) {{
                if (performance.now() > end) throw new Error("not true in {PATIENCE} ms");
                await new Promise(requestAnimationFrame);
            }}
        }}"""
    )


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with launched_browser() as browser:
        yield browser


@contextmanager
def launched_browser() -> Iterator[Browser]:
    """The system's Chromium, else Playwright's own."""
    found = next((path for name in SYSTEM_CHROMIUM if (path := shutil.which(name))), None)
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=arguments)
        yield browser
        browser.close()


def arrive(page: Page, path: str) -> None:
    """Open a page, and wait until it is `settled`: what is typed or clicked before goes to the plain HTML that comes first."""
    page.goto(path)
    page.wait_for_load_state("networkidle")
    settled(page)


def settled(page: Page) -> None:
    """Wait until all that was asked for so far is drawn.

    Playwright's "networkidle" is reached once for each document, and says nothing about what is asked for later.
    """
    until(page, SETTLED)


def left(request: Request) -> bool:
    """Whether a request ended only because the page that made it was left."""
    return request.failure == "net::ERR_ABORTED"


@pytest.fixture
def page(browser: Browser, server: str) -> Iterator[Page]:
    """A page on the server, `watched`."""
    with watched(browser, server, viewport={"width": 1280, "height": 900}) as page:
        yield page


@contextmanager
def watched(browser: Browser, server: str, **options: Any) -> Iterator[Page]:
    """A page of its own context, on the server; the block fails on any console or page error, failed request, or planted script
    that has run. `options` are those of the context."""
    context = browser.new_context(base_url=server, **options)
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    wrong: list[str] = []
    missing: set[str] = set()

    def look_at(response: Response) -> None:
        # A page that says that there is none comes with 404, which Chromium also writes to the console.
        if response.status == 404 and response.request.is_navigation_request():
            missing.add(response.url)
        elif response.status >= 400:
            wrong.append(f"{response.url}: {response.status}")

    def read(message: ConsoleMessage) -> None:
        if message.type == "error" and message.location["url"] not in missing:
            wrong.append(message.text)

    page.on("console", read)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("requestfailed", lambda request: wrong.append(f"{request.url}: {request.failure}") if not left(request) else None)
    page.on("response", look_at)
    yield page
    hacked = page.evaluate("window.hacked === true")
    context.close()
    assert not wrong
    assert not hacked
