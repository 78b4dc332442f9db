"""The colours of both themes can be told apart: WCAG 2.2 AA, 4.5 to 1 for text and 3 to 1 for what marks a control or a value."""

from __future__ import annotations

import re

import pytest

from dashboard.app import ASSETS

TEXT, PART = 4.5, 3.0
GROUNDS = ("canvas", "surface", "sunken")
PAIRS = [
    *((ink, ground, TEXT) for ink in ("ink", "muted", "accent") for ground in GROUNDS),
    ("ink", "accent-soft", TEXT),
    ("muted", "accent-soft", TEXT),
    ("accent-ink", "accent", TEXT),
    ("canvas", "ink", TEXT),
    ("warn", "warn-soft", TEXT),
    *((part, ground, PART) for part in ("accent", "edge") for ground in GROUNDS),
    *(("star", ground, PART) for ground in ("canvas", "surface")),
]
"""What stands on what, in the stylesheets, and how far their luminances must lie apart."""


def tokens(selector: str) -> dict[str, str]:
    """The colours that a block of the stylesheet names."""
    css = (ASSETS / "aisle.css").read_text()
    block = css[css.index(selector + " {") :]
    return dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", block[: block.index("}")]))


def luminance(colour: str) -> float:
    """As WCAG defines it for sRGB."""
    shares = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted([luminance(one), luminance(other)])
    return (lighter + 0.05) / (darker + 0.05)


def test_contrast_is_what_the_standard_says() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)  # the grey that is known to miss AA by a hair


@pytest.mark.parametrize("theme", [":root", '[data-bs-theme="dark"]'])
@pytest.mark.parametrize(("front", "ground", "least"), PAIRS)
def test_what_stands_on_a_ground_can_be_read(theme: str, front: str, ground: str, least: float) -> None:
    colours = tokens(theme)
    assert contrast(colours[front], colours[ground]) >= least


def test_both_themes_name_the_same_colours() -> None:
    assert tokens(":root").keys() == tokens('[data-bs-theme="dark"]').keys()


def test_colours_and_sizes_are_named_in_one_place() -> None:
    """But for the black of masks."""
    for sheet in ASSETS.glob("*.css"):
        css = re.sub(r"/\*.*?\*/", "", sheet.read_text(), flags=re.DOTALL)
        rules = css[css.index("body {") :] if sheet.name == "aisle.css" else css
        loose = re.sub(r"#000\b", "", rules)
        assert re.findall(r"#[0-9a-f]{3,8}\b(?=[^{}]*;)|(?:rgb|hsl)a?\(", loose) == [], sheet.name
