"""Quality: how well each signal guesses what was bought together, beside chance and popularity."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dash import dcc, html
from dash.development.base_component import Component

from dashboard import wording
from dashboard.figures import Dot, metrics_figure
from dashboard.navigation import Location, Page, View, href
from dashboard.store import Build, current_build
from lookup import schema

PATH = "/quality"
BASELINES = ("popularity", "chance")


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
    """Which of the measurements the page shows."""

    metric: str
    k: int
    slice: str

    def href(self, **other: str | int) -> str:
        """The URL of this choice with some of it changed."""
        return href(PATH, {"metric": self.metric, "k": self.k, "slice": self.slice} | other)


def layout(location: Location) -> View:
    build = current_build()
    rows = measurements(build)
    body = _measured(rows, choose(rows, location)) if rows else _not_measured()
    return View("Quality", html.Div([html.H1("Quality"), html.P(wording.QUALITY_LEAD, className="lead"), *body]))


def measurements(build: Build) -> list[Measured]:
    """All rows of ``metrics.parquet``, none where the shop was not evaluated."""
    if schema.METRICS not in build.cache:
        return []
    return [Measured(**row) for row in build.cache.table(schema.METRICS).read().to_pylist()]


def choose(rows: Sequence[Measured], location: Location) -> Choice:
    """What the URL asks for, as far as it was measured, else the first that was."""
    metric = _known(location.query.get("metric"), [row.metric for row in rows])
    of_metric = [row for row in rows if row.metric == metric]
    part = _known(location.query.get("slice"), [row.slice for row in of_metric])
    ks = {row.k for row in of_metric if row.slice == part}
    asked = location.number("k")
    return Choice(metric, asked if asked in ks else 10 if 10 in ks else min(ks), part)


def best_first(rows: Sequence[Measured], choice: Choice) -> list[Measured]:
    """The signals and baselines measured as chosen, the highest value first; ties by name."""
    chosen = [row for row in rows if (row.metric, row.k, row.slice) == (choice.metric, choice.k, choice.slice)]
    return sorted(chosen, key=lambda row: (-row.value, row.signal))


def _known(asked: str | None, known: list[str]) -> str:
    return asked if asked in known else known[0]


def _measured(rows: list[Measured], choice: Choice) -> list[Component]:
    metric = wording.metric(choice.metric)
    shown = best_first(rows, choice)
    dots = [Dot(wording.signal_name(row.signal), row.value, row.low, row.high, row.signal in BASELINES) for row in shown]
    figure = metrics_figure(dots, f"{metric.name} @ {choice.k}", metric.percent)
    return [
        _choices(rows, choice),
        html.Section(
            [
                html.H2([metric.name, html.Span(f" @ {choice.k}", className="quality-at")]),
                html.P(metric.sentence.format(k=choice.k)),
                html.P(headline(shown, metric), className="quality-headline"),
                dcc.Graph(figure=figure, config={"displayModeBar": False}, className="quality-plot", id="quality-plot"),
                html.P(wording.QUALITY_LEGEND, className="quiet"),
            ],
            className="panel",
        ),
        _table(rows, choice, metric),
    ]


def headline(shown: Sequence[Measured], metric: wording.Metric) -> str:
    """The best signal beside the baselines, in one sentence."""
    value = {row.signal: row.value for row in shown}
    best = next((row for row in shown if row.signal not in BASELINES), None)
    if best is None:
        return ""
    baselines = [f"{wording.signal_name(name)} {metric.show(value[name])}" for name in BASELINES if name in value]
    return f"Best: {wording.signal_name(best.signal)}, {metric.show(best.value)}. " + ", ".join(baselines) + "."


def _choices(rows: list[Measured], choice: Choice) -> Component:
    metrics = list(dict.fromkeys(row.metric for row in rows))
    of_metric = [row for row in rows if row.metric == choice.metric]
    parts = list(dict.fromkeys(row.slice for row in of_metric))
    ks = sorted({row.k for row in of_metric if row.slice == choice.slice})
    groups = [
        _chips("Measure", [(wording.metric(name).name, choice.href(metric=name), name == choice.metric) for name in metrics]),
        _chips("Length of the list", [(str(k), choice.href(k=k), k == choice.k) for k in ks]),
        _chips("Products", [(wording.slice_name(part), choice.href(slice=part), part == choice.slice) for part in parts]),
    ]
    return html.Div(groups, className="choices")
