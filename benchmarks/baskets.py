"""How well baskets are guessed from baskets: Aisle's scores beside what others use, on real orders.

A query is a product of a held-out order; relevant are the order's others. Every way sees the same orders and ranks the same
products, and where it has no list for one, the most popular products stand in. The others' options are chosen for each
collection on its validation orders; Aisle's are the defaults of ``shop.toml``.
"""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product as combinations
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from scipy import sparse
from threadpoolctl import threadpool_limits

from benchmarks.results import Missing, Page, console
from lookup.schema import NO_NEIGHBOUR
from precompute.errors import BadInput
from precompute.evaluate import metrics
from precompute.evaluate.holdout import Holdout, queries, split_orders
from precompute.popularity import with_fallbacks
from precompute.report import Report
from precompute.settings import Basket, read_settings
from precompute.signals.base import Neighbours
from precompute.signals.basket import basket_neighbours
from precompute.sources import read_shop

SHOPS = Path(__file__).parent / "shops"
COLLECTIONS = ("groceries", "breadbasket", "reviewers")
K = 10
OURS = "Aisle: bought together"

Floats = NDArray[np.float64]
Options = dict[str, Any]
Way = Callable[..., Neighbours]
"""Takes orders X and options."""


@dataclass(frozen=True)
class Measured:
    """NDCG and hit rate at `K`, float64 [queries], the order of each query, and the options they were reached with."""

    ndcg: Floats
    hit_rate: Floats
    order: NDArray[np.int64]
    options: Options


@dataclass(frozen=True)
class Peer:
    """A way that others use, and the options to choose from on validation orders."""

    way: Way
    options: tuple[Options, ...] = ({},)


def popularity(orders: sparse.csr_array) -> Neighbours:
    """The same list for all: most orders first."""
    support = np.asarray(orders.sum(axis=0)).ravel()
    return _ranked(np.tile(support, (len(support), 1)))


def item_knn(orders: sparse.csr_array, shrink: float) -> Neighbours:
    """The cosine of two products' orders, shrunk: c / (sqrt(a b) + shrink) (Sarwar et al., WWW 2001, with a constant added)."""
    counts = (orders.T @ orders).toarray()
    support = np.maximum(counts.diagonal(), 1)
    return _ranked(counts / (np.sqrt(np.outer(support, support)) + shrink))


def ease(orders: sparse.csr_array, ridge: float) -> Neighbours:
    """The linear model with zero diagonal in closed form (Steck, "Embarrassingly shallow autoencoders", WWW 2019)."""
    with threadpool_limits(1):  # the same sums in the same order on every machine
        inverse = np.linalg.inv((orders.T @ orders).toarray() + ridge * np.eye(orders.shape[1]))
    return _ranked(-inverse / np.diag(inverse))


def implicit_neighbours(orders: sparse.csr_array, model: str, **options: float) -> Neighbours:
    """The item-to-item similarities of the library ``implicit``."""
    from implicit import nearest_neighbours
    from implicit.utils import ParameterWarning

    recommender = getattr(nearest_neighbours, model)(K=orders.shape[1], num_threads=1, **options)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ParameterWarning)  # of its own weighting, which makes another layout
        recommender.fit(sparse.csr_matrix(orders), show_progress=False)
    return _ranked(recommender.similarity.toarray())


def aisle(orders: sparse.csr_array, table: str = "bought_together", **settings: Any) -> Neighbours:
    """A table of neighbours as a build makes it."""
    return basket_neighbours(orders, Basket(k=K, **settings))[table]


def grid(**values: tuple[Any, ...]) -> tuple[Options, ...]:
    return tuple(dict(zip(values, chosen, strict=True)) for chosen in combinations(*values.values()))


PEERS = {
    "popularity": Peer(popularity),
    "implicit: cosine": Peer(implicit_neighbours, grid(model=("CosineRecommender",))),
    "implicit: TF-IDF": Peer(implicit_neighbours, grid(model=("TFIDFRecommender",))),
    "implicit: BM25": Peer(
        implicit_neighbours, grid(model=("BM25Recommender",), K1=(0.03, 0.1, 0.3, 1.2, 5, 20, 100), B=(0.0, 0.25, 0.5, 0.75, 1.0))
    ),
    "ItemKNN": Peer(item_knn, grid(shrink=(0, 1, 3, 10, 30, 100, 300, 1_000, 10_000, 100_000))),
    "EASE": Peer(ease, grid(ridge=(1, 3, 10, 30, 100, 300, 1_000, 3_000, 10_000, 100_000))),
}
VARIANTS = {
    "Aisle: bought together, confidence": {"score": "confidence"},
    "Aisle: bought together, cosine": {"score": "cosine"},
    "Aisle: bought together, lift": {"score": "lift"},
    "Aisle: similar company": {"table": "similar_company"},
}


