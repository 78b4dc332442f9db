"""The best of all: the lists of the other signals, fused, with weights chosen on held-out orders."""

from __future__ import annotations

from typing import ClassVar

from precompute.evaluate.blending import choose_weights
from precompute.evaluate.holdout import split_orders
from precompute.fusion import fuse
from precompute.report import Report
from precompute.shop import Shop
from precompute.signals.base import Built, Neighbours, Signal

NOTHING_TO_BLEND = "a blend needs at least two other signals"


class BlendSignal(Signal):
    name: ClassVar = "blend"
    produces: ClassVar = ("blend",)

    def __init__(self, others: tuple[Signal, ...]) -> None:
        self._others = others

    def missing(self, shop: Shop) -> str | None:
        tables = [table for signal in self._others if signal.why_not(shop) is None for table in signal.produces]
        return None if len(tables) > 1 else NOTHING_TO_BLEND

    def build(self, shop: Shop, report: Report, earlier: dict[str, Neighbours]) -> Built:
        if len(earlier) < 2:
            return Built(neighbours={}, missing=NOTHING_TO_BLEND)
        with report.stage("best of all", rows=len(shop)):
            holdout = split_orders(shop.orders, len(shop), shop.settings.evaluate) if shop.orders is not None else None
            weights, chosen_on = choose_weights(shop, earlier, holdout)
            if not any(weights.values()):
                return Built(neighbours={}, missing="none of the signals that [signals.blend] weights names could be built")
            return Built(neighbours={"blend": fuse(earlier, weights, shop.settings.signals.blend.k, {"chosen_on": chosen_on})})
