"""One product's recommendations in one signal, each with a reason in words: what the product page and the API both show."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from dashboard import wording
from dashboard.store import Build, Product
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
    found = build.cache.neighbours(row, signal)
    products = build.catalogue.products(found.rows)
    places = [place for place, product in enumerate(products) if category is None or product.category == category][:k]
    scores = found.scores[places]
    if found.fallback:
        said, stands_in = popular_reasons(build, row, found.rows[places]), np.ones(len(places), bool)
    else:
        said, stands_in = reasons(build, signal, scores, found.evidence[places])
    return [
        Recommendation(place + 1, products[place], score, reason, popular)
        for place, score, reason, popular in zip(places, scores.tolist(), said, stands_in.tolist(), strict=True)
    ]


def said_briefly(build: Build, found: Mapping[str, Sequence[Recommendation]]) -> dict[int, dict[str, str]]:
    """What each signal says of each pair, in a few words, to stand beside what another signal says.

    Parameters
    ----------
    build
        The lookup tables.
    found
        One product's recommendations by signal.

    Returns
    -------
    dict[int, dict[str, str]]
        The recommended product's row, to signal, to words. A blend is left out, since it says what the others say; and so is a
        product that only stands in.
    """
    said: dict[int, dict[str, str]] = defaultdict(dict)
    for signal, listed in found.items():
        if build.manifest.signals[signal].evidence == Evidence.RANKS:
            continue
        for one in listed:
            if not one.fallback:
                said[one.product.row][signal] = wording.in_brief(signal, one.score, one.reason)
    return said


def reasons(
    build: Build, signal: str, scores: NDArray[np.float32], evidence: NDArray[np.int32]
) -> tuple[list[str], NDArray[np.bool_]]:
    """Why neighbours are listed, those of one product or of many. `popular_reasons` is for products without any.

    Parameters
    ----------
    build
        The lookup tables.
    signal
        A signal of the manifest.
    scores
        float32 [m].
    evidence
        int32 [m, evidence_width], as the manifest says for the signal.

    Returns
    -------
    tuple[list[str], NDArray[np.bool_]]
        The m reasons; and bool [m], True where a neighbour only stands in, because customers buy it anyway.
    """
    popular = _popular_alone(build, signal, evidence)
    in_shop = wording.popular_in(None)
    said = zip(_said(build, signal, evidence), popular.tolist(), scores.tolist(), strict=True)
    return [in_shop if stands_in else text or wording.alike(signal, score) for text, stands_in, score in said], popular


def popular_reasons(build: Build, row: int, neighbours: NDArray[np.int32]) -> list[str]:
    """Why popular products are listed for a product that has nothing in a signal."""
    category, names = build.catalogue.category, build.catalogue.category_names
    in_category = wording.popular_in(names[category[row]] if category[row] >= 0 else None)
    in_shop = wording.popular_in(None)
    return [in_category if shared else in_shop for shared in (category[neighbours] == category[row]).tolist()]


def _popular_alone(build: Build, signal: str, evidence: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Which neighbours a signal lists because customers buy them anyway; in a blend, those of which each signal does so."""
    kind = build.manifest.signals[signal].evidence
    if kind == Evidence.RANKS:
        return (np.count_nonzero(evidence, axis=1) > 0) & (np.count_nonzero(evidence > 0, axis=1) == 0)
    return evidence[:, 0] == 0 if kind == Evidence.ORDERS else np.zeros(len(evidence), dtype=bool)


def _said(build: Build, signal: str, evidence: NDArray[np.int32]) -> list[str | None]:
    """What the evidence of neighbours says; None where there is none, and the score alone speaks."""
    kind = build.manifest.signals[signal].evidence
    if kind == Evidence.SAME_PHOTO:
        return [wording.SAME_PHOTO if same else None for same in (evidence[:, 0] == 1).tolist()]
    if kind == Evidence.TERMS:
        named = _named(evidence, lambda terms: build.cache.terms.take(pa.array(terms)).to_pylist())
        return [wording.described_as(terms) if terms else None for terms in named]
    if kind == Evidence.ORDERS:
        return [wording.bought_together(orders) for orders in evidence[:, 0].tolist()]
    if kind == Evidence.PRODUCTS:
        named = _named(evidence, build.catalogue.titles_of)
        return [wording.same_company(titles[:NAMED_PRODUCTS]) if titles else None for titles in named]
    if kind == Evidence.RANKS:
        return _agreed(build.manifest.signals[signal].details.get("fused", []), evidence)
    return [None] * len(evidence)


def _named(evidence: NDArray[np.int32], names_of: Callable[[NDArray[np.int32]], list[str]]) -> list[list[str]]:
    """The names of the rows that evidence lists; each row is looked up once."""
    rows = np.unique(evidence[evidence >= 0])
    names = dict(zip(rows.tolist(), names_of(rows), strict=True))
    return [[names[row] for row in listed if row >= 0] for listed in evidence.tolist()]


def _agreed(fused: list[str], evidence: NDArray[np.int32]) -> list[str | None]:
    """The fused signals that list a neighbour for a reason of their own, best rank first; None where there are none."""

    @cache  # most neighbours are listed by one or two signals, so that the same ranks come again and again
    def agreed(ranks: tuple[int, ...]) -> str | None:
        ranked = sorted((rank, name) for name, rank in zip(fused, ranks, strict=False) if rank > 0)
        return wording.agreed([name for _, name in ranked]) if ranked else None

    return [agreed(tuple(ranks)) for ranks in evidence.tolist()]
