"""Maps put planted groups apart, leave out what has no data, and place products beyond the landmarks among their like."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from precompute import maps


def groups(per_group: int) -> np.ndarray:
    rng = np.random.default_rng(0)
    centres = np.eye(3, 8, dtype=np.float32)
    return np.repeat(centres, per_group, axis=0) + rng.normal(0, 0.05, (3 * per_group, 8)).astype(np.float32)


def places(vectors: np.ndarray) -> np.ndarray:
    table = maps.draw_map(vectors)
    return np.stack([table.column(axis).to_numpy() for axis in ("x", "y")], axis=1)


def nearest_group_share(where: np.ndarray, per_group: int) -> float:
    """How many products stand nearest to the middle of their own group."""
    own = np.repeat(np.arange(3), per_group)
    middles = np.stack([where[own == group].mean(axis=0) for group in range(3)])
    return float((np.linalg.norm(where[:, None] - middles, axis=2).argmin(axis=1) == own).mean())


@pytest.mark.parametrize("landmarks", [maps.LANDMARKS, 60])
def test_groups_stand_apart(landmarks: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(maps, "LANDMARKS", landmarks)
    assert nearest_group_share(places(groups(40)), 40) == 1.0


def test_products_without_data_have_no_place_and_two_runs_agree() -> None:
    vectors = groups(10)
    vectors[[3, 17]] = 0
    where = places(vectors)
    assert np.flatnonzero(np.isnan(where[:, 0])).tolist() == [3, 17]
    np.testing.assert_array_equal(where, places(vectors))


def test_a_kept_map_is_not_drawn_again_unless_its_vectors_change(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    vectors = groups(5)
    first = maps.kept_map(vectors, tmp_path)
    assert first == maps.draw_map(vectors)
    monkeypatch.setattr(maps, "_embed", lambda points, _: np.zeros((len(points), 2), np.float32))
    assert maps.kept_map(vectors, tmp_path) == first
    assert maps.kept_map(vectors + 1, tmp_path).column("x").to_pylist() == [0] * 15


def test_a_damaged_kept_map_is_drawn_again(tmp_path: Path) -> None:
    first = maps.kept_map(groups(5), tmp_path)
    next(tmp_path.iterdir()).write_bytes(b"PAR1")
    assert maps.kept_map(groups(5), tmp_path) == first


@pytest.mark.parametrize("n", [0, 1, 2, 3, 4, 5])
def test_few_products_still_get_places_of_their_own(n: int) -> None:
    where = places(groups(2)[:n])
    assert len(np.unique(where.round(3), axis=0)) == n


def test_vectors_of_one_number_fill_a_plane() -> None:
    vectors = np.array([1, -1, 1, 1, -1], np.float32)[:, None]
    assert len(np.unique(places(vectors).round(3), axis=0)) == 5
