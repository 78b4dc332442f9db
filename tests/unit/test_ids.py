"""Product ids survive the way through a URL."""

from __future__ import annotations

from urllib.parse import quote, urljoin, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dashboard.ids import from_segment, item_href, raw_segments, thumbnail_href, to_segment

ANY_ID = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)


@given(ANY_ID)
@example("..")
@example(".")
@example("~..")
@example("~~.")
@example("a/b c?d#e%2F")
def test_an_id_comes_back_from_its_segment(product_id: str) -> None:
    assert from_segment(to_segment(product_id)) == product_id


@given(ANY_ID)
@example("..")
@example("/")
def test_a_segment_stays_one_segment_of_the_path(product_id: str) -> None:
    path = urlsplit(urljoin("http://shop.example/other/page", item_href(product_id))).path
    assert path == f"/item/{to_segment(product_id)}"
    assert path.count("/") == 2


@given(ANY_ID.filter(lambda product_id: product_id.strip("~") not in (".", "..")))
def test_anyone_may_percent_encode_an_id_himself(product_id: str) -> None:
    assert from_segment(quote(product_id, safe="")) == product_id


def test_segments_are_those_of_the_raw_uri() -> None:
    environ = {"RAW_URI": "/api/products/a%2Fb/recommendations?k=3"}
    assert raw_segments(environ, "/api/products/", "a/b/recommendations") == ["a%2Fb", "recommendations"]


def test_without_a_raw_uri_the_decoded_path_stands_in() -> None:
    assert raw_segments({}, "/api/products/", "50 %/recommendations") == ["50%20%25", "recommendations"]


@pytest.mark.parametrize(("product_id", "url"), [("0012", "/thumbnails/b1/0012.webp"), ("..", "/thumbnails/b1/~...webp")])
def test_a_picture_is_named_by_build_and_product(product_id: str, url: str) -> None:
    assert thumbnail_href("b1", product_id) == url
