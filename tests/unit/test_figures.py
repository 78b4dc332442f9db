from __future__ import annotations

import base64
import json
import re
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from dashboard.figures import OTHER, PALETTE, Dot, Figure, Group, map_figure, metrics_figure, plain

ASSETS = Path(__file__).parents[2] / "assets"
NAN = np.nan
X = np.array([0.0, 1.0, NAN, 3.0, 4.0], np.float32)
Y = np.array([0.0, -1.0, NAN, -3.0, -4.0], np.float32)
IDS = pa.array(["a", "b/ü", "c", "<d>", "e"])
GROUPS = [
    Group("chairs", np.array([0, 2, 3]), 0, "chairs"),
    Group("<b>rugs</b> & more", np.array([1]), 1, "rugs"),
    Group("other", np.array([4]), None),
]


def numbers(packed: dict[str, str]) -> list[float]:
    assert packed["dtype"] == "f4"
    return np.frombuffer(base64.b64decode(packed["bdata"]), "<f4").tolist()


def points(figure: Figure) -> dict[str, tuple[float, float]]:
    """Product id to place, over all traces."""
    return {
        product: place
        for trace in figure["data"]
        for product, *place in zip(trace["customdata"], numbers(trace["x"]), numbers(trace["y"]), strict=True)
    }


def test_every_point_carries_its_own_id_and_products_off_the_map_are_left_out() -> None:
    figure = map_figure(X, Y, IDS, GROUPS, chosen=None)
    assert points(figure) == {"a": [0, 0], "<d>": [3, -3], "b/ü": [1, -1], "e": [4, -4]}
    assert [trace["marker"]["color"] for trace in figure["data"]] == [PALETTE[0], PALETTE[1], OTHER]
    json.dumps(figure)


def test_names_are_text_not_markup() -> None:
    assert map_figure(X, Y, IDS, GROUPS, chosen=None)["data"][1]["name"] == "&lt;b&gt;rugs&lt;/b&gt; &amp; more"
    assert plain("<a href='x'>&amp;") == "&lt;a href='x'&gt;&amp;amp;"


def test_the_chosen_group_is_drawn_last_and_the_others_fade() -> None:
    figure = map_figure(X, Y, IDS, GROUPS, chosen="chairs")
    *faded, bold = figure["data"]
    assert bold["name"] == "chairs"
    assert bold["marker"]["opacity"] == 1
    assert all(trace["marker"]["opacity"] < 0.3 for trace in faded)
    assert points(figure) == points(map_figure(X, Y, IDS, GROUPS, chosen=None))


def test_an_empty_map_is_a_figure() -> None:
    nothing = np.full(5, NAN, np.float32)
    assert points(map_figure(nothing, nothing, IDS, GROUPS, chosen=None)) == {}


DOTS = [
    Dot("Looks alike", 0.4, 0.3, 0.55, baseline=False),
    Dot("new <i>signal</i>", 0.2, None, None, baseline=False),
    Dot("Chance", 0.1, 0.05, 0.15, baseline=True),
]


def test_metrics_keep_the_order_and_draw_intervals() -> None:
    figure = metrics_figure(DOTS, percent=True)
    signals, baselines = figure["data"]
    assert (signals["x"], signals["y"]) == ([0.4, 0.2], [0, 1])
    assert signals["error_x"]["array"] == pytest.approx([0.15, 0])
    assert signals["error_x"]["arrayminus"] == pytest.approx([0.1, 0])
    assert (baselines["x"], baselines["y"]) == ([0.1], [2])
    low, high = figure["layout"]["xaxis"]["range"]
    assert low == 0, "a scale that starts elsewhere makes small differences look large"
    assert high > 0.55
    assert figure["layout"]["yaxis"]["ticktext"][1].strip() == "new &lt;i&gt;signal&lt;/i&gt;"


@pytest.mark.parametrize("dots", [[], [Dot("zero", 0.0, None, None, baseline=False)]])
def test_metrics_without_height(dots: list[Dot]) -> None:
    assert metrics_figure(dots, percent=True)["layout"]["xaxis"]["range"] == [0, 1]


def luminance(colour: str) -> float:
    """Relative luminance, WCAG 2.2."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("colour", [*PALETTE, OTHER])
@pytest.mark.parametrize("ground", ["#ffffff", "#1c1a17"])
def test_map_colours_stand_out_on_light_and_dark(colour: str, ground: str) -> None:
    dark, light = sorted([luminance(colour), luminance(ground)])
    assert (light + 0.05) / (dark + 0.05) >= 3, "WCAG 1.4.11 asks 3:1 of graphical objects"


def test_the_stylesheet_has_the_same_colours() -> None:
    css = (ASSETS / "figures.css").read_text()
    assert re.findall(r"\.swatch-\d+ \{ color: (#\w+); \}", css) == list(PALETTE)
    assert f".swatch-other {{ color: {OTHER}; }}" in css


def test_labels_stand_in_the_middle_of_their_groups_and_never_over_one_another() -> None:
    x = np.array([0, 0, 10, 10, 10.2, 10.2, NAN], np.float32)
    groups = [
        Group("first", np.array([0, 1]), 0, label="<first>"),
        Group("second", np.array([2, 3]), 1, label="second"),
        Group("too near to the second", np.array([4, 5]), 2, label="third"),
        Group("off the map", np.array([6]), 3, label="fourth"),
        Group("without a label", np.array([0]), 4),
    ]
    figure = map_figure(x, x, pa.array(list("abcdefg")), groups, chosen=None)
    labels = {(label["text"], label["x"], label["y"]) for label in figure["layout"]["annotations"]}
    assert labels == {("&lt;first&gt;", 0, 0), ("second", 10, 10)}
