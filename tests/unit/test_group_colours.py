"""The colours of a map's groups can be told apart, from each other and from the ground, by those who see fewer colours too."""

from __future__ import annotations

import itertools
import re

import numpy as np
import pytest
from numpy.typing import NDArray

from dashboard.app import ASSETS
from dashboard.components.map_legend import COLOURED
from tests.unit.test_contrast import contrast, tokens

THEMES = {"light": ":root", "dark": '[data-bs-theme="dark"]'}
NORMAL = "all colours"
SIGHTS = {
    NORMAL: [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}
"""What linear sRGB looks like to whom: Machado, Oliveira and Fernandes 2009, at full severity."""
LEAST = dict.fromkeys(SIGHTS, 0.06) | {NORMAL: 0.12}
"""How far apart two colours lie at least, in OKLab, in which one can just see a difference of 0.02."""


def linear(colour: str) -> NDArray[np.float64]:
    shares = np.array([int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)])
    return np.where(shares <= 0.04045, shares / 12.92, ((shares + 0.055) / 1.055) ** 2.4)


def oklab(rgb: NDArray[np.float64]) -> NDArray[np.float64]:
    """Ottosson's OKLab of linear sRGB: lightness, green to red, blue to yellow."""
    to_cones = [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
    to_lab = [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
    return np.array(to_lab) @ np.cbrt(np.array(to_cones) @ rgb)


def seen(colour: str, sight: str) -> NDArray[np.float64]:
    return oklab(np.clip(np.array(SIGHTS[sight]) @ linear(colour), 0, 1))


def group_colours(theme: str) -> list[str]:
    """Those of the groups in their order, and that of all other points."""
    css = (ASSETS / "aisle.css").read_text()
    block = css[css.index(THEMES[theme] + " {") :]
    return re.findall(r"--group-(?:\d+|other): (#[0-9a-f]{6});", block[: block.index("}")])


def test_oklab_is_what_its_author_says() -> None:
    assert oklab(linear("#ffffff")) == pytest.approx([1, 0, 0], abs=1e-4)
    assert oklab(linear("#ff0000")) == pytest.approx([0.62796, 0.22486, 0.12585], abs=1e-4)


@pytest.mark.parametrize("sight", SIGHTS)
def test_greys_look_alike_to_everyone(sight: str) -> None:
    assert seen("#777777", sight) == pytest.approx(oklab(linear("#777777")), abs=1e-3)


def test_red_and_green_are_alike_without_red_or_green_cones() -> None:
    red, green = "#a06030", "#7a7030"
    apart = {sight: float(np.linalg.norm(seen(red, sight) - seen(green, sight))) for sight in SIGHTS}
    assert apart["protanopia"] < apart["tritanopia"] / 2
    assert apart["deuteranopia"] < apart["tritanopia"] / 2


@pytest.mark.parametrize("theme", THEMES)
def test_every_group_stands_out_from_the_ground(theme: str) -> None:
    ground = tokens(THEMES[theme])["surface"]
    colours = group_colours(theme)
    assert len(colours) == COLOURED + 1
    assert min(contrast(colour, ground) for colour in colours) >= 3, "WCAG 1.4.11"


@pytest.mark.parametrize("sight", SIGHTS)
@pytest.mark.parametrize("theme", THEMES)
def test_no_two_groups_look_alike(theme: str, sight: str) -> None:
    pairs = itertools.combinations(group_colours(theme), 2)
    apart = {pair: float(np.linalg.norm(seen(pair[0], sight) - seen(pair[1], sight))) for pair in pairs}
    closest = min(apart, key=lambda pair: apart[pair])
    assert apart[closest] >= LEAST[sight], closest
