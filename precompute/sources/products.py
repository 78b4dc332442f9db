"""The product list, and the products that only reviews, orders or pictures know."""

from __future__ import annotations

from collections.abc import Callable

import pyarrow as pa
import pyarrow.compute as pc

from precompute.report import Progressing
from precompute.settings import Products
from precompute.sources import cleaning
from precompute.sources.columns import (
    NO_PRODUCT_ID,
    clean_addresses,
    clean_ids,
    clean_names,
    clean_texts,
    column_or_nulls,
    parse_column,
)
from precompute.sources.ledger import Ledger
from precompute.sources.reading import read_batches

LISTED_SCHEMA = pa.schema(
    [
        ("product_id", pa.string()),
        ("title", pa.string()),
        ("category", pa.string()),
        ("price", pa.float64()),
        ("description", pa.string()),
        ("url", pa.string()),
        ("image_url", pa.string()),
        ("image", pa.string()),
    ]
)
"""A product before its picture is looked for: ``image`` is what the product list says of it."""


def read_products(file: Products, ledger: Ledger, progress: Progressing) -> pa.Table:
    """Read the product list: `LISTED_SCHEMA`, in the file's order; of the rows with one id the first is kept."""
    seen: set[str] = set()
    batches = []
    for batch in read_batches(file, ledger):
        progress.advance(batch.num_rows)
        rows = clean_ids(batch, "id", NO_PRODUCT_ID, ledger)
        rows = ledger.drop(rows, _repeats(rows.column("id"), seen), "product id repeats", "id")
        columns = [_clean(rows, "id" if name == "product_id" else name, ledger) for name in LISTED_SCHEMA.names]
        batches.append(pa.RecordBatch.from_arrays(columns, schema=LISTED_SCHEMA))
    ledger.require_rows()
    return pa.Table.from_batches(batches, LISTED_SCHEMA)


def _repeats(ids: pa.Array, seen: set[str]) -> pa.BooleanArray:
    repeats = []
    for one in ids.to_pylist():
        repeats.append(one in seen)
        seen.add(one)
    return pa.array(repeats, pa.bool_())


def _clean(rows: pa.RecordBatch, column: str, ledger: Ledger) -> pa.Array:
    if column not in rows.schema.names:
        return pa.nulls(rows.num_rows, LISTED_SCHEMA.field(column).type)
    return _CLEANERS[column](rows, column, ledger)


def _prices(rows: pa.RecordBatch, column: str, ledger: Ledger) -> pa.Array:
    return parse_column(rows, column, cleaning.price, pa.float64(), "price is not a number", ledger)


_CLEANERS: dict[str, Callable[[pa.RecordBatch, str, Ledger], pa.Array]] = {
    "id": lambda rows, column, _: rows.column(column),
    "title": clean_names,
    "category": clean_names,
    "price": _prices,
    "description": clean_texts,
    "url": clean_addresses,
    "image_url": clean_addresses,
    "image": clean_addresses,
}


def merge(tables: list[pa.Table], titles: pa.Table | None) -> pa.Table:
    """All products, sorted by id in the order of code points; of several rows with one id the first is kept.

    Parameters
    ----------
    tables
        Tables of ``product_id`` and any other columns of `LISTED_SCHEMA`, the one to believe first.
    titles
        ``product_id`` and ``title`` for the products that have no title of their own.
    """
    filled = [[column_or_nulls(table, field) for field in LISTED_SCHEMA] for table in tables]
    everything = pa.concat_tables([pa.table(columns, schema=LISTED_SCHEMA) for columns in filled])
    first = everything.append_column("row", pa.array(range(everything.num_rows), pa.int64()))
    first = first.group_by("product_id").aggregate([("row", "min")]).sort_by("product_id")
    products = everything.take(first.column("row_min"))
    if titles is None:
        return products
    others = titles.column("title").take(pc.index_in(products.column("product_id"), titles.column("product_id")))
    return products.set_column(1, "title", pc.coalesce(products.column("title"), others))
