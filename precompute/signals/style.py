"""Goes with it: the same style in other categories, by Gram matrices of early layers of VGG16.

A Gram matrix counts which patterns of a layer occur together anywhere in the picture. It keeps texture, colour and line, which
a chair and a rug can share, and forgets shape and place.
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from lookup import schema
from lookup.packed import vectors_table
from precompute.features import Features, features
from precompute.network import encoder, gram_of, network_of
from precompute.pictures import why_no_pictures
from precompute.projection import Projection, unit_rows
from precompute.report import Report
from precompute.settings import Signals
from precompute.shop import Shop
from precompute.signals.base import Built, Neighbours, Signal
from precompute.signals.visual import deployable, spread, visual_projection
from precompute.topk import dense_neighbours

NO_SECOND_CATEGORY = "no second category: style recommends products of other categories"


class StyleSignal(Signal):
    """Neighbours come from other categories alone, at most ``per_category`` from each.

    A product of unknown category neither gets nor is a neighbour: nothing says that it is of another kind. The metric "l2" ranks
    these neighbours; an uploaded picture is always compared by the cosine of the same vectors.
    """

    name: ClassVar = "style"
    produces: ClassVar = ("style",)

    def missing(self, shop: Shop) -> str | None:
        n_categories = len(np.unique(shop.categories[shop.categories >= 0]))
        return why_no_pictures(shop) or (NO_SECOND_CATEGORY if n_categories < 2 else None)

    def build(self, shop: Shop, report: Report, earlier: dict[str, Neighbours]) -> Built:  # noqa: ARG002
        assert shop.pictures is not None, "read_pictures comes first"
        signals = shop.settings.signals
        settings = signals.style
        network = network_of(signals, "style")
        found = features(shop, network, report)
        with report.stage("same style", total=len(shop)) as progress:
            projections = style_projections(found, signals)
            blocks = [found.vectors(gram_of(layer), projection.apply) for layer, projection in projections.items()]
            joined = spread(np.concatenate(blocks, axis=1), found, shop.pictures)
            index, score = dense_neighbours(
                joined,
                settings.k,
                metric=settings.metric,
                groups=shop.categories,
                per_group=settings.per_category,
                advance=progress.advance,
            )
            vectors = unit_rows(joined)
            files, details = _encoder(found, signals, projections)
        details |= {
            "weights": found.metadata["weights"],
            "layers": list(settings.layers),
            "metric": settings.metric,
            "dimensions": vectors.shape[1],
        }
        return Built(
            neighbours={self.name: Neighbours(index, score, untrained=network.untrained, details=details)},
            tables={schema.vectors_path(self.name): vectors_table(vectors)},
            files=files,
            vectors={"style": vectors},
        )


def style_projections(found: Features, signals: Signals) -> dict[str, Projection]:
    """One per layer, all layers of equal weight; together they make vectors of at most ``dimensions`` numbers."""
    layers = signals.style.layers
    shares = [len(part) for part in np.array_split(np.arange(signals.style.dimensions), len(layers))]
    return {
        layer: Projection.fit(
            found.sample(gram_of(layer)), max(share, 1), whitened=True, unit_length=signals.style.metric == "cosine"
        )
        for layer, share in zip(layers, shares, strict=True)
    }


def _encoder(found: Features, signals: Signals, style: dict[str, Projection]) -> tuple[dict[str, bytes], dict[str, Any]]:
    """One encoder for both picture signals, which replaces the one `visual` made alone, where both use one network."""
    if not signals.visual.enabled:
        return deployable(encoder(found.model, None, style))
    if network_of(signals, "visual") == network_of(signals, "style"):
        return deployable(encoder(found.model, visual_projection(found, signals), style))
    return {}, {"encoder": "left out: visual uses other weights or another seed, and an encoder holds one network"}
