"""Bytes, seconds and questions: what is turned away, and that nothing else is."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from dashboard.app import create_app
from dashboard.environment import BadSetting
from dashboard.limits import CLIENTS_KEPT, Allowance, _without_slow_bodies, client_network

Ask = Callable[..., TestResponse]
QUERY = {
    "output": "..describe-results.children...address.data..",
    "outputs": [{"id": "describe-results", "property": "children"}, {"id": "address", "property": "data"}],
    "inputs": [{"id": "describe-text", "property": "value", "value": "wool"}],
    "changedPropIds": ["describe-text.value"],
}
MATCH = {
    "output": "picture-matches.children",
    "outputs": {"id": "picture-matches", "property": "children"},
    "inputs": [
        {"id": "picture-asked", "property": "data", "value": None},
        {"id": "picture-category", "property": "value", "value": "others"},
    ],
    "changedPropIds": ["picture-category.value"],
}


def navigation(path: str, search: str = "") -> dict[str, Any]:
    """The question that draws a page."""
    return {
        "output": "..page.children...drawn.data..",
        "outputs": [{"id": "page", "property": "children"}, {"id": "drawn", "property": "data"}],
        "inputs": [{"id": "navigation", "property": "data", "value": {"path": path, "search": search, "visit": 1}}],
        "changedPropIds": ["navigation.data"],
    }


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def client(planted: Path, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    """An app that allows two typed queries and three pictures a minute, behind one router."""
    monkeypatch.setenv("RATE_LIMIT_QUERY", "2")
    monkeypatch.setenv("RATE_LIMIT_PICTURE", "3")
    monkeypatch.setenv("TRUSTED_PROXIES", "1")
    return create_app(planted).server.test_client()


@pytest.fixture
def ask(client: FlaskClient) -> Ask:
    def post(body: Any, address: str = "192.0.2.1") -> TestResponse:
        return client.post("/_dash-update-component", json=body, headers={"X-Forwarded-For": address})

    return post


@pytest.mark.parametrize(("body", "allowed"), [(QUERY, 2), (navigation("/describe", "?q=wool"), 2), (MATCH, 3)])
def test_a_costly_question_too_many_is_put_off(ask: Ask, body: dict, allowed: int) -> None:
    assert [ask(body).status_code for _ in range(allowed)] == [200] * allowed
    refused = ask(body)
    assert refused.status_code == 429
    assert 1 <= int(refused.headers["Retry-After"]) <= 60 / allowed
    assert refused.get_json()["error"].startswith("Many questions")
    assert refused.headers["X-Content-Type-Options"] == "nosniff"


def test_a_link_to_a_query_and_typing_draw_on_one_allowance(ask: Ask) -> None:
    assert [ask(body).status_code for body in (QUERY, navigation("/describe", "?q=oak"), QUERY)] == [200, 200, 429]


def test_each_address_has_its_own_allowance(ask: Ask) -> None:
    assert [ask(QUERY, address).status_code for address in ("192.0.2.1",) * 3 + ("192.0.2.2",)] == [200, 200, 429, 200]


def test_an_address_that_the_client_wrote_itself_is_not_believed(ask: Ask) -> None:
    answers = [ask(QUERY, f"10.0.0.{i}, 192.0.2.1").status_code for i in range(3)]
    assert answers == [200, 200, 429]


@pytest.mark.parametrize("path", ["/", "/describe", "/clusters", "/item/item-001"])
def test_pages_are_not_counted(ask: Ask, path: str) -> None:
    assert {ask(navigation(path)).status_code for _ in range(10)} == {200}


@pytest.mark.slow
def test_no_limit_is_a_setting(planted: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RATE_LIMIT_QUERY", "0")
    client = create_app(planted).server.test_client()
    assert {client.post("/_dash-update-component", json=QUERY).status_code for _ in range(200)} == {200}


def test_a_body_that_is_too_large_is_not_read(client: FlaskClient) -> None:
    response = client.post("/_dash-update-component", data=b"[" + b" " * 12_000_000 + b"]", content_type="application/json")
    assert response.status_code == 413


@pytest.mark.parametrize("value", ["-1", "many", "1.5", "٣", "99999999999"])
def test_a_setting_that_is_no_number_is_named(planted: Path, monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("RATE_LIMIT_PICTURE", value)
    with pytest.raises(BadSetting, match="RATE_LIMIT_PICTURE must be a whole number, 0 or more, not"):
        create_app(planted)


@given(per_minute=st.integers(1, 200), pauses=st.lists(st.floats(0, 90), max_size=60))
def test_never_more_than_twice_the_number_in_a_minute_and_waiting_as_told_helps(per_minute: int, pauses: list[float]) -> None:
    clock = Clock()
    allowance = Allowance(per_minute, clock)
    taken: list[float] = []
    for pause in pauses:
        clock.now += pause
        wait = allowance.take("client")
        if wait:
            clock.now += wait + 1e-6
            assert allowance.take("client") == 0
        taken.append(clock.now)
    for start in taken:
        assert sum(start <= moment < start + 60 for moment in taken) < 2 * per_minute + 1


def test_a_silent_client_may_ask_all_at_once_and_then_at_an_even_pace() -> None:
    clock = Clock()
    allowance = Allowance(4, clock)
    assert [allowance.take("a") for _ in range(5)] == [0, 0, 0, 0, 15]
    clock.now += 15
    assert [allowance.take("a"), allowance.take("a")] == [0, 15]


def test_what_is_kept_of_clients_is_bounded() -> None:
    allowance = Allowance(1, Clock())
    for number in range(CLIENTS_KEPT + 50):
        allowance.take(str(number))
    assert allowance.take(str(CLIENTS_KEPT + 49)) > 0, "the newest is remembered"
    assert allowance.take("0") == 0, "the oldest is forgotten"


@pytest.mark.parametrize(
    ("address", "client"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("nonsense", "unknown"),
        (None, "unknown"),
    ],
)
def test_a_client_is_an_address_or_a_home(address: str | None, client: str) -> None:
    assert client_network(address) == client


def test_a_body_that_never_ends_is_hung_up_on() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.send(b"beginning")

        def app(environ: dict[str, Any], _: Any) -> list[bytes]:
            return list(iter(lambda: environ["gunicorn.socket"].recv(4), b""))

        environ = {"gunicorn.socket": ours, "REQUEST_METHOD": "POST"}
        assert b"".join(_without_slow_bodies(app, 0.05, environ, None)) == b"beginning"
        ours.send(b"an answer still gets through")
        assert theirs.recv(100) == b"an answer still gets through"


def test_a_body_in_time_leaves_the_connection_open() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        before = threading.active_count()
        environ = {"gunicorn.socket": ours, "REQUEST_METHOD": "POST"}
        assert _without_slow_bodies(lambda *_: [b"answer"], 3600, environ, None) == [b"answer"]
        theirs.send(b"next request")
        assert ours.recv(100) == b"next request"
        assert threading.active_count() <= before + 1
