"""One product's recommendations in one signal, each with a reason in words: what the product page and the API both show."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dashboard import wording
from dashboard.store import Build, Product
from lookup.reader import NeighbourList
from lookup.schema import Evidence

NAMED_PRODUCTS = 2
"""So many companions name a reason; more would not fit on a card."""


@dataclass(frozen=True)
class Recommendation:
    """One neighbour: its rank from 1 in the whole table, the product, its score, and why it is here."""

    rank: int
    product: Product
    score: float
    reason: str
    fallback: bool


def recommendations(
    build: Build, row: int, signal: str, k: int | None = None, category: str | None = None
) -> list[Recommendation]:
    """The neighbours of a product in a signal of the manifest, best first.

    At most `k`, and only those of `category` where one is given. Ranks and scores stay those of the whole list.
    """
    return worded(build, row, signal, build.cache.neighbours(row, signal), k, category)


def worded(
    build: Build, row: int, signal: str, found: NeighbourList, k: int | None = None, category: str | None = None
) -> list[Recommendation]:
    """What `recommendations` gives, for neighbours of the product that were read before."""
    own_category = build.catalogue.product(row).category
    chosen = []
    for i, neighbour in enumerate(found.rows.tolist()):
        product = build.catalogue.product(neighbour)
        if category is not None and product.category != category:
            continue
        score = float(found.scores[i])
        stands_in = found.fallback
        if found.fallback:
            reason = wording.popular_in(product.category if product.category == own_category else None)
        elif stands_in := _popular_alone(build, signal, found.evidence[i]):
            reason = wording.popular_in(None)
        else:
            reason = _reason(build, signal, score, found.evidence[i])
        chosen.append(Recommendation(i + 1, product, score, reason, stands_in))
        if len(chosen) == k:
            break
    return chosen


def _popular_alone(build: Build, signal: str, evidence: NDArray[np.int32]) -> bool:
    """Whether a signal lists a neighbour because the shop's customers buy it anyway; of a blend, whether each signal does."""
    kind = build.manifest.signals[signal].evidence
    if kind == Evidence.RANKS:
        return bool(evidence.any() and (evidence <= 0).all())
    return kind == Evidence.ORDERS and not evidence.any()


def _reason(build: Build, signal: str, score: float, evidence: NDArray[np.int32]) -> str:
    kind = build.manifest.signals[signal].evidence
    numbers = evidence.tolist()
    if kind == Evidence.SAME_PHOTO and numbers[0] == 1:
        return wording.SAME_PHOTO
    if kind == Evidence.TERMS and (terms := [build.cache.terms[term].as_py() for term in numbers if term >= 0]):
        return wording.described_as(terms)
    if kind == Evidence.ORDERS:
        return wording.bought_together(numbers[0])
    if kind == Evidence.PRODUCTS and (rows := [row for row in numbers if row >= 0]):
        return wording.same_company([build.catalogue.product(row).title for row in rows[:NAMED_PRODUCTS]])
    if kind == Evidence.RANKS and (ranked := _ranked(build, signal, numbers)):
        return wording.agreed(ranked)
    return wording.alike(signal, score)


def _ranked(build: Build, signal: str, ranks: list[int]) -> list[str]:
    """The fused signals that list the neighbour for a reason of their own, best rank first."""
    fused = build.manifest.signals[signal].details.get("fused", [])
    return [name for rank, name in sorted((rank, name) for name, rank in zip(fused, ranks, strict=False) if rank > 0)]
