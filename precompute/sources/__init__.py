"""A shop's own files in; clean tables, and a list of what was left out of them, out."""

from __future__ import annotations

import hashlib
import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from precompute.engine import connect
from precompute.rejects import Rejects
from precompute.report import Progressing, Report
from precompute.settings import Settings
from precompute.shop import PRODUCTS_SCHEMA, Shop
from precompute.sources.ledger import Ledger
from precompute.sources.orders import find_titles, stage_orders, write_orders
from precompute.sources.pictures import PictureFolder
from precompute.sources.products import merge, read_products
from precompute.sources.reviews import stage_reviews, write_reviews
from precompute.sources.staging import Staged

if TYPE_CHECKING:
    import ibis
    import ibis.expr.types as ir

STAGING = "reading-"
"""How the folders begin that a reading makes in the work folder; a killed one leaves its own behind."""


def read_shop(settings: Settings, work: Path, report: Report) -> Shop:
    """Read and clean all of a shop's files.

    What grows with the shop (reviews, orders) passes by in batches; only the product list and the rejects are held in memory.

    Parameters
    ----------
    settings
        The shop's settings, with absolute paths.
    work
        The work folder, made where it is missing and used by nobody else; the clean tables are written to ``work/clean``.
    report
        Gets a stage per file, and one for bringing them together.

    Raises
    ------
    BadInput
        Where a file is missing, damaged, lacks a column or has no row that can be used.
    """
    clean = work / "clean"
    clean.mkdir(parents=True, exist_ok=True)
    for killed in work.glob(f"{STAGING}*"):
        shutil.rmtree(killed)
    books = _Books(settings, report)
    pictures = PictureFolder.walk(settings.images.folder, books.rejects) if settings.images else None
    known: list[pa.Table] = []
    reviews: Staged | None = None
    orders: Staged | None = None
    with TemporaryDirectory(dir=work, prefix=STAGING) as folder, connect(settings, Path(folder)) as engine:
        staging = Path(folder)
        if settings.products:
            with books.open("products") as (ledger, progress):
                known.append(read_products(settings.products, ledger, progress))
        elif pictures:
            known.append(pictures.products(books.rejects))
        if settings.reviews:
            with books.open("reviews") as (ledger, progress):
                reviews = stage_reviews(settings.reviews, staging / "reviews.parquet", ledger, progress)
        if settings.orders:
            with books.open("orders") as (ledger, progress):
                orders = stage_orders(settings.orders, staging / "orders.parquet", ledger, progress)
        with report.stage("clean tables") as progress:
            known += _derived(settings, engine, reviews, orders)
            products = merge(known, find_titles(engine, orders) if orders else None)
            products = _with_pictures(products, pictures, books.rejects)
            pq.write_table(products, clean / "products.parquet", compression="zstd")
            rows = _product_rows(engine, products, staging / "rows.parquet")
            counts = {"products": products.num_rows, "reviews": 0, "orders": 0, "order_lines": 0}
            if reviews:
                counts["reviews"] = write_reviews(engine, reviews, rows, clean / "reviews.parquet")
            if orders:
                counts["orders"], counts["order_lines"] = write_orders(engine, orders, rows, clean / "orders.parquet")
            counts["pictures"] = products.num_rows - products.column("picture").null_count
            progress.done(sum(counts.values()))
    return Shop(
        settings=settings,
        products=products,
        reviews=clean / "reviews.parquet" if reviews else None,
        orders=clean / "orders.parquet" if orders else None,
        rejects=books.rejects,
        counts=counts,
        inputs=books.inputs + ([pictures.entry(products)] if pictures else []),
        work=work,
        notes=dict(books.notes),
    )


class _Books:
    """The ledgers of all files."""

    def __init__(self, settings: Settings, report: Report) -> None:
        self.rejects = Rejects()
        self.notes: Counter[str] = Counter()
        self._settings, self._report = settings, report
        self._ledgers: list[Ledger] = []

    @contextmanager
    def open(self, section: str) -> Iterator[tuple[Ledger, Progressing]]:
        """A ledger for a section's file, and the stage in which it is read."""
        ledger = Ledger(section, getattr(self._settings, section).path, self.rejects, self.notes)
        self._ledgers.append(ledger)
        with self._report.stage(f"read {section}") as progress:
            yield ledger, progress
            progress.done(ledger.rows)

    @property
    def inputs(self) -> list[dict[str, Any]]:
        """One object per file, for the manifest."""
        return [
            {
                "section": ledger.section,
                "file": ledger.path.name,
                "bytes": ledger.path.stat().st_size,
                "sha256": _sha256(ledger.path),
                "rows": ledger.rows,
                "kept": ledger.kept,
            }
            for ledger in self._ledgers
        ]


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _derived(settings: Settings, engine: ibis.BaseBackend, reviews: Staged | None, orders: Staged | None) -> Iterator[pa.Table]:
    """The products that reviews and orders name: all of them without a product list, else where their section adds to it."""
    for staged, section in ((reviews, settings.reviews), (orders, settings.orders)):
        if staged and section and (settings.products is None or section.unknown_products == "add"):
            yield staged.open(engine).select(product_id="product").distinct().to_pyarrow()


def _with_pictures(products: pa.Table, pictures: PictureFolder | None, rejects: Rejects) -> pa.Table:
    found = pictures.find(products, rejects) if pictures else pa.nulls(products.num_rows, pa.string())
    return products.append_column("picture", found).select(PRODUCTS_SCHEMA.names).cast(PRODUCTS_SCHEMA)


def _product_rows(engine: ibis.BaseBackend, products: pa.Table, path: Path) -> ir.Table:
    """``product_id`` and ``row``, for the engine to join."""
    rows = pa.array(range(products.num_rows), pa.int32())
    pq.write_table(pa.table({"product_id": products.column("product_id"), "row": rows}), path)
    return engine.read_parquet(path)
