"""The page about the data says all that the manifest says."""

from __future__ import annotations

from pathlib import Path

import pytest

from dashboard import __version__
from dashboard.app import create_app
from dashboard.navigation import Location
from dashboard.pages import about, not_found_404
from dashboard.pages.about import _value
from tests.drawn import parts, text_of
from tests.planted_cache import write_planted_cache


def test_everything_in_the_manifest_is_said(tmp_path: Path) -> None:
    manifest = write_planted_cache(tmp_path, n=30, without=("reviews",))
    with create_app(tmp_path).server.test_request_context():
        text = text_of(about.layout(Location("/about")).body)
    for said in (
        manifest.folder,
        manifest.built_at[:10],
        f"Served by Aisle {__version__}.",
        "Planted & <i>Sons</i>",
        "Products 30",
        "reviews.csv exact duplicate 7",
        "orders.csv quantity is not above 0 3",
        "products.csv HTML entities unescaped in title 4",
        "Described alike no input for reviews",
        "Looks alike 29 1 8 untrained network",
        "products products.csv 1\u202fkB abababababab",
        '"weights": "untrained"',
        *manifest.files,
    ):
        assert said in text


def test_nothing_missing_and_nothing_left_out_are_said_too(planted: Path) -> None:
    with create_app(planted).server.test_request_context():
        assert "Nothing is missing" in text_of(about.layout(Location("/about")).body)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({"visual": 0.25, "style": 1 / 3}, "visual 0.25, style 0.3333"),
        (["a", "b"], "a, b"),
        ("text", "text"),
        (12, "12"),
        (None, "None"),
        ([], ""),
    ],
)
def test_details_in_words(value: object, said: str) -> None:
    assert _value(value) == said


def test_a_page_that_is_not_there_names_its_path() -> None:
    drawn = not_found_404.layout(Location("/nö<b>"))
    assert "/nö<b>" in text_of(drawn.body)
    assert any(getattr(part, "href", None) == "/" for part in parts(drawn.body))
