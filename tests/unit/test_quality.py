"""Quality: which measurements the page shows for an address, and in what words."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest
from dash import html

from dashboard import wording
from dashboard.app import create_app
from dashboard.navigation import Location
from dashboard.pages import quality
from dashboard.pages.quality import Choice, Measured, best_first, choose, headline
from dashboard.store import Build
from lookup import schema
from tests.drawn import hrefs, of_class, of_type, text_of
from tests.planted_cache import write_planted_cache
from tests.republish import republish


def row(signal: str, value: float, metric: str = "hit_rate", k: int = 10, part: str = "all") -> Measured:
    return Measured(signal, metric, k, part, value, value / 2, value * 2, 50)


ROWS = [
    row("chance", 0.1),
    row("visual", 0.2),
    row("blend", 0.4),
    row("popularity", 0.2),
    row("blend", 0.3, k=5),
    row("blend", 0.25, k=20, part="chairs -> tables"),
    row("blend", 0.123, metric="novel_metric", k=3),
]


@pytest.mark.parametrize(
    ("query", "chosen"),
    [
        ({}, Choice("hit_rate", 10, "all")),
        ({"k": "5"}, Choice("hit_rate", 5, "all")),
        ({"k": "20"}, Choice("hit_rate", 10, "all")),
        ({"k": "many", "metric": "none", "slice": "nowhere"}, Choice("hit_rate", 10, "all")),
        ({"slice": "chairs -> tables"}, Choice("hit_rate", 20, "chairs -> tables")),
        ({"metric": "novel_metric"}, Choice("novel_metric", 3, "all")),
    ],
)
def test_the_address_chooses_what_was_measured(query: dict[str, str], chosen: Choice) -> None:
    assert choose(ROWS, Location("/quality", query)) == chosen


def test_the_best_comes_first_and_ties_stand_by_name() -> None:
    shown = best_first(ROWS, Choice("hit_rate", 10, "all"))
    assert [one.signal for one in shown] == ["blend", "popularity", "visual", "chance"]


def test_the_headline_names_the_baselines() -> None:
    shown = best_first(ROWS, Choice("hit_rate", 10, "all"))
    assert headline(shown) == "Best of all: 40.0\u202f%, against 20.0\u202f% for Popularity and 10.0\u202f% for Chance."
    assert headline(shown[:1]) == "", "beside nothing, a number says nothing"
    assert headline([row("chance", 0.1)]) == ""


def test_an_unknown_metric_is_shown_under_its_own_name() -> None:
    metric = wording.metric("novel_metric")
    assert (metric.name, metric.sentence, metric.show(0.5)) == ("Novel metric", "", "0.500")


def test_table_and_plot_show_every_measured_signal(planted: Path) -> None:
    with create_app(planted).server.test_request_context():
        body = quality.layout(Location("/quality", {"metric": "ndcg", "slice": "Chairs -> Tables"})).body
    measured = [
        one for one in quality.measurements(Build.open(planted)) if (one.metric, one.slice) == ("ndcg", "Chairs -> Tables")
    ]
    table = text_of(of_class(body, "data-table"))
    assert len(measured) == 12
    for one in measured:
        assert wording.signal_name(one.signal) in table
        assert wording.metric("ndcg").show(one.value) in table
    figure = of_type(body, "Graph")[0].figure
    drawn = sorted(value for trace in figure["data"] for value in trace["x"])
    assert drawn == sorted(one.value for one in measured if one.k == 10)


def test_every_link_of_the_page_leads_to_what_it_says(planted: Path) -> None:
    with create_app(planted).server.test_request_context():
        body = quality.layout(Location("/quality", {})).body
    rows = quality.measurements(Build.open(planted))
    for link in hrefs(body):
        location = Location.parse(*link.split("?"))
        chosen = choose(rows, location)
        assert {"metric": chosen.metric, "k": str(chosen.k), "slice": chosen.slice} == location.query


def test_without_measurements_the_page_names_the_command(tmp_path: Path) -> None:
    write_planted_cache(tmp_path)
    republish(tmp_path, without=[schema.METRICS])
    with create_app(tmp_path).server.test_request_context():
        body = quality.layout(Location("/quality", {})).body
    assert "python -m precompute evaluate" in text_of(of_class(body, "empty-state"))


def test_a_table_without_rows_counts_as_not_measured(tmp_path: Path) -> None:
    write_planted_cache(tmp_path)
    republish(tmp_path, tables={schema.METRICS: pa.Table.from_pylist([], schema.METRICS_SCHEMA)})
    with create_app(tmp_path).server.test_request_context():
        assert of_class(quality.layout(Location("/quality", {})).body, "empty-state")


CATALOGUE_ROWS = [
    {"signal": signal, "metric": metric, "k": 10, "slice": "all", "value": 0.3, "low": None, "high": None, "n": 60}
    for signal, metric in (("blend", "coverage"), ("blend", "same_category"), ("chance", "same_category"), ("chance", "hit_rate"))
]


@pytest.mark.parametrize(("metric", "hollow"), [("coverage", False), ("same_category", True)])
def test_a_shop_without_orders_is_told_of_no_orders(tmp_path: Path, metric: str, hollow: bool) -> None:
    write_planted_cache(tmp_path)
    republish(tmp_path, tables={schema.METRICS: pa.Table.from_pylist(CATALOGUE_ROWS, schema.METRICS_SCHEMA)})
    with create_app(tmp_path).server.test_request_context():
        said = text_of(quality.layout(Location("/quality", {"metric": metric})).body)
    assert "held out" not in said
    assert "Products" in said
    assert "Queries" not in said
    assert ("Hollow" in said) is hollow
    assert "most popular" not in said
    assert "intervals" not in said
    assert "Hit rate" not in said, "chance alone says nothing about a signal"


def test_a_pair_of_categories_is_explained() -> None:
    assert "chairs asks" in wording.slice_sentence("chairs -> tables")
    assert wording.slice_sentence("all") == ""
    one = schema.CATEGORY_SLICE + "mugs -> bowls"
    assert (wording.slice_name(one), wording.slice_sentence(one)) == ("mugs -> bowls", "")


def test_what_is_not_about_lists_names_no_length_of_list() -> None:
    rows = [row("reviews", 0.8, "purity", schema.NO_LIST), row("chance", 0.3, "purity", schema.NO_LIST), *ROWS]
    chosen = choose(rows, Location("/quality", {"metric": "purity", "k": "5"}))
    body = html.Div(quality._measured(rows, chosen))
    said = text_of(body)
    assert "80.0\u202f%, against 30.0\u202f% for Chance" in said
    assert "at 0" not in said
