"""Looks like it: nearest pictures by the features of a network."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from lookup import schema
from lookup.packed import vectors_table
from lookup.schema import Evidence
from precompute.dense_search import nearest
from precompute.features import Features, features
from precompute.network import MAX_ENCODER_BYTES, TAUGHT, VISUAL_FEATURES, encoder, network_of
from precompute.pictures import Pictures, why_no_pictures
from precompute.precision import deployed_encoder, precision_note
from precompute.projection import Projection
from precompute.report import Report
from precompute.same_photo import Photos
from precompute.settings import Signals
from precompute.shop import Shop
from precompute.signals.base import Built, Neighbours, Signal


class VisualSignal(Signal):
    """Of products with one and the same photo, a list names the first alone; and in front the next one with the product's own."""

    name: ClassVar = "visual"
    produces: ClassVar = ("visual",)

    def missing(self, shop: Shop) -> str | None:
        return why_no_pictures(shop)

    def build(self, shop: Shop, report: Report, earlier: dict[str, Neighbours]) -> Built:  # noqa: ARG002
        assert shop.pictures is not None, "read_pictures comes first"
        signals = shop.settings.signals
        settings = signals.visual
        network = network_of(signals, "visual")
        found = features(shop, network, report)
        with report.stage("look-alikes", total=len(shop)) as progress:
            projection = visual_projection(found, signals)
            vectors = spread(found.vectors(VISUAL_FEATURES, projection.apply), found, shop.pictures)
            photos = Photos.of(shop.pictures)
            shown = photos.shown()
            progress.advance(len(shop) - len(shown.rows))
            ranked, search = nearest(vectors[shown.rows], settings.k, settings.recall, progress.advance)
            index, score = photos.with_own(shown.spread(ranked))
            files, encoder_details = deployable(deployed_encoder(found, shop.pictures, signals.encoder.precision, projection, {}))
        encoder_details |= precision_note(found, signals.encoder.precision)
        details: dict[str, Any] = {
            "network": found.metadata["network"],
            "weights": network.weights_name,
            "layer": found.metadata["visual_layer"],
        }
        if found.taught:
            details[TAUGHT] = True
        return Built(
            neighbours={
                self.name: Neighbours(
                    index,
                    score,
                    photos.flags(index),
                    Evidence.SAME_PHOTO,
                    untrained=network.untrained,
                    details={**details, **encoder_details, "dimensions": vectors.shape[1], **search},
                )
            },
            tables={schema.vectors_path(self.name): vectors_table(vectors)},
            files=files,
            full_encoder=lambda: encoder(found.model, projection, {}),
            vectors={"look": vectors},
        )


def visual_projection(found: Features, signals: Signals) -> Projection:
    """Trained features keep their cosines; untrained ones share one strong direction, which has to be taken away."""
    return Projection.fit(
        found.sample(VISUAL_FEATURES),
        signals.visual.dimensions,
        whitened=signals.visual.weights == "untrained",
        unit_length=True,
    )


def spread(vectors: NDArray[np.float32], found: Features, pictures: Pictures) -> NDArray[np.float32]:
    """Vectors of pictures, float32 [pictures, d], to vectors of products, float32 [n, d]; all zeros without a picture."""
    row = {content: row for row, content in enumerate(found.contents)}
    result = np.zeros((len(pictures.content), vectors.shape[1]), np.float32)
    for product, content in enumerate(pictures.content):
        if content is not None:
            result[product] = vectors[row[content]]
    return result


def deployable(model: bytes) -> tuple[dict[str, bytes], dict[str, str]]:
    """The encoder as a file of the lookup tables, or, where it is too large to deploy, words that say so."""
    if len(model) <= MAX_ENCODER_BYTES:
        return {schema.ENCODER: model}, {}
    return {}, {
        "encoder": f"left out: {len(model) / 1e6:,.0f} MB, more than the {MAX_ENCODER_BYTES / 1e6:,.0f} MB that a deployment "
        'has room for. A layer before fc1 makes it small enough: [signals.visual] layer = "block5_pool"'
    }
