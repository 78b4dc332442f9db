"""What the lookup tables say about two products: only what they hold, and None where they can't know."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from dashboard.store import Build
from lookup import schema
from lookup.packed import postings_in, vectors_in
from lookup.schema import Evidence

MOST_TRIED = 32
"""Words that are looked up in the postings: each costs a read."""
MOST_SHARED = 8


def cosine(build: Build, signal: str, a: int, b: int) -> float | None:
    """How alike the pictures of the products in two rows are to a signal of pictures; None where one has no vector.

    The score of a list that holds the pair, as its cards say it; else the cosine of the vectors, which are a little coarser.
    """
    for row, other in ((a, b), (b, a)):
        listed = build.cache.neighbours(row, signal)
        place = np.flatnonzero(listed.rows == other)
        if len(place) and not listed.fallback:
            return float(listed.scores[place[0]])
    if schema.vectors_path(signal) not in build.cache:
        return None
    first, second = vectors_in(build.cache.table(schema.vectors_path(signal)).rows([a, b]))
    return float(first @ second) if first.any() and second.any() else None


def orders_together(build: Build, a: int, b: int) -> int | None:
    """How many orders hold both; None where neither's list of *bought together* holds the other with its orders."""
    counted = _evidence(build, Evidence.ORDERS, a, b)
    return int(counted[0]) if counted is not None and counted[0] > 0 else None


def bought_with_both(build: Build, a: int, b: int) -> list[str] | None:
    """Titles of products that are bought with both, strongest first; None where neither's list holds the other."""
    companions = _evidence(build, Evidence.PRODUCTS, a, b)
    return build.catalogue.titles_of(companions[companions >= 0]) if companions is not None else None


def shared_words(build: Build, a: int, b: int) -> list[str] | None:
    """Words that both are described with, at most `MOST_SHARED`; None where the tables hold no words.

    Those that the lists of neighbours give as the pair's own reason come first. The others are words that either shares with its
    own neighbours and that the postings find in both, the heaviest in both first: the tables have no list of a product's words.
    """
    signals = _signals(build, Evidence.TERMS)
    if not signals or schema.POSTINGS not in build.cache:
        return None
    listed = _evidence(build, Evidence.TERMS, a, b)
    own = [] if listed is None else listed[listed >= 0].tolist()
    used = Counter(
        term for signal in signals for row in (a, b) for term in build.cache.neighbours(row, signal).evidence.ravel().tolist()
    )
    tried = [term for term, _ in used.most_common() if term >= 0 and term not in own][:MOST_TRIED]
    found = (own + _in_both(build, tried, a, b))[:MOST_SHARED]
    return build.cache.terms.take(pa.array(found, pa.int32())).to_pylist()


def _in_both(build: Build, terms: list[int], a: int, b: int) -> list[int]:
    """Of some rows of ``terms.parquet`` those whose postings hold both products, the product of their weights falling."""
    weights = []
    for products, of_products in postings_in(build.cache.table(schema.POSTINGS).rows(terms)):
        holds = np.isin(products, (a, b))
        weights.append(float(np.prod(of_products[holds])) if np.count_nonzero(holds) == 2 else 0.0)
    return [terms[place] for place in np.argsort(-np.array(weights), kind="stable") if weights[place] > 0]


def _signals(build: Build, kind: Evidence) -> list[str]:
    return [name for name, entry in build.manifest.signals.items() if entry.evidence == kind]


def _evidence(build: Build, kind: Evidence, a: int, b: int) -> NDArray[np.int32] | None:
    """int32 [evidence_width]: what the first list of a kind that holds the pair says of it, whichever asks; else None."""
    for signal in _signals(build, kind):
        for row, other in ((a, b), (b, a)):
            listed = build.cache.neighbours(row, signal)
            place = np.flatnonzero(listed.rows == other)
            if len(place) and not listed.fallback:
                return listed.evidence[place[0]]
    return None
