"""Measure every signal of a built cache, and add the metrics to it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Column, Table
from scipy import sparse

from lookup import schema
from lookup.lock import locked
from lookup.manifest import Manifest
from lookup.reader import Cache
from lookup.schema import METRICS_SCHEMA, NO_NEIGHBOUR, Evidence
from lookup.writer import CacheWriter
from precompute.errors import BadInput
from precompute.evaluate import metrics
from precompute.evaluate.blending import choose_weights, rebuilt_from
from precompute.evaluate.holdout import Holdout, queries, split_orders
from precompute.evaluate.pairs import pair_metrics
from precompute.fusion import fuse
from precompute.report import Report
from precompute.settings import Settings
from precompute.shop import Shop
from precompute.signals.base import Neighbours
from precompute.sources import read_shop

CHANCE, POPULARITY = "chance", "popularity"
WHOLE_SHOP = "all"


@dataclass(frozen=True)
class Metric:
    """One figure: a row of ``metrics.parquet``. `n` counts what was averaged over: queries, or products."""

    signal: str
    metric: str
    k: int
    slice: str
    value: float
    low: float | None
    high: float | None
    n: int


def evaluate_shop(settings: Settings, cache_dir: Path, work: Path, report: Report) -> pa.Table:
    """Measure the signals of the cache and write ``metrics.parquet`` into it.

    Signals that learn from orders are rebuilt from the training orders alone; the blend's weights are chosen on the validation
    orders; the figures come from the test orders, which neither of them saw.

    Returns
    -------
    pa.Table
        `lookup.schema.METRICS_SCHEMA`.

    Raises
    ------
    BadInput
        Where the cache was built from other products, or there is nothing to measure against.
    """
    work.mkdir(parents=True, exist_ok=True)
    with locked(work, f"{work}: a build is using this work folder; wait until it has ended, or name another with --work"):
        return _evaluate(read_shop(settings, work, report), cache_dir, report)


def _evaluate(shop: Shop, cache_dir: Path, report: Report) -> pa.Table:
    settings = shop.settings
    cache = Cache.open(cache_dir)
    if cache.ids.to_pylist() != shop.products.column("product_id").to_pylist():
        raise BadInput(f"{cache_dir}: was built from other products than shop.toml names now; run build first")
    signals = built_neighbours(cache)
    found: list[Metric] = []
    with report.stage("metrics on held-out orders", rows=shop.counts.get("orders", 0)):
        if shop.orders is not None:
            found += order_metrics(shop, signals, split_orders(shop.orders, len(shop), settings.evaluate))
    with report.stage("metrics on the catalogue", rows=len(shop)):
        found += catalogue_metrics(shop, signals)
        found += [Metric(**values) for values in pair_metrics(shop, cache)]
    table = pa.Table.from_pylist([asdict(metric) for metric in found], schema=METRICS_SCHEMA)
    with report.stage("writing tables", rows=len(table)):
        _add_to(cache_dir, cache, table)
    return table


def built_neighbours(cache: Cache) -> dict[str, Neighbours]:
    """The neighbours in a cache, without the products that stand in where a signal has none."""
    found = {}
    for name, entry in cache.manifest.signals.items():
        table = cache.table(schema.neighbours_path(name)).read(["neighbour", "score", "fallback"])
        index, score = (
            table.column(column).combine_chunks().flatten().to_numpy().reshape(-1, entry.k).copy()
            for column in ("neighbour", "score")
        )
        index[table.column("fallback").to_numpy()] = NO_NEIGHBOUR
        kind = Evidence(entry.evidence) if entry.evidence else None
        found[name] = Neighbours(index, score, None, kind, entry.untrained, entry.details)
    return found


def order_metrics(shop: Shop, signals: dict[str, Neighbours], holdout: Holdout) -> list[Metric]:
    """Hit rate, NDCG, recall, MRR and coverage on the test orders, with chance and popularity beside them."""
    order, product = queries(holdout.test)
    if not len(order):
        return []
    relevant = np.diff(holdout.test.indptr)[order] - 1.0
    lists = {name: neighbours.index for name, neighbours in _rebuilt(shop, signals, holdout).items()}
    lists[POPULARITY] = popular_lists(holdout.before_test, max(shop.settings.evaluate.k))
    found = []
    for k in shop.settings.evaluate.k:
        for name, index in lists.items():
            hit = metrics.hits(index[:, :k], order, product, holdout.test)
            for metric, function in metrics.METRICS.items():
                values = function(hit, relevant)
                interval = metrics.bootstrap_interval(values, order, shop.settings.evaluate.seed)
                found.append(Metric(name, metric, k, WHOLE_SHOP, float(values.mean()), *interval, len(order)))
        for metric, values in metrics.chance(relevant, len(shop) - 1, k).items():
            found.append(Metric(CHANCE, metric, k, WHOLE_SHOP, float(values.mean()), None, None, len(order)))
    return found


def catalogue_metrics(shop: Shop, signals: dict[str, Neighbours]) -> list[Metric]:
    """Of the built lists: how much of the catalogue they reach, and how often a neighbour shares the category."""
    found = []
    categories = shop.categories
    known = categories >= 0
    sizes = np.bincount(categories[known])
    same_by_chance = (sizes[categories[known]] - 1) / max(1, len(shop) - 1)
    for k in shop.settings.evaluate.k:
        for name, neighbours in signals.items():
            index = neighbours.index[:, :k]
            listed = np.unique(index[index != NO_NEIGHBOUR])
            found.append(Metric(name, "coverage", k, WHOLE_SHOP, len(listed) / len(shop), None, None, len(shop)))
            asked = np.flatnonzero(neighbours.known & known)
            if len(asked):
                values = _same_category_share(index[asked], categories[asked], categories)
                interval = metrics.bootstrap_interval(values, asked, shop.settings.evaluate.seed)
                found.append(Metric(name, "same_category", k, WHOLE_SHOP, float(values.mean()), *interval, len(asked)))
        if known.any():
            value = float(same_by_chance.mean())
            found.append(Metric(CHANCE, "same_category", k, WHOLE_SHOP, value, None, None, int(known.sum())))
    return found


def popular_lists(orders: sparse.csr_array, k: int) -> NDArray[np.int32]:
    """int32 [n, k]: for every product, the k products in most orders, itself left out."""
    support = np.asarray(orders.sum(axis=0)).ravel()
    ranking = np.lexsort((np.arange(len(support)), -support))[: k + 1].astype(np.int32)
    lists = np.tile(ranking, (len(support), 1))
    own = lists == np.arange(len(support))[:, None]
    own[~own.any(axis=1), -1] = True  # the k + 1st makes room where the product itself is not among them
    return lists[~own].reshape(len(support), -1)


def print_metrics(table: pa.Table, console: Console) -> None:
    """Print a line per slice, k and signal, a column per metric, each value with its interval."""
    rows = table.to_pylist()
    names = list(dict.fromkeys(row["metric"] for row in rows))
    lines: dict[tuple[str, int, str], dict[str, str]] = {}
    for row in rows:
        interval = f" ({row['low']:.3f}-{row['high']:.3f})" if row["low"] is not None else ""
        cells = lines.setdefault((row["slice"], row["k"], row["signal"]), {"n": ""})
        cells[row["metric"]] = f"{row['value']:.3f}{interval}"
        cells["n"] = cells["n"] or f"{row['n']:,}"
    fixed = (Column(name, no_wrap=True) for name in ("slice", "k", "signal", "n"))
    printed = Table(*fixed, *names, box=None, header_style="bold", pad_edge=False)
    for (part, k, signal), cells in lines.items():
        printed.add_row(part, str(k), signal, cells["n"], *(cells.get(name, "") for name in names))
    console.print(printed)


def _rebuilt(shop: Shop, signals: dict[str, Neighbours], holdout: Holdout) -> dict[str, Neighbours]:
    """The signals as they would have been built before the test orders were placed."""
    blended = {name: neighbours for name, neighbours in signals.items() if name != "blend"}
    final = rebuilt_from(holdout.before_test, shop, blended)
    if "blend" not in signals:
        return final
    weights, _ = choose_weights(shop, blended, holdout)
    return {"blend": fuse(final, weights, shop.settings.signals.blend.k)} | final


def _same_category_share(index: NDArray[np.int32], own: NDArray[np.int32], categories: NDArray[np.int32]) -> NDArray[np.float64]:
    listed = index != NO_NEIGHBOUR
    same = (categories[np.maximum(index, 0)] == own[:, None]) & listed
    return same.sum(axis=1) / listed.sum(axis=1)


def _add_to(cache_dir: Path, cache: Cache, table: pa.Table) -> None:
    with CacheWriter(cache_dir) as writer:
        if Manifest.read(cache_dir).folder != cache.manifest.folder:
            raise BadInput(f"{cache_dir}: a new build went live while the old one was measured; run evaluate again")
        for name in cache.manifest.files:
            if name != schema.METRICS:
                writer.keep(cache.manifest, name)
        writer.write_table(schema.METRICS, table)
        writer.publish(cache.manifest)
