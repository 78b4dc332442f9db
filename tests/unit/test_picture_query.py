"""A picture finds the products whose pictures are like it; the oracle is a plain loop over all vectors."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from dashboard.picture_query import common_category, encode, matches, similarities
from dashboard.query import top
from lookup import schema
from lookup.encoder import decode
from lookup.packed import vectors_in
from lookup.reader import Cache
from tests.planted_cache import write_planted_cache
from tests.planted_encoder import DIMENSIONS, SIZE, add_encoder


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Cache:
    folder = tmp_path_factory.mktemp("cache")
    write_planted_cache(folder)
    add_encoder(folder)
    return Cache.open(folder)


@pytest.mark.parametrize("signal", ["visual", "style"])
def test_similarities_equal_a_loop(cache: Cache, signal: str) -> None:
    vector = np.random.default_rng(0).normal(size=DIMENSIONS).astype(np.float32)
    stored = vectors_in(cache.table(schema.vectors_path(signal)).read())
    expected = [float(np.dot(one, vector)) for one in stored]
    assert similarities(cache, signal, vector).tolist() == pytest.approx(expected, abs=1e-5)


def test_a_products_own_picture_finds_it_first(cache: Cache) -> None:
    row = 7
    picture = cache.thumbnail(row)
    assert picture is not None
    scores = similarities(cache, "visual", encode(cache, decode(picture)).vectors["visual"])
    assert scores[row] == pytest.approx(scores.max(), abs=1e-3)
    assert scores[row] == pytest.approx(1, abs=1e-3)


def test_what_is_seen_are_the_encoders_maps_of_the_picture_made_square(cache: Cache) -> None:
    image = Image.new("RGB", (60, 20), (10, 20, 30))
    seen = encode(cache, image)
    assert seen.side == SIZE
    assert [block.shape for block in seen.maps] == [(3, SIZE, SIZE), (3, 4, 4)]
    for block in seen.maps:
        assert [np.unique(cells).tolist() for cells in block] == [[10], [20], [30]]


def test_products_without_a_picture_are_never_found(cache: Cache) -> None:
    bare = [row for row in range(len(cache)) if cache.thumbnail(row) is None]
    scores = similarities(cache, "style", np.ones(DIMENSIONS, np.float32))
    assert bare
    assert not set(bare) & set(top(scores, len(cache)).tolist())


def test_common_category() -> None:
    categories = np.array([2, 0, -1, 2, 0, -1, -1], np.int32)
    assert common_category(np.array([0, 1, 3]), categories) == 2
    assert common_category(np.array([1, 0, 3, 4]), categories) == 0, "of equally common ones that of the best product"
    assert common_category(np.array([2, 5]), categories) is None


def brute_force(
    scores: list[float], categories: list[int], k: int, only: int | None, without: int | None, per_category: int
) -> list[int]:
    found: list[int] = []
    taken: Counter[int] = Counter()
    for row in sorted(range(len(scores)), key=lambda row: (-scores[row], row)):
        category = categories[row]
        wanted = category == only if only is not None else category not in (without, -1) and taken[category] < per_category
        if scores[row] > 0 and wanted and len(found) < k:
            taken[category] += 1
            found.append(row)
    return found


PRODUCT = st.tuples(st.sampled_from([-0.5, 0.0, 0.25, 0.5, 1.0]), st.integers(-1, 3))
CATEGORY = st.none() | st.integers(0, 3)


@given(products=st.lists(PRODUCT, min_size=1, max_size=20), k=st.integers(0, 8), only=CATEGORY, without=CATEGORY)
@pytest.mark.parametrize("per_category", [1, 3])
def test_matches_equal_a_loop(
    products: list[tuple[float, int]], k: int, only: int | None, without: int | None, per_category: int
) -> None:
    scores, categories = map(list, zip(*products, strict=True))
    found = matches(
        np.array(scores, np.float32),
        np.array(categories, np.int32),
        k,
        only=only,
        without=without,
        per_category=per_category,
    )
    assert found.tolist() == brute_force(scores, categories, k, only, without, per_category)
