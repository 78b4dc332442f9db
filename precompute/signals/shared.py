"""Evidence of the kind "what the two have in common": shared words, shared companions."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from lookup.schema import NO_NEIGHBOUR
from precompute.topk import top_per_row

PAIRS_AT_A_TIME = 200_000


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
        int32 [n, k, width], strongest first; `NO_NEIGHBOUR` where there are fewer.
    """
    n, k = index.shape
    shared = np.full((n * k, width), NO_NEIGHBOUR, np.int32)
    pairs = np.flatnonzero(index.ravel() != NO_NEIGHBOUR)
    for start in range(0, len(pairs), PAIRS_AT_A_TIME):
        some = pairs[start : start + PAIRS_AT_A_TIME]
        products = vectors[some // k].multiply(vectors[index.ravel()[some]])
        shared[some] = top_per_row(sparse.csr_array(products), width)[0]
    return shared.reshape(n, k, width)
