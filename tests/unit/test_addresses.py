"""The status of what doesn't exist, and the files that browsers and crawlers look for unasked."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask.testing import FlaskClient

from dashboard.app import PAGES, create_app
from dashboard.ids import item_href
from tests.planted_cache import ODD_IDS


@pytest.fixture(scope="module")
def client(planted: Path) -> FlaskClient:
    return create_app(planted).server.test_client()


@pytest.mark.parametrize("path", [page.path for page in PAGES if page.path != "/item/"] + ["/about/", "/item/item-001"])
def test_a_page_is_200(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 200


@pytest.mark.parametrize("product_id", ODD_IDS)
def test_the_page_of_an_odd_id_is_200(client: FlaskClient, product_id: str) -> None:
    href = item_href(product_id)
    assert client.get(href, environ_overrides={"RAW_URI": href}).status_code == 200


@pytest.mark.parametrize("path", ["/nosuch", "/about/us", "/item/", "/item", "/item/nobody", "/%ff"])
def test_what_does_not_exist_is_404_with_the_app_around_it(client: FlaskClient, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 404
    assert response.mimetype == "text/html"
    assert "_dash-renderer" in response.text


def test_robots_may_read_pages_but_not_searches(client: FlaskClient) -> None:
    response = client.get("/robots.txt")
    assert (response.status_code, response.mimetype) == (200, "text/plain")
    assert "Disallow: /*?" in response.text.splitlines()


def test_the_icon_is_a_picture(client: FlaskClient) -> None:
    with client.get("/favicon.ico") as response:
        assert (response.status_code, response.mimetype) == (200, "image/svg+xml")
