"""The orders that speed is measured on, and that every way measured answers the same question."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.order_ways import WAYS, K
from benchmarks.orders import draw_lines


def test_drawn_lines_are_sorted_and_hold_no_product_twice() -> None:
    order, product = draw_lines(products=2_000, orders=500)
    assert order.dtype == product.dtype == np.int32
    keys = order.astype(np.int64) * 2_000 + product
    assert (np.diff(keys) > 0).all()
    assert set(order.tolist()) == set(range(500))
    assert product.min() >= 0
    assert product.max() < 2_000
    np.testing.assert_array_equal(draw_lines(2_000, 500), [order, product])
    assert not np.array_equal(draw_lines(2_000, 500, seed=1), [order, product])


@pytest.mark.slow
@pytest.mark.parametrize(("ours", "theirs"), [("aisle_cosine", "implicit_cosine"), ("aisle_company", "tutorial")])
def test_both_ways_find_the_same(ours: str, theirs: str) -> None:
    if theirs == "implicit_cosine":
        pytest.importorskip("implicit")
    order, product = draw_lines(products=200, orders=300)
    found, expected = (WAYS[way](order, product, 200) for way in (ours, theirs))
    assert found.shape == (200, K)
    assert found.any()
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)
