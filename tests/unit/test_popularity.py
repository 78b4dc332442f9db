"""Popular products of the category stand in where a signal knows nothing, and are labelled so."""

from __future__ import annotations

import numpy as np

from precompute.popularity import with_fallbacks
from precompute.signals.base import Neighbours

#           0  1  2  3  4  5
CATEGORY = [0, 0, 0, 1, -1, 0]
POPULAR = np.array([5, 9, 9, 1, 7, 0], np.int64)


def test_empty_rows_are_filled_from_their_category_in_order_of_popularity() -> None:
    index = np.full((6, 2), -1, np.int32)
    index[0] = [3, -1]
    filled, fallback = with_fallbacks(Neighbours(index, np.zeros((6, 2), np.float32)), POPULAR, np.array(CATEGORY, np.int32))
    assert filled.index.tolist() == [
        [3, -1],  # has a neighbour of its own: left as it is, even though there is room
        [2, 0],  # itself left out; 1 and 2 tie, the lower id first
        [1, 0],
        [1, 2],  # alone in its category: the shop's most popular
        [1, 2],  # no category: the same
        [1, 2],
    ]
    assert filled.score[5].tolist() == [9, 9]
    assert fallback.tolist() == [False, True, True, True, True, True]
