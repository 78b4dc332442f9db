"""How strict should *bought together* be? Its lists for a grid of least common orders and least scores, measured side by side."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Column, Table

from lookup.schema import NO_NEIGHBOUR, SWEEP_SCHEMA, Tried
from precompute.evaluate import catalogue, metrics
from precompute.evaluate.holdout import Holdout, Queries, some_queries
from precompute.popularity import popular_lists
from precompute.settings import Basket
from precompute.shop import Shop
from precompute.signals.basket import bought_together

SWEPT = "bought_together"
MIN_ORDERS = (1, 2, 3, 5, 10, 20)
LEFT_OUT = (0.1, 0.25, 0.5, 0.75, 0.9)
"""The least scores that are tried leave out about these shares of the recommendations, whatever the scale of the score."""
MEASURED_AT = 10

Ints = NDArray[np.int32]
Floats = NDArray[np.float64]
Sample = tuple[Floats, NDArray[np.int64]]
"""Values and the group of each: what depends on one another is resampled together."""


@dataclass(frozen=True)
class Lists:
    """The first recommendations of every product for one least number of common orders, whatever their score.

    Attributes
    ----------
    index, score
        int32 and float32 [n, k]. Scores fall along a row, so a least score only cuts lists short.
    hit
        bool [queries, k]: whether the recommendation stands in the query's order.
    """

    index: Ints
    score: NDArray[np.float32]
    hit: NDArray[np.bool_]

    def scoring(self, min_score: float) -> Ints:
        """int32 [n, k]: what is left from a least score on, `NO_NEIGHBOUR` behind the last."""
        return np.where(self.score >= min_score, self.index, np.int32(NO_NEIGHBOUR))


def sweep(shop: Shop, holdout: Holdout) -> pa.Table:
    """Measure *bought together*, built from the training orders, on the validation orders, for every setting of the grid.

    The test orders take no part, so that a shop may choose its settings here and still be reported on honestly.

    Returns
    -------
    pa.Table
        `lookup.schema.SWEEP_SCHEMA`; without rows where no validation order can ask.
    """
    asked = some_queries(holdout.validation, shop.settings.evaluate.seed)
    rows = list(_tried(shop, holdout, asked)) if len(asked.order) else []
    return pa.Table.from_pylist([row._asdict() for row in rows], schema=SWEEP_SCHEMA)


def least_scores(scores: NDArray[np.float32], in_force: float) -> list[float]:
    """The least scores to try, rising: none, the one in force, and those that leave out `LEFT_OUT` of what is recommended.

    Parameters
    ----------
    scores
        float32 [n, k], 0 where nothing is recommended.
    """
    positive = scores[scores > 0]
    cuts = {float(f"{cut:.2g}") for cut in np.quantile(positive, LEFT_OUT)} if len(positive) else set()
    return sorted({0.0, in_force} | cuts)


def _tried(shop: Shop, holdout: Holdout, asked: Queries) -> Iterator[Tried]:
    settings = shop.settings.signals.basket
    k = min(MEASURED_AT, settings.k)
    lists = _lists(settings, k, holdout, asked)
    scores = least_scores(lists[settings.min_orders].score, settings.min_score)
    for min_orders, uncut in lists.items():
        for min_score in scores:
            in_force = (min_orders, min_score) == (settings.min_orders, settings.min_score)
            index = uncut.scoring(min_score)
            for metric, sample in _samples(index, uncut.hit, asked, shop.categories).items():
                value, low, high = _mean(sample, shop.settings.evaluate.seed)
                yield Tried(SWEPT, metric, min_orders, min_score, k, value, low, high, len(sample[0]), in_force)
            coverage = float((index != NO_NEIGHBOUR).any(axis=1).mean())
            yield Tried(SWEPT, "coverage", min_orders, min_score, k, coverage, None, None, len(shop), in_force)
    yield from _baselines(shop, holdout, asked, k)


def _lists(settings: Basket, k: int, holdout: Holdout, asked: Queries) -> dict[int, Lists]:
    """By least number of common orders, rising. Each counts the pairs anew: to keep them all would take far more memory."""
    lists = {}
    for min_orders in sorted({*MIN_ORDERS, settings.min_orders}):
        whole = settings.model_copy(update={"k": k, "min_orders": min_orders, "min_score": 0.0})
        found = bought_together(holdout.train, whole)
        lists[min_orders] = Lists(found.index, found.score, metrics.hits(found.index, *asked, holdout.validation))
    return lists


def _samples(index: Ints, hit: NDArray[np.bool_], asked: Queries, categories: Ints) -> dict[str, Sample]:
    """What each metric is the mean of; a metric that nothing is left to measure is not among them.

    Parameters
    ----------
    index
        int32 [n, k]: the lists.
    hit
        bool [queries, k]: the hits of these lists, or of longer ones that begin with them.
    """
    listed = index[asked.product] != NO_NEIGHBOUR
    hit = hit & listed
    order_of_listed = np.broadcast_to(asked.order[:, None], listed.shape)[listed]
    rows = np.flatnonzero((index != NO_NEIGHBOUR).any(axis=1) & (categories >= 0))
    samples = {
        "hit_rate": (hit.any(axis=1).astype(np.float64), asked.order),
        "precision": (hit[listed].astype(np.float64), order_of_listed),
        "same_category": (catalogue.same_category_share(index[rows], categories[rows], categories), rows),
    }
    return {metric: sample for metric, sample in samples.items() if len(sample[0])}


def _baselines(shop: Shop, holdout: Holdout, asked: Queries, k: int) -> Iterator[Tried]:
    """What the most popular products reach on the same queries, and what a draw has of the product's own category."""
    seed = shop.settings.evaluate.seed
    popular = popular_lists(np.asarray(holdout.train.sum(axis=0)).ravel(), k)
    hit = metrics.hits(popular, *asked, holdout.validation)
    samples = _samples(popular, hit, asked, shop.categories)
    for metric in ("hit_rate", "precision"):
        yield Tried(metrics.POPULARITY, metric, None, None, k, *_mean(samples[metric], seed), len(samples[metric][0]))
    known = shop.categories >= 0
    if known.any():
        by_chance = float(catalogue.same_category_by_chance(shop.categories)[known].mean())
        yield Tried(metrics.CHANCE, "same_category", None, None, k, by_chance, None, None, int(known.sum()))


