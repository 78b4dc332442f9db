"""Looks like it: nearest pictures by the features of VGG16."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from lookup import schema
from lookup.packed import vectors_table
from lookup.schema import NO_NEIGHBOUR, Evidence
from precompute.features import Features, features
from precompute.network import MAX_ENCODER_BYTES, VISUAL_FEATURES, encoder, network_of
from precompute.pictures import Pictures, why_no_pictures
from precompute.projection import Projection
from precompute.report import Report
from precompute.settings import Signals
from precompute.shop import Shop
from precompute.signals.base import Built, Neighbours, Signal
from precompute.topk import dense_neighbours


class VisualSignal(Signal):
    name: ClassVar = "visual"
    produces: ClassVar = ("visual",)

    def missing(self, shop: Shop) -> str | None:
        return why_no_pictures(shop)

    def build(self, shop: Shop, report: Report, earlier: dict[str, Neighbours]) -> Built:  # noqa: ARG002
        assert shop.pictures is not None, "read_pictures comes first"
        settings = shop.settings.signals.visual
        network = network_of(shop.settings.signals, "visual")
        found = features(shop, network, report)
        with report.stage("look-alikes", total=len(shop)) as progress:
            projection = visual_projection(found, shop.settings.signals)
            vectors = spread(found.vectors(VISUAL_FEATURES, projection.apply), found, shop.pictures)
            index, score = dense_neighbours(vectors, settings.k, advance=progress.advance)
            files, encoder_details = deployable(encoder(found.model, projection, {}))
        details = {"weights": found.metadata["weights"], "layer": found.metadata["visual_layer"], **encoder_details}
        return Built(
            neighbours={
                self.name: Neighbours(
                    index,
                    score,
                    same_photo(index, shop.pictures),
                    Evidence.SAME_PHOTO,
                    untrained=network.untrained,
                    details={**details, "dimensions": vectors.shape[1]},
                )
            },
            tables={schema.vectors_path(self.name): vectors_table(vectors)},
            files=files,
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


def same_photo(index: NDArray[np.int32], pictures: Pictures) -> NDArray[np.int32]:
    """int32 [n, k, 1]: 1 where a product and its neighbour [n, k] have one and the same picture file."""
    _, photo = np.unique([content or "" for content in pictures.content], return_inverse=True)
    return ((photo[index] == photo[:, None]) & (index != NO_NEIGHBOUR)).astype(np.int32)[:, :, None]


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
