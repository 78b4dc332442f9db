"""Evidence of the kind "what the two have in common": shared words, shared companions."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy import sparse

from lookup.schema import NO_NEIGHBOUR

ROWS_AT_A_TIME = 512


def strongest_shared_columns(vectors: sparse.csr_array, index: NDArray[np.int32], width: int) -> NDArray[np.int32]:
    """For each product and neighbour, the columns that add most to the dot product of their rows.

    Parameters
    ----------
    vectors
        CSR [n, d], non-negative.
    index
        int32 [n, k], neighbours.
    width
        How many columns for each neighbour.

    Returns
    -------
    NDArray
        int32 [n, k, width], strongest first, of equal ones in float32 the first column; `NO_NEIGHBOUR` where there are fewer.
    """
    n, k = index.shape
    rows = sparse.csr_array(vectors, dtype=np.float64)
    if not rows.has_canonical_format:
        rows = rows.copy()
        rows.sum_duplicates()
    indptr, columns = rows.indptr.astype(np.int64), rows.indices.astype(np.int32, copy=False)
    shared = np.full((n, k, width), NO_NEIGHBOUR, np.int32)

    def share(start: int) -> None:
        some = slice(start, start + ROWS_AT_A_TIME)
        _share_columns(indptr, columns, rows.data, rows.shape[1], start, index[some], shared[some])

    # Compiled code lets go of the interpreter, so plain threads are enough.
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(share, range(0, n, ROWS_AT_A_TIME)))
    return shared


@njit(cache=True, nogil=True)
def _share_columns(
    indptr: NDArray[np.int64],
    columns: NDArray[np.int32],
    values: NDArray[np.float64],
    d: int,
    start: int,
    index: NDArray[np.int32],
    shared: NDArray[np.int32],
) -> None:
    """Fill `shared` for the rows from `start` on, whose neighbours `index` has."""
    row_values = np.zeros(d)
    common, products = np.empty(d, np.int32), np.empty(d, np.float32)
    for place in range(len(index)):
        begin, end = indptr[start + place], indptr[start + place + 1]
        for at in range(begin, end):
            row_values[columns[at]] = values[at]
        for rank in range(index.shape[1]):
            other, count = index[place, rank], 0
            if other == NO_NEIGHBOUR:
                continue
            for at in range(indptr[other], indptr[other + 1]):
                # Written whether common or not, and then written over: a guess of the processor's would often be wrong.
                common[count], products[count] = columns[at], values[at] * row_values[columns[at]]
                count += products[count] > 0
            for best in range(min(count, shared.shape[2])):
                largest = np.argmax(products[:count])
                shared[place, rank, best] = common[largest]
                products[largest] = 0
        for at in range(begin, end):
            row_values[columns[at]] = 0
