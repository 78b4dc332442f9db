"""Columns of a batch to clean columns, with what was mended or left out written into the file's books."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from precompute.sources import cleaning
from precompute.sources.ledger import Ledger

NO_PRODUCT_ID = "no product id"


def clean_ids(rows: pa.RecordBatch, column: str, reason: str, ledger: Ledger) -> pa.RecordBatch:
    """The batch with the ids of one column trimmed; rows without an id are rejected."""
    ids = _mend(rows.column(column), column, cleaning.trim, "white space removed around", ledger)
    rows = with_column(rows, column, cleaning.none_if_empty(ids))
    return ledger.drop(rows, pc.is_null(rows.column(column)), reason)


def clean_names(rows: pa.RecordBatch, column: str, ledger: Ledger) -> pa.Array:
    """A column of names: entities unescaped, white space tidied, null where nothing is left."""
    names = _mend(rows.column(column), column, cleaning.unescape, "HTML entities unescaped in", ledger)
    return cleaning.none_if_empty(_mend(names, column, cleaning.collapse, "white space tidied in", ledger))


def clean_texts(rows: pa.RecordBatch, column: str, ledger: Ledger) -> pa.Array:
    """A column of longer texts: entities unescaped, white space trimmed, null where nothing is left."""
    texts = _mend(rows.column(column), column, cleaning.unescape, "HTML entities unescaped in", ledger)
    return cleaning.none_if_empty(cleaning.trim(texts))


def clean_plain(rows: pa.RecordBatch, column: str, _: Ledger) -> pa.Array:
    """A column of URLs, paths or prices: white space trimmed, null where nothing is left."""
    return cleaning.none_if_empty(cleaning.trim(rows.column(column)))


def parse_column(
    rows: pa.RecordBatch, column: str, parse: Callable[[str], Any], type_: pa.DataType, reason: str, ledger: Ledger
) -> pa.Array:
    """A column of values; a row whose text makes no sense is noted, and kept with a null."""
    texts = cleaning.none_if_empty(cleaning.trim(rows.column(column)))
    values = cleaning.each(texts, parse, type_)
    failed = pc.and_(pc.is_valid(texts), pc.is_null(values))
    ledger.kept_without(rows.select(["line", column]).filter(failed), reason)
    return values


def with_column(rows: pa.RecordBatch, name: str, values: pa.Array) -> pa.RecordBatch:
    """The batch with one column added or replaced."""
    index = rows.schema.get_field_index(name)
    return rows.append_column(name, values) if index < 0 else rows.set_column(index, name, values)


def column_or_nulls(rows: pa.RecordBatch | pa.Table, field: pa.Field) -> pa.Array | pa.ChunkedArray:
    """The column that a field names; nulls where there is none."""
    return rows.column(field.name) if field.name in rows.schema.names else pa.nulls(rows.num_rows, field.type)


def _mend(texts: pa.Array, column: str, mend: Callable[[pa.Array], pa.Array], what: str, ledger: Ledger) -> pa.Array:
    mended = mend(texts)
    if mended is not texts:
        ledger.note(f"{what} {column}", pc.sum(pc.not_equal(texts, mended)).as_py() or 0)
    return mended
