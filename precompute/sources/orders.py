"""Orders: cleaned batch by batch, then tied to products, numbered and merged by the engine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from precompute.report import Progressing
from precompute.settings import Orders
from precompute.sources import cleaning
from precompute.sources.columns import NO_PRODUCT_ID, clean_ids, clean_names, with_column
from precompute.sources.dates import STAGED_COLUMNS, Dates
from precompute.sources.ledger import Ledger
from precompute.sources.reading import read_baskets, read_batches
from precompute.sources.staging import Staged, stage, with_dates

if TYPE_CHECKING:
    import ibis
    import ibis.expr.types as ir

STAGED_SCHEMA = pa.schema(
    [
        ("line", pa.int64()),
        ("order", pa.string()),
        ("product", pa.string()),
        ("title", pa.string()),
        ("quantity", pa.float64()),
        *STAGED_COLUMNS,
    ]
)


def stage_orders(file: Orders, target: Path, ledger: Ledger, progress: Progressing) -> Staged:
    """Write to `target` what can be told of each row alone."""
    staged = Staged(target, ledger, Dates())
    clean = _clean_baskets if file.layout == "baskets" else _clean_lines
    stage(clean(file, staged, progress), STAGED_SCHEMA, target)
    ledger.require_rows()
    return staged


def _clean_baskets(file: Orders, staged: Staged, progress: Progressing) -> Iterator[pa.RecordBatch]:
    for batch in read_baskets(file, staged.ledger):
        progress.advance(batch.num_rows)
        rows = clean_ids(batch, "product", NO_PRODUCT_ID, staged.ledger)
        rows = _without_ignored(rows, file, staged.ledger)
        rows = with_column(rows, "order", rows.column("line").cast(pa.string()))
        yield with_column(rows, "quantity", pa.repeat(1.0, rows.num_rows))


def _clean_lines(file: Orders, staged: Staged, progress: Progressing) -> Iterator[pa.RecordBatch]:
    ledger = staged.ledger
    for batch in read_batches(file, ledger):
        progress.advance(batch.num_rows)
        rows = clean_ids(batch, "order", "no order id", ledger)
        rows = clean_ids(rows, "product", NO_PRODUCT_ID, ledger)
        rows = _without_cancelled(rows, file, ledger)
        rows = _without_ignored(rows, file, ledger)
        rows = _with_quantity(rows, file, ledger)
        if file.title:
            rows = with_column(rows, "title", clean_names(rows, "title", ledger))
        yield with_dates(rows, staged.dates)


def _without_cancelled(rows: pa.RecordBatch, file: Orders, ledger: Ledger) -> pa.RecordBatch:
    if file.cancelled is None:
        return rows
    return ledger.drop(rows, pc.match_substring_regex(rows.column("order"), file.cancelled), "cancelled order", "order")


def _without_ignored(rows: pa.RecordBatch, file: Orders, ledger: Ledger) -> pa.RecordBatch:
    ignored = pc.is_in(rows.column("product"), pa.array(file.ignore_products, pa.string()))
    return ledger.drop(rows, ignored, "product in ignore_products", "product")


def _with_quantity(rows: pa.RecordBatch, file: Orders, ledger: Ledger) -> pa.RecordBatch:
    if not file.quantity:
        return with_column(rows, "quantity", pa.repeat(1.0, rows.num_rows))
    quantities = cleaning.each(cleaning.trim(rows.column("quantity")), cleaning.number, pa.float64())
    unread = pc.is_null(quantities)
    rows = with_column(
        ledger.drop(rows, unread, "quantity is not a number", "quantity"), "parsed", quantities.filter(pc.invert(unread))
    )
    rows = ledger.drop(rows, pc.less_equal(rows.column("parsed"), 0), "quantity is not above 0", "quantity")
    return with_column(rows, "quantity", rows.column("parsed"))


def find_titles(engine: ibis.BaseBackend, staged: Staged) -> pa.Table:
    """``product_id`` and ``title``: what most order lines of a product call it; of equally many, the first by code points."""
    import ibis

    rows = staged.open(engine)
    titled = rows.filter(rows.title.notnull())
    counted = titled.group_by("product", "title").agg(lines=titled.count())
    place = ibis.row_number().over(group_by=counted.product, order_by=[counted.lines.desc(), counted.title])
    ranked = counted.mutate(place=place)
    return ranked.filter(ranked.place == 0).select(product_id="product", title="title").to_pyarrow()


def write_orders(engine: ibis.BaseBackend, staged: Staged, products: ir.Table, target: Path) -> tuple[int, int]:
    """Write the lines that count, `precompute.shop.ORDER_LINES_SCHEMA`; returns the number of orders and of lines.

    `products` holds ``product_id`` and ``row``.
    """
    import ibis

    staged.settle_dates(engine)
    lines = staged.known(staged.open(engine), products)
    staged.ledger.require_rows()
    orders = lines.group_by("order").agg(line=lines.line.min())
    orders = orders.mutate(number=ibis.row_number().over(order_by=orders.line).cast("int32"))
    # Summed in the order of the lines: the sum of floats depends on it.
    quantity = lines.quantity.collect(order_by=lines.line).sums()
    merged = lines.group_by("order", "row").agg(quantity=quantity, time=lines.time.min())
    numbered = merged.join(orders, "order").select(order="number", product="row", quantity="quantity", time="time")
    numbered.order_by("order", "product").to_parquet(target)
    n_lines = pq.read_metadata(target).num_rows
    staged.ledger.note("order lines merged with one of the same order and product", staged.ledger.kept - n_lines)
    return orders.count().execute(), n_lines
