"""A taste: the projection that a shop's orders have taught, and all it needs to be applied to new products and pictures."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from scipy import sparse
from sklearn.decomposition import TruncatedSVD
from threadpoolctl import threadpool_limits

from precompute import tfidf
from precompute.errors import BadInput
from precompute.features import Features
from precompute.kept import write_whole
from precompute.projection import Projection, unit_rows
from precompute.shop import Shop
from precompute.signals.visual import spread
from precompute.sparse_dense import times

FORMAT = 1
WORD_DIMENSIONS = 256
POWER_ITERATIONS = 4

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Parts:
    """What is known of a product before anything is learned: its picture's features and its words, in few dimensions.

    Attributes
    ----------
    network
        The `Network.key` of the features.
    blocks
        A projection for each kind of picture features, by the feature's name.
    terms
        Words, sorted; empty where products have no texts.
    term_axes
        float32 [t, r]: what turns TF-IDF weights of these words into r numbers.
    """

    network: str
    blocks: dict[str, Projection]
    terms: pa.StringArray
    term_axes: Floats

    @classmethod
    def fit(cls, shop: Shop, network: str, blocks: dict[str, Projection], seed: int, *, words: bool = True) -> Self:
        """Principal axes of the shop's words, beside those of its pictures."""
        terms, axes = pa.array([], pa.string()), np.empty((0, 0), np.float32)
        if words:
            vocabulary, weights = tfidf.documents(shop.reviews, shop.products, shop.settings.signals.reviews)
            dimensions = min(WORD_DIMENSIONS, *(size - 1 for size in weights.shape))
            if dimensions > 0:
                with threadpool_limits(1):  # threads would add up products in changing order
                    svd = TruncatedSVD(dimensions, n_iter=POWER_ITERATIONS, random_state=seed).fit(weights.astype(np.float32))
                terms, axes = vocabulary.terms, svd.components_.T.astype(np.float16).astype(np.float32)
        return cls(network, blocks, terms, axes)

    @property
    def widths(self) -> list[int]:
        """Of the picture's blocks in a vector, then of the words'."""
        return [*(projection.axes.shape[1] for projection in self.blocks.values()), self.term_axes.shape[1]]

    @property
    def picture_dimensions(self) -> int:
        return sum(self.widths[:-1])

    def vectors(self, shop: Shop, found: Features) -> Floats:
        """float32 [n, d]: the picture's blocks side by side, then the words; zeros where a product has none of them."""
        assert shop.pictures is not None, "read_pictures comes first"
        blocks = [spread(found.vectors(name, block.apply), found, shop.pictures) for name, block in self.blocks.items()]
        return np.concatenate([*blocks, self._word_vectors(shop)], axis=1)

    def _word_vectors(self, shop: Shop) -> Floats:
        """By the catalogue's own TF-IDF, which knows how common a word has become; words that weren't there count nothing."""
        if not len(self.terms):
            return np.empty((len(shop), 0), np.float32)
        vocabulary, weights = tfidf.documents(shop.reviews, shop.products, shop.settings.signals.reviews)
        place = pc.index_in(vocabulary.terms, self.terms)
        known = place.is_valid().to_numpy(zero_copy_only=False)
        axes = np.zeros((len(vocabulary.terms), self.term_axes.shape[1]), np.float32)
        axes[known] = self.term_axes[place.drop_null().to_numpy()]
        return unit_rows(times(sparse.csr_array(weights), axes))


@dataclass(frozen=True)
class Taste:
    """Parts, and what was learned on them.

    Attributes
    ----------
    parts
        What the taste is applied to.
    axes
        float32 [d, m], as `precompute.finetune.teach.teach` gives them.
    learned
        In figures: from how many orders, with which strength; and which orders were kept back, to report on.
    """

    parts: Parts
    axes: Floats
    learned: dict[str, Any]

    @property
    def picture_axes(self) -> Floats:
        """float32 [picture dimensions, m]: what the encoder applies. A picture alone has no words, which then count nothing."""
        return self.axes[: self.parts.picture_dimensions]

    def vectors(self, shop: Shop, found: Features) -> Floats:
        """float32 [n, m], each of length one; all zeros for a product of which nothing is known."""
        return unit_rows(times_rows(self.parts.vectors(shop, found), self.axes))

    def save(self, path: Path) -> None:
        """Write a file that `load` reads, whole or not at all."""
        arrays: dict[str, Any] = {"axes": self.axes.astype(np.float16), "term_axes": self.parts.term_axes.astype(np.float16)}
        scales = []
        for number, block in enumerate(self.parts.blocks.values()):
            arrays |= {f"mean_{number}": block.mean, f"axes_{number}": block.axes.astype(np.float16)}
            scales.append(block.scale)
        about = {"format": FORMAT, "network": self.parts.network, "blocks": list(self.parts.blocks), "scales": scales}
        content = io.BytesIO()
        np.savez_compressed(
            content,
            allow_pickle=False,
            about=np.array(json.dumps(about | {"learned": self.learned})),
            terms=np.array(self.parts.terms.to_pylist(), dtype=np.str_),
            **arrays,
        )
        write_whole(path, content.getvalue())

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read what `save` wrote; raises `BadInput` for any other file."""
        try:
            with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as file:
                about = json.loads(str(file["about"]))
                if about["format"] != FORMAT:
                    raise ValueError(f"format {about['format']}, not {FORMAT}")
                blocks = {
                    name: Projection(file[f"mean_{number}"], file[f"axes_{number}"].astype(np.float32), scale)
                    for number, (name, scale) in enumerate(zip(about["blocks"], about["scales"], strict=True))
                }
                terms = pa.array(file["terms"].tolist(), pa.string())
                parts = Parts(about["network"], blocks, terms, file["term_axes"].astype(np.float32))
                return cls(parts, file["axes"].astype(np.float32), about["learned"])
        except FileNotFoundError:
            raise BadInput(f"{path}: not found; `python -m precompute finetune projection` writes it") from None
        except (OSError, EOFError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
            raise BadInput(f"{path}: is no taste that finetune wrote: {error}") from None


def times_rows(rows: Floats, axes: Floats) -> Floats:
    """The product of two matrices, with the same bytes for any number of threads."""
    with threadpool_limits(1):
        product: Floats = rows @ axes
    return product
