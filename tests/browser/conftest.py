"""A real server over the planted cache, and a real Chromium that fails a test on any error it sees."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, Response, expect, sync_playwright

from tests.planted_cache import write_planted_cache

ROOT = Path(__file__).resolve().parents[2]
SYSTEM_CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
PATIENCE = 15_000
"""Milliseconds. Playwright has `expect` wait 5 s, which a map on a busy machine may take to be drawn."""

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
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {"PORT": str(port), "CACHE_DIR": str(cache_dir), "WEB_CONCURRENCY": "1"}
    process = subprocess.Popen([sys.executable, "-m", "dashboard"], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    try:
        wait_until_ready(f"http://127.0.0.1:{port}", process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=20)


def wait_until_ready(address: str, process: subprocess.Popen[bytes]) -> None:
    """Ask until the server answers or its process has ended."""
    while process.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}/readyz", timeout=10):
                return
        except OSError:  # URLError is one too
            continue
    raise RuntimeError(f"python -m dashboard ended with {process.returncode}")


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
    """Open a page, and wait until Dash has drawn it in place of the plain HTML that comes first."""
    page.goto(path)
    expect(page.locator("#first-look")).to_have_count(0)
    page.wait_for_load_state("networkidle")


def left(request: Request) -> bool:
    """Whether a request ended only because the page that made it was left."""
    return request.failure == "net::ERR_ABORTED"


@pytest.fixture
def page(browser: Browser, server: str) -> Iterator[Page]:
    """A page on the server; the test fails on any console or page error, failed request, or planted script that has run."""
    context = browser.new_context(base_url=server, viewport={"width": 1280, "height": 900})
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
