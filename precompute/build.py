"""The whole build, top to bottom: a shop's files in, lookup tables out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from lookup import schema
from lookup.disk import writing_in
from lookup.lock import locked
from lookup.manifest import FileEntry, Manifest, SignalEntry, fingerprint
from lookup.schema import NO_NEIGHBOUR
from lookup.writer import CacheWriter
from precompute.engine import connect
from precompute.kept import remove_partial, write_whole
from precompute.maps import kept_map
from precompute.pictures import read_pictures
from precompute.popularity import with_fallbacks
from precompute.report import Report
from precompute.settings import Settings
from precompute.shop import Shop
from precompute.signals.base import Built, Neighbours
from precompute.signals.registry import SIGNALS
from precompute.sources import read_shop
from precompute.tfidf import stop_words

SHOWN_FIRST = "blend"
NOTHING_IN_COMMON = "no two products have enough in common"


@dataclass
class _Contributions:
    """What the signals have contributed so far."""

    neighbours: dict[str, Neighbours] = field(default_factory=dict)
    tables: dict[str, pa.Table] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    full_encoder: Callable[[], bytes] | None = None
    product_columns: dict[str, pa.Array] = field(default_factory=dict)
    vectors: dict[str, NDArray[np.float32]] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)

    def add(self, built: Built) -> None:
        self.neighbours |= {name: found for name, found in built.neighbours.items() if found.known.any()}
        self.tables |= built.tables
        self.files |= built.files
        self.full_encoder = built.full_encoder or self.full_encoder
        self.product_columns |= built.product_columns
        self.vectors |= built.vectors


def build(settings: Settings, cache_dir: Path, work: Path, report: Report) -> tuple[Shop, Manifest]:
    """Build every signal that the shop's data can feed, and swap the new tables in.

    Raises
    ------
    BadInput
        Where the shop's files can't be used; the tables in `cache_dir` stay as they were.
    OSError
        Where a disk is full, naming the folder; the same holds.
    """
    work.mkdir(parents=True, exist_ok=True)
    busy = f"{work}: another build is using this work folder; wait until it has ended, or name another with --work"
    with locked(work, busy), writing_in(work):
        remove_partial(work)
        shop = read_shop(settings, work, report)
        if settings.images is not None:
            shop.pictures = read_pictures(shop, report)
            shop.counts["pictures"] = shop.pictures.count
        shop.rejects.write(work / schema.REJECTS)
        return shop, _build_tables(shop, cache_dir, report)


def _build_tables(shop: Shop, cache_dir: Path, report: Report) -> Manifest:
    parts = build_signals(shop, report)
    with report.stage("maps", total=len(parts.vectors)) as progress:
        for name, vectors in parts.vectors.items():
            parts.tables[schema.map_path(name)] = kept_map(vectors, shop.work / "maps")
            progress.advance()
    with report.stage("writing tables", rows=len(shop)):
        return _write(shop, parts, cache_dir)


def build_signals(shop: Shop, report: Report) -> _Contributions:
    """Run each signal in turn; what can't be built is noted with its reason."""
    parts = _Contributions()
    for signal in SIGNALS:
        reason = signal.why_not(shop)
        if reason is None:
            built = signal.build(shop, report, parts.neighbours)
            parts.add(built)
            reason = built.missing
            parts.missing |= dict.fromkeys(built.neighbours.keys() - parts.neighbours.keys(), NOTHING_IN_COMMON)
        if reason is not None:
            parts.missing |= dict.fromkeys(signal.produces, reason)
    return parts


def _write(shop: Shop, parts: _Contributions, cache_dir: Path) -> Manifest:
    products = _product_table(shop, parts.product_columns)
    n_orders, n_reviews = (products.column(name).to_numpy().astype(np.int64) for name in ("n_orders", "n_reviews"))
    popularity = n_orders if shop.orders is not None else n_reviews
    entries: dict[str, SignalEntry] = {}
    tables: dict[str, pa.Table | pa.RecordBatchReader] = {schema.PRODUCTS: products, **parts.tables}
    if shop.pictures is not None and shop.pictures.count:
        tables[schema.THUMBNAILS] = shop.pictures.thumbnails()
    full_encoder = _keep_full_encoder(shop, parts)
    with CacheWriter(cache_dir) as writer:
        for name in sorted(parts.neighbours, key=lambda name: name != SHOWN_FIRST):
            filled, fallback = with_fallbacks(parts.neighbours[name], popularity, shop.categories)
            tables[schema.neighbours_path(name)] = filled.to_table(fallback)
            entries[name] = signal_entry(parts.neighbours[name], fallback)
        writer.write_tables(tables)
        for name, content in parts.files.items():
            writer.write_bytes(name, content)
        described = Manifest(
            shop=shop.settings.shop.model_dump(),
            inputs=shop.inputs,
            settings=_described(shop.settings),
            counts=shop.counts,
            rejects=dict(sorted(shop.rejects.counts.items())),
            mended=dict(sorted(shop.notes.items())),
            signals=entries,
            missing=parts.missing,
            full_encoder=full_encoder,
        )
        return writer.publish(described)


