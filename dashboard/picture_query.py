"""An uploaded picture against the picture signals: encoded as precompute encoded the catalogue, compared with every product."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from dashboard.query import top
from lookup import schema
from lookup.packed import vectors_in
from lookup.reader import Cache

if TYPE_CHECKING:
    from PIL.Image import Image


@dataclass(frozen=True)
class Seen:
    """What the network makes of a picture.

    Attributes
    ----------
    vectors
        The vector of length one, float32 [d], in each picture signal that the build has vectors of.
    maps
        For each block of the network, first block first, its strongest feature maps: float32 [m, s, s], none below 0. Empty
        where the encoder gives none.
    side
        The pixels per side that the picture was made to have.
    """

    vectors: dict[str, NDArray[np.float32]]
    maps: list[NDArray[np.float32]]
    side: int


def encode(cache: Cache, image: Image) -> Seen:
    """Show a decoded picture to the build's encoder."""
    from lookup.encoder import to_input  # Pillow and onnxruntime: memory that only a picture query pays

    encoder = cache.encoder
    found = encoder.encode(to_input(image, encoder.size)[None], with_maps=True)
    return Seen(
        {signal: found[signal][0] for signal in encoder.outputs if schema.vectors_path(signal) in cache},
        [found[name][0] for name in encoder.maps],
        encoder.size,
    )


def similarities(cache: Cache, signal: str, vector: NDArray[np.float32]) -> NDArray[np.float32]:
    """float32 [n]: the cosine of every product's picture with a vector, 0 without a picture. Reads piece by piece."""
    scores = np.zeros(len(cache), np.float32)
    for start, group in cache.table(schema.vectors_path(signal)).groups():
        scores[start : start + len(group)] = vectors_in(group) @ vector
    return scores


def common_category(rows: NDArray[np.integer], categories: NDArray[np.int32]) -> int | None:
    """The category that most of some products have, the first of equally common ones; None where none has one."""
    counts = Counter(int(category) for category in categories[rows] if category >= 0)
    return counts.most_common(1)[0][0] if counts else None


def matches(
    scores: NDArray[np.float32],
    categories: NDArray[np.int32],
    k: int,
    *,
    only: int | None,
    without: int | None,
    per_category: int,
) -> NDArray[np.intp]:
    """The rows of the k best products of other categories, best first; ties go to the lower row.

    Parameters
    ----------
    scores
        float32 [n].
    categories
        int32 [n], a number per category, -1 for none.
    only
        Where given, the one category to look in.
    without
        The category to leave out, where `only` isn't given.
    per_category
        At most so many of each category, where `only` isn't given: otherwise one category fills the list.
    """
    if only is not None:
        return top(np.where(categories == only, scores, 0), k)
    ranked = top(np.where((categories != without) & (categories >= 0), scores, 0), len(scores))
    return ranked[_occurrence(categories[ranked]) < per_category][:k]


def _occurrence(values: NDArray[np.int32]) -> NDArray[np.intp]:
    """For each value, how often it stood before: [7, 3, 7, 7] -> [0, 0, 1, 2]."""
    order = np.argsort(values, kind="stable")
    grouped = values[order]
    starts = np.flatnonzero(np.diff(grouped, prepend=grouped[:1] - 1))
    place = np.arange(len(values)) - np.repeat(starts, np.diff(starts, append=len(values)))
    occurrence = np.empty(len(values), np.intp)
    occurrence[order] = place
    return occurrence
