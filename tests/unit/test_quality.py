"""Quality: which measurements the page shows for an address, and in what words."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest
from dash import html
from dash.development.base_component import Component

from dashboard import ids, wording
from dashboard.app import create_app
from dashboard.components import sweep
from dashboard.components.sweep import tried_settings
from dashboard.components.worst import worst_cases
from dashboard.navigation import Location
from dashboard.pages import quality
from dashboard.pages.quality import Choice, Measured, best_first, choose, headline
from dashboard.store import Build
from lookup import schema
from lookup.schema import Tried
from tests.drawn import hrefs, links_of, of_class, of_type, text_of
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
    build = Build.open(planted)
    rows = quality.measurements(build)
    for link in filter(lambda link: link.startswith(quality.PATH), hrefs(body)):
        location = Location.parse(*link.split("?"))
        assert choose(rows, location, build.manifest.signals).href() == link


def test_another_measure_keeps_the_signal_whose_details_are_shown(planted: Path) -> None:
    with create_app(planted).server.test_request_context():
        body = quality.layout(Location("/quality", {"signal": "visual"})).body
        strange = quality.layout(Location("/quality", {"signal": "made-up"})).body
    assert "/quality?metric=ndcg&k=10&slice=all&signal=visual" in hrefs(body)
    assert not any("made-up" in link for link in hrefs(strange))


def test_three_measures_come_first_and_the_others_behind_a_button(tmp_path: Path) -> None:
    names = list(wording.METRICS)
    table = pa.Table.from_pylist([vars(row("blend", 0.3, name)) for name in names], schema=schema.METRICS_SCHEMA)
    write_planted_cache(tmp_path)
    republish(tmp_path, tables={schema.METRICS: table})
    for shown, is_open in (("hit_rate", False), ("recall", True)):
        with create_app(tmp_path).server.test_request_context():
            body = quality.layout(Location("/quality", {"metric": shown})).body
        [measures] = [part for part in of_class(body, "choice") if wording.MEASURE in text_of(part)]
        [more] = of_class(measures, "choice-more")
        assert more.open is is_open
        behind = set(links_of(more))
        assert set(links_of(measures)) - behind == {wording.metric(name).name for name in quality.FIRST_METRICS}
        assert len(links_of(measures)) == len(names)


def test_where_none_of_the_first_measures_was_taken_others_come_first() -> None:
    rows = [row("blend", 0.3, "judged_precision"), row("blend", 0.3, "purity")]
    drawn = quality._choices(rows, choose(rows, Location("/quality", {})))
    assert not of_class(drawn, "choice-more")
    assert len(links_of(of_class(drawn, "choice")[0])) == 2


def test_a_file_of_the_numbers_has_the_ends_of_their_intervals() -> None:
    table = quality._table(ROWS, Choice("hit_rate", 10, "all"), wording.metric("hit_rate"))
    headings = {
        heading.children: getattr(heading, "data-low", None) for heading in of_type(table, "Th") if heading.scope == "col"
    }
    assert headings == {"Signal": None, "at 5": "at 5, 95 % from", "at 10": "at 10, 95 % from", "Queries": None}
    ends = [(each.value, getattr(each, "data-low"), getattr(each, "data-high")) for each in of_type(table, "Data")[:2]]
    assert ends == [("0.3", "0.15", "0.6"), ("0.4", "0.2", "0.8")]


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
    write_planted_cache(tmp_path, without=("bought_together", "similar_company"))
    measured = pa.Table.from_pylist(CATALOGUE_ROWS, schema.METRICS_SCHEMA)
    republish(tmp_path, without=[schema.SWEEP, schema.WORST], tables={schema.METRICS: measured})
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


def drawn_sweep(folder: Path) -> Component:
    with create_app(folder).server.test_request_context():
        body = quality.layout(Location("/quality", {})).body
    return next(part for part in of_class(body, "panel") if wording.SWEEP_TITLE in text_of(part))


def test_every_setting_that_was_tried_is_drawn_and_in_a_table(planted: Path) -> None:
    drawn = drawn_sweep(planted)
    tried = tried_settings(Build.open(planted))
    figures, tables = of_type(drawn, "Graph"), of_class(drawn, "data-table")
    assert len(figures) == len(tables) == 3
    for name, graph, table in zip(("hit_rate", "precision", "same_category"), figures, tables, strict=True):
        of_metric = [row for row in tried if row.metric == name]
        on_lines = [value for trace in graph.figure["data"] if trace["mode"] == "lines+markers" for value in trace["y"]]
        assert sorted(on_lines) == sorted(row.value for row in of_metric if row.settings)
        (in_force,) = [row for row in of_metric if row.in_force]
        (ring,) = [trace for trace in graph.figure["data"] if trace["mode"] == "markers"]
        assert (ring["x"], ring["y"]) == ([1], [in_force.value]), "min_score = 0.1 is the second of three"
        levels = [shape["y0"] for shape in graph.figure["layout"]["shapes"]]
        assert levels == [row.value for row in of_metric if row.settings is None]
        metric = wording.SWEEP_METRICS[name]
        assert metric.sentence in text_of(drawn)
        for row in of_metric:
            assert metric.show(row.value) in text_of(drawn if row.settings is None else table)
        (marked,) = [cell for cell in of_type(table, "Td") if wording.IN_FORCE in text_of(cell)]
        assert metric.show(in_force.value) in text_of(marked)


def test_what_was_not_measured_has_no_panel(planted: Path) -> None:
    assert "any recommendation left" not in text_of(drawn_sweep(planted))


def hit_rates(*values: float, high: float) -> list[Tried]:
    """The first is in force; the others have one more common order each."""
    return [
        Tried("bought_together", "hit_rate", place + 2, 0.0, 10, value, 0.0, high, 120, place == 0)
        for place, value in enumerate(values)
    ]


@pytest.mark.parametrize(
    ("values", "high", "said"),
    [
        ((0.5, 0.4), 0.6, "No other setting tried has a higher hit rate than the 50.0\u202f% of the settings in force."),
        ((0.5, 0.5), 0.6, "No other setting tried has a higher hit rate than the 50.0\u202f% of the settings in force."),
        (
            (0.5, 0.4, 0.55),
            0.6,
            "Hit rate in force: 50.0\u202f%. Best tried: 55.0\u202f%, with 4 orders or more together and any score; "
            "the difference may be chance.",
        ),
        (
            (0.5, 0.65),
            0.6,
            "Hit rate in force: 50.0\u202f%. Best tried: 65.0\u202f%, with 3 orders or more together and any score.",
        ),
    ],
)
def test_the_settings_in_force_stand_beside_the_best(values: tuple[float, ...], high: float, said: str) -> None:
    assert sweep.headline(hit_rates(*values, high=high)) == said


def test_without_orders_the_page_says_why_no_settings_were_tried(tmp_path: Path) -> None:
    write_planted_cache(tmp_path, without=("bought_together",))
    republish(tmp_path, without=[schema.SWEEP])
    assert wording.NO_SWEEP in text_of(drawn_sweep(tmp_path))


def test_settings_not_tried_yet_name_the_command(tmp_path: Path) -> None:
    write_planted_cache(tmp_path)
    republish(tmp_path, without=[schema.SWEEP])
    said = text_of(drawn_sweep(tmp_path))
    assert wording.NOT_SWEPT in said
    assert wording.EVALUATE_COMMAND in said


def test_shares_of_the_own_category_stand_category_by_category(tmp_path: Path) -> None:
    shares = {"chairs": 0.25, "tables": 0.75, "rugs": 0.5}
    measured = [
        Measured(signal, "same_category", k, f"category: {name}", share * scale, 0.0, 1.0, 40)
        for signal, scale in (("visual", 1.0), ("chance", 0.1))
        for k in (5, 10)
        for name, share in shares.items()
    ]
    assert [one.slice for one in quality.of_categories(measured, 10, "visual")] == [
        "category: tables",
        "category: rugs",
        "category: chairs",
    ]
    write_planted_cache(tmp_path)
    table = pa.Table.from_pylist([vars(one) for one in measured], schema=schema.METRICS_SCHEMA)
    republish(tmp_path, tables={schema.METRICS: table})
    with create_app(tmp_path).server.test_request_context():
        [section] = of_class(quality.layout(Location("/quality", {"k": "10", "signal": "chance"})).body, "by-category")
    [plot] = of_type(section, "Graph")
    assert plot.figure["data"][0]["x"] == pytest.approx([0.075, 0.05, 0.025])
    assert "/quality?metric=same_category&k=10&slice=category%3A+chairs&signal=visual" in hrefs(section)


def drawn_worst(folder: Path, **query: str) -> list[Component]:
    with create_app(folder).server.test_request_context():
        return of_class(quality.layout(Location("/quality", query)).body, "worst-panel")


@pytest.mark.parametrize(("query", "signal"), [({}, "blend"), ({"signal": "visual"}, "visual"), ({"signal": "chance"}, "blend")])
def test_the_worst_cases_of_the_signal_asked_for_are_shown_with_links(planted: Path, query: dict[str, str], signal: str) -> None:
    [section] = drawn_worst(planted, **query)
    build = Build.open(planted)
    cases = [case for case in worst_cases(build) if case.signal == signal]
    shown = of_class(section, "worst-case")
    assert len(shown) == len(cases) == (6 if signal == "blend" else 2)
    for case, row in zip(cases, shown, strict=True):
        rows = [case.product, *case.bought, *case.recommended]
        assert hrefs(row) == [ids.item_href(build.cache.id_of(one)) for one in rows]
        assert wording.asked_by(case.orders) in text_of(row)
        bought, recommended = of_class(row, "worst-pictures")
        assert (len(of_type(bought, "A")), len(of_type(recommended, "A"))) == (len(case.bought), len(case.recommended))
    assert wording.worst_lead(20) in text_of(section)
    [chosen] = [link for link in of_class(section, "chip") if link.to_plotly_json()["props"]["aria-current"] == "true"]
    assert text_of(chosen) == wording.signal_name(signal)


def test_without_worst_cases_nothing_is_said_of_them(tmp_path: Path) -> None:
    write_planted_cache(tmp_path)
    republish(tmp_path, without=[schema.WORST])
    assert drawn_worst(tmp_path) == []
    republish(tmp_path, tables={schema.WORST: schema.WORST_SCHEMA.empty_table()})
    assert drawn_worst(tmp_path) == []
