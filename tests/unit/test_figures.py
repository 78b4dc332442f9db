from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from dashboard.figures import OTHER, PALETTE, Dot, Figure, Group, Line, lines_figure, map_figure, metrics_figure, plain

ASSETS = Path(__file__).parents[2] / "assets"
GROUPS = [
    Group("chairs", 7, 3, 0, "chairs", "<b>seat</b> & more"),
    Group("rugs", 2, 2, 1, "rugs"),
    Group("one of the many small ones", 5, 1, None, "lamps", "lamp"),
]


def groups_of(figure: Figure) -> list[int | None]:
    return [trace["group"] for trace in figure["data"]]


def test_each_coloured_group_has_a_trace_and_all_others_have_the_lowest() -> None:
    figure = map_figure(GROUPS, points=6, chosen=None)
    assert groups_of(figure) == [None, 7, 2]
    assert [trace["marker"]["color"] for trace in figure["data"]] == [OTHER, PALETTE[0], PALETTE[1]]
    json.dumps(figure)


def test_labels_are_text_not_markup() -> None:
    labels = [trace["label"] for trace in map_figure(GROUPS, points=6, chosen=None)["data"]]
    assert labels == ["", "&lt;b&gt;seat&lt;/b&gt; &amp; more", ""]
    assert plain("<a href='x'>&amp;") == "&lt;a href='x'&gt;&amp;amp;"


def test_the_chosen_group_is_drawn_last_and_the_others_fade() -> None:
    figure = map_figure(GROUPS, points=6, chosen="chairs")
    assert groups_of(figure) == [None, 2, 7]
    *faded, bold = (trace["marker"] for trace in figure["data"])
    assert bold["opacity"] == 1
    assert all(marker["opacity"] < 0.3 and marker["size"] < bold["size"] for marker in faded)


def test_few_points_are_larger_than_many() -> None:
    sizes = [map_figure(GROUPS, points, None)["data"][0]["marker"]["size"] for points in (0, 100, 3_000, 300_000)]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] > sizes[-1] > 0


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


LINES = [Line("1", [0.5, 0.4]), Line("2", [0.48, 0.39], bold=True), Line("<5>", [0.4, 0.1]), Line("9", [0.2, None])]


def test_lines_begin_at_zero_and_the_bold_one_lies_on_top() -> None:
    figure = lines_figure(LINES, ["0", "0.5"], "score", ring=(1, 0.39), level=0.6)
    *lines, ring = figure["data"]
    assert [line["y"] for line in lines] == [[0.5, 0.4], [0.4, 0.1], [0.2, None], [0.48, 0.39]]
    assert [line["line"]["color"] for line in lines] == [OTHER, OTHER, OTHER, PALETTE[0]]
    assert (ring["x"], ring["y"]) == ([1], [0.39])
    low, high = figure["layout"]["yaxis"]["range"]
    assert low == 0, "a scale that starts elsewhere makes small differences look large"
    assert high > 0.6, "the level to compare with is on the scale too"
    assert (figure["layout"]["shapes"][0]["y0"], figure["layout"]["shapes"][0]["y1"]) == (0.6, 0.6)
    assert figure["layout"]["xaxis"]["ticktext"] == ["0", "0.5"]


def test_lines_are_named_at_their_ends_and_share_a_label_where_they_meet() -> None:
    labels = {
        label["text"]: label["y"]
        for label in lines_figure(LINES, ["0", "0.5"], "", ring=None, level=None)["layout"]["annotations"]
    }
    assert labels == {"1, 2": pytest.approx(0.395), "&lt;5&gt;": 0.1}, "a line without an end has no label"
    meeting = [Line(name, [1.0, 0.5]) for name in "abcd"]
    (label,) = lines_figure(meeting, ["0", "1"], "", ring=None, level=None)["layout"]["annotations"]
    assert label["text"] == "a–d"
    apart = [Line("a", [0.5]), Line("b", [0.1]), Line("c", [0.5]), Line("d", [0.5])]
    texts = {label["text"] for label in lines_figure(apart, ["0"], "", ring=None, level=None)["layout"]["annotations"]}
    assert texts == {"a, c, d", "b"}


@pytest.mark.parametrize("lines", [[], [Line("nothing", [None])], [Line("zero", [0.0])]])
def test_lines_without_height(lines: list[Line]) -> None:
    assert lines_figure(lines, ["0"], "", ring=None, level=None)["layout"]["yaxis"]["range"] == [0, 1]


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
