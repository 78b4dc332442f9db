"""Whole tables to take along: all recommendations, and what was measured, as Parquet, JSON Lines or CSV.

A file is made while it is sent, some hundred products at a time, so that a large shop's takes no more memory than a small one's.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from flask import Flask, Response, abort, request, stream_with_context

from dashboard import __version__, navigation
from dashboard.all_recommendations import recommended
from dashboard.csv_text import defused
from dashboard.store import Build, current_build
from lookup import schema

RULE = "/export/<name>.<suffix>"
RECOMMENDATIONS = "recommendations"
MISSES = "worst"
MEASURED = {"metrics": schema.METRICS, "sweep": schema.SWEEP, MISSES: schema.WORST}
"""What else can be taken along, to the lookup table that holds it."""
RECOMMENDATIONS_SCHEMA = pa.schema(
    [
        pa.field("product_id", pa.string(), nullable=False),
        pa.field("signal", pa.string(), nullable=False),
        pa.field("rank", pa.int32(), nullable=False),
        pa.field("recommended_id", pa.string(), nullable=False),
        pa.field("score", pa.float64(), nullable=False),
        pa.field("reason", pa.string(), nullable=False),
        pa.field("fallback", pa.bool_(), nullable=False),
        pa.field("title", pa.string(), nullable=False),
        pa.field("recommended_title", pa.string(), nullable=False),
    ]
)
"""One row per recommendation, as the JSON API has it, and its titles; signal by signal, in order of the products, best first."""
MISSES_SCHEMA = pa.schema(
    [
        pa.field("signal", pa.string(), nullable=False),
        pa.field("product_id", pa.string(), nullable=False),
        pa.field("title", pa.string(), nullable=False),
        pa.field("orders", pa.int32(), nullable=False),
        pa.field("k", pa.int32(), nullable=False),
        pa.field("list", pa.string(), nullable=False),
        pa.field("rank", pa.int32(), nullable=False),
        pa.field("other_id", pa.string(), nullable=False),
        pa.field("other_title", pa.string(), nullable=False),
    ]
)
"""`lookup.schema.WORST_SCHEMA` for readers of any format: a row for each product that was ``bought`` or ``recommended``, as
``list`` says, beside one that a signal misses; by id and title, since row numbers say nothing outside the tables."""
ROWS_A_GROUP = 65_536
"""So many rows, or a few more, make a row group of a Parquet file: fewer would make it larger, more take more memory."""


@dataclass(frozen=True)
class Format:
    """A kind of file: how browsers know it, and how tables of one schema become its pieces."""

    mimetype: str
    pieces: Callable[[pa.Schema, Iterable[pa.Table]], Iterator[bytes]]


def href(name: str, suffix: str, signal: str | None = None) -> str:
    """The URL of a table as a file; of the recommendations of one signal, or of all where none is named."""
    return navigation.href(f"/export/{name}.{suffix}", {"signal": signal})


def add_routes(server: Flask) -> None:
    """``/export/<name>.<suffix>``"""
    server.add_url_rule(RULE, "export", _export)


def recommendations(build: Build, signals: Sequence[str]) -> Iterator[pa.Table]:
    """What a build recommends in some signals, as tables of `RECOMMENDATIONS_SCHEMA`, some hundred products each."""
    for signal in signals:
        for block in recommended(build, signal, build.manifest.signals[signal].k):
            asking = np.repeat(np.arange(len(block.counts), dtype=np.int32), block.counts)
            columns = [
                block.ids.take(pa.array(asking)),
                pa.repeat(signal, len(asking)),
                pa.array(block.ranks, pa.int32()),
                block.recommended,
                pa.array(block.scores),
                pa.array(block.reasons, pa.string()),
                pa.array(block.fallback),
                pa.array(build.catalogue.titles_of(asking + np.int32(block.first)), pa.string()),
                pa.array(build.catalogue.titles_of(block.rows), pa.string()),
            ]
            yield pa.table(columns, schema=RECOMMENDATIONS_SCHEMA)


def misses(build: Build) -> pa.Table:
    """Where each signal misses most, as a table of `MISSES_SCHEMA`; only asked for where there is ``worst.parquet``."""
    rows = [
        (case["signal"], case["product"], case["orders"], case["k"], kind, rank, other)
        for case in build.cache.table(schema.WORST).read().to_pylist()
        for kind in ("bought", "recommended")
        for rank, other in enumerate(case[kind], 1)
    ]
    signals, products, orders, ks, kinds, ranks, others = zip(*rows, strict=True) if rows else ((),) * 7
    named = [
        (build.cache.ids.take(pa.array(each, pa.int32())), build.catalogue.titles_of(np.array(each, np.int32)))
        for each in (products, others)
    ]
    (ids, titles), (other_ids, other_titles) = named
    columns = [signals, ids, titles, orders, ks, kinds, ranks, other_ids, other_titles]
    arrays = [pa.array(column, field.type) for column, field in zip(columns, MISSES_SCHEMA, strict=True)]
    return pa.table(arrays, schema=MISSES_SCHEMA)


def as_csv(table_schema: pa.Schema, tables: Iterable[pa.Table]) -> Iterator[bytes]:
    """RFC 4180, the columns' names first; texts that a spreadsheet would take for formulas are `defused`."""
    yield _csv_lines([table_schema.names])
    for table in tables:
        yield _csv_lines(zip(*_columns(table, _cell), strict=True))


