"""VGG16 as an ONNX graph: its weights, the features it gives, and the encoder that is deployed.

Keras brings the architecture; onnxruntime does all the arithmetic, here and on the dashboard. The graph is written layer by
layer and cut behind the deepest one that is asked for, because Keras' own export of the whole network takes tens of gigabytes
of memory and can't be cut.

VGG16: K. Simonyan and A. Zisserman, "Very Deep Convolutional Networks for Large-Scale Image Recognition", 2015. Gram matrices as
style: L. Gatys, A. Ecker and M. Bethge, "A Neural Algorithm of Artistic Style", 2015. Random weights that keep the size of
activations from layer to layer: K. He et al., "Delving Deep into Rectifiers", 2015.
"""

from __future__ import annotations

import difflib
import hashlib
import io
import os
import sys
import zipfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto

from lookup.encoder import MAPS
from lookup.manifest import fingerprint
from precompute.errors import BadInput
from precompute.graph import Graph
from precompute.projection import Projection
from precompute.settings import Network as NetworkSettings
from precompute.settings import Signals

if TYPE_CHECKING:
    import keras

FEATURES_VERSION = 1
"""Raised when the same network gives other features than before, so that kept ones are not mixed with new ones."""
GRAPH_VERSION = "2"
"""Raised when the network's file is written otherwise but gives the same features, so that a kept one is written anew."""
VISUAL_FEATURES = "visual_features"
IMAGENET_MEAN_BGR = (103.939, 116.779, 123.68)
"""What VGG16's authors subtracted: Keras' ``preprocess_input`` in its mode "caffe"."""
BLOCK_LAYERS = tuple(
    f"block{block}_{part}"
    for block, convolutions in enumerate((2, 2, 3, 3, 3), start=1)
    for part in (*(f"conv{number + 1}" for number in range(convolutions)), "pool")
)
"""The layers of VGG16's five blocks."""
TOP = {"fc1": (25_088, 4_096), "fc2": (4_096, 4_096)}
"""The dense layers, which only weights "with a top" have, and the shapes of their kernels."""
TAUGHT = "taught"
"""Says in the network's file whether ``finetune network`` taught its weights by orders."""
LAST_CHANNELS = 512
"""What the last block gives; the dense layers that ``finetune network`` teaches begin with the average of each."""
MAPS_SHOWN, LARGEST_MAP = 8, 112
"""How many feature maps of a block are shown, and with how many cells a side at most."""
MAX_ENCODER_BYTES = 100_000_000
"""What the encoder may take of a deployment of 500 MB, most of which is Python and its libraries."""

Weights = dict[str, list[NDArray[np.float32]]]
"""A layer's kernel and bias, by its name."""


