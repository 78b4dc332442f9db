"""Choose the blend's weights on validation orders, which are never the ones that are reported on."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import sparse

from lookup.schema import NO_NEIGHBOUR
from precompute.evaluate.holdout import Holdout, queries, some_queries
from precompute.evaluate.metrics import hits, ndcg
from precompute.fusion import fuse
from precompute.shop import Shop
from precompute.signals.base import Neighbours
from precompute.signals.basket import basket_neighbours

CANDIDATES = (0.0, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 4.0)
CHOSEN_AT = 10
FEWEST_QUERIES = 50
ROUNDS = 3

Gain = Callable[[dict[str, float]], float]
"""What weights, one per signal, are worth."""


def choose_weights(shop: Shop, signals: dict[str, Neighbours], holdout: Holdout | None) -> tuple[dict[str, float], str]:
    """The weights of the blend, and in words what they were chosen on.

    As named in ``shop.toml``; else those with the best NDCG@10 on the validation orders, with the basket signals rebuilt from
    the training orders alone; else, without orders enough to tell, equal ones. A build and its evaluation choose alike.
    """
    named = shop.settings.signals.blend.weights
    if named is not None:
        return {name: named.get(name, 0.0) for name in signals}, "set in shop.toml"
    equal = dict.fromkeys(signals, 1.0)
    if holdout is None:
        return equal, "equal: there are no orders to choose them on"
    if len(queries(holdout.validation)[0]) < FEWEST_QUERIES:
        return equal, "equal: too few orders are held out to choose them on"
    weights = _best_weights(rebuilt_from(holdout.train, shop, signals), holdout, shop.settings.evaluate.seed)
    return weights, f"NDCG@{CHOSEN_AT} on {holdout.validation.shape[0]:,} held-out orders (split: {holdout.split})"


def rebuilt_from(orders: sparse.csr_array, shop: Shop, signals: dict[str, Neighbours]) -> dict[str, Neighbours]:
    """The same signals, with those that learn from orders rebuilt from some of the orders alone."""
    rebuilt = basket_neighbours(orders, shop.settings.signals.basket)
    return {name: rebuilt.get(name, neighbours) for name, neighbours in signals.items()}


def _best_weights(signals: dict[str, Neighbours], holdout: Holdout, seed: int) -> dict[str, float]:
    """Coordinate ascent from equal weights and from the best signal alone, which the result is therefore never worse than."""
    gain = _gain_on(signals, holdout.validation, seed)
    alone = [{name: float(name == one) for name in signals} for one in signals]
    starts = [dict.fromkeys(signals, 1.0), max(alone, key=gain)]
    return max((_ascend(start, gain) for start in starts), key=gain)


def _ascend(weights: dict[str, float], gain: Gain) -> dict[str, float]:
    """Each signal's weight in turn takes the candidate that gains most, until a round changes nothing."""
    best = gain(weights)
    for _ in range(ROUNDS):
        before = weights
        for name in weights:
            for candidate in CANDIDATES:
                trial = weights | {name: candidate}
                if (reached := gain(trial)) > best:
                    best, weights = reached, trial
        if weights == before:
            break
    return weights


def _gain_on(signals: dict[str, Neighbours], orders: sparse.csr_array, seed: int) -> Gain:
    """The mean NDCG of a blend on the queries of the orders; on a sample of them where there are many."""
    order, product = some_queries(orders, seed)
    relevant = np.diff(orders.indptr)[order] - 1.0
    asked = np.unique(product)
    of_asked = {name: Neighbours(found.index[asked], found.score[asked]) for name, found in signals.items()}

    def gain(weights: dict[str, float]) -> float:
        if not any(weights.values()):
            return -1.0
        index = np.full((orders.shape[1], CHOSEN_AT), NO_NEIGHBOUR, np.int32)
        index[asked] = fuse(of_asked, weights, CHOSEN_AT).index
        return float(ndcg(hits(index, order, product, orders), relevant).mean())

    return gain
