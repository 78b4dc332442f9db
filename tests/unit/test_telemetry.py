"""What an operator sees: lines, ids, metrics, and one clear line where the app can't start."""

from __future__ import annotations

import json
import logging
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from dashboard.app import create_app, create_server
from dashboard.telemetry import JsonLines, configure_logging
from tests.planted_cache import write_planted_cache
from tests.unit.test_limits import QUERY, navigation

Lines = list[dict[str, Any]]


class Collected(logging.Handler):
    """What the log would say, line by line."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(JsonLines())
        self.lines: Lines = []

    def emit(self, record: logging.LogRecord) -> None:
        text = self.format(record)
        assert "\n" not in text
        self.lines.append(json.loads(text))


@pytest.fixture
def lines() -> Iterator[Lines]:
    collected, root = Collected(), logging.getLogger()
    level = root.level
    root.addHandler(collected)
    root.setLevel(logging.INFO)
    yield collected.lines
    root.removeHandler(collected)
    root.setLevel(level)


@pytest.fixture(scope="module")
def client(planted: Path) -> FlaskClient:
    return create_app(planted).server.test_client()


def test_a_request_is_one_line(client: FlaskClient, lines: Lines) -> None:
    response = client.get("/api/products/nobody?signal=secret", headers={"X-Request-ID": "abc-1"})
    assert response.headers["X-Request-ID"] == "abc-1"
    (line,) = lines
    assert line["ms"] >= 0
    assert {name: line[name] for name in ("level", "method", "path", "status", "request_id", "asked")} == {
        "level": "info",
        "method": "GET",
        "path": "/api/products/nobody",
        "status": 404,
        "request_id": "abc-1",
        "asked": "route /api/products/<rest:rest>",
    }
    assert "secret" not in json.dumps(line)


@pytest.mark.parametrize(
    ("body", "asked"),
    [
        (navigation("/item/item-001"), "page /item/"),
        (navigation("/made/up"), "page not found"),
        (QUERY, "callback address describe-results"),
        ({"output": "made-up.children"}, "unknown"),
        ({"output": ["page.children"]}, "unknown"),
        ([], "unknown"),
    ],
)
def test_a_callback_is_told_by_what_it_fills(client: FlaskClient, lines: Lines, body: Any, asked: str) -> None:
    client.post("/_dash-update-component", json=body)
    assert lines[-1]["asked"] == asked


@pytest.mark.parametrize("sent", ["", "a b", "x" * 129, '{"level": "error"}', "é"])
def test_an_id_that_could_mislead_is_replaced(client: FlaskClient, sent: str) -> None:
    given = client.get("/healthz", headers={"X-Request-ID": sent}).headers["X-Request-ID"]
    assert re.fullmatch(r"[0-9a-f]{32}", given)


def test_an_exception_is_one_line_with_the_requests_id(planted: Path, lines: Lines) -> None:
    server = create_app(planted).server

    def fail() -> None:
        raise RuntimeError("first line\nsecond line")

    server.add_url_rule("/api-that-fails", "fails", fail)
    assert server.test_client().get("/api-that-fails", headers={"X-Request-ID": "req-7"}).status_code == 500
    error, request = lines
    assert (error["level"], error["request_id"], request["status"]) == ("error", "req-7", 500)
    assert "second line" in error["exception"]


@pytest.mark.usefixtures("kept_logging")
@pytest.mark.parametrize(("terminal", "level"), [(True, logging.WARNING), (False, logging.INFO)])
def test_a_terminal_gets_words_and_a_pipe_gets_json(monkeypatch: pytest.MonkeyPatch, terminal: bool, level: int) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: terminal)
    configure_logging()
    (handler,) = logging.getLogger().handlers
    assert logging.getLogger().level == level
    assert isinstance(handler.formatter, JsonLines) is not terminal


def test_metrics_are_behind_a_flag(client: FlaskClient, planted: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "aisle_" not in client.get("/metrics").text
    monkeypatch.setenv("METRICS", "1")
    measured = create_app(planted)
    client = measured.server.test_client()
    for _ in range(3):
        client.post("/_dash-update-component", json=navigation("/clusters"))
    text = client.get("/metrics").text
    assert 'aisle_request_seconds_count{asked="page /clusters",status="200"} 3.0' in text
    build = measured.server.config["store"].build.name
    assert f'aisle_build_live{{build="{build}"}} 1.0' in text
    assert "aisle_build_refused 0.0" in text
    memory = re.search(r"^aisle_memory_bytes (\S+)$", text, re.MULTILINE)
    assert memory
    assert float(memory[1]) > 10_000_000


def test_metrics_follow_a_new_build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("METRICS", "1")
    old = write_planted_cache(tmp_path, n=30).folder
    app = create_app(tmp_path)
    client = app.server.test_client()
    client.get("/healthz")
    new = write_planted_cache(tmp_path, n=31).folder
    store = app.server.config["store"]
    store._clock = lambda: float("inf")
    client.get("/readyz")
    text = client.get("/metrics").text
    assert f'aisle_build_live{{build="{old}"}} 0.0' in text
    assert f'aisle_build_live{{build="{new}"}} 1.0' in text


@pytest.mark.usefixtures("kept_logging")
@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("METRICS", "yes"),
        ("RATE_LIMIT_QUERY", "fast"),
        ("MAX_BODY_BYTES", "0"),
        ("TRUSTED_PROXIES", "-1"),
        ("CACHE_DIR", "/nowhere"),
    ],
)
def test_what_keeps_the_app_from_starting_is_said_in_one_line(
    planted: Path, monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setenv("CACHE_DIR", str(planted))
    monkeypatch.setenv(variable, value)
    with pytest.raises(SystemExit) as ended:
        create_server()
    said = str(ended.value)
    assert "\n" not in said
    assert (value if variable == "CACHE_DIR" else variable) in said


@pytest.mark.usefixtures("kept_logging")
@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"{}", b"\xff\xfe", b'{"folder": "../elsewhere"}'])
def test_a_damaged_manifest_is_named_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    write_planted_cache(tmp_path, n=30)
    (tmp_path / "manifest.json").write_bytes(content)
    monkeypatch.setenv("CACHE_DIR", str(tmp_path))
    with pytest.raises(SystemExit) as ended:
        create_server()
    assert str(ended.value).startswith(str(tmp_path / "manifest.json"))
    assert "\n" not in str(ended.value)
