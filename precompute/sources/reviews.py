"""Reviews: cleaned batch by batch, then freed of duplicates and tied to products by the engine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from precompute.report import Progressing
from precompute.settings import Reviews
from precompute.sources import cleaning
from precompute.sources.columns import NO_PRODUCT_ID, clean_ids, clean_texts, parse_column, with_column
from precompute.sources.dates import STAGED_COLUMNS, Dates
from precompute.sources.ledger import Ledger
from precompute.sources.reading import read_batches
from precompute.sources.staging import Staged, stage, with_dates

if TYPE_CHECKING:
    import ibis
    import ibis.expr.types as ir

STAGED_SCHEMA = pa.schema(
    [
        ("line", pa.int64()),
        ("product", pa.string()),
        ("title", pa.string()),
        ("text", pa.string()),
        ("rating", pa.float32()),
        ("reviewer", pa.string()),
        *STAGED_COLUMNS,
    ]
)
IDENTITY = ("product", "reviewer", "time_text", "title", "text", "rating")
"""Two reviews that agree in all of these are one review, exported twice."""


def stage_reviews(file: Reviews, target: Path, ledger: Ledger, progress: Progressing) -> Staged:
    """Write to `target` what can be told of each row alone."""
    staged = Staged(target, ledger, Dates())
    stage(_clean_batches(file, staged, progress), STAGED_SCHEMA, target)
    ledger.require_rows()
    return staged


def _clean_batches(file: Reviews, staged: Staged, progress: Progressing) -> Iterator[pa.RecordBatch]:
    ledger = staged.ledger
    for batch in read_batches(file, ledger):
        progress.advance(batch.num_rows)
        rows = clean_ids(batch, "product", NO_PRODUCT_ID, ledger)
        for column in ("title", "text", "reviewer"):
            if column in rows.schema.names:
                rows = with_column(rows, column, clean_texts(rows, column, ledger))
        rows = ledger.drop(rows, _is_empty(rows), "review without text")
        if file.rating:
            stars = parse_column(rows, "rating", cleaning.rating, pa.float32(), "rating is not a number from 0 to 5", ledger)
            rows = with_column(rows, "rating", stars)
        yield with_dates(rows, staged.dates)


def _is_empty(rows: pa.RecordBatch) -> pa.BooleanArray:
    empty = pc.is_null(rows.column("text"))
    return pc.and_(empty, pc.is_null(rows.column("title"))) if "title" in rows.schema.names else empty


def write_reviews(engine: ibis.BaseBackend, staged: Staged, products: ir.Table, target: Path) -> int:
    """Write the reviews that count, `precompute.shop.REVIEWS_SCHEMA` sorted by product and line; returns how many.

    `products` holds ``product_id`` and ``row``.
    """
    import ibis

    staged.settle_dates(engine)
    rows = staged.open(engine)
    repeats = _repeats(engine, staged, rows)
    staged.ledger.reject_rows(repeats.select("line", "product").order_by("line").to_pyarrow(), "exact duplicate review")
    reviews = staged.known(rows.anti_join(repeats, "line"), products)
    staged.ledger.require_rows()
    both = ibis.coalesce(reviews.title + "\n" + reviews.text, reviews.title, reviews.text)
    reviews.order_by("row", "line").select(
        product=reviews.row, text=both, rating=reviews.rating, time=reviews.time, reviewer=reviews.reviewer
    ).to_parquet(target)
    return staged.ledger.kept


def _repeats(engine: ibis.BaseBackend, staged: Staged, rows: ir.Table) -> ir.Table:
    """``line`` and ``product`` of the reviews that an earlier line holds already.

    Only reviews whose 64-bit hash occurs more than once are compared: grouping hashes takes a fraction of the time and memory
    that grouping texts does.
    """
    import ibis

    hashes = staged.path.with_suffix(".hashes.parquet")
    hashed = rows.select("line", hash=ibis.struct({name: rows[name] for name in IDENTITY}).hash())
    hashed.to_parquet(hashes)
    hashed = engine.read_parquet(hashes)
    shared = hashed.group_by("hash").having(hashed.count() > 1).agg()
    alike = rows.semi_join(hashed.semi_join(shared, "hash"), "line")
    place = ibis.row_number().over(group_by=IDENTITY, order_by="line")
    repeats = staged.path.with_suffix(".repeats.parquet")
    alike.select("line", "product", place=place).filter(ibis._.place > 0).drop("place").to_parquet(repeats)
    return engine.read_parquet(repeats)
