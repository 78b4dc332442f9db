"""What a build recommends with every product, some hundred products at a time: what is exported and published."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from dashboard.recommendations import popular_reasons, reasons
from dashboard.store import Build
from lookup.reader import NeighbourBlock

SCORE_DIGITS = 6
"""As many as the JSON API gives."""


@dataclass(frozen=True)
class Recommended:
    """What is recommended for products that follow one another: each product's, best first, then the next one's.

    Attributes
    ----------
    ids
        The n products, in order.
    counts
        int64 [n], how many recommendations each has; m is their sum.
    first
        The row of the first of the n products.
    recommended, rows
        The ids of the m products that are recommended, and int32 [m], their rows.
    ranks, scores
        int64 [m] and float64 [m], ranks from 1, scores rounded to `SCORE_DIGITS`.
    reasons
        The m reasons, as the dashboard says them.
    fallback
        bool [m], True where a popular product stands in.
    """

    ids: pa.StringArray
    counts: NDArray[np.int64]
    first: int
    recommended: pa.StringArray
    rows: NDArray[np.int32]
    ranks: NDArray[np.int64]
    scores: NDArray[np.float64]
    reasons: list[str]
    fallback: NDArray[np.bool_]


def recommended(build: Build, signal: str, k: int) -> Iterator[Recommended]:
    """What is recommended in a signal, at most `k` for every product; in order of the ids, some hundred products at a time."""
    for block in build.cache.neighbour_blocks(signal, k):
        said, stands_in = _reasons(build, signal, block)
        yield Recommended(
            build.cache.ids.slice(block.first, len(block.counts)),
            block.counts,
            block.first,
            build.cache.ids.take(pa.array(block.rows)),
            block.rows,
            np.arange(len(block.rows)) - np.repeat(_starts(block), block.counts) + 1,
            block.scores.astype(np.float64).round(SCORE_DIGITS),  # exact: a float32 times a million fits into a float64
            said,
            stands_in,
        )


def _reasons(build: Build, signal: str, block: NeighbourBlock) -> tuple[list[str], NDArray[np.bool_]]:
    """What `dashboard.recommendations.reasons` says, also of products for which popular ones stand in."""
    said, stands_in = reasons(build, signal, block.scores, block.evidence)
    starts = _starts(block)
    for place in np.flatnonzero(block.fallback):
        listed = slice(starts[place], starts[place] + block.counts[place])
        said[listed] = popular_reasons(build, block.first + int(place), block.rows[listed])
        stands_in[listed] = True
    return said, stands_in


def _starts(block: NeighbourBlock) -> NDArray[np.int64]:
    """int64 [n]: where each product's neighbours begin among those of all."""
    return np.cumsum(block.counts) - block.counts