def as_json_lines(table_schema: pa.Schema, tables: Iterable[pa.Table]) -> Iterator[bytes]:
    """An object a line."""
    line = "{" + ", ".join(f"{json.dumps(name)}: %s" for name in table_schema.names) + "}\n"
    for table in tables:
        yield "".join(line % row for row in zip(*_columns(table, _in_json), strict=True)).encode()


def as_parquet(table_schema: pa.Schema, tables: Iterable[pa.Table]) -> Iterator[bytes]:
    """A Parquet file, row group by row group."""
    sent = _Sent()
    with pq.ParquetWriter(sent, table_schema, compression="zstd") as writer:
        for group in _large(tables):
            writer.write_table(group)
            yield sent.taken()
    yield sent.taken()


FORMATS = {
    "csv": Format("text/csv", as_csv),
    "jsonl": Format("application/x-ndjson", as_json_lines),
    "parquet": Format("application/vnd.apache.parquet", as_parquet),
}
"""By the end of the file's name."""


def _export(name: str, suffix: str) -> Response:
    build = current_build()
    if suffix not in FORMATS or (name != RECOMMENDATIONS and MEASURED.get(name, name) not in build.cache):
        abort(404)
    signals = list(build.manifest.signals)
    signal = request.args.get("signal")
    if signal is not None and (name != RECOMMENDATIONS or signal not in signals):
        abort(400)
    chosen = "-".join(filter(None, (name, signal)))
    tag = f"{build.name}-{__version__}-{chosen}.{suffix}"
    if request.if_none_match.contains_weak(tag):
        response = Response(status=304)
    else:
        table_schema, tables = _table(build, name, [signal] if signal else signals)
        pieces = stream_with_context(FORMATS[suffix].pieces(table_schema, tables))
        response = Response(pieces, mimetype=FORMATS[suffix].mimetype)
        called = re.sub(r"\W+", "-", f"{build.shop} {chosen} {build.name}".lower()).strip("-")
        response.headers.set("Content-Disposition", "attachment", filename=f"{called}.{suffix}")
    response.headers["Cache-Control"] = "no-cache"
    response.set_etag(tag)
    return response


def _table(build: Build, name: str, signals: Sequence[str]) -> tuple[pa.Schema, Iterable[pa.Table]]:
    """A table that can be taken along, and the schema of its parts. A damaged one raises here, before a status has gone out."""
    if name != RECOMMENDATIONS:
        table = misses(build) if name == MISSES else build.cache.table(MEASURED[name]).read()
        return table.schema, [table]
    tables = recommendations(build, signals)
    return RECOMMENDATIONS_SCHEMA, chain(list(islice(tables, 1)), tables)


def _large(tables: Iterable[pa.Table]) -> Iterator[pa.Table]:
    """The same rows in tables of `ROWS_A_GROUP` or a few more, but for the last."""
    waiting: list[pa.Table] = []
    for table in tables:
        waiting.append(table)
        if sum(map(len, waiting)) >= ROWS_A_GROUP:
            yield pa.concat_tables(waiting)
            waiting = []
    if waiting:
        yield pa.concat_tables(waiting)


def _columns(table: pa.Table, written: Callable[[object], object]) -> Iterator[list[object]]:
    """A table's columns as they are written; each value once, since most come again and again."""
    for column in table.columns:
        values = column.to_pylist()
        known = {value: written(value) for value in set(values)}
        yield [known[value] for value in values]


def _cell(value: object) -> object:
    """What stands in CSV: nothing for null, ``true`` and ``false`` as in JSON."""
    if isinstance(value, bool):
        return _in_json(value)
    return defused(value) if isinstance(value, str) else value


def _in_json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _csv_lines(rows: Iterable[Sequence[object]]) -> bytes:
    written = io.StringIO()
    csv.writer(written).writerows(rows)
    return written.getvalue().encode()


class _Sent(io.RawIOBase):
    """A file that is only written to; what was written is `taken` away, so that none of it stays."""

    def __init__(self) -> None:
        self._position = 0
        self._content = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, content: object) -> int:
        before = len(self._content)
        self._content += memoryview(content)  # type: ignore[arg-type]
        self._position += len(self._content) - before
        return len(self._content) - before

    def tell(self) -> int:
        return self._position

    def taken(self) -> bytes:
        """What was written since the last time."""
        content = bytes(self._content)
        self._content.clear()
        return content
