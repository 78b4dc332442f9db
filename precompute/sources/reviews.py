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
    distinct = staged.path.with_suffix(".distinct.parquet")
    rows.group_by(identity=_fingerprint(rows)).agg(line=rows.line.min()).select("line").to_parquet(distinct)
    first = engine.read_parquet(distinct)
    repeats = rows.anti_join(first, "line").select("line", "product").order_by("line")
    staged.ledger.reject_rows(repeats.to_pyarrow(), "exact duplicate review")
    reviews = staged.known(rows.semi_join(first, "line"), products)
    staged.ledger.require_rows()
    both = ibis.coalesce(reviews.title + "\n" + reviews.text, reviews.title, reviews.text)
    reviews.order_by("row", "line").select(
        product=reviews.row, text=both, rating=reviews.rating, time=reviews.time, reviewer=reviews.reviewer
    ).to_parquet(target)
    return staged.ledger.kept


def _fingerprint(rows: ir.Table) -> ir.StringValue:
    """128 bits of a review's identity: grouping by them takes a fraction of the memory that grouping by the texts would."""
    import ibis

    @ibis.udf.scalar.builtin
    def md5(text: str) -> str:
        """The engine's own function."""
        raise NotImplementedError

    # Each part is hashed by itself, because no separator is safe: whatever it is, a text may hold it.
    parts = [ibis.coalesce(md5(rows[column].cast("string")), "-") for column in IDENTITY]
    return md5(ibis.literal("").join(parts))
