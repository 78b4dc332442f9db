"""A projection that brings together what is ordered together, solved in closed form.

Vectors x become z = W'x, so that the dot product of two products is large where they share an order. W comes from a ridge
regression on both sides: of all bilinear forms x'Mx the one that comes nearest to "how often do these two share an order" in
squares, kept from overfitting by a strength that is chosen by cross-validation over orders; W is made of the strongest
directions of M in which products attract each other. There is one solution and no step size, so nothing depends on a start or
on when it stopped.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from threadpoolctl import threadpool_limits

from precompute.errors import BadInput
from precompute.kept import write_whole
from precompute.projection import TINY, unit_rows

STRENGTHS = (0.01, 0.1, 0.3, 1.0, 3.0, 10.0)
"""Of the ridge, in mean squares of an entry of x: 1 counts as much as all products do in a direction of average spread."""
FOLDS = 5
"""Every order is held out once: with a few hundred orders, one fifth alone would choose by luck."""
MOST_PAIRS = 3_000
"""Held-out pairs of a fold that a strength is judged by."""
ROWS_AT_A_TIME = 256

Floats = NDArray[np.float32]


JUDGED_BY = b"2: five folds of the orders"
"""How a strength is judged; gains found in another way are kept apart."""


@dataclass
class Trials:
    """Strengths that were tried, kept in a file from one to the next, so that a killed run goes on where it was.

    Attributes
    ----------
    path
        None keeps them nowhere.
    gains
        What each strength was worth.
    """

    path: Path | None = None
    gains: dict[str, float] = field(default_factory=dict)

    @classmethod
    def kept_in(cls, folder: Path, *identity: NDArray | bytes) -> Trials:
        """Those of an earlier run on the same data; a damaged file counts as none."""
        digest = hashlib.sha256(JUDGED_BY)
        for part in identity:
            digest.update(np.ascontiguousarray(part).tobytes() if isinstance(part, np.ndarray) else part)
        path = folder / f"{digest.hexdigest()[:16]}.json"
        try:
            return cls(path, json.loads(path.read_text()))
        except (OSError, ValueError):
            return cls(path)

    def gain(self, strength: float, compute: Callable[[], float]) -> float:
        key = f"{strength:g}"
        if key not in self.gains:
            self.gains[key] = compute()
            if self.path is not None:
                write_whole(self.path, json.dumps(self.gains).encode())
        return self.gains[key]


@dataclass(frozen=True)
class Lesson:
    """What some orders say of the vectors: all that is needed to solve for W with any strength.

    Attributes
    ----------
    unit
        float64 [d], the root mean square of an entry, over all entries of the part of x that it belongs to.
    basis, spread
        float64 [d, d] and [d]: directions of x / unit, and how far the products that were ordered with others spread in each.
    together
        float64 [d, d], X'AX in this basis, where A says how often two products share an order.
    """

    unit: NDArray[np.float64]
    basis: NDArray[np.float64]
    spread: NDArray[np.float64]
    together: NDArray[np.float64]

    @classmethod
    def of(cls, vectors: Floats, widths: Sequence[int], orders: sparse.csr_array, categories: NDArray[np.int32]) -> Lesson:
        """Sum up orders.

        Parameters
        ----------
        vectors
            float32 [n, d]; all-zero rows say nothing.
        widths
            Of the parts that stand side by side in a vector; they sum to d. Each is measured in its own unit, so that one with
            longer vectors than the others doesn't count more.
        orders
            CSR [orders, n], 1 where an order holds a product. Pairs count less the larger their order, by a square root: half-way
            between one vote for each pair, and one for each product.
        categories
            int32 [n], -1 for none. Pairs count less the more products their categories have, by a fourth root: taste is wanted
            within each of them, and a large one would drown the others.
        """
        orders = several(orders)
        sold = np.asarray(orders.sum(axis=0)).ravel() > 0
        square = np.square(vectors[sold], dtype=np.float64).sum(axis=0)
        part = np.repeat(np.arange(len(widths)), widths)
        unit = np.sqrt(np.maximum(np.bincount(part, square) / np.maximum(np.bincount(part), 1), TINY))[part]
        x = vectors / unit
        of_category = np.bincount(categories[sold] + 1, minlength=categories.max(initial=-1) + 2)
        weighted = x / (np.maximum(of_category[categories + 1], 1) ** 0.25)[:, None]
        votes = 1 / np.sqrt(np.diff(orders.indptr) - 1.0)
        with threadpool_limits(1):  # threads would add up products in changing order
            sums = orders @ weighted
            together = sums.T @ (sums * votes[:, None]) - weighted.T @ (weighted * (orders.T @ votes)[:, None])
            spread, basis = np.linalg.eigh(x[sold].T @ x[sold])
            return cls(unit, basis, spread, basis.T @ together @ basis)

    def solve(self, strength: float, dimensions: int) -> Floats:
        """W, the projection of what shares an order onto near places.

        Parameters
        ----------
        strength
            Of the ridge; see `STRENGTHS`.
        dimensions
            At most so many columns.

        Returns
        -------
        NDArray
            float32 [d, m], strongest direction first. Their values are exact in float16, as those of a `Projection` are.
        """
        shrunk = 1 / (np.maximum(self.spread, 0) + strength)
        with threadpool_limits(1):
            form = shrunk[:, None] * self.together * shrunk
            attraction, directions = np.linalg.eigh((form + form.T) / 2)
            directions = self.basis @ directions
        strongest = np.argsort(-attraction, kind="stable")[:dimensions]
        strongest = strongest[: max(1, np.count_nonzero(attraction[strongest] > TINY * abs(attraction).max()))]
        axes = directions[:, strongest] * np.sqrt(np.maximum(attraction[strongest], 0) / max(attraction.max(), TINY))
        # An axis and its opposite are equally good; taken is the one whose largest entry is positive.
        signs = np.where(axes[np.abs(axes).argmax(axis=0), np.arange(axes.shape[1])] < 0, -1.0, 1.0)
        return (axes * signs * (self.unit.max() / self.unit)[:, None]).astype(np.float16).astype(np.float32)


def choose_strength(
    vectors: Floats,
    widths: Sequence[int],
    orders: sparse.csr_array,
    categories: NDArray[np.int32],
    dimensions: int,
    seed: int,
    trials: Trials,
) -> float:
    """The strength whose projections rank pairs best that they were not told of, by cross-validation over the orders.

    Raises `BadInput` where there are no pairs to tell by.
    """
    orders = several(orders)
    fold = np.random.default_rng(seed).permutation(orders.shape[0]) % FOLDS
    exams = []
    for number in range(FOLDS):
        held_out, learned = orders[np.flatnonzero(fold == number)], orders[np.flatnonzero(fold != number)]
        pairs = new_pairs(held_out, learned, categories, seed)
        if len(pairs) and learned.shape[0]:
            exams.append((Lesson.of(vectors, widths, learned, categories), pairs))
    if not exams:
        raise BadInput("there is nothing to learn from: too few orders hold two products or more")

    def gain(strength: float) -> float:
        projected = ((unit_rows(vectors @ lesson.solve(strength, dimensions)), pairs) for lesson, pairs in exams)
        return float(np.mean([ranking_gain(taste, pairs, categories) for taste, pairs in projected]))

    with threadpool_limits(1):  # so that which is chosen doesn't hang on the threads
        return max(STRENGTHS, key=lambda strength: trials.gain(strength, lambda: gain(strength)))


def ranking_gain(vectors: Floats, pairs: NDArray[np.int64], categories: NDArray[np.int32]) -> float:
    """How high the second product of a pair is ranked for the first, among all of its category: the mean of 1 / log2(1 + rank).

    Categories are weighed alike, as in what is reported.

    Parameters
    ----------
    vectors
        float32 [n, m].
    pairs
        int64 [p, 2].
    """
    gains = []
    for category in np.unique(categories[pairs[:, 1]]):
        members = np.flatnonzero(categories == category)
        asked = pairs[categories[pairs[:, 1]] == category]
        ranks = []
        for start in range(0, len(asked), ROWS_AT_A_TIME):
            first, second = asked[start : start + ROWS_AT_A_TIME].T
            own = np.einsum("pm,pm->p", vectors[first], vectors[second])
            scores = vectors[first] @ vectors[members].T
            scores[first[:, None] == members] = -np.inf
            ranks.append(np.maximum((scores > own[:, None]).sum(axis=1), 0) + 1)
        gains.append(np.mean(1 / np.log2(1 + np.concatenate(ranks))))
    return float(np.mean(gains))


def several(orders: sparse.csr_array) -> sparse.csr_array:
    """The orders that hold two products or more."""
    return orders[np.flatnonzero(np.diff(orders.indptr) > 1)]


def new_pairs(
    held_out: sparse.csr_array, learned: sparse.csr_array, categories: NDArray[np.int32], seed: int
) -> NDArray[np.int64]:
    """int64 [p, 2]: at most `MOST_PAIRS` pairs of known categories that share a held-out order and no learned one.

    Where the same few products are ordered again and again, no pair is new; then those that are known do.
    """
    together = sparse.csr_array(held_out.T @ held_out)
    seen = sparse.csr_array(learned.T @ learned)
    pairs = _pairs_in((together > 0) > (seen > 0), categories)
    if not len(pairs):
        pairs = _pairs_in(together, categories)
    if len(pairs) > MOST_PAIRS:
        pairs = pairs[np.sort(np.random.default_rng(seed).choice(len(pairs), MOST_PAIRS, replace=False))]
    return pairs


def _pairs_in(matrix: sparse.csr_array, categories: NDArray[np.int32]) -> NDArray[np.int64]:
    """int64 [p, 2]: the rows and columns of a matrix's entries, of two products with known categories."""
    entries = sparse.coo_array(matrix)
    pairs = np.stack([entries.row, entries.col], axis=1).astype(np.int64)
    return pairs[(pairs[:, 0] != pairs[:, 1]) & (categories[pairs] >= 0).all(axis=1)]
