"""The headers of every response, and what production doesn't serve."""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from dashboard.app import create_app

PATHS = ["/", "/item/item-001", "/no/such/page", "/api/products/item-001", "/api/nothing", "/assets/navigation.js", "/healthz"]


@pytest.fixture(scope="module")
def client(planted: Path) -> FlaskClient:
    return create_app(planted).server.test_client()


def policy(client: FlaskClient) -> dict[str, list[str]]:
    header = client.get("/").headers["Content-Security-Policy"]
    return {name: sources for name, *sources in (directive.split() for directive in header.split(";"))}


@pytest.mark.parametrize("path", PATHS)
def test_every_response_is_protected(client: FlaskClient, path: str) -> None:
    with client.get(path) as response:
        headers = response.headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]


def test_no_inline_script_runs_but_the_ones_of_the_page(client: FlaskClient) -> None:
    page = client.get("/").text
    inline = re.findall(r"<script(?![^>]*\b(?:src|type=\"application/json\"))[^>]*>(.*?)</script>", page, re.DOTALL)
    hashes = [f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'" for text in inline]
    assert inline
    assert sorted(policy(client)["script-src"]) == sorted(["'self'", *hashes])


def test_nothing_is_loaded_from_elsewhere(client: FlaskClient) -> None:
    known = {"'self'", "'none'", "'unsafe-inline'", "data:"}
    sources = {source for sources in policy(client).values() for source in sources}
    assert {source for source in sources if not source.startswith("'sha256-")} == known
    assert policy(client)["default-src"] == ["'none'"]


def test_https_is_insisted_on_once_it_was_used(planted: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DYNO", "web.1")
    client = create_app(planted).server.test_client()
    assert "Strict-Transport-Security" in client.get("/healthz", headers={"X-Forwarded-Proto": "https"}).headers
    assert "Strict-Transport-Security" not in client.get("/healthz", headers={"X-Forwarded-Proto": "http"}).headers


def test_a_header_of_no_trusted_router_counts_for_nothing(client: FlaskClient) -> None:
    assert "Strict-Transport-Security" not in client.get("/healthz", headers={"X-Forwarded-Proto": "https"}).headers


@pytest.mark.parametrize("path", ["/_reload-hash", "/_mcp", "/_mcp/sse"])
def test_what_is_for_development_is_not_served(planted: Path, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    for variable in ("DASH_DEBUG", "DASH_MCP_ENABLED", "DASH_HOT_RELOAD", "FLASK_DEBUG"):
        monkeypatch.setenv(variable, "true")
    client = create_app(planted).server.test_client()
    assert client.get(path).status_code == 404
    assert client.post(path, json={}).status_code == 404


def test_debug_mode_is_off_whatever_the_environment_says(planted: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("FLASK_DEBUG", "DASH_DEBUG"):
        monkeypatch.setenv(variable, "1")
    server = create_app(planted).server
    server.add_url_rule("/broken", "broken", lambda: 1 / 0)
    response = server.test_client().get("/broken")
    assert (response.status_code, "ZeroDivisionError" in response.text) == (500, False)
    assert {"Content-Security-Policy", "X-Request-ID"} <= set(response.headers.keys())


def test_an_error_shows_no_traceback(client: FlaskClient) -> None:
    response = client.post("/_dash-update-component", data="{", content_type="application/json")
    assert response.status_code == 400
    assert "Traceback" not in response.text
