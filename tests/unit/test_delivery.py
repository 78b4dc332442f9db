"""Texts travel compressed to who can read that, and our own stylesheets and scripts as one file each."""

from __future__ import annotations

import gzip
import re
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random

import pytest
from flask import Flask
from flask.testing import FlaskClient

from dashboard.app import ASSETS, create_app
from dashboard.delivery import PACKET, Bundle, add_delivery, scripts, stylesheets
from tests.planted_cache import write_planted_cache

LONG = "All work and no play. " * 200
GZIP = {"Accept-Encoding": "gzip, deflate, br"}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    cache = tmp_path_factory.mktemp("cache")
    write_planted_cache(cache)
    return create_app(cache).server.test_client()


def status(client: FlaskClient, path: str) -> int:
    with client.get(path) as response:
        return response.status_code


def small_server() -> FlaskClient:
    server = Flask("small")
    server.add_url_rule("/long", "long", lambda: {"text": LONG}, methods=["GET", "POST"])
    server.add_url_rule("/short", "short", lambda: {"text": "x" * (PACKET // 2)})
    server.add_url_rule("/stream", "stream", lambda: (LONG for _ in range(3)))
    server.add_url_rule("/picture", "picture", lambda: (LONG.encode(), 200, {"Content-Type": "image/webp"}))
    server.add_url_rule("/done", "done", lambda: (gzip.compress(LONG.encode()), 200, {"Content-Encoding": "gzip"}))
    server.add_url_rule("/assets/missing/<int:number>", "missing", lambda number: (Random(number).randbytes(100_000).hex(), 404))
    add_delivery(server, (Bundle("ours", "/assets/ours-1.js", LONG.encode(), "text/javascript"),))
    return server.test_client()


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_long_text_is_compressed_for_who_can_read_that(method: str) -> None:
    client = small_server()
    answer, plain = (client.open("/long", method=method, headers=headers) for headers in (GZIP, {}))
    assert answer.headers["Content-Encoding"] == "gzip"
    assert answer.content_length == len(answer.data) < len(plain.data) / 20
    assert gzip.decompress(answer.data) == plain.data
    assert "Content-Encoding" not in plain.headers
    assert "Accept-Encoding" in answer.vary
    assert "Accept-Encoding" in plain.vary, "a shared cache must not give one to who asks for the other"


@pytest.mark.parametrize("refused", ["identity", "gzip;q=0", "br", ""])
def test_who_refuses_gzip_gets_none(refused: str) -> None:
    assert "Content-Encoding" not in small_server().get("/long", headers={"Accept-Encoding": refused}).headers


@pytest.mark.parametrize("path", ["/short", "/stream", "/picture"])
def test_what_gains_nothing_or_comes_in_pieces_is_left_alone(path: str) -> None:
    assert "Content-Encoding" not in small_server().get(path, headers=GZIP).headers


def test_what_is_compressed_already_is_left_alone() -> None:
    assert gzip.decompress(small_server().get("/done", headers=GZIP).data) == LONG.encode()


def test_a_file_is_asked_for_again_by_its_tag(client: FlaskClient) -> None:
    with client.get("/assets/navigation.js", headers=GZIP) as first:
        assert first.headers["Content-Encoding"] == "gzip"
        assert gzip.decompress(first.data) == (ASSETS / "navigation.js").read_bytes()
    with client.get("/assets/navigation.js", headers=GZIP | {"If-None-Match": first.headers["ETag"]}) as again:
        assert (again.status_code, again.data) == (304, b"")


def test_what_says_that_there_is_no_such_file_is_compressed_but_not_kept() -> None:
    """It may name the address that was asked for, of which there are any number."""
    client = small_server()
    size, answers = 50_000, 40
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        for number in range(answers):
            answer = client.get(f"/assets/missing/{number}", headers=GZIP)
            assert (answer.status_code, answer.headers["Content-Encoding"]) == (404, "gzip")
            assert answer.content_length > size
        answer.close()
        grown = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert grown < size * answers / 4


def test_the_first_page_names_one_stylesheet_and_one_script_of_ours(client: FlaskClient) -> None:
    page = client.get("/").text
    assert "{%" not in page
    assert "Loading..." not in page
    assert re.findall(r'rel="stylesheet" href="([^"]*)"', page) == [stylesheets(ASSETS).href]
    assert [link for link in re.findall(r'<script src="([^"]*)"', page) if link.startswith("/assets/")] == [
        "/assets/head/theme.js",
        scripts(ASSETS).href,
    ]
    for link in re.findall(r'(?:src|href)="(/[^"]*)"', page):
        assert status(client, link) == 200, link


def test_a_bundle_holds_every_file_in_order_and_is_kept_for_ever(client: FlaskClient) -> None:
    styles = client.get(stylesheets(ASSETS).href)
    assert "immutable" in styles.headers["Cache-Control"]
    assert all(path.read_text() in styles.text for path in ASSETS.glob("*.css"))
    assert styles.text.index("Bootstrap") < styles.text.index((ASSETS / "aisle.css").read_text())
    ours = client.get(scripts(ASSETS).href).text
    assert all(path.read_text() in ours for path in ASSETS.glob("*.js"))


def test_a_bundle_has_another_address_once_a_file_has_changed(tmp_path: Path) -> None:
    (tmp_path / "one.css").write_text("a { color: red }")
    before = stylesheets(tmp_path)
    (tmp_path / "one.css").write_text("a { color: blue }")
    assert stylesheets(tmp_path).href != before.href


def test_a_stylesheet_s_pictures_are_found_beside_the_bundle(client: FlaskClient) -> None:
    styles = stylesheets(ASSETS)
    for name in re.findall(r'url\("?([\w./-]+)"?\)', styles.content.decode()):
        assert status(client, f"{Path(styles.href).parent}/{name}") == 200, name


def test_the_first_page_is_in_the_visitor_s_language(client: FlaskClient) -> None:
    german = client.get("/", headers={"Accept-Language": "de-AT"})
    assert '<html lang="de">' in german.text
    assert "Diese Seite braucht JavaScript." in german.text
    assert '<html lang="en">' in client.get("/").text


@pytest.mark.parametrize("path", ["/", "/item/nothing", "/_dash-layout"])
def test_what_is_said_in_a_language_is_kept_for_nobody_else(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert {"Accept-Language", "Cookie"} <= set(answer.vary)
    assert answer.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("path", ["/api/products/item-001/recommendations", "/thumbnails/x/item-001.webp", "/robots.txt"])
def test_what_says_the_same_to_everyone_may_be_kept_for_all(client: FlaskClient, path: str) -> None:
    answer = client.get(path, headers={"Accept-Language": "de"})
    assert answer.status_code == 200
    assert not {"Accept-Language", "Cookie"} & set(answer.vary)


def test_scripts_asked_for_all_at_once_are_all_there_from_the_first_request(planted: Path) -> None:
    page = create_app(planted).server.test_client().get("/").get_data(as_text=True)
    asked = re.findall(r'src="(/_dash-component-suites/[^"]+)"', page)
    for _ in range(3):
        clients = [create_app(planted).server.test_client] * len(asked)
        with ThreadPoolExecutor(8) as threads:
            assert {*threads.map(lambda client, path: status(client(), path), clients, asked)} == {200}