def measure_baskets() -> None:
    """Measure every way on each collection whose file is here, and write ``results/baskets.md``."""
    page = Page("baskets", "Baskets guessed from baskets", "python -m benchmarks baskets")
    page.text(
        f"NDCG and hit rate at {K} on test orders, with 95 % intervals that resample whole orders. *Ours less theirs* is paired: "
        "the same queries, the same resampling. Peers' options are the best of a grid on validation orders, for each collection; "
        "Aisle's are the defaults everywhere. Where a way has no list for a product, the most popular products stand in.",
        "The form and the constants of Aisle's default were chosen by five folds of the orders before the test orders, the same "
        "for all three collections. But the test orders had been looked at while scores were compared: on other data the margins "
        "may be smaller.",
    )
    margins: dict[str, dict[str, tuple[float, float]]] = {}
    for name in COLLECTIONS:
        holdout = _split(name)
        if holdout is not None:
            console.print(f"{name} ...")
            margins[name] = _report(page, name, holdout)
    if not margins:
        raise Missing("none of the files is here; see the paths in benchmarks/shops/*.toml")
    behind = [f"{peer} on {name}" for name, peers in margins.items() for peer, (margin, _) in peers.items() if margin < 0]
    clear = [name for name, peers in margins.items() if all(low > 0 for _, low in peers.values())]
    page.goal(f"NDCG at or above every peer's on each collection (behind: {', '.join(behind) or 'none'})", not behind)
    page.goal(f"clearly above every peer (interval) on one (on: {', '.join(clear) or 'none'})", bool(clear))
    page.write()


def _split(name: str) -> Holdout | None:
    """The collection's orders, split as `precompute evaluate` does; None where its file isn't here."""
    with tempfile.TemporaryDirectory() as work:
        try:
            settings = read_settings(SHOPS / f"{name}.toml")
            shop = read_shop(settings, Path(work), Report(Console(quiet=True)))
        except BadInput as error:
            console.print(f"{name} is passed over: {error}")
            return None
        assert shop.orders is not None
        return split_orders(shop.orders, len(shop), settings.evaluate)


def _report(page: Page, name: str, holdout: Holdout) -> dict[str, tuple[float, float]]:
    """A table of all ways; returns by how much Aisle's default beats each peer in NDCG, and the low end of that interval."""
    ours = _measure(aisle, {}, holdout.before_test, holdout.test)
    peers = {peer: _chosen(peer, holdout) for peer in PEERS}
    variants = {way: _measure(aisle, options, holdout.before_test, holdout.test) for way, options in VARIANTS.items()}
    page.text(
        f"## {name}",
        f"{holdout.before_test.shape[0]:,} orders of {holdout.test.shape[1]:,} products to build from, {len(ours.order):,} "
        f"queries in {holdout.test.shape[0]:,} test orders; split: {holdout.split}.",
    )
    head = ("<way", "<options", "NDCG", "hit rate", "NDCG, ours less theirs", "hit rate, ours less theirs")
    page.table(head, _rows(ours, peers | variants))
    return {peer: _mean_and_low(ours.ndcg - theirs.ndcg, ours.order) for peer, theirs in peers.items()}


def _rows(ours: Measured, others: dict[str, Measured]) -> Iterator[tuple[str, ...]]:
    yield (f"**{OURS}**", "", _with_interval(ours.ndcg, ours.order), _with_interval(ours.hit_rate, ours.order), "", "")
    for way, theirs in others.items():
        options = ", ".join(f"{key} {value:g}" for key, value in theirs.options.items() if not isinstance(value, str))
        values = [_with_interval(one, ours.order) for one in (theirs.ndcg, theirs.hit_rate)]
        differences = (ours.ndcg - theirs.ndcg, ours.hit_rate - theirs.hit_rate)
        yield (way, options, *values, *(_with_interval(one, ours.order, "+") for one in differences))


def _chosen(peer: str, holdout: Holdout) -> Measured:
    """The peer on test orders, with the options that were best on validation orders."""
    way, options = PEERS[peer].way, PEERS[peer].options
    best = max(options, key=lambda one: _measure(way, one, holdout.train, holdout.validation).ndcg.mean())
    return _measure(way, best, holdout.before_test, holdout.test)


def _measure(way: Way, options: Options, built_from: sparse.csr_array, asked_of: sparse.csr_array) -> Measured:
    """Built from some orders and asked of others; where a product has no list, the most popular products stand in."""
    support = np.asarray(built_from.sum(axis=0)).ravel().astype(np.int64)
    filled, _ = with_fallbacks(way(built_from, **options), support, np.full(len(support), -1, np.int32))
    order, product = queries(asked_of)
    relevant = np.diff(asked_of.indptr)[order] - 1.0
    hit = metrics.hits(filled.index, order, product, asked_of)
    return Measured(metrics.ndcg(hit, relevant), metrics.hit_rate(hit, relevant), order, options)


def _ranked(scores: Floats) -> Neighbours:
    """The `K` highest positive scores of each row, itself left out; ties by row."""
    own = np.eye(len(scores), dtype=bool)
    rounded = np.where(own, 0, scores).astype(np.float32)
    index = np.argsort(-rounded, axis=1, kind="stable")[:, :K].astype(np.int32)
    score = np.take_along_axis(rounded, index, axis=1)
    return Neighbours(np.where(score > 0, index, NO_NEIGHBOUR), np.maximum(score, 0))


def _mean_and_low(values: Floats, order: NDArray[np.int64]) -> tuple[float, float]:
    return float(values.mean()), metrics.bootstrap_interval(values, order, seed=0)[0]


def _with_interval(values: Floats, order: NDArray[np.int64], sign: str = "") -> str:
    low, high = metrics.bootstrap_interval(values, order, seed=0)
    return f"{values.mean():{sign}.4f} ({low:{sign}.4f} to {high:{sign}.4f})"
