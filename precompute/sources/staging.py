"""What reviews and orders have in common: clean rows wait in a Parquet file until all products and dates are known."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from precompute.sources.columns import column_or_nulls, with_column
from precompute.sources.dates import Dates
from precompute.sources.json_blocks import ahead
from precompute.sources.ledger import Ledger

if TYPE_CHECKING:
    import ibis
    import ibis.expr.types as ir


@dataclass(frozen=True)
class Staged:
    """The rows of one file that stand on their own: ids, values and texts are clean, products are still named by id."""

    path: Path
    ledger: Ledger
    dates: Dates

    def open(self, engine: ibis.BaseBackend) -> ir.Table:
        """The rows, with the ``time`` that the whole column was found to mean."""
        table = engine.read_parquet(self.path)
        return table.mutate(time=table[self.dates.column])

    def settle_dates(self, engine: ibis.BaseBackend) -> None:
        """Write into the file's books which dates make no sense, and how many make sense in two ways."""
        rows = self.open(engine)
        unread = rows.filter(rows.time_text.notnull() & rows.time.isnull())
        self.ledger.kept_without(unread.select("line", "time_text").order_by("line").to_pyarrow(), "time is not a date")
        self.ledger.note("dates read day first that could be month first", self.dates.unclear)

    def known(self, rows: ir.Table, products: ir.Table) -> ir.Table:
        """The rows whose product is known, with its ``row``; the others are rejected."""
        unknown = rows.anti_join(products, rows.product == products.product_id)
        self.ledger.reject_rows(unknown.select("line", "product").order_by("line", "product").to_pyarrow(), "unknown product")
        return rows.join(products, rows.product == products.product_id)


def stage(batches: Iterable[pa.RecordBatch], schema: pa.Schema, target: Path) -> None:
    """Write batches in one schema; a column that a batch lacks is null."""
    # Read once or twice and removed: lz4 takes a fraction of the time of zstd. The next batch is made while one is written.
    with (
        pq.ParquetWriter(target, schema, compression="lz4", use_dictionary=False) as writer,
        closing(ahead(iter(batches))) as ready,
    ):
        for batch in ready:
            writer.write_batch(pa.RecordBatch.from_arrays([column_or_nulls(batch, field) for field in schema], schema=schema))


def with_dates(rows: pa.RecordBatch, dates: Dates) -> pa.RecordBatch:
    """The batch with its column ``time``, if any, read both ways."""
    if "time" not in rows.schema.names:
        return rows
    for name, column in dates.read(rows.column("time")).items():
        rows = with_column(rows, name, column)
    return rows
