"""VGG16 as an ONNX graph: its weights, the features of every picture, and the encoder that is deployed.

Keras brings the architecture and reads the weights; onnxruntime does all the arithmetic, here and on the dashboard. The graph is
written layer by layer, cut behind the deepest layer that is asked for, because Keras' own export of the whole network
takes tens of gigabytes and can't be cut.

Simonyan and Zisserman, "Very Deep Convolutional Networks for Large-Scale Image Recognition", 2015 (VGG16); Gatys, Ecker and Bethge,
"A Neural Algorithm of Artistic Style", 2015 (Gram matrices).
"""

from __future__ import annotations

import difflib
import hashlib
import io
import math
import os
import zipfile
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from lookup.encoder import Encoder, decode, to_input
from lookup.manifest import fingerprint
from precompute.errors import BadInput
from precompute.pictures import write_whole
from precompute.projection import TINY, Projection
from precompute.report import Report
from precompute.settings import Signals
from precompute.shop import Shop

if TYPE_CHECKING:
    import h5py
    import keras
    import onnx

FEATURES_VERSION = 1
"""Raised when the same network gives other features than before, so that kept ones are not mixed with new ones."""
SIZE = 224
BATCH = 8
SHARD = 64
"""Pictures whose features are kept in one file: what a killed build loses at most."""
SAMPLE = 1_000
"""Pictures that projections are fitted on."""
MAX_ENCODER_BYTES = 100_000_000
"""What the encoder may take of a deployment of 500 MB, most of which is Python and its libraries."""

VISUAL_FEATURES = "visual_features"
IMAGENET_MEAN_BGR = (103.939, 116.779, 123.68)
"""What VGG16's authors subtracted: Keras' ``preprocess_input`` in its mode "caffe"."""
TOP = ("flatten", "fc1", "fc2", "predictions")
OPSET, IR_VERSION = 17, 8

T = TypeVar("T")
U = TypeVar("U")


@dataclass(frozen=True)
class Network:
    """Which numbers are computed from every picture.

    Attributes
    ----------
    weights
        ``"imagenet"``, ``"untrained"`` or the path of a weights file.
    seed
        Of untrained weights.
    visual
        Whether the visual features are among them.
    visual_layer
        The layer they are taken from, averaged over positions; None: ``fc2`` where the weights have it, else ``block5_pool``.
    style_layers
        The layers whose Gram matrices are among them.
    size
        Pixels per side of the input.
    """

    weights: str
    seed: int
    visual: bool
    visual_layer: str | None
    style_layers: tuple[str, ...]
    size: int = SIZE

    @property
    def untrained(self) -> bool:
        return self.weights == "untrained"

    @cached_property
    def key(self) -> str:
        """Names this network's folder of features: equal for equal features, whatever the weights file is called."""
        weights = self.weights if self.weights in ("imagenet", "untrained") else fingerprint(_weights_file(self.weights))
        parts = (FEATURES_VERSION, weights, self.seed, self.visual, self.visual_layer, self.style_layers, self.size)
        return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


def network_of(signals: Signals, signal: Literal["visual", "style"]) -> Network:
    """The network behind a picture signal: one and the same for both of them where they agree on its weights."""
    own = signals.visual if signal == "visual" else signals.style
    seed = own.seed if own.weights == "untrained" else 0
    visual, style = (
        section.enabled and section.weights == own.weights and (section.seed == own.seed or own.weights != "untrained")
        for section in (signals.visual, signals.style)
    )
    return Network(own.weights, seed, visual, signals.visual.layer if visual else None, signals.style.layers if style else ())


# ---------------------------------------------------------------------------------------------------------------- features


@dataclass(frozen=True)
class Features:
    """The finished features of a shop's pictures, in the work folder.

    Attributes
    ----------
    model
        The network's ONNX file: a picture in, ``visual_features`` and one ``gram_<layer>`` for each style layer out.
    contents
        The sha256 of each picture, sorted.
    shards
        The files that hold the features, and the pictures in each. They may hold more pictures than this shop has now.
    """

    model: Path
    contents: list[str]
    shards: dict[Path, list[str]]

    @cached_property
    def metadata(self) -> dict[str, str]:
        """What the model says of itself: ``network``, ``weights``, ``untrained``, ``visual_layer``, ``style_layers``."""
        return {entry.key: entry.value for entry in _read_model(self.model).metadata_props}

    def sample(self, output: str, seed: int = 0) -> NDArray[np.float32]:
        """The features of at most `SAMPLE` pictures, chosen by the seed: float32 [s, d], in the order of `contents`."""
        chosen = np.arange(len(self.contents))
        if len(chosen) > SAMPLE:
            chosen = np.sort(np.random.default_rng(seed).choice(len(chosen), SAMPLE, replace=False))
        place = {self.contents[number]: row for row, number in enumerate(chosen)}
        found: list[NDArray[np.float32]] = [np.empty(0, np.float32)] * len(place)
        for contents, features in self._read(output, place.keys()):
            for content, row in zip(contents, features, strict=True):
                found[place[content]] = row
        return np.stack(found)

    def vectors(self, project: Callable[[NDArray[np.float32]], NDArray[np.float32]], output: str) -> NDArray[np.float32]:
        """Every picture's features, projected shard by shard: float32 [len(contents), m], in the order of `contents`."""
        place = {content: row for row, content in enumerate(self.contents)}
        parts = [([place[content] for content in some], project(rows)) for some, rows in self._read(output, place.keys())]
        vectors = np.concatenate([vectors for _, vectors in parts])
        result = np.empty_like(vectors)
        result[np.concatenate([rows for rows, _ in parts])] = vectors
        return result

    def _read(self, output: str, wanted: Iterable[str]) -> Iterator[tuple[list[str], NDArray[np.float32]]]:
        wanted = set(wanted)
        for path, contents in self.shards.items():
            rows = [row for row, content in enumerate(contents) if content in wanted]
            if rows:
                with np.load(path, allow_pickle=False) as shard:
                    yield [contents[row] for row in rows], shard[output][rows]


