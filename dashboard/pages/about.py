"""About this data: what the lookup tables were made from, what they hold, what was left out, and what is missing."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

from dash import html
from dash.development.base_component import Component

from dashboard import __version__, api, wording
from dashboard.components.messages import page_header
from dashboard.components.tables import Column, data_table
from dashboard.navigation import Location, Page, View
from dashboard.store import current_build
from lookup.manifest import Manifest


def layout(_: Location) -> View:
    build = current_build()
    manifest = build.manifest
    parts = [
        page_header("About this data", f"What {build.shop} brought, what was made of it, and what was left out."),
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
    return View(f"About this data · {build.shop}", html.Div(parts, className="about"))


def _counts(manifest: Manifest) -> Component:
    tiles = [
        html.Div([html.Dt(name.replace("_", " ").capitalize()), html.Dd(wording.number(n))], className="tile")
        for name, n in manifest.counts.items()
    ]
    served = f". Served by {wording.BRAND} {__version__}."
    built = [f"Built {_time(manifest.built_at)}, build ", html.Code(manifest.folder), served]
    return html.Section([html.Dl(tiles, className="tiles"), html.P(built, className="muted")])


def _signals(manifest: Manifest) -> Component:
    rows = [
        (
            wording.signal_name(name),
            wording.number(entry.products),
            wording.number(entry.fallbacks),
            str(entry.k),
            wording.UNTRAINED if entry.untrained else "",
            _in_words(entry.details),
        )
        for name, entry in manifest.signals.items()
    ]
    columns = [
        Column("Signal"),
        Column("Products", True),
        Column("Fallbacks", True),
        Column("Neighbours each", True),
        Column("Note"),
        Column("Details"),
    ]
    said = "How many products have neighbours of their own, and for how many popular products of their category stand in."
    untrained = (
        [html.P(wording.UNTRAINED_HINT, className="notice")] if any(e.untrained for e in manifest.signals.values()) else []
    )
    return _section("Signals", said, *untrained, data_table("Signals", columns, rows, none="This shop's data feeds no signal."))


def _missing(manifest: Manifest) -> Component:
    rows = [(wording.signal_name(name), why) for name, why in manifest.missing.items()]
    table = data_table(
        "Missing signals", [Column("Signal"), Column("Why")], rows, none="Nothing is missing: every signal was built."
    )
    return _section("What is missing", None, table)


def _left_out(manifest: Manifest) -> Component:
    said = "Rows and pictures that could not be used. The build's rejects.parquet has each with its line."
    return _section("What was left out", said, _counted("Rows left out", manifest.rejects, "Nothing: every row was used."))


def _mended(manifest: Manifest) -> Component:
    said = "Rows that were tidied while they were read, and used."
    return _section("What was mended", said, _counted("Rows mended", manifest.mended, "Nothing: every row was clean."))


def _counted(caption: str, counts: dict[str, int], none: str) -> Component:
    """A table of what the manifest counts by ``"<file>: <what>"``, the most frequent first."""
    rows = [(*what.partition(": ")[::2], wording.number(n)) for what, n in sorted(counts.items(), key=lambda item: -item[1])]
    return data_table(caption, [Column("File"), Column("What"), Column("Rows", True)], rows, none=none)


def _inputs(manifest: Manifest) -> Component:
    rows = [
        (
            str(one.get("section", "")),
            str(one.get("file", "")),
            wording.size(one.get("bytes", 0)),
            html.Code(str(one.get("sha256", ""))[:12]),
        )
        for one in manifest.inputs
    ]
    columns = [Column("Section"), Column("File"), Column("Size", True), Column("sha256")]
    return _section("Input files", None, data_table("Input files", columns, rows, none="None."))


def _files(manifest: Manifest) -> Component:
    rows = [
        (html.Code(name), wording.number(e.rows) if e.rows is not None else "", wording.size(e.bytes))
        for name, e in manifest.files.items()
    ]
    total = wording.size(sum(entry.bytes for entry in manifest.files.values()))
    columns = [Column("File"), Column("Rows", True), Column("Size", True)]
    return _section("Lookup tables", f"{total} in all.", data_table("Lookup tables", columns, rows, none="None."))


def _settings(manifest: Manifest) -> Component:
    text = json.dumps(manifest.settings, indent=2, ensure_ascii=False)
    said = "shop.toml as it was understood, with every default filled in."
    return _section("Settings", said, html.Details([html.Summary("Show the settings"), html.Pre(text, tabIndex="0")]))


def _for_programs() -> Component:
    link = html.A(wording.API_DESCRIPTION, href=api.DESCRIPTION)
    return _section("For programs", None, html.P([wording.API_FOR_PROGRAMS, link]))


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
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _time(built_at: str) -> str:
    """A time without a month's name, so that nobody reads it as another day."""
    return datetime.fromisoformat(built_at).strftime("%Y-%m-%d at %H:%M UTC")


PAGE = Page("/about", layout)
