"""Goes with it: the same style in other categories, by Gram matrices of a network's early layers.

A Gram matrix counts which patterns of a layer occur together anywhere in the picture. It keeps texture, colour and line, which
a chair and a rug can share, and forgets shape and place.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from lookup import schema
from lookup.packed import vectors_table
from lookup.schema import Evidence
from precompute.errors import BadInput
from precompute.features import Features, features
from precompute.finetune.taste import Taste
from precompute.network import TAUGHT, VISUAL_FEATURES, encoder, gram_of, network_of
from precompute.pictures import why_no_pictures
from precompute.precision import deployed_encoder, precision_note
from precompute.projection import Projection, unit_rows
from precompute.report import Report
from precompute.same_photo import Photos
from precompute.settings import Signals
from precompute.shop import Shop
from precompute.signals.base import Built, Neighbours, Signal
from precompute.signals.visual import deployable, spread, visual_projection
from precompute.topk import dense_neighbours

NO_SECOND_CATEGORY = "no second category: style recommends products of other categories"


class StyleSignal(Signal):
    """Neighbours come from other categories alone, at most ``per_category`` from each.

    Of products with one and the same photo, the first of a category alone is listed, in two categories at most, and each photo
    once in a list. A product of unknown category neither gets nor is a neighbour: nothing says that it is of another kind. The
    metric "l2" ranks these neighbours; an uploaded picture is always compared by the cosine of the same vectors.
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
        taste = taste_of(signals)
        found = features(shop, network, report)
        with report.stage("same style", total=len(shop)) as progress:
            if taste is None:
                projections = style_projections(found, signals)
                blocks = [found.vectors(name, projection.apply) for name, projection in projections.items()]
                joined = spread(np.concatenate(blocks, axis=1), found, shop.pictures)
            else:
                projections = taste.parts.blocks
                joined = taste.vectors(shop, found)
            photos = Photos.of(shop.pictures)
            shown = photos.shown(shop.categories)
            progress.advance(len(shop) - len(shown.rows))
            categories = shop.categories[shown.rows]
            listed = photos.listed(shown.rows, categories)
            ranked = dense_neighbours(
                joined[shown.rows],
                photos.enough(settings.k, shown.rows[listed]),
                metric=settings.metric,
                groups=categories,
                per_group=settings.per_category,
                listed=listed,
                advance=progress.advance,
            )
            index, score = photos.each_once(shown.spread(ranked), settings.k)
            vectors = unit_rows(joined)
            files, full_encoder, details = _encoder(found, shop, projections, taste)
        details |= {
            "network": found.metadata["network"],
            "weights": network.weights_name,
            "layers": list(settings.layers),
            "metric": settings.metric,
            "dimensions": vectors.shape[1],
        }
        if found.taught:
            details[TAUGHT] = True
        if taste is not None:
            details |= {"taste": taste.learned}
        return Built(
            neighbours={
                self.name: Neighbours(index, score, photos.flags(index), Evidence.SAME_PHOTO, network.untrained, details)
            },
            tables={schema.vectors_path(self.name): vectors_table(vectors)},
            files=files,
            full_encoder=full_encoder,
            vectors={"style": vectors},
        )


def style_projections(found: Features, signals: Signals) -> dict[str, Projection]:
    """One per layer, by the name of its features; all of equal weight, and together of at most ``dimensions`` numbers."""
    layers = signals.style.layers
    shares = [len(part) for part in np.array_split(np.arange(signals.style.dimensions), len(layers))]
    return {
        gram_of(layer): Projection.fit(
            found.sample(gram_of(layer)), max(share, 1), whitened=True, unit_length=signals.style.metric == "cosine"
        )
        for layer, share in zip(layers, shares, strict=True)
    }


def picture_blocks(found: Features, signals: Signals) -> dict[str, Projection]:
    """All that a taste can be learned on: the style, and what the network of the style gives for look-alikes."""
    visual = network_of(signals, "style").visual
    return style_projections(found, signals) | ({VISUAL_FEATURES: visual_projection(found, signals)} if visual else {})


def taste_of(signals: Signals) -> Taste | None:
    """The taste that shop.toml names. Raises `BadInput` where it can't be used with these features."""
    if signals.style.projection is None:
        return None
    path = Path(signals.style.projection)
    taste = Taste.load(path)
    if taste.parts.network != network_of(signals, "style").key:
        raise BadInput(
            f"{path}: was learned on features of another network, other weights or other layers than [signals.visual] and "
            "[signals.style] name now; run finetune again"
        )
    return taste


def _encoder(
    found: Features, shop: Shop, style: dict[str, Projection], taste: Taste | None
) -> tuple[dict[str, bytes], Callable[[], bytes] | None, dict[str, Any]]:
    """One encoder for both picture signals, which replaces the one `visual` made alone, where both use one network."""
    assert shop.pictures is not None, "read_pictures comes first"
    signals = shop.settings.signals
    axes = taste.picture_axes if taste else None
    if not signals.visual.enabled or network_of(signals, "visual") == network_of(signals, "style"):
        look = visual_projection(found, signals) if signals.visual.enabled else None
        files, details = deployable(deployed_encoder(found, shop.pictures, signals.encoder.precision, look, style, axes))
        details |= precision_note(found, signals.encoder.precision)
        return files, lambda: encoder(found.model, look, style, axes), details
    why = "left out: visual uses another network, other weights or another seed, and an encoder holds one network"
    return {}, None, {"encoder": why}