def gram_of(layer: str) -> str:
    """The name of the feature that is a layer's Gram matrix."""
    return f"gram_{layer}"


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
        The layer they are taken from; None: ``fc2`` where the weights have it, else ``block5_pool``.
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
    size: int = 224

    @property
    def untrained(self) -> bool:
        return self.weights == "untrained"

    @property
    def parts(self) -> int:
        """Visual features of a block are averaged over a grid of so many cells a side.

        A trained network's channels know shapes wherever they are, so one cell does. Random ones see colour and texture alone;
        shape is then in where these are.
        """
        return 4 if self.untrained else 1

    @cached_property
    def key(self) -> str:
        """Names this network's features: equal for equal ones, whatever the weights file is called. Raises `BadInput`."""
        weights = self.weights if self.weights in ("imagenet", "untrained") else fingerprint(_existing(self.weights))
        identity = (FEATURES_VERSION, weights, self.seed, self.visual, self.visual_layer, self.style_layers, self.size)
        return hashlib.sha256(repr(identity).encode()).hexdigest()[:16]

    def build(self) -> bytes:
        """The network as an ONNX file.

        Its input is ``picture``, uint8 [n, size, size, 3] in RGB; its outputs are ``visual_features`` and, for each style
        layer, ``gram_<layer>``: the upper triangle of FᵀF / positions with F of shape positions x channels. Raises `BadInput`.
        """
        weights = self._own_weights()
        has_top = self.weights == "imagenet" or (weights is not None and _has_top(weights))
        visual_layer = (self.visual_layer or ("fc2" if has_top else "block5_pool")) if self.visual else None
        model = self._model(visual_layer, weights)
        graph = Graph.of_pictures(
            self.size, self._metadata(visual_layer) | {TAUGHT: str(_taught_widths(weights) is not None).lower()}
        )
        tensors = graph.layers(model, _preprocessed(graph))
        outputs = {}
        if visual_layer in TOP:
            outputs[VISUAL_FEATURES] = tensors[visual_layer]
        elif visual_layer:
            _, height, width, _ = model.get_layer(visual_layer).output.shape
            outputs[VISUAL_FEATURES] = graph.averages(tensors[visual_layer], height, width, self.parts)
        for layer in self.style_layers:
            _, height, width, channels = model.get_layer(layer).output.shape
            outputs[gram_of(layer)] = graph.gram(tensors[layer], height * width, channels)
        return graph.serialise(outputs)

    def convolutions(self) -> keras.Model:
        """VGG16's five blocks, with their weights, as a model of Keras; raises `BadInput`."""
        model = replace(self, style_layers=())._model(BLOCK_LAYERS[-1], self._own_weights())
        return import_keras().Model(model.input, model.get_layer(BLOCK_LAYERS[-1]).output)

    def _own_weights(self) -> Weights | None:
        return _read_weights(_existing(self.weights)) if self.weights not in ("imagenet", "untrained") else None

    @staticmethod
    def is_built(path: Path) -> bool:
        """Whether a whole file of `build` lies there, written as it is written now."""
        graph = Graph.read(path)
        return graph is not None and graph.metadata.get("version") == GRAPH_VERSION

    def _metadata(self, visual_layer: str | None) -> dict[str, str]:
        return {
            "version": GRAPH_VERSION,
            "network": "VGG16",
            "weights": Path(self.weights).name,
            "untrained": str(self.untrained).lower(),
            "visual_layer": visual_layer or "",
            "style_layers": ",".join(self.style_layers),
        }

    def _model(self, visual_layer: str | None, weights: Weights | None) -> keras.Model:
        """VGG16 up to the deepest layer that is used, with its weights."""
        wanted = [layer for layer in (visual_layer, *self.style_layers) if layer]
        widths = _taught_widths(weights) if any(layer in TOP for layer in wanted) else None
        whole = self._architecture(with_top=any(layer in TOP for layer in wanted) and widths is None)
        if widths is not None:
            whole = with_taught_top(whole, widths)
        model = import_keras().Model(whole.input, [whole.get_layer(layer).output for layer in wanted])
        counts: Counter[str] = Counter()
        for number, layer in enumerate(layer for layer in model.layers if layer.weights):
            kind = {"Conv2D": "conv2d", "Dense": "dense"}[type(layer).__name__]
            numbered = f"{kind}_{counts[kind]}" if counts[kind] else kind
            counts[kind] += 1
            if self.untrained:
                layer.set_weights(_random_weights(layer, self.seed, number))
            elif weights is not None:
                layer.set_weights(_weights_of(layer, weights.get(layer.name) or weights.get(numbered), self.weights))
        return model

    def _architecture(self, *, with_top: bool) -> keras.Model:
        source = "imagenet" if self.weights == "imagenet" else None
        shape = (self.size, self.size, 3)
        try:
            with redirect_stdout(sys.stderr):  # the progress of a download; standard output is for --json
                return import_keras().applications.VGG16(weights=source, include_top=with_top, input_shape=shape)
        except Exception as error:  # Keras raises a plain Exception where a download fails
            if source is None:
                raise
            raise BadInput(
                f'the weights "imagenet" can\'t be downloaded: {error}. Download that file elsewhere and name its path, '
                '[signals.visual] weights = "<path>" and the same in [signals.style]; or try Aisle with weights = "untrained".'
            ) from None


