"""What *bought together* would reach with other settings: a plot and a table for each measure, the settings in force marked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dash import dcc, html
from dash.development.base_component import Component

from dashboard import wording
from dashboard.components.tables import Column, data_table
from dashboard.components.takeable import PLOT_FORMATS, measured, takeable
from dashboard.figures import Figure, Line, lines_figure
from dashboard.store import Build
from lookup import schema
from lookup.schema import Tried

Settings = tuple[int, float]
"""``min_orders`` and ``min_score``."""


def sweep_section(build: Build) -> Component:
    """The whole section; where there is nothing to show, the reason."""
    rows = tried_settings(build)
    if not rows:
        is_built = "bought_together" in build.cache.manifest.signals
        why = [wording.NOT_SWEPT, html.Code(wording.EVALUATE_COMMAND)] if is_built else wording.NO_SWEEP
        return html.Section([html.H2(wording.SWEEP_TITLE), html.P(why, className="muted")], className="panel")
    panels = [_panel(name, [row for row in rows if row.metric == name]) for name in wording.SWEEP_METRICS]
    return html.Section(
        [
            html.H2(wording.SWEEP_TITLE),
            html.P(wording.SWEEP_LEAD),
            html.P(headline(rows), className="quality-headline"),
            html.P(wording.SWEEP_LEGEND, className="muted small"),
            html.Div(panels, className="sweep"),
        ],
        className="panel",
    )


def tried_settings(build: Build) -> list[Tried]:
    """The rows of ``sweep.parquet``, none where there is no such table."""
    if schema.SWEEP not in build.cache:
        return []
    return [Tried(**row) for row in build.cache.table(schema.SWEEP).read(list(Tried._fields)).to_pylist()]


def headline(rows: Sequence[Tried]) -> str:
    """The hit rate of the settings in force, beside the best of those tried: of equal ones, the first."""
    metric = wording.SWEEP_METRICS["hit_rate"]
    hit_rates = [row for row in rows if row.metric == "hit_rate" and row.settings is not None]
    in_force = next(row for row in hit_rates if row.in_force)
    best = max(hit_rates, key=lambda row: row.value)
    if best.value == in_force.value:
        return wording.none_better(metric.show(in_force.value))
    named = wording.settings_named(*best.settings) if best.settings else ""
    within = in_force.high is not None and best.value <= in_force.high
    return wording.better_tried(metric.show(in_force.value), metric.show(best.value), named, within=within)


def _panel(name: str, rows: Sequence[Tried]) -> Component | None:
    """One measure: its sentence, plot, baseline and numbers; None where it was not measured."""
    tried = {row.settings: row for row in rows if row.settings is not None}
    if not tried:
        return None
    metric = wording.SWEEP_METRICS[name]
    baseline = next((row for row in rows if row.settings is None), None)
    plot = dcc.Graph(figure=_figure(tried, baseline), config={"displayModeBar": False}, className="quality-plot")
    title = wording.metric_at(metric.name, rows[0].k)
    compared = (
        wording.compared_with(baseline.signal, metric.show(baseline.value), _interval(baseline, metric)) if baseline else None
    )
    return html.Div(
        [
            html.H3(title),
            html.P(metric.sentence, className="small"),
            takeable(html.Div(plot, **{"aria-hidden": "true"}), title, PLOT_FORMATS),
            html.P(compared, className="muted small") if compared else None,
            html.Details([html.Summary(wording.in_numbers(metric.name)), _table(tried, metric)]),
        ]
    )


def _axes(tried: Mapping[Settings, Tried]) -> tuple[list[int], list[float]]:
    """Every ``min_orders`` and every ``min_score`` that was tried, rising."""
    return sorted({min_orders for min_orders, _ in tried}), sorted({min_score for _, min_score in tried})


def _figure(tried: Mapping[Settings, Tried], baseline: Tried | None) -> Figure:
    orders, scores = _axes(tried)
    in_force = next((row for row in tried.values() if row.in_force), None)
    lines = []
    for least in orders:
        values = [row.value if (row := tried.get((least, score))) else None for score in scores]
        lines.append(Line(str(least), values, bold=in_force is not None and in_force.min_orders == least))
    ring = (scores.index(in_force.min_score), in_force.value) if in_force and in_force.min_score is not None else None
    return lines_figure(
        lines,
        [wording.digits(score, 6) for score in scores],
        wording.LEAST_SCORE,
        ring=ring,
        level=baseline.value if baseline else None,
    )


def _table(tried: Mapping[Settings, Tried], metric: wording.Metric) -> Component:
    orders, scores = _axes(tried)
    columns = [Column(wording.LEAST_ORDERS), *(Column(wording.score_from(score), True, True) for score in scores)]
    body = [(str(least), *(_cell(tried.get((least, score)), metric) for score in scores)) for least in orders]
    return data_table(wording.in_numbers(metric.name), columns, body, none="")


def _cell(row: Tried | None, metric: wording.Metric) -> Component:
    if row is None:
        return html.Span("–")
    shown = measured(row.value, row.low, row.high, metric.show)
    return html.Span([shown, html.Span(wording.IN_FORCE, className="in-force")]) if row.in_force else shown


def _interval(row: Tried, metric: wording.Metric) -> str:
    return wording.from_to(metric.show(row.low), metric.show(row.high)) if row.low is not None and row.high is not None else ""
