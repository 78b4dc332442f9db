from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from precompute.evaluate.pairs import hit_rates
from precompute.settings import Evaluate

ORDERS = sparse.csr_array(np.array([[1, 1, 0, 1, 0, 0], [0, 1, 0, 1, 1, 0], [0, 0, 1, 0, 0, 0]]))


def by_signal(slice_name: str, asked: list[int], candidates: list[int], scores: np.ndarray) -> dict[str, tuple[float, int]]:
    rankers = {"given": lambda rows, columns: scores[np.ix_(rows, columns)].astype(np.float64)}
    found = hit_rates(slice_name, np.array(asked), np.array(candidates), ORDERS, rankers, Evaluate(k=(1,)))
    assert {row["slice"] for row in found} == {slice_name}
    return {row["signal"]: (row["value"], row["n"]) for row in found}


def test_products_without_a_possible_hit_are_not_asked() -> None:
    # 0 shares an order with 3, 1 with 3 and 4, 2 with none of the three.
    scores = np.zeros((6, 6))
    scores[0, 3] = scores[1, 5] = 1
    assert by_signal("a -> b", [0, 1, 2], [3, 4, 5], scores) == {
        "given": (0.5, 2),
        "chance": (pytest.approx((1 / 3 + 2 / 3) / 2), 2),
    }


def test_equal_scores_are_worth_what_chance_is() -> None:
    found = by_signal("a -> b", [0, 1, 2], [3, 4, 5], np.ones((6, 6)))
    assert found["given"] == pytest.approx(found["chance"])


def test_a_product_is_no_candidate_for_itself() -> None:
    # Among 0, 1 and 2 only 0 and 1 share an order; each is most like itself, and then like the other.
    scores = np.eye(6)
    scores[0, 1] = scores[1, 0] = 0.5
    assert by_signal("a -> a", [0, 1, 2], [0, 1, 2], scores) == {"given": (1, 2), "chance": (pytest.approx(1 / 2), 2)}