def features(shop: Shop, network: Network, report: Report) -> Features:
    """Run the network over every readable picture whose features aren't in the work folder yet.

    Equal pictures are computed once. Features are kept by the picture's content in files of `SHARD` pictures, each written
    whole or not at all, so a killed build goes on where it was. Raises `BadInput` where the weights can't be used.
    """
    assert shop.pictures is not None, "read_pictures comes first"
    folder = shop.work / "features" / network.key
    model = folder / "network.onnx"
    shards = _finished(folder)
    done = {content for contents in shards.values() for content in contents}
    pending = [(content, path) for content, path in shop.pictures.paths.items() if content not in done]
    if _read_model(model) is None:
        write_whole(model, build(network))
    if pending:
        encoder = Encoder(model, threads=os.cpu_count() or 1)
        chunks = [pending[start : start + SHARD] for start in range(0, len(pending), SHARD)]
        with report.stage("picture features", total=len(pending)) as progress:
            for chunk, pictures in zip(chunks, _one_ahead(lambda chunk: _inputs(chunk, encoder.size), chunks), strict=True):
                batches = [pictures[start : start + BATCH] for start in range(0, len(pictures), BATCH)]
                parts = []
                for batch in batches:
                    parts.append(encoder.encode(batch))
                    progress.advance(len(batch))
                contents = [content for content, _ in chunk]
                arrays = {name: np.concatenate([part[name] for part in parts]) for name in encoder.outputs}
                shards[_write_shard(folder, contents, arrays)] = contents
    return Features(model, list(shop.pictures.paths), shards)


def _finished(folder: Path) -> dict[Path, list[str]]:
    """The shards of earlier builds that are whole. A damaged one is removed, which is the same as never written."""
    shards = {}
    for path in sorted(folder.glob("*.npz")):
        try:
            with zipfile.ZipFile(path) as archive:
                whole = archive.testzip() is None
            with np.load(path, allow_pickle=False) as shard:
                contents = [content.decode() for content in shard["content"]]
        except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile):
            whole = False
        if whole:
            shards[path] = contents
        else:
            path.unlink()
    return shards


def _write_shard(folder: Path, contents: list[str], arrays: dict[str, NDArray[np.float32]]) -> Path:
    path = folder / f"{hashlib.sha256(''.join(contents).encode()).hexdigest()[:16]}.npz"
    content = io.BytesIO()
    np.savez(content, allow_pickle=False, content=np.array(contents, "S64"), **arrays)
    write_whole(path, content.getvalue())
    return path


def _inputs(pictures: list[tuple[str, Path]], size: int) -> NDArray[np.uint8]:
    return np.stack([_input(content, path, size) for content, path in pictures])


def _input(content: str, path: Path, size: int) -> NDArray[np.uint8]:
    picture = path.read_bytes()
    if hashlib.sha256(picture).hexdigest() != content:
        raise BadInput(f"{path}: changed while it was being read; run the build again")
    return to_input(decode(picture), size)


def _one_ahead(function: Callable[[T], U], items: Iterable[T]) -> Iterator[U]:
    """Map in order, on another thread, one item ahead of the caller: both work at once, and at most two results are held."""
    with ThreadPoolExecutor(1) as pool:
        ahead = None
        for item in items:
            following = pool.submit(function, item)
            if ahead is not None:
                yield ahead.result()
            ahead = following
        if ahead is not None:
            yield ahead.result()


# ----------------------------------------------------------------------------------------------------------------- encoder


def encoder(features: Features, visual: Projection | None, style: dict[str, Projection]) -> bytes:
    """The deployed network: a picture in, the vectors that precompute made from it out.

    Parameters
    ----------
    features
        Names the network.
    visual
        Makes the output ``visual``; None leaves it out.
    style
        A projection per style layer, which together make the output ``style`` (see `style_vectors`); empty leaves it out.

    Returns
    -------
    bytes
        An ONNX file.
    """
    graph = _Graph(_read_model(features.model))
    outputs = {}
    if visual is not None:
        outputs["visual"] = graph.project(VISUAL_FEATURES, visual)
    if style:
        blocks = [graph.project(gram_of(layer), projection) for layer, projection in style.items()]
        joined = graph.add("Concat", *blocks, axis=1)
        outputs["style"] = graph.add("Mul", joined, graph.constant(np.float32(1 / math.sqrt(len(blocks)))))
    return graph.serialise(outputs)


def gram_of(layer: str) -> str:
    """The name of the feature that holds a layer's Gram matrix."""
    return f"gram_{layer}"
