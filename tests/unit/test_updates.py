"""Which questions to Dash are let through: those that a page asks, as Dash's own script writes them."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask.testing import FlaskClient

from dashboard.app import create_app
from dashboard.updates import asks
from tests.hostile.callbacks import REAL, body_of, callbacks
from tests.unit.test_limits import MATCH, QUERY, navigation

CALLBACKS = {callback["id"]: callback for callback in callbacks().values()}


@pytest.fixture(scope="module")
def client(planted: Path) -> FlaskClient:
    return create_app(planted).server.test_client()


@pytest.mark.parametrize("fills", REAL)
def test_what_a_page_asks_is_let_through(fills: str) -> None:
    assert all(asks(CALLBACKS, body_of(fills, *values)) for values in REAL[fills])


@pytest.mark.parametrize("body", [QUERY, MATCH, navigation("/")])
def test_a_question_without_state_is_let_through(body: dict) -> None:
    assert asks(CALLBACKS, body)


def test_a_question_of_another_callback_is_refused(client: FlaskClient) -> None:
    mixed = body_of("describe-results", "wool") | {"inputs": body_of("map-in-area", None)["inputs"]}
    response = client.post("/_dash-update-component", json=mixed)
    assert (response.status_code, list(response.get_json())) == (400, ["error"])


def test_json_that_is_nested_too_deeply_is_none(client: FlaskClient) -> None:
    response = client.post("/_dash-update-component", data=b"[" * 100_000, content_type="application/json")
    assert response.status_code == 400
