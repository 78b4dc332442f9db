"""Sparse times dense, block by block, is what scipy says, in the same bytes for any number of threads."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from precompute import sparse_dense
from precompute.sparse_dense import times


def matrices() -> tuple[sparse.csr_array, np.ndarray]:
    """Whole numbers, so that no sum is rounded; some rows are empty."""
    rng = np.random.default_rng(0)
    matrix = sparse.random_array(
        (23, 12), density=0.08, format="csr", rng=rng, data_sampler=lambda size: rng.integers(1, 9, size)
    )
    return matrix.astype(np.float64), rng.integers(-9, 9, (12, 5)).astype(np.float32)


@pytest.mark.parametrize("rows", [1, 7, 4_096])
def test_products_are_exact(monkeypatch: pytest.MonkeyPatch, rows: int) -> None:
    monkeypatch.setattr(sparse_dense, "ROWS_AT_A_TIME", rows)
    matrix, dense = matrices()
    assert np.diff(matrix.indptr).min() == 0
    found = times(matrix, dense)
    assert found.dtype == np.float32
    assert found.tolist() == (matrix @ dense).tolist()
    assert times(matrix, np.asfortranarray(dense)).tolist() == found.tolist()
    assert times(matrix.astype(np.float32), dense).tolist() == found.tolist()


def test_the_number_of_threads_changes_no_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sparse_dense, "ROWS_AT_A_TIME", 3)
    rng = np.random.default_rng(0)
    matrix, dense = sparse.random_array((50, 40), density=0.5, format="csr", rng=rng), rng.random((40, 8), np.float32)
    found = []
    for cores in (1, 3):
        monkeypatch.setattr(sparse_dense.os, "cpu_count", lambda cores=cores: cores)
        found.append(times(matrix, dense).tobytes())
    assert found[0] == found[1]


def test_nothing_times_something() -> None:
    assert times(sparse.csr_array((0, 3)), np.ones((3, 2), np.float32)).shape == (0, 2)
