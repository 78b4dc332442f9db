"""Take along: every recommendation as a file, and the JSON API with examples from this shop's own products."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from dash import html
from dash.development.base_component import Component
from flask import request

from dashboard import api, export, wording
from dashboard.components.messages import page_header
from dashboard.components.tables import Column, data_table
from dashboard.navigation import Location, Page, View, href
from dashboard.store import Build, current_build

PATH = "/take-along"
EXAMPLE_K = 2
"""So many recommendations tell how an answer looks."""


def layout(_: Location) -> View:
    build = current_build()
    parts = [
        page_header(wording.TAKE_ALONG, wording.TAKE_ALONG_LEAD),
        _recommendations(build),
        _measured(build),
        _answers(build),
    ]
    return View(f"{wording.TAKE_ALONG} · {build.shop}", html.Div(parts, className="take-along"))


def _recommendations(build: Build) -> Component | None:
    names = [(wording.signal_name(signal), signal) for signal in build.manifest.signals]
    every = [(wording.ALL_SIGNALS, None)] if names else []
    rows = [(shown, _files(export.RECOMMENDATIONS, shown, signal)) for shown, signal in [*every, *names]]
    columns = [(html.Code(name), wording.EXPORT_COLUMNS[name]) for name in export.RECOMMENDATIONS_SCHEMA.names]
    table = data_table(
        wording.ALL_RECOMMENDATIONS, [Column(wording.SIGNAL), Column(wording.FILES)], rows, none=wording.NO_SIGNALS, as_file=False
    )
    said = data_table(wording.WHAT_STANDS_IN, [Column(wording.COLUMN), Column(wording.WHAT)], columns, none="", as_file=False)
    return html.Section(
        [
            html.H2(wording.ALL_RECOMMENDATIONS),
            html.P(wording.EXPORT_LEAD),
            table,
            html.P(wording.CSV_HINT, className="muted small"),
            html.Details([html.Summary(wording.WHAT_STANDS_IN), said]),
        ],
        className="panel",
    )


def _measured(build: Build) -> Component | None:
    rows = [
        (shown, _files(name, shown)) for name, shown in wording.MEASURED_FILES.items() if export.MEASURED[name] in build.cache
    ]
    if not rows:
        return None
    table = data_table(wording.WHAT_WAS_MEASURED, [Column(wording.MEASURE), Column(wording.FILES)], rows, none="", as_file=False)
    return html.Section([html.H2(wording.WHAT_WAS_MEASURED), table], className="panel")


def _files(name: str, shown: str, signal: str | None = None) -> Component:
    """A link to a table in each format."""
    links = [
        html.A(
            wording.FORMATS[suffix],
            href=export.href(name, suffix, signal),
            download=True,
            className="chip",
            **{"aria-label": wording.take_as(shown, wording.FORMATS[suffix])},
        )
        for suffix in export.FORMATS
    ]
    return html.Ul([html.Li(link) for link in links], className="chips", role="list")


def _answers(build: Build) -> Component:
    described = html.P(html.A(wording.API_DESCRIPTION, href=api.DESCRIPTION))
    return html.Section(
        [html.H2(wording.ONE_AT_A_TIME), html.P(wording.API_LEAD), described, *_examples(build)], className="panel"
    )


def _examples(build: Build) -> list[Component]:
    """A question for the most popular product and one for what to recommend with it, each with its answer."""
    if not len(build.catalogue):
        return []
    row = int(build.catalogue.order("popular")[0])
    product = build.catalogue.product(row)
    with wording.for_programs():
        found: Mapping[str, Any] = api.product_answer(build, product)
    examples = [_example(wording.ASK_FOR["product"], api.product_href(product.id), found)]
    if build.manifest.signals:
        signal = next(iter(build.manifest.signals))
        with wording.for_programs():
            found = api.recommendations_answer(build, row, signal, EXAMPLE_K)
        asked = href(f"{api.product_href(product.id)}/recommendations", {"signal": signal, "k": EXAMPLE_K})
        examples += [_example(wording.ASK_FOR["recommendations"], asked, found), _parameters(build)]
    return examples


def _example(said: str, path: str, answer: Mapping[str, Any]) -> Component:
    shown = json.dumps(answer, indent=2, ensure_ascii=False, sort_keys=True)
    return html.Div(
        [
            html.H3(said),
            html.Pre(f"curl '{request.host_url.rstrip('/')}{path}'", tabIndex="0", className="asked"),
            html.P(html.A(wording.TRY_IT, href=path, target="_blank", className="button button-quiet")),
            html.Pre(shown, tabIndex="0", **{"aria-label": wording.ANSWER}),
        ],
        className="example",
    )


def _parameters(build: Build) -> Component:
    most = max(entry.k for entry in build.manifest.signals.values())
    takes: dict[str, str | Component] = {
        "signal": wording.listed(list(build.manifest.signals)),
        "k": wording.whole_numbers(1, most),
        "category": wording.count(len(build.catalogue.category_names), "category"),
    }
    rows = [(html.Code(name), said, takes[name]) for name, said in wording.PARAMETERS.items()]
    columns = [Column(wording.PARAMETER), Column(wording.WHAT), Column(wording.TAKES)]
    return data_table(wording.PARAMETER, columns, rows, none="", as_file=False)


PAGE = Page(PATH, layout)
