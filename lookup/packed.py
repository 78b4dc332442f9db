"""Numbers of the lookup tables in fewer bits than they are computed with: how each is written and read, side by side."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from lookup import schema

WEIGHT_STEPS = 255
"""A posting's weight, between 0 and 1, is one byte: so many steps of equal size."""
VECTOR_STEPS = 127
"""A vector's largest number is 127 or -127, the others in proportion."""
SCORE_BITS = 11
"""Significant bits of a score, float16's: it is off by at most 1 in 4,096. Of its float32, 13 bits are then always 0."""

Posting = tuple[NDArray[np.int32], NDArray[np.float32]]
"""The products (int32 [m], rising) that a term finds, and its weight in each (float32 [m])."""


def rounded_scores(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    """Scores (float32, any shape) with `SCORE_BITS` significant bits. None overtakes another; close ones may become equal."""
    mantissa, exponent = np.frexp(scores)
    return np.ldexp(np.rint(np.ldexp(mantissa, SCORE_BITS)), exponent - SCORE_BITS)


def postings_table(offsets: NDArray[np.integer], products: NDArray[np.integer], weights: NDArray[np.floating]) -> pa.Table:
    """The table of `lookup.schema.POSTINGS_SCHEMA`.

    A weight is off by at most half a step; one below half a step becomes a whole one, because a product that is listed is found.

    Parameters
    ----------
    offsets
        [t + 1]: the entries of term i are ``offsets[i]`` to ``offsets[i + 1]``.
    products
        [m], rising within a term.
    weights
        [m], above 0 and at most 1.
    """
    gaps = np.diff(products, prepend=0)
    firsts = offsets[:-1][np.diff(offsets) > 0]
    gaps[firsts] = products[firsts]
    starts = pa.array(offsets, pa.int32())
    steps = np.clip(np.rint(weights * WEIGHT_STEPS), 1, WEIGHT_STEPS).astype(np.uint8)
    return pa.table(
        [
            pa.ListArray.from_arrays(starts, pa.array(gaps, pa.int32())),
            pa.Array.from_buffers(pa.binary(), len(offsets) - 1, [None, starts.buffers()[1], pa.py_buffer(steps)]),
        ],
        schema=schema.POSTINGS_SCHEMA,
    )


def postings_in(table: pa.Table) -> list[Posting]:
    """The postings of each row of a `postings_table`."""
    columns = (table.column(name).combine_chunks() for name in ("gap", "weight"))
    return [
        (
            np.cumsum(gaps.values.to_numpy(), dtype=np.int32),
            np.frombuffer(steps.as_buffer(), np.uint8).astype(np.float32) / np.float32(WEIGHT_STEPS),
        )
        for gaps, steps in zip(*columns, strict=True)
    ]


def vectors_table(vectors: NDArray[np.floating]) -> pa.Table:
    """The table of `lookup.schema.vectors_schema`; `vectors` is [n, d], only their directions are kept."""
    n, size = vectors.shape
    largest = np.abs(vectors).max(axis=1, keepdims=True)
    steps = np.rint(vectors / np.where(largest > 0, largest, 1) * VECTOR_STEPS).astype(np.int8)
    column = pa.Array.from_buffers(pa.binary(size), n, [None, pa.py_buffer(steps.tobytes())])
    return pa.table([column], schema=schema.vectors_schema(size))


def vector_size(table: pa.Schema) -> int:
    """d, of a `vectors_table`'s schema."""
    return table.field("vector").type.byte_width


def vectors_in(table: pa.Table) -> NDArray[np.float32]:
    """float32 [n, d]: the vectors of a `vectors_table`, of length one, or all zeros."""
    column = table.column("vector").combine_chunks()
    size, start = column.type.byte_width, column.offset
    steps = np.frombuffer(column.buffers()[1], np.int8)[start * size : (start + len(column)) * size]
    vectors = steps.reshape(len(column), size).astype(np.float32)
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.divide(vectors, lengths, out=vectors, where=lengths > 0)
