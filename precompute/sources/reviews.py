"""Reviews: cleaned batch by batch, then freed of duplicates and tied to products by the engine."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from precompute.report import Progressing
from precompute.settings import Reviews
from precompute.sources import cleaning
from precompute.sources.columns import NO_PRODUCT_ID, clean_ids, clean_texts, parsed, with_column
from precompute.sources.dates import DATE_COLUMNS, Dates, add_dates, settle_dates
from precompute.sources.ledger import Ledger
from precompute.sources.reading import read_batches

if TYPE_CHECKING:
    import ibis

STAGED_SCHEMA = pa.schema(
    [
        ("line", pa.int64()),
        ("product", pa.string()),
        ("title", pa.string()),
        ("text", pa.string()),
        ("rating", pa.float32()),
        ("reviewer", pa.string()),
        *DATE_COLUMNS,
    ]
)
IDENTITY = ("product", "reviewer", "time_text", "title", "text", "rating")
"""Two reviews that agree in all of these are one review, exported twice."""


def stage_reviews(file: Reviews, target: Path, ledger: Ledger, progress: Progressing) -> Dates:
    """Write what one row alone can tell: `STAGED_SCHEMA`, in the file's order."""
    dates = Dates()
    with pq.ParquetWriter(target, STAGED_SCHEMA, compression="zstd") as writer:
        for batch in read_batches(file, ledger):
            progress.advance(batch.num_rows)
            rows = clean_ids(batch, "product", NO_PRODUCT_ID, ledger)