def network_of(signals: Signals, signal: Literal["visual", "style"]) -> Network:
    """The network behind a picture signal: one and the same for both of them where they agree on its weights."""
    own: NetworkSettings = getattr(signals, signal)
    visual, style = (
        section.enabled and section.weights == own.weights and (section.seed == own.seed or own.weights != "untrained")
        for section in (signals.visual, signals.style)
    )
    network = Network(
        weights=own.weights,
        seed=own.seed if own.weights == "untrained" else 0,
        visual=visual,
        visual_layer=signals.visual.layer if visual else None,
        style_layers=signals.style.layers if style else (),
    )
    _check_layer("visual", network.visual_layer, (*BLOCK_LAYERS, *TOP))
    for layer in network.style_layers:
        _check_layer("style", layer, BLOCK_LAYERS)
    return network


def encoder(
    model: Path, visual: Projection | None, style: dict[str, Projection], taste: NDArray[np.float32] | None = None
) -> bytes:
    """The deployed network: a picture in, the vectors that precompute made from it out.

    Parameters
    ----------
    model
        The network's file, from `Network.build`.
    visual
        Makes the output ``visual`` from the visual features; None leaves it out.
    style
        By the name of the features, makes the output ``style``: the projections side by side, brought to length one. Empty
        leaves it out.
    taste
        float32 [d, m]: what the projections side by side are multiplied by before.

    The outputs ``maps_of_block1`` and so on show what the network sees: float32 [n, 8, s, s], see `lookup.encoder.Encoder`.

    Returns
    -------
    bytes
        An ONNX file.
    """
    graph = Graph.read(model)
    assert graph is not None, "features come first"
    outputs = {}
    if visual is not None:
        outputs["visual"] = graph.project(VISUAL_FEATURES, visual)
    if style:
        joined = graph.add("Concat", *(graph.project(features, projection) for features, projection in style.items()), axis=1)
        outputs["style"] = graph.unit_rows(joined if taste is None else graph.add("MatMul", joined, graph.constant(taste)))
    return graph.serialise(outputs, _strongest_maps(graph))


def _strongest_maps(graph: Graph) -> dict[str, str]:
    """For each block that the network reaches, the strongest feature maps of its last convolution."""
    return {
        MAPS + block: graph.strongest_maps(layer, graph.size >> depth, MAPS_SHOWN, LARGEST_MAP)
        for depth, (block, layer) in enumerate(last_convolutions(graph).items())
    }


def last_convolutions(graph: Graph) -> dict[str, str]:
    """The last convolution of each block that the network reaches: ``{"block1": "block1_conv2", ...}``."""
    return {layer.partition("_")[0]: layer for layer in BLOCK_LAYERS if "_conv" in layer and layer in graph.tensors}


def with_taught_top(convolutions: keras.Model, widths: tuple[int, int]) -> keras.Model:
    """VGG16 with the dense layers that ``finetune network`` teaches in place of its own: smaller, and of any size of picture."""
    layers = import_keras().layers
    averaged = layers.GlobalAveragePooling2D()(convolutions.output)
    first = layers.Dense(widths[0], activation="relu", name="fc1")(averaged)
    return import_keras().Model(convolutions.input, layers.Dense(widths[1], activation="relu", name="fc2")(first))


def import_keras() -> ModuleType:
    """Takes seconds and 700 MB, so only a network that isn't in the work folder yet pays for it."""
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with _no_greetings():
        import keras

        keras.ops.ones(1)
    return keras


