"""Quality: how well each signal guesses what was bought together, beside chance and popularity."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dash import dcc, html
from dash.development.base_component import Component

from dashboard import wording
from dashboard.components.choices import choice
from dashboard.components.messages import empty_state, page_header
from dashboard.components.sweep import sweep_section
from dashboard.components.tables import Column, data_table
from dashboard.components.takeable import PLOT_FORMATS, measured, takeable, whole
from dashboard.components.worst import worst_section
from dashboard.figures import Dot, metrics_figure
from dashboard.navigation import Location, Page, View, href
from dashboard.store import Build, current_build
from lookup import schema

PATH = "/quality"
SAME_CATEGORY = "same_category"
FIRST_METRICS = ("hit_rate", "coverage", SAME_CATEGORY)
"""What is asked first: whether recommendations are bought, whether they reach all of the shop, whether they leave the shelf."""


@dataclass(frozen=True)
class Measured:
    """A row of ``metrics.parquet``."""

    signal: str
    metric: str
    k: int
    slice: str
    value: float
    low: float | None
    high: float | None
    n: int


@dataclass(frozen=True)
class Choice:
    """Which of the measurements the page shows; `signal` is the one whose details it shows, None for the first that has any."""

    metric: str
    k: int
    slice: str
    signal: str | None = None

    def href(self, **other: str | int) -> str:
        """The URL of this choice with some of it changed."""
        return href(PATH, {"metric": self.metric, "k": self.k, "slice": self.slice, "signal": self.signal, **other})


def layout(location: Location) -> View:
    build = current_build()
    rows = measurements(build)
    chosen = choose(rows, location, build.manifest.signals) if rows else None
    body = _sections(build, rows, chosen) if chosen else [_not_measured()]
    return View(
        wording.PAGES[PATH], html.Div([page_header(wording.PAGES[PATH], wording.QUALITY_LEAD), *body], className="quality")
    )


def measurements(build: Build) -> list[Measured]:
    """The rows of ``metrics.parquet`` of each metric and slice that measures a signal: baselines alone say nothing about one."""
    if schema.METRICS not in build.cache:
        return []
    rows = [Measured(**row) for row in build.cache.table(schema.METRICS).read().to_pylist()]
    measuring = {(row.metric, row.slice) for row in rows if row.signal not in wording.BASELINES}
    return [row for row in rows if (row.metric, row.slice) in measuring]


def choose(rows: Sequence[Measured], location: Location, signals: Iterable[str] = ()) -> Choice:
    """What the URL asks for, as far as it was measured, else what comes nearest; of signals, also those named are known."""
    metric = _known(location.query.get("metric"), [row.metric for row in rows])
    part = _known(location.query.get("slice"), [row.slice for row in rows if row.metric == metric])
    ks = {row.k for row in rows if (row.metric, row.slice) == (metric, part)}
    asked = location.number("k") or 10
    signal = next((one for one in (*signals, *(row.signal for row in rows)) if one == location.query.get("signal")), None)
    return Choice(metric, min(ks, key=lambda k: (abs(k - asked), k)), part, signal)


def best_first(rows: Sequence[Measured], chosen: Choice) -> list[Measured]:
    """The signals and baselines measured as chosen, the highest value first; ties by name."""
    shown = [row for row in rows if (row.metric, row.k, row.slice) == (chosen.metric, chosen.k, chosen.slice)]
    return sorted(shown, key=lambda row: (-row.value, row.signal))


def headline(shown: Sequence[Measured]) -> str:
    """The best signal beside the baselines, in one sentence; empty where either is lacking."""
    best = next((row for row in shown if row.signal not in wording.BASELINES), None)
    baselines = [row for row in shown if row.signal in wording.BASELINES]
    if best is None or not baselines:
        return ""
    metric = wording.metric(best.metric)
    named = [best, *baselines]
    return wording.best_beside([(wording.signal_name(row.signal), metric.show(row.value)) for row in named])


def of_categories(rows: Sequence[Measured], k: int, signal: str) -> list[Measured]:
    """The share of a signal's recommendations of the product's own category, for each category measured, the highest first."""
    shown = [row for row in rows if (row.metric, row.k, row.signal) == (SAME_CATEGORY, k, signal)]
    return sorted((row for row in shown if row.slice.startswith(schema.CATEGORY_SLICE)), key=lambda row: (-row.value, row.slice))


def _known(asked: str | None, known: list[str]) -> str:
    return asked if asked in known else known[0]


def _not_measured() -> Component:
    return empty_state(wording.NOTHING_MEASURED, [wording.NOT_MEASURED, html.Code(wording.EVALUATE_COMMAND)])


def _sections(build: Build, rows: list[Measured], chosen: Choice) -> list[Component | None]:
    return [
        *_measured(rows, chosen),
        _by_category(rows, chosen),
        worst_section(build, chosen.signal, lambda one: chosen.href(signal=one)),
        sweep_section(build),
    ]


def _measured(rows: list[Measured], chosen: Choice) -> list[Component]:
    metric = wording.metric(chosen.metric)
    shown = best_first(rows, chosen)
    dots = [Dot(wording.signal_name(row.signal), row.value, row.low, row.high, row.signal in wording.BASELINES) for row in shown]
    figure = metrics_figure(dots, percent=metric.percent)
    plot = dcc.Graph(id="quality-plot", figure=figure, config={"displayModeBar": False}, className="quality-plot")
    baselines = [row.signal for row in shown if row.signal in wording.BASELINES]
    legend = wording.quality_legend(baselines, intervals=any(row.low is not None for row in shown))
    said = [metric.sentence, wording.slice_sentence(chosen.slice) or wording.QUALITY_LEADS.get(metric.counted, "")]
    title = metric.name if chosen.k == schema.NO_LIST else wording.metric_at(metric.name, chosen.k)
    return [
        _choices(rows, chosen),
        html.Section(
            [
                html.H2(title),
                html.P(" ".join(filter(None, said))),
                html.P(headline(shown), className="quality-headline") if metric.to_be_high else None,
                takeable(html.Div(plot, **{"aria-hidden": "true"}), title, PLOT_FORMATS),
                html.P(legend, className="muted small"),
            ],
            className="panel",
        ),
        html.Section([html.H2(wording.SAME_IN_NUMBERS), _table(rows, chosen, metric)], className="panel"),
    ]


def _by_category(rows: list[Measured], chosen: Choice) -> Component | None:
    """Same-category shares, category by category, of the chosen signal; None where none are measured."""
    measured = [row for row in rows if row.metric == SAME_CATEGORY and row.slice.startswith(schema.CATEGORY_SLICE)]
    if not measured:
        return None
    k = min({row.k for row in measured}, key=lambda each: (abs(each - chosen.k), each))
    signals = list(dict.fromkeys(row.signal for row in measured))
    signal = _known(chosen.signal, signals)
    shown = of_categories(measured, k, signal)
    metric = wording.metric(SAME_CATEGORY)
    name = f"{wording.metric_at(metric.name, k)}: {wording.signal_name(signal)}"
    dots = [Dot(wording.slice_name(row.slice), row.value, row.low, row.high, baseline=False) for row in shown]
    plot = dcc.Graph(
        figure=metrics_figure(dots, percent=metric.percent), config={"displayModeBar": False}, className="quality-plot"
    )
    columns = [Column(wording.CATEGORY), Column(wording.at_k(k), True, True), Column(wording.PRODUCTS, True)]
    body = [(wording.slice_name(row.slice), _cell(row, metric), whole(row.n)) for row in shown]
    return html.Section(
        [
            html.H2(wording.CATEGORY_BY_CATEGORY),
            html.P(wording.CATEGORY_BY_CATEGORY_LEAD),
            choice(wording.SIGNAL, [(wording.signal_name(one), chosen.href(signal=one), one == signal) for one in signals]),
            takeable(html.Div(plot, **{"aria-hidden": "true"}), name, PLOT_FORMATS),
            html.Details([html.Summary(wording.in_numbers(metric.name)), data_table(name, columns, body, none="")]),
        ],
        className="panel by-category",
    )


def _choices(rows: list[Measured], chosen: Choice) -> Component:
    metrics = list(dict.fromkeys(row.metric for row in rows))
    parts = list(dict.fromkeys(row.slice for row in rows if row.metric == chosen.metric))
    ks = sorted({row.k for row in rows if (row.metric, row.slice) == (chosen.metric, chosen.slice)})
    options = {name: (wording.metric(name).name, chosen.href(metric=name), name == chosen.metric) for name in metrics}
    first = [name for name in FIRST_METRICS if name in metrics] or metrics[: len(FIRST_METRICS)]
    more = [options[name] for name in metrics if name not in first]
    return html.Div(
        [
            choice(wording.MEASURE, [options[name] for name in first], more, wording.MORE_MEASURES),
            choice(wording.RECOMMENDATIONS, [(wording.number(k), chosen.href(k=k), k == chosen.k) for k in ks])
            if schema.NO_LIST not in ks
            else None,
            choice(
                wording.PRODUCTS, [(wording.slice_name(part), chosen.href(slice=part), part == chosen.slice) for part in parts]
            ),
        ],
        className="choices",
    )


def _table(rows: list[Measured], chosen: Choice, metric: wording.Metric) -> Component:
    """Every signal at every k, in the plot's order; the interval below each value."""
    of_slice = {(row.signal, row.k): row for row in rows if (row.metric, row.slice) == (chosen.metric, chosen.slice)}
    ks = sorted({k for _, k in of_slice})
    order = [row.signal for row in best_first(rows, chosen)]
    signals = order + sorted({signal for signal, _ in of_slice} - set(order))
    values = [Column(wording.VALUE if k == schema.NO_LIST else wording.at_k(k), True, True) for k in ks]
    columns = [Column(wording.SIGNAL), *values, Column(wording.COUNTED[metric.counted], True)]
    body = [
        (
            html.Span(wording.signal_name(signal), className="baseline" if signal in wording.BASELINES else None),
            *(_cell(of_slice.get((signal, k)), metric) for k in ks),
            whole(max(row.n for (name, _), row in of_slice.items() if name == signal)),
        )
        for signal in signals
    ]
    return data_table(f"{metric.name}, {wording.slice_name(chosen.slice)}", columns, body, none="")


def _cell(row: Measured | None, metric: wording.Metric) -> Component:
    if row is None:
        return html.Span("–")
    return measured(row.value, row.low, row.high, metric.show)


PAGE = Page(PATH, layout)
