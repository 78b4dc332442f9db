"""Products of one photo: each list shows it once, and every product can be reached from the others."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from lookup.schema import NO_NEIGHBOUR
from precompute.pictures import Pictures
from precompute.same_photo import Photos

PHOTOS = Photos(np.array([0, 1, 0, 2, 0, 3]))


def indexed(*rows: list[int]) -> np.ndarray:
    return np.array(rows, np.int32)


def falling(index: np.ndarray) -> np.ndarray:
    """A score for each place, 0 where there is no neighbour."""
    scores = 0.9 - np.arange(index.shape[1], dtype=np.float32) / 10
    return np.where(index == NO_NEIGHBOUR, np.float32(0), scores)


def test_photos_are_numbered_by_the_first_product_that_has_them() -> None:
    pictures = Pictures(["b", None, "a", "b"], {}, Path())
    assert Photos.of(pictures).of_product.tolist() == [0, 1, 2, 0]


def test_no_products_have_no_photos() -> None:
    photos = Photos.of(Pictures([], {}, Path()))
    assert photos.following().tolist() == photos.shown().rows.tolist() == []


def test_the_first_product_shows_a_photo_in_all_and_in_each_category() -> None:
    shown = PHOTOS.shown()
    assert shown.rows.tolist() == [0, 1, 3, 5]
    assert shown.place.tolist() == [0, 1, 0, 2, 0, 3]
    by_category = PHOTOS.shown(np.array([0, 0, 1, 0, 1, -1], np.int32))
    assert by_category.rows.tolist() == [0, 1, 2, 3, 5]
    assert by_category.place.tolist() == [0, 1, 2, 3, 2, 4]


def test_each_product_has_the_neighbours_of_its_photo() -> None:
    among_shown = indexed([3, 1], [0, NO_NEIGHBOUR], [NO_NEIGHBOUR] * 2, [0, 1])
    index, score = PHOTOS.shown().spread((among_shown, falling(among_shown)))
    none = [NO_NEIGHBOUR] * 2
    assert index.tolist() == [[5, 1], [0, NO_NEIGHBOUR], [5, 1], none, [5, 1], [0, 1]]
    assert np.array_equal(score, falling(index))


def test_the_own_photo_comes_first_and_goes_round() -> None:
    index = indexed([5, 1], [0, 5], [5, 1], [NO_NEIGHBOUR] * 2, [5, 1], [0, 1])
    found, score = PHOTOS.with_own((index, falling(index)))
    assert found.tolist() == [[2, 5], [0, 5], [4, 5], [NO_NEIGHBOUR] * 2, [0, 5], [0, 1]]
    assert np.allclose(score[[0, 1]], [[1, 0.9], [0.9, 0.8]])
    assert PHOTOS.flags(found)[:, :, 0].tolist() == [[1, 0], [0, 0], [1, 0], [0, 0], [1, 0], [0, 0]]


def test_of_one_photo_the_first_neighbour_stays() -> None:
    index = indexed([1, 0, 2, 5], [4, 2, 0, NO_NEIGHBOUR])
    found, score = PHOTOS.each_once((index, falling(index)), 3)
    assert found.tolist() == [[1, 0, 5], [4, NO_NEIGHBOUR, NO_NEIGHBOUR]]
    assert np.allclose(score, [[0.9, 0.8, 0.6], [0.9, 0, 0]])


photo_numbers = arrays(np.int64, st.integers(1, 15), elements=st.integers(0, 4))


@given(photo_numbers)
def test_following_visits_every_product_of_a_photo(numbers: np.ndarray) -> None:
    following = Photos(numbers).following()
    for row, number in enumerate(numbers):
        visited, now = [], following[row]
        while now not in (NO_NEIGHBOUR, row) and len(visited) < len(numbers):
            visited.append(now)
            now = following[now]
        assert sorted(visited) == [other for other in np.flatnonzero(numbers == number) if other != row]


@given(photo_numbers, st.data())
def test_a_photo_is_listed_in_the_first_two_categories_that_have_it(numbers: np.ndarray, data: st.DataObject) -> None:
    categories = data.draw(arrays(np.int32, len(numbers), elements=st.integers(-1, 3)))
    photos = Photos(numbers)
    rows = photos.shown(categories).rows
    listed = photos.listed(rows, categories[rows])
    for number in np.unique(numbers):
        having = [row for row in rows if numbers[row] == number and categories[row] >= 0]
        assert rows[listed & (numbers[rows] == number)].tolist() == having[:2]
    assert not listed[categories[rows] == -1].any()


@given(photo_numbers, st.integers(1, 5))
def test_enough_neighbours_are_asked_for(numbers: np.ndarray, k: int) -> None:
    photos = Photos(numbers)
    rows = np.flatnonzero(photos.listed(np.arange(len(numbers)), np.zeros(len(numbers), np.int32)))
    worst = sorted(numbers[rows], key=lambda number: (-np.count_nonzero(numbers[rows] == number), number))
    found = np.unique(worst[: photos.enough(k, rows)])
    assert len(found) >= min(k, len(np.unique(numbers)))
