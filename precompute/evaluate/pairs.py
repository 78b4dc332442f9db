"""Hit rate for a pair of categories: given a chair, are the recommended tables ones that share a room or an order with it?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray
from scipy import sparse

from lookup import schema
from lookup.packed import postings_in, vectors_in
from lookup.reader import Cache
from precompute.errors import BadInput
from precompute.evaluate import metrics
from precompute.finetune.run import pupil_again
from precompute.network import TAUGHT
from precompute.report import Report
from precompute.settings import Evaluate
from precompute.shop import Shop
from precompute.signals.basket import order_matrix

Scores = Callable[[NDArray[np.int64], NDArray[np.int64]], NDArray[np.float64]]
"""Rows of queries and rows of candidates -> float64 [queries, candidates], higher is nearer."""


def pair_metrics(shop: Shop, cache: Cache, report: Report) -> list[dict[str, Any]]:
    """Hit rate of the signals that never saw an order of the query's, over all queries that have a possible hit.

    A query is a product of the first category; candidates are all products of the second; a hit shares an order with the
    query. Chance is exact. Popularity ranks by orders: it saw the very orders that hits are counted in, so it flatters itself.
    Where style was taught by orders, it is taught again for every query, by orders alone that don't hold it. A network that
    was taught would take too long for that, so signals that use it are left out.
    """
    pairs = shop.settings.evaluate.pairs
    if shop.orders is None or not pairs:
        return []
    lines = pq.read_table(shop.orders, columns=["order", "product"])
    orders = order_matrix(lines.column("order").to_numpy(), lines.column("product").to_numpy(), len(shop))
    names = shop.products.column("category").to_pylist()
    rankers = _rankers(cache, orders)
    if "style" in rankers and shop.settings.signals.style.projection is not None:
        rankers["style"] = _taught_apart(shop, report)
    found: list[dict[str, Any]] = []
    for source, target in pairs:
        for category in (source, target):
            if category not in names:
                raise BadInput(f'[evaluate] pairs: there is no category "{category}"; there are: {_some(names)}')
        asked, candidates = (
            np.array([row for row, name in enumerate(names) if name == category]) for category in (source, target)
        )
        found += hit_rates(f"{source} -> {target}", asked, candidates, orders, rankers, shop.settings.evaluate)
    return found


def hit_rates(
    slice_name: str,
    asked: NDArray[np.int64],
    candidates: NDArray[np.int64],
    orders: sparse.csr_array,
    rankers: dict[str, Scores],
    settings: Evaluate,
) -> list[dict[str, Any]]:
    """Hit rate at each k of the settings, of each ranker and of chance, over the products asked for that have a possible hit.

    A product is no candidate for itself. Of equal scores, as popularity gives many, none comes first: the rate is what
    drawing between them at random is expected to give.

    Parameters
    ----------
    asked, candidates
        int64, rows of the products of two categories, or twice of one.
    orders
        CSR [orders, n].
    """
    same = asked[:, None] == candidates
    together = ((orders[:, asked].T @ orders[:, candidates]).toarray() > 0) & ~same
    possible = together.any(axis=1)
    asked, same, together = asked[possible], same[possible], together[possible]
    if not len(asked):
        return []
    n_candidates = len(candidates) - int(same.any())
    lengths = [k for k in settings.k if k < n_candidates]  # a list of all candidates can't miss
    found = []
    for signal, scores in rankers.items():
        ranked_by = np.where(same, -np.inf, np.round(scores(asked, candidates), 6))
        for k in lengths:
            values = metrics.expected_hit_rate(ranked_by, together, k)
            low, high = metrics.bootstrap_interval(values, asked, settings.seed)
            found.append({"signal": signal, "value": float(values.mean()), "low": low, "high": high, "k": k})
    n_relevant = together.sum(axis=1).astype(np.float64)
    for k in lengths:
        chance = float(metrics.chance(n_relevant, n_candidates, k)["hit_rate"].mean())
        found.append({"signal": metrics.CHANCE, "value": chance, "low": None, "high": None, "k": k})
    return [row | {"metric": "hit_rate", "slice": slice_name, "n": len(asked)} for row in found]


def _rankers(cache: Cache, orders: sparse.csr_array) -> dict[str, Scores]:
    """One function per signal whose vectors the cache holds, and popularity."""
    popularity = np.asarray(orders.sum(axis=0)).ravel()
    rankers: dict[str, Scores] = {"popularity": lambda asked, candidates: np.tile(popularity[candidates], (len(asked), 1))}
    for signal in ("visual", "style"):
        entry = cache.manifest.signals.get(signal)
        if schema.vectors_path(signal) in cache and not (entry and entry.details.get(TAUGHT)):
            rankers[signal] = _by_dot_product(_vectors(cache, signal))
    if schema.POSTINGS in cache:
        rankers["reviews"] = _by_dot_product(_documents(cache))
    return rankers


def _taught_apart(shop: Shop, report: Report) -> Scores:
    pupil = pupil_again(shop, report)

    def scores(asked: NDArray[np.int64], candidates: NDArray[np.int64]) -> NDArray[np.float64]:
        return pupil.scores_apart(asked)[:, candidates].astype(np.float64)

    return scores


def _by_dot_product(vectors: Any) -> Scores:
    def scores(asked: NDArray[np.int64], candidates: NDArray[np.int64]) -> NDArray[np.float64]:
        products = vectors[asked] @ vectors[candidates].T
        return products.toarray() if sparse.issparse(products) else products

    return scores


def _vectors(cache: Cache, signal: str) -> NDArray[np.float64]:
    return vectors_in(cache.table(schema.vectors_path(signal)).read()).astype(np.float64)


def _documents(cache: Cache) -> sparse.csr_array:
    """float64 CSR [n, t]: what the postings keep of each product's words."""
    postings = postings_in(cache.table(schema.POSTINGS).read())
    products, weights = (np.concatenate(part) for part in zip(*postings, strict=True))
    ends = np.cumsum([len(found) for found, _ in postings])
    by_term = (weights.astype(np.float64), products, np.append(0, ends))
    return sparse.csr_array(sparse.csc_array(by_term, shape=(len(cache), len(postings))))


def _some(names: list[str | None]) -> str:
    known = sorted({name for name in names if name})
    return ", ".join(known[:12]) + (" ..." if len(known) > 12 else "")
