"""A sparse matrix times a dense one, on every core, with the same bytes for any number of them."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy import sparse

ROWS_AT_A_TIME = 4_096


def times(matrix: sparse.csr_array, dense: NDArray[np.float32]) -> NDArray[np.float32]:
    """Every row is summed up by one thread, in the order of its entries.

    Parameters
    ----------
    matrix
        CSR [n, t], of any type of float.
    dense
        [t, d]

    Returns
    -------
    NDArray
        float32 [n, d].
    """
    by_row = np.ascontiguousarray(dense, np.float32)
    out = np.empty((matrix.shape[0], dense.shape[1]), np.float32)

    def fill(start: int) -> None:
        _fill(matrix.indptr, matrix.indices, matrix.data, by_row, out, start, min(start + ROWS_AT_A_TIME, len(out)))

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(fill, range(0, len(out), ROWS_AT_A_TIME)))
    return out


@njit(cache=True, nogil=True)
def _fill(
    indptr: NDArray, indices: NDArray, data: NDArray, dense: NDArray[np.float32], out: NDArray[np.float32], start: int, stop: int
) -> None:
    for row in range(start, stop):
        total = out[row]
        total[:] = 0
        for place in range(indptr[row], indptr[row + 1]):
            weight, other = np.float32(data[place]), dense[indices[place]]
            for column in range(len(total)):
                total[column] += weight * other[column]
