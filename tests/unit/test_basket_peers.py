"""What the benchmark compares baskets with is what its sources define."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from benchmarks.baskets import K, aisle, ease, item_knn, popularity
from lookup.schema import NO_NEIGHBOUR

# Orders {0,1} {0,1} {0,2} {1}; nobody bought 3.
ORDERS = sparse.csr_array(np.array([[1, 1, 0, 0], [1, 1, 0, 0], [1, 0, 1, 0], [0, 1, 0, 0]], float))


def test_popularity_lists_the_same_for_all_but_the_product_itself() -> None:
    assert popularity(ORDERS).index[:, :3].tolist() == [[1, 2, -1], [0, 2, -1], [0, 1, -1], [0, 1, 2]]


def test_item_knn_by_hand() -> None:
    found = item_knn(ORDERS, shrink=2)
    assert found.index[0, :3].tolist() == [1, 2, NO_NEIGHBOUR]
    assert found.score[0, :2] == pytest.approx([2 / (3 + 2), 1 / (np.sqrt(3) + 2)])


def test_ease_is_the_ridge_regression_of_each_product_on_all_others() -> None:
    random = np.random.default_rng(5)
    x = (random.random((60, K)) < 0.3).astype(float)
    found = ease(sparse.csr_array(x), ridge=3.0)
    weights = np.zeros((K, K))
    for column in range(K):
        others = np.delete(np.arange(K), column)
        gram = x[:, others].T @ x[:, others] + 3.0 * np.eye(K - 1)
        weights[others, column] = np.linalg.solve(gram, x[:, others].T @ x[:, column])
    for row in range(K):
        expected = {other: weights[row, other] for other in range(K) if weights[row, other] > 0}
        listed = found.index[row] != NO_NEIGHBOUR
        assert dict(zip(found.index[row][listed], found.score[row][listed], strict=True)) == pytest.approx(expected, rel=1e-5)


def test_aisle_takes_the_settings_of_a_shop() -> None:
    assert aisle(ORDERS, score="count").index[:, :2].tolist() == [[1, -1], [0, -1], [-1, -1], [-1, -1]]
