"""Measure every signal of a built cache, and add the metrics to it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Column, Table

from lookup import schema
from lookup.lock import locked
from lookup.manifest import Manifest
from lookup.reader import Cache
from lookup.schema import METRICS_SCHEMA, NO_LIST, NO_NEIGHBOUR, SWEEP_SCHEMA, WORST_SCHEMA, Evidence
from lookup.writer import CacheWriter
from precompute.errors import BadInput
from precompute.evaluate import catalogue, metrics
from precompute.evaluate.blending import choose_weights, rebuilt_from
from precompute.evaluate.feedback import Feedback, judged_metrics, read_feedback
from precompute.evaluate.holdout import Holdout, kept_back, queries, split_orders
from precompute.evaluate.metrics import CHANCE, POPULARITY
from precompute.evaluate.pairs import pair_metrics
from precompute.evaluate.sweep import SWEPT, sweep
from precompute.evaluate.worst import worst_cases
from precompute.fusion import fuse
from precompute.popularity import popular_lists
from precompute.report import Report
from precompute.settings import Settings
from precompute.shop import Shop
from precompute.signals.base import Neighbours
from precompute.sources import read_shop

WHOLE_SHOP = "all"
MOST_CATEGORIES = 12
"""So many categories are measured one by one: as many as a page can offer to choose from."""


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


@dataclass(frozen=True)
class Evaluation:
    """What was measured.

    Attributes
    ----------
    metrics
        `lookup.schema.METRICS_SCHEMA`.
    sweep
        `lookup.schema.SWEEP_SCHEMA`; without rows where there are no orders to try settings on.
    worst
        `lookup.schema.WORST_SCHEMA`; without rows where there are no orders to miss.
    feedback
        What people judged, where a file of it was given.
    """

    metrics: pa.Table
    sweep: pa.Table
    worst: pa.Table
    feedback: Feedback | None = None


def evaluate_shop(settings: Settings, cache_dir: Path, work: Path, report: Report, feedback: Path | None = None) -> Evaluation:
    """Measure the signals of the cache and write ``metrics.parquet``, ``sweep.parquet`` and ``worst.parquet`` into it.

    Signals that learn from orders are rebuilt from the training orders alone; the blend's weights are chosen on the validation
    orders; the figures come from the test orders, which neither of them saw. Other settings of *bought together* are tried on the
    validation orders alone.

    Raises
    ------
    BadInput
        Where the cache was built from other products, or its style was taught by orders to report on.
    """
    work.mkdir(parents=True, exist_ok=True)
    with locked(work, f"{work}: a build is using this work folder; wait until it has ended, or name another with --work"):
        return _evaluate(read_shop(settings, work, report), cache_dir, report, feedback)


def _evaluate(shop: Shop, cache_dir: Path, report: Report, feedback: Path | None) -> Evaluation:
    settings = shop.settings
    cache = Cache.open(cache_dir)
    if cache.ids.to_pylist() != shop.products.column("product_id").to_pylist():
        raise BadInput(f"{cache_dir}: was built from other products than shop.toml names now; run build first")
    signals = built_neighbours(cache)
    judged = read_feedback(feedback, cache, signals) if feedback else None  # first: it may not be a file that can be read
    found: list[Metric] = []
    tried, worst = SWEEP_SCHEMA.empty_table(), WORST_SCHEMA.empty_table()
    if shop.orders is not None:
        with report.stage("metrics on held-out orders", rows=shop.counts["orders"]):
            holdout = split_orders(shop.orders, len(shop), settings.evaluate)
            require_unseen(signals, kept_back(holdout, settings.evaluate))
            if len(queries(holdout.test).order):
                lists = {name: neighbours.index for name, neighbours in _rebuilt(shop, signals, holdout).items()}
                found += order_metrics(shop, lists, holdout)
                worst = worst_cases(lists, holdout.test, max(settings.evaluate.k))
        if SWEPT in signals:
            with report.stage("other settings tried", rows=holdout.validation.shape[0]):
                tried = sweep(shop, holdout)
    with report.stage("metrics on the catalogue", rows=len(shop)):
        counted = cache.table(schema.PRODUCTS).read(["n_orders", "n_reviews", "cluster"])
        popularity = counted.column("n_orders" if shop.orders is not None else "n_reviews").to_numpy().astype(np.int64)
        found += catalogue_metrics(shop, signals, popularity)
        found += same_category_metrics(shop, signals)
        found += cluster_metrics(shop, counted.column("cluster").fill_null(-1).to_numpy())
        found += [Metric(**values) for values in pair_metrics(shop, cache, report)]
        found += [Metric(**values) for values in judged_metrics(judged)] if judged else []
    measured = Evaluation(pa.Table.from_pylist([asdict(metric) for metric in found], schema=METRICS_SCHEMA), tried, worst, judged)
    with report.stage("writing tables", rows=len(measured.metrics) + len(measured.sweep) + len(measured.worst)):
        _add_to(cache_dir, cache, measured)
    return measured


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


def require_unseen(signals: dict[str, Neighbours], test_orders: str) -> None:
    """Raise `BadInput` where a taste was learned while other orders were kept back than those of this name, see `kept_back`."""
    taste = signals["style"].details.get("taste") if "style" in signals else None
    if taste is not None and taste.get("kept_back") != test_orders:
        raise BadInput(
            "the style was taught by orders that [evaluate] may report on now, since its settings or the orders have changed; "
            "run finetune projection and build again"
        )


def order_metrics(shop: Shop, lists: dict[str, NDArray[np.int32]], holdout: Holdout) -> list[Metric]:
    """Hit rate, NDCG, recall and MRR on the test orders, with chance and popularity beside them.

    Parameters
    ----------
    lists
        int32 [n, any] by signal, built without the test orders, of which some can ask.
    """
    order, product = queries(holdout.test)
    relevant = np.diff(holdout.test.indptr)[order] - 1.0
    support = np.asarray(holdout.before_test.sum(axis=0)).ravel()
    popular = popular_lists(support, max(shop.settings.evaluate.k))
    found = []
    for k in shop.settings.evaluate.k:
        for name, index in (lists | {POPULARITY: popular}).items():
            hit = metrics.hits(index[:, :k], order, product, holdout.test)
            for metric, function in metrics.METRICS.items():
                values = function(hit, relevant)
                interval = metrics.bootstrap_interval(values, order, shop.settings.evaluate.seed)
                found.append(Metric(name, metric, k, WHOLE_SHOP, float(values.mean()), *interval, len(order)))
        for metric, values in metrics.chance(relevant, len(shop) - 1, k).items():
            found.append(Metric(CHANCE, metric, k, WHOLE_SHOP, float(values.mean()), None, None, len(order)))
    return found


def catalogue_metrics(shop: Shop, signals: dict[str, Neighbours], popularity: NDArray[np.int64]) -> list[Metric]:
    """Of the built lists, with popularity and chance beside them: how much of the catalogue they reach, how evenly, how popular.

    Parameters
    ----------
    popularity
        int64 [n]: orders, or reviews in a shop without orders.
    """
    lists = {name: neighbours.index[neighbours.known] for name, neighbours in signals.items() if neighbours.known.any()}
    if not lists:
        return []
    n = len(shop)
    lists[POPULARITY] = popular_lists(popularity.astype(np.float64), max(shop.settings.evaluate.k))
    percentiles = catalogue.popularity_percentiles(popularity)
    found = []
    for k in shop.settings.evaluate.k:
        for name, whole in lists.items():
            index = whole[:, :k]
            coverage = len(np.unique(index[index != NO_NEIGHBOUR])) / n
            found.append(Metric(name, "coverage", k, WHOLE_SHOP, coverage, None, None, n))
            found.append(Metric(name, "concentration", k, WHOLE_SHOP, catalogue.concentration(index, n), None, None, n))
            values = catalogue.mean_listed(index, percentiles)
            interval = metrics.bootstrap_interval(values, np.arange(len(values)), shop.settings.evaluate.seed)
            found.append(Metric(name, "popularity_percentile", k, WHOLE_SHOP, float(values.mean()), *interval, len(index)))
        by_chance = {
            "coverage": catalogue.coverage_by_chance(n, k),
            "concentration": catalogue.concentration_by_chance(n, k),
            "popularity_percentile": 0.5,
        }
        found += [Metric(CHANCE, metric, k, WHOLE_SHOP, value, None, None, n) for metric, value in by_chance.items()]
    return found


def same_category_metrics(shop: Shop, signals: dict[str, Neighbours]) -> list[Metric]:
    """How often a neighbour shares the category: of all products that have one, and of each of the largest categories."""
    found = []
    categories = shop.categories
    parts = _parts(shop)
    by_chance = catalogue.same_category_by_chance(categories)
    for k in shop.settings.evaluate.k:
        for name, neighbours in signals.items():
            asked = np.flatnonzero(neighbours.known & (categories >= 0))
            shares = catalogue.same_category_share(neighbours.index[asked, :k], categories[asked], categories)
            for part, members in parts.items():
                rows, values = asked[members[asked]], shares[members[asked]]
                if len(rows):
                    interval = metrics.bootstrap_interval(values, rows, shop.settings.evaluate.seed)
                    found.append(Metric(name, "same_category", k, part, float(values.mean()), *interval, len(rows)))
        for part, members in parts.items():
            value = float(by_chance[members].mean())
            found.append(Metric(CHANCE, "same_category", k, part, value, None, None, int(members.sum())))
    return found


def _parts(shop: Shop) -> dict[str, NDArray[np.bool_]]:
    """bool [n] by slice: the products that have a category, and those of each of the largest categories."""
    known = shop.categories >= 0
    if not known.any():
        return {}
    names = shop.products.column("category").to_pylist()
    numbers, first, sizes = np.unique(shop.categories[known], return_index=True, return_counts=True)
    largest = np.lexsort((numbers, -sizes))[:MOST_CATEGORIES]
    rows = np.flatnonzero(known)[first]
    of_categories = {schema.CATEGORY_SLICE + names[rows[one]]: shop.categories == numbers[one] for one in largest}
    return {WHOLE_SHOP: known} | of_categories


def cluster_metrics(shop: Shop, clusters: NDArray[np.int32]) -> list[Metric]:
    """Purity and normalised mutual information of the review clusters against the shop's categories, beside chance.

    They are not about lists of recommendations: their k is `NO_LIST`.

    Parameters
    ----------
    clusters
        int32 [n], -1 for none.
    """
    asked = np.flatnonzero((clusters >= 0) & (shop.categories >= 0))
    if not len(asked):
        return []
    clusters, categories = clusters[asked], shop.categories[asked]
    seed, n = shop.settings.evaluate.seed, len(asked)
    pure = catalogue.in_majority(clusters, categories).astype(np.float64)
    interval = metrics.bootstrap_interval(pure, asked, seed)
    nmi = catalogue.agreement(clusters, categories)
    purity_by_chance, nmi_by_chance = catalogue.agreement_by_chance(clusters, categories, seed)
    return [
        Metric("reviews", "purity", NO_LIST, WHOLE_SHOP, float(pure.mean()), *interval, n),
        Metric(CHANCE, "purity", NO_LIST, WHOLE_SHOP, purity_by_chance, None, None, n),
        Metric("reviews", "nmi", NO_LIST, WHOLE_SHOP, nmi, None, None, n),
        Metric(CHANCE, "nmi", NO_LIST, WHOLE_SHOP, nmi_by_chance, None, None, n),
    ]


def print_metrics(table: pa.Table, console: Console) -> None:
    """Print a line per slice, k and signal, a column per metric, each value with its interval; single categories left out.

    What is measured on held-out orders comes first, in a table of its own: side by side, all metrics would not fit.
    """
    rows = [row for row in table.to_pylist() if not row["slice"].startswith(schema.CATEGORY_SLICE)]
    for on_orders in (True, False):
        of_kind = [row for row in rows if (row["metric"] in metrics.METRICS) == on_orders]
        if of_kind:
            console.print(_printed(of_kind))


def _printed(rows: list[dict[str, Any]]) -> Table:
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
        printed.add_row(part, str(k or ""), signal, cells["n"], *(cells.get(name, "") for name in names))
    return printed


def _rebuilt(shop: Shop, signals: dict[str, Neighbours], holdout: Holdout) -> dict[str, Neighbours]:
    """The signals as they would have been built before the test orders were placed."""
    blended = {name: neighbours for name, neighbours in signals.items() if name != "blend"}
    final = rebuilt_from(holdout.before_test, shop, blended)
    if "blend" not in signals:
        return final
    weights, _ = choose_weights(shop, blended, holdout)
    return {"blend": fuse(final, weights, shop.settings.signals.blend.k)} | final


def _add_to(cache_dir: Path, cache: Cache, measured: Evaluation) -> None:
    with CacheWriter(cache_dir) as writer:
        if Manifest.read(cache_dir).folder != cache.manifest.folder:
            raise BadInput(f"{cache_dir}: a new build went live while the old one was measured; run evaluate again")
        for name in cache.manifest.files:
            if name not in (schema.METRICS, schema.SWEEP, schema.WORST):
                writer.keep(cache.manifest, name)
        writer.write_table(schema.METRICS, measured.metrics)
        if len(measured.sweep):
            writer.write_table(schema.SWEEP, measured.sweep)
        if len(measured.worst):
            writer.write_table(schema.WORST, measured.worst)
        writer.publish(cache.manifest)
