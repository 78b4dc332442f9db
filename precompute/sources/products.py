"""The product list, and the products that only reviews, orders or pictures know."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pyarrow as pa
import pyarrow.compute as pc

from precompute.errors import BadInput
from precompute.report import Progressing
from precompute.settings import Products
from precompute.sources import cleaning
from precompute.sources.columns import (
    NO_PRODUCT_ID,
    clean_ids,
    clean_names,
    clean_plain,
    clean_texts,
    column_or_nulls,
    with_column,
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
STAGED_SCHEMA = pa.schema(
    [("line", pa.int64()), *LISTED_SCHEMA.set(LISTED_SCHEMA.get_field_index("price"), pa.field("price", pa.string()))]
)
"""A price stays text until the whole column has been read and tells whether its decimals stand behind a comma."""

LARGEST_LIST = 4_000_000_000
"""Bytes: a small packed file can hold any amount of text, and all of the product list is held in memory."""


def read_products(file: Products, ledger: Ledger, progress: Progressing) -> pa.Table:
    """Read the product list: `LISTED_SCHEMA`, in the file's order; of the rows with one id the first is kept."""
    seen: set[str] = set()
    staged: list[pa.RecordBatch] = []
    size = 0
    for batch in read_batches(file, ledger):
        progress.advance(batch.num_rows)
        rows = clean_ids(batch, "id", NO_PRODUCT_ID, ledger)
        rows = ledger.drop(rows, _repeats(rows.column("id"), seen), "product id repeats", "id")
        columns = [_clean(rows, "id" if name == "product_id" else name, ledger) for name in STAGED_SCHEMA.names]
        staged.append(pa.RecordBatch.from_arrays(columns, schema=STAGED_SCHEMA))
        size += staged[-1].nbytes
        if size > LARGEST_LIST:
            raise BadInput(
                f"{file.path}: its rows hold more than {LARGEST_LIST / 1e9:g} GB of text, and all of them are held in memory; "
                "leave a column out of [products], or shorten its texts"
            )
    ledger.require_rows()
    decimal_comma = any(_has_decimal_comma(batch.column("price")) for batch in staged)
    batches = [with_column(batch, "price", _prices(batch, decimal_comma, ledger)) for batch in staged]
    return pa.Table.from_batches([batch.select(LISTED_SCHEMA.names) for batch in batches], LISTED_SCHEMA)


def _repeats(ids: pa.Array, seen: set[str]) -> pa.BooleanArray:
    repeats = []
    for one in ids.to_pylist():
        repeats.append(one in seen)
        seen.add(one)
    return pa.array(repeats, pa.bool_())


def _clean(rows: pa.RecordBatch, column: str, ledger: Ledger) -> pa.Array:
    if column not in rows.schema.names:
        return pa.nulls(rows.num_rows, STAGED_SCHEMA.field(column).type)
    return _CLEANERS[column](rows, column, ledger)


def _has_decimal_comma(prices: pa.StringArray) -> bool:
    return any(map(cleaning.has_decimal_comma, prices.unique().drop_null().to_pylist()))


def _prices(rows: pa.RecordBatch, decimal_comma: bool, ledger: Ledger) -> pa.Array:
    """The column ``price`` as amounts of at least 0; a row without one is noted, and kept with a null."""
    texts = rows.column("price")
    plain, grouped = (cleaning.each(texts, partial(cleaning.money, decimal_comma=comma), pa.float64()) for comma in (False, True))
    amounts = grouped if decimal_comma else plain
    if not decimal_comma:
        ledger.note("prices that could be thousands", pc.sum(pc.not_equal(plain, grouped)).as_py() or 0)
    below = pc.less(amounts, 0)
    lines = rows.select(["line", "price"])
    ledger.kept_without(lines.filter(pc.and_(pc.is_valid(texts), pc.is_null(amounts))), "price is not a number")
    ledger.kept_without(lines.filter(below), "price is below 0")
    return pc.if_else(below, pa.scalar(None, pa.float64()), amounts)


_CLEANERS: dict[str, Callable[[pa.RecordBatch, str, Ledger], pa.Array]] = {
    "line": lambda rows, column, _: rows.column(column),
    "id": lambda rows, column, _: rows.column(column),
    "title": clean_names,
    "category": clean_names,
    "price": clean_plain,
    "description": clean_texts,
    "url": clean_plain,
    "image_url": clean_plain,
    "image": clean_plain,
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