def _mean(sample: Sample, seed: int) -> tuple[float, float, float]:
    values, groups = sample
    return float(values.mean()), *metrics.bootstrap_interval(values, groups, seed)


def print_sweep(table: pa.Table, console: Console) -> None:
    """Print a line per least number of common orders, a column per least score; nothing where nothing was tried."""
    rows = [row for row in table.to_pylist() if row["signal"] == SWEPT]
    if not rows:
        return
    shown = [metric for metric in ("hit_rate", "same_category") if any(row["metric"] == metric for row in rows)]
    cells: dict[int, dict[float, list[str]]] = {}
    for row in rows:
        if row["metric"] in shown:
            cell = cells.setdefault(row["min_orders"], {}).setdefault(row["min_score"], [])
            cell.append(f"{row['value']:.3f}{'*' if row['in_force'] else ''}")
    scores = sorted({row["min_score"] for row in rows})
    console.print(f"{SWEPT} on validation orders: {' / '.join(shown)} at {rows[0]['k']} by min_score; * as set", highlight=False)
    columns = (Column(f"{score:g}", no_wrap=True) for score in scores)
    printed = Table(Column("min_orders"), *columns, box=None, header_style="bold", pad_edge=False)
    for min_orders, by_score in cells.items():
        printed.add_row(str(min_orders), *(" / ".join(by_score.get(score, [])) for score in scores))
    console.print(printed)
