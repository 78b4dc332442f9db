from __future__ import annotations

import pytest

from dashboard.figures import HIGHLIGHT, OTHER, Dot, Line, lines_figure, metrics_figure, plain


def test_texts_are_text_not_markup() -> None:
    assert plain("<a href='x'>&amp;") == "&lt;a href='x'&gt;&amp;amp;"


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
    assert [line["line"]["color"] for line in lines] == [OTHER, OTHER, OTHER, HIGHLIGHT]
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


@pytest.mark.parametrize("colour", [HIGHLIGHT, OTHER])
@pytest.mark.parametrize("ground", ["#ffffff", "#1c1a17"])
def test_colours_stand_out_on_light_and_dark(colour: str, ground: str) -> None:
    dark, light = sorted([luminance(colour), luminance(ground)])
    assert (light + 0.05) / (dark + 0.05) >= 3, "WCAG 1.4.11 asks 3:1 of graphical objects"
