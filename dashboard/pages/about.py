"""About this data: what the lookup tables were made from, what they hold, what was left out, and what is missing."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

from dash import html
from dash.development.base_component import Component

from dashboard import __version__, wording
from dashboard.components.messages import page_header
from dashboard.components.tables import Column, data_table
from dashboard.components.takeable import exactly, whole
from dashboard.navigation import Location, Page, View
from dashboard.pages import take_along
from dashboard.store import current_build
from lookup.manifest import Manifest


def layout(_: Location) -> View:
    build = current_build()
    manifest = build.manifest
    parts = [
        page_header(wording.ABOUT_THIS_DATA, wording.about_lead(build.shop)),
        _counts(manifest),
        _signals(manifest),
        _missing(manifest),
        _left_out(manifest),
        _mended(manifest),
        _inputs(manifest),
        _files(manifest),
        _settings(manifest),
        _for_programs(),
    ]
    return View(f"{wording.ABOUT_THIS_DATA} · {build.shop}", html.Div(parts, className="about"))


def _counts(manifest: Manifest) -> Component:
    tiles = [
        html.Div([html.Dt(wording.counted(name)), html.Dd(wording.number(n))], className="tile")
        for name, n in manifest.counts.items()
    ]
    built_at = datetime.fromisoformat(manifest.built_at)
    built = [wording.built_at(built_at), html.Code(manifest.folder), wording.served_by(__version__)]
    return html.Section([html.Dl(tiles, className="tiles"), html.P(built, className="muted")])


def _signals(manifest: Manifest) -> Component:
    rows = [
        (
            wording.signal_name(name),
            whole(entry.products),
            whole(entry.fallbacks),
            whole(entry.k),
            wording.UNTRAINED if entry.untrained else "",
            _in_words(entry.details),
        )
        for name, entry in manifest.signals.items()
    ]
    columns = [
        Column(wording.SIGNAL),
        Column(wording.PRODUCTS, True),
        Column(wording.FALLBACKS, True),
        Column(wording.NEIGHBOURS_EACH, True),
        Column(wording.NOTE),
        Column(wording.DETAILS),
    ]
    untrained = (
        [html.P(wording.UNTRAINED_HINT, className="notice")] if any(e.untrained for e in manifest.signals.values()) else []
    )
    return _section(
        wording.SIGNALS_TITLE,
        wording.SIGNALS_LEAD,
        *untrained,
        data_table(wording.SIGNALS_TITLE, columns, rows, none=wording.NO_SIGNALS),
    )


def _missing(manifest: Manifest) -> Component:
    rows = [(wording.signal_name(name), why) for name, why in manifest.missing.items()]
    table = data_table(wording.MISSING_SIGNALS, [Column(wording.SIGNAL), Column(wording.WHY)], rows, none=wording.NOTHING_MISSING)
    return _section(wording.WHAT_IS_MISSING, None, table)


def _left_out(manifest: Manifest) -> Component:
    table = _counted(wording.ROWS_LEFT_OUT, manifest.rejects, wording.NOTHING_LEFT_OUT)
    return _section(wording.WHAT_WAS_LEFT_OUT, wording.LEFT_OUT_LEAD, table)


def _mended(manifest: Manifest) -> Component:
    table = _counted(wording.ROWS_MENDED, manifest.mended, wording.NOTHING_MENDED)
    return _section(wording.WHAT_WAS_MENDED, wording.MENDED_LEAD, table)


def _counted(caption: str, counts: dict[str, int], none: str) -> Component:
    """A table of what the manifest counts by ``"<file>: <what>"``, the most frequent first."""
    rows = [(*what.partition(": ")[::2], whole(n)) for what, n in sorted(counts.items(), key=lambda item: -item[1])]
    return data_table(caption, [Column(wording.FILE), Column(wording.WHAT), Column(wording.ROWS, True)], rows, none=none)


def _inputs(manifest: Manifest) -> Component:
    rows = [
        (
            str(one.get("section", "")),
            str(one.get("file", "")),
            _size(one.get("bytes", 0)),
            html.Code(str(one["sha256"])[:12]) if one.get("sha256") else "",
        )
        for one in manifest.inputs
    ]
    columns = [Column(wording.SECTION), Column(wording.FILE), Column(wording.SIZE, True), Column("sha256")]
    return _section(wording.INPUT_FILES, None, data_table(wording.INPUT_FILES, columns, rows, none=wording.NONE))


def _files(manifest: Manifest) -> Component:
    rows = [(html.Code(name), whole(e.rows) if e.rows is not None else "", _size(e.bytes)) for name, e in manifest.files.items()]
    total = wording.size(sum(entry.bytes for entry in manifest.files.values()))
    columns = [Column(wording.FILE), Column(wording.ROWS, True), Column(wording.SIZE, True)]
    return _section(
        wording.LOOKUP_TABLES, wording.in_all(total), data_table(wording.LOOKUP_TABLES, columns, rows, none=wording.NONE)
    )


def _settings(manifest: Manifest) -> Component:
    text = json.dumps(manifest.settings, indent=2, ensure_ascii=False)
    shown = html.Details([html.Summary(wording.SHOW_SETTINGS), html.Pre(text, tabIndex="0")])
    return _section(wording.SETTINGS, wording.SETTINGS_LEAD, shown)


def _for_programs() -> Component:
    link = html.A(wording.TAKE_ALONG, href=take_along.PATH)
    return _section(wording.FOR_PROGRAMS_TITLE, None, html.P([wording.API_FOR_PROGRAMS, link]))


def _size(n: int) -> Component:
    return exactly(n, wording.size(n))


def _section(title: str, said: str | None, *body: Component) -> Component:
    return html.Section([html.H2(title), html.P(said, className="muted") if said else None, *body], className="section")


def _in_words(details: dict[str, object]) -> str:
    """``weights: visual 0.25, style 0.5``: what a signal found or chose, whatever it is."""
    return "; ".join(f"{name.replace('_', ' ')}: {_value(value)}" for name, value in details.items())


def _value(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {_value(part)}" for key, part in value.items())
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(map(_value, value))
    return wording.digits(value, 4) if isinstance(value, float) else str(value)


PAGE = Page("/about", layout)
