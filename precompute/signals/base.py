"""What a signal is: clean tables in, neighbours out."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from lookup import schema
from lookup.packed import rounded_scores
from lookup.schema import NO_NEIGHBOUR, Evidence
from precompute.report import Report
from precompute.shop import Shop


@dataclass(frozen=True)
class Neighbours:
    """The k nearest products of every product.

    Attributes
    ----------
    index
        int32 [n, k], rows of the product table, best first, `NO_NEIGHBOUR` behind the last.
    score
        float32 [n, k], falling along each row; ties break by row.
    evidence
        int32 [n, k, w] or None; what the numbers mean is `evidence_kind`.
    untrained
        True where the scores come from a network with random weights.
    details
        What the signal found or chose, for the manifest.
    """

    index: NDArray[np.int32]
    score: NDArray[np.float32]
    evidence: NDArray[np.int32] | None = None
    evidence_kind: Evidence | None = None
    untrained: bool = False
    details: dict[str, Any] = field(default_factory=dict)

    @property
    def k(self) -> int:
        return self.index.shape[1]

    @property
    def known(self) -> NDArray[np.bool_]:
        """bool [n]: the products that have neighbours of their own."""
        return (self.index != NO_NEIGHBOUR).any(axis=1)

    @property
    def popular_alone(self) -> NDArray[np.bool_]:
        """bool [n, k]: the neighbours that are listed because they are popular; no counted order holds them with the product."""
        listed = self.index != NO_NEIGHBOUR
        if self.evidence is None or self.evidence_kind != Evidence.ORDERS:
            return np.zeros_like(listed)
        return listed & (self.evidence[:, :, 0] == 0)

    def to_table(self, fallback: NDArray[np.bool_]) -> pa.Table:
        """The lookup table; `fallback` is bool [n]. Here alone scores are rounded: the order is that of the exact ones."""
        width = self.evidence.shape[2] if self.evidence is not None else 0
        columns = {
            "neighbour": pa.FixedSizeListArray.from_arrays(pa.array(self.index.ravel()), self.k),
            "score": pa.FixedSizeListArray.from_arrays(pa.array(rounded_scores(self.score).ravel()), self.k),
            "fallback": pa.array(fallback),
        }
        if self.evidence is not None:
            columns["evidence"] = pa.FixedSizeListArray.from_arrays(pa.array(self.evidence.ravel()), self.k * width)
        return pa.table(columns, schema=schema.neighbours_schema(self.k, width))


@dataclass(frozen=True)
class Built:
    """What one signal contributes to the lookup tables.

    Attributes
    ----------
    neighbours
        Tables of neighbours by name; most signals have one, named as the signal.
    tables
        Further lookup tables by file name (see `lookup.schema`).
    files
        Further files by name, e.g. the encoder.
    full_encoder
        Makes the encoder in float32, which the build leaves in the work folder; None where there is none, or where another
        signal's is the one.
    product_columns
        Columns of the product table that this signal fills, each an array of length n.
    vectors
        float32 [n, d] by map name: what a two-dimensional map is drawn from; all-zero rows have no data.
    missing
        Why there are no neighbours after all, where the data turned out not to carry any.
    """

    neighbours: dict[str, Neighbours]
    tables: dict[str, pa.Table] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    full_encoder: Callable[[], bytes] | None = None
    product_columns: dict[str, pa.Array] = field(default_factory=dict)
    vectors: dict[str, NDArray[np.float32]] = field(default_factory=dict)
    missing: str | None = None


class Signal(ABC):
    """One way to recommend. A new signal is one new module with one subclass, listed in `precompute.signals`."""

    name: ClassVar[str]
    """Its section in ``shop.toml``: ``[signals.<name>]``."""
    produces: ClassVar[tuple[str, ...]]
    """The names of the neighbour tables it builds."""

    def why_not(self, shop: Shop) -> str | None:
        """Why the signal is not built for this shop, in words for the shop's owner; None where it is."""
        if not getattr(shop.settings.signals, self.name).enabled:
            return f"switched off: [signals.{self.name}] enabled = false"
        return self.missing(shop)

    @abstractmethod
    def missing(self, shop: Shop) -> str | None:
        """Why this shop's data can't feed the signal; None where it can."""

    @abstractmethod
    def build(self, shop: Shop, report: Report, earlier: dict[str, Neighbours]) -> Built:
        """Build the neighbours.

        `earlier` holds the neighbours of the signals built before this one; only `blend` looks at them.
        """