@contextmanager
def _no_greetings() -> Iterator[None]:
    """Keep TensorFlow's native part quiet, which tells file descriptor 2 what it found, whatever its log level."""
    kept = os.dup(2)
    with open(os.devnull, "wb") as nowhere:  # noqa: PTH123 - a device, not a path of anybody's
        os.dup2(nowhere.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def _preprocessed(graph: Graph) -> str:
    """RGB bytes to what VGG16 was trained on, in ONNX's order [n, c, h, w]."""
    planes = graph.add("Transpose", graph.add("Cast", "picture", to=TensorProto.FLOAT), perm=[0, 3, 1, 2])
    blue_first = graph.add("Gather", planes, graph.constant(np.array([2, 1, 0])), axis=1)
    return graph.add("Sub", blue_first, graph.constant(np.array(IMAGENET_MEAN_BGR, np.float32).reshape(1, 3, 1, 1)))


def _check_layer(signal: str, layer: str | None, known: tuple[str, ...]) -> None:
    if layer is not None and layer not in known:
        near = difflib.get_close_matches(layer, known, n=1)
        hint = f'did you mean "{near[0]}"?' if near else f"known: {', '.join(known)}"
        raise BadInput(f'shop.toml: [signals.{signal}] names "{layer}", which is no layer of VGG16 that can be used here; {hint}')


def _random_weights(layer: keras.Layer, seed: int, number: int) -> list[NDArray[np.float32]]:
    """He-normal, each layer from a stream of its own; in float16's values, so that the encoder stores them in half the bytes."""
    shape = layer.kernel.shape
    normal = np.random.default_rng([seed, number]).standard_normal(shape, np.float32)
    kernel = (normal * np.sqrt(2 / np.prod(shape[:-1]))).astype(np.float16).astype(np.float32)
    return [kernel, np.zeros(shape[-1], np.float32)]


def _existing(path: str) -> Path:
    if not Path(path).is_file():
        raise BadInput(f'{path}: the weights file is not found; weights is "imagenet", "untrained" or the path of a file')
    return Path(path)


def _read_weights(path: Path) -> Weights:
    """Kernels and biases by layer, from any file Keras writes: ``.h5`` (weights alone or a model), ``.weights.h5``, ``.keras``.

    The older format names layers as the model does; the newer one counts them by kind: ``conv2d``, ``conv2d_1``, ...
    """
    import h5py  # type: ignore[import-untyped]

    try:
        content: Path | io.BytesIO = path
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                content = io.BytesIO(archive.read("model.weights.h5"))
        weights: Weights = {}

        def collect(name: str, entry: object) -> None:
            *folders, _ = parts = name.split("/")
            if isinstance(entry, h5py.Dataset) and len(parts) > 1 and not parts[0].startswith("optimizer"):
                layer = folders[-2] if folders[-1] == "vars" and len(folders) > 1 else folders[-1]
                weights.setdefault(layer, []).append(np.asarray(entry, np.float32))

        with h5py.File(content) as file:
            file.visititems(collect)
    except (OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
        raise BadInput(f"{path}: can't be read as a Keras weights file (.h5, .weights.h5 or .keras): {error}") from None
    return {layer: sorted(arrays, key=lambda array: -array.ndim) for layer, arrays in weights.items()}


def _has_top(weights: Weights) -> bool:
    shapes = {array.shape for arrays in weights.values() for array in arrays}
    return set(TOP.values()) <= shapes or _taught_widths(weights) is not None


def _taught_widths(weights: Weights | None) -> tuple[int, int] | None:
    """The widths of the dense layers that ``finetune network`` taught; None where the weights are not its own."""
    kernels = [(weights or {}).get(name, [np.empty(0)])[0] for name in ("dense", "dense_1")]
    if any(kernel.ndim != 2 for kernel in kernels) or kernels[0].shape[0] != LAST_CHANNELS:
        return None
    return kernels[0].shape[1], kernels[1].shape[1]


def _weights_of(layer: keras.Layer, found: list[NDArray[np.float32]] | None, path: str) -> list[NDArray[np.float32]]:
    expected = [tuple(weight.shape) for weight in layer.weights]
    shapes = [array.shape for array in found or []]
    if found is None or shapes != expected:
        what = f"has shapes {shapes}" if found else "is not in it"
        raise BadInput(f"{path}: is not a weights file of VGG16: the layer {layer.name} {what}, expected {expected}")
    return found
