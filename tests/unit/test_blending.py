"""The blend's weights on validation orders: never worse than the best signal alone."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from precompute.evaluate.blending import CHOSEN_AT, _best_weights, _gain_on
from precompute.evaluate.holdout import Holdout, queries
from precompute.evaluate.metrics import hits, ndcg
from precompute.fusion import fuse
from precompute.signals.base import Neighbours

N_PRODUCTS, N_ORDERS, K = 12, 40, 6


def drawn(random: np.random.Generator) -> Neighbours:
    """Lists of random products, none of which names itself."""
    others = [random.permutation(np.delete(np.arange(N_PRODUCTS), row))[:K] for row in range(N_PRODUCTS)]
    return Neighbours(np.array(others, np.int32), np.ones((N_PRODUCTS, K), np.float32))


def held_out(orders: sparse.csr_array) -> Holdout:
    return Holdout(orders[:0], orders, orders[:0], "random")


@pytest.mark.parametrize("seed", range(4))
def test_a_blend_is_never_worse_on_validation_than_the_best_signal_alone(seed: int) -> None:
    random = np.random.default_rng(seed)
    orders = sparse.csr_array((random.random((N_ORDERS, N_PRODUCTS)) < 0.25).astype(float))
    signals = {name: drawn(random) for name in ("visual", "style", "reviews")}
    order, product = queries(orders)
    relevant = np.diff(orders.indptr)[order] - 1.0

    def reached(weights: dict[str, float]) -> float:
        index = fuse(signals, weights, CHOSEN_AT).index
        return float(ndcg(hits(index, order, product, orders), relevant).mean())

    best = _best_weights(signals, held_out(orders), seed=0)
    assert reached(best) == pytest.approx(_gain_on(signals, orders, seed=0)(best), abs=1e-12)
    assert reached(best) >= max(reached({name: 1.0}) for name in signals) - 1e-12


def test_one_signal_can_win_alone() -> None:
    # Products 2 i and 2 i + 1 are bought together. One signal says so; the other two agree on what is wrong.
    pairs = np.arange(N_PRODUCTS).reshape(-1, 2)
    orders = sparse.csr_array(np.array([np.isin(np.arange(N_PRODUCTS), pair) for pair in pairs], float))
    right = (np.arange(N_PRODUCTS) ^ 1)[:, None].astype(np.int32)
    wrong = ((np.arange(N_PRODUCTS) + 2) % N_PRODUCTS)[:, None].astype(np.int32)
    signals = {
        name: Neighbours(index, np.ones((N_PRODUCTS, 1), np.float32))
        for name, index in (("visual", wrong), ("style", wrong), ("bought_together", right))
    }
    weights = _best_weights(signals, held_out(orders), seed=0)
    assert (fuse(signals, weights, 1).index == right).all()
