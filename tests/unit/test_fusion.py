"""Reciprocal rank fusion of two lists, worked by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lookup.schema import Evidence
from precompute.fusion import fuse
from precompute.signals.base import Neighbours


def table(*rows: list[int]) -> Neighbours:
    index = np.array(rows, np.int32)
    return Neighbours(index, np.where(index >= 0, 1.0, 0.0).astype(np.float32))


SIGNALS = {
    "visual": table([1, 2, -1], [0, -1, -1], [-1, -1, -1], [-1, -1, -1]),
    "reviews": table([2, 3, 1], [-1, -1, -1], [-1, -1, -1], [0, -1, -1]),
}


def test_scores_are_sums_of_weight_over_sixty_plus_rank() -> None:
    fused = fuse(SIGNALS, {"visual": 1.0, "reviews": 2.0}, 3)
    # Of product 0: 1 is 1st and 3rd, 2 is 2nd and 1st, 3 is 2nd in reviews alone.
    expected = {1: 1 / 61 + 2 / 63, 2: 1 / 62 + 2 / 61, 3: 2 / 62}
    assert fused.index[0].tolist() == [2, 1, 3]
    assert fused.score[0] == pytest.approx([expected[2], expected[1], expected[3]], abs=1e-7)
    assert fused.evidence is not None
    assert fused.evidence[0].tolist() == [[2, 1], [1, 3], [0, 2]]
    assert fused.details["fused"] == ["visual", "reviews"]


def test_what_a_signal_lists_for_its_popularity_alone_counts_and_has_a_negative_rank() -> None:
    orders = np.array([[[2], [0], [0]], [[3], [0], [0]], [[0], [0], [0]], [[0], [0], [0]]], np.int32)
    bought = replace(SIGNALS["visual"], evidence=orders, evidence_kind=Evidence.ORDERS)
    fused = fuse({"bought_together": bought, "reviews": SIGNALS["reviews"]}, {"bought_together": 1.0, "reviews": 2.0}, 3)
    assert fused.score.tolist() == fuse(SIGNALS, {"visual": 1.0, "reviews": 2.0}, 3).score.tolist()
    assert fused.evidence is not None
    assert fused.evidence[0].tolist() == [[-2, 1], [1, 3], [0, 2]]


def test_a_product_that_no_signal_knows_has_no_neighbours() -> None:
    assert fuse(SIGNALS, {"visual": 1.0, "reviews": 1.0}, 3).known.tolist() == [True, True, False, True]


def test_a_signal_of_weight_zero_takes_no_part() -> None:
    fused = fuse(SIGNALS, {"visual": 1.0, "reviews": 0.0}, 3)
    assert fused.index[0].tolist() == [1, 2, -1]
    assert fused.details["fused"] == ["visual"]
    assert fused.details["weights"] == {"visual": 1.0, "reviews": 0.0}