def _keep_full_encoder(shop: Shop, parts: _Contributions) -> FileEntry | None:
    """Leave the encoder in float32, however large it is, in the work folder for ``precompute serve``."""
    if parts.full_encoder is None:
        return None
    path, content = shop.work / schema.FULL_ENCODER, parts.full_encoder()
    if not (path.is_file() and path.read_bytes() == content):
        write_whole(path, content)
    return FileEntry(len(content), fingerprint(path))


def _product_table(shop: Shop, columns: dict[str, pa.Array]) -> pa.Table:
    n = len(shop)
    n_reviews, rating = _review_counts(shop)
    has_picture = [content is not None for content in shop.pictures.content] if shop.pictures is not None else [False] * n
    clean = {name: shop.products.column(name) for name in shop.products.schema.names if name in schema.PRODUCTS_SCHEMA.names}
    computed = {"n_reviews": n_reviews, "rating": rating, "n_orders": _order_counts(shop), "has_picture": has_picture}
    filled = {"cluster": pa.nulls(n, pa.int32())} | clean | computed | columns
    return pa.table([filled[name] for name in schema.PRODUCTS_SCHEMA.names], schema=schema.PRODUCTS_SCHEMA)


def _review_counts(shop: Shop) -> tuple[NDArray[np.int32], pa.Array]:
    """Reviews per product, and their mean rating, null without a rating."""
    n_reviews, rating = np.zeros(len(shop), np.int32), np.full(len(shop), np.nan)
    if shop.reviews is not None:
        with connect(shop.settings, shop.work) as engine:
            reviews = engine.read_parquet(shop.reviews)
            summed = reviews.group_by("product").aggregate(n=reviews.count(), rating=reviews.rating.mean().round(3))
            found = engine.to_pyarrow(summed)
        rows = found.column("product").to_numpy()
        n_reviews[rows] = found.column("n").to_numpy()
        rating[rows] = found.column("rating").to_numpy()
    return n_reviews, pa.array(rating.astype(np.float32), from_pandas=True)


def _order_counts(shop: Shop) -> NDArray[np.int32]:
    if shop.orders is None:
        return np.zeros(len(shop), np.int32)
    products = pq.read_table(shop.orders, columns=["product"]).column("product").to_numpy()
    return np.bincount(products, minlength=len(shop)).astype(np.int32)


def signal_entry(neighbours: Neighbours, fallback: NDArray[np.bool_]) -> SignalEntry:
    """What the manifest says of a table of neighbours; `fallback` is bool [n], the rows where popular products stand in."""
    own = ((neighbours.index != NO_NEIGHBOUR) & ~neighbours.popular_alone).any(axis=1)
    return SignalEntry(
        k=neighbours.k,
        products=int(own.sum()),
        fallbacks=int((fallback | (neighbours.known & ~own)).sum()),
        evidence=neighbours.evidence_kind,
        evidence_width=neighbours.evidence.shape[2] if neighbours.evidence is not None else 0,
        untrained=neighbours.untrained,
        details=neighbours.details,
    )


def _described(settings: Settings) -> dict[str, Any]:
    """The settings for the manifest: of a path, only its last part, which is the same on every machine."""
    described = settings.model_dump(mode="json", exclude_none=True)
    for section in ("products", "reviews", "orders", "images"):
        for key in ("path", "folder"):
            if key in described.get(section, {}):
                described[section][key] = Path(described[section][key]).name
    if settings.signals.reviews.ngrams > 1:  # pairs are told in a typed sentence by the same words
        described["signals"]["reviews"]["stop_words"] = sorted(stop_words(settings.signals.reviews))
    for network in ("visual", "style"):
        described["signals"][network]["weights"] = Path(described["signals"][network]["weights"]).name
    if settings.signals.style.projection is not None:
        described["signals"]["style"]["projection"] = Path(settings.signals.style.projection).name
    return described
