"""A network of Keras as an ONNX graph: its weights, the features it gives, and the encoder that is deployed.

Keras brings the architecture; onnxruntime does all the arithmetic, here and on the dashboard. The graph is written layer by
layer and cut behind the deepest one that is asked for, because Keras' own export of the whole network takes tens of gigabytes
of memory and can't be cut.

VGG16: K. Simonyan and A. Zisserman, "Very Deep Convolutional Networks for Large-Scale Image Recognition", 2015. Gram matrices as
style: L. Gatys, A. Ecker and M. Bethge, "A Neural Algorithm of Artistic Style", 2015.
"""

from __future__ import annotations

import difflib
import hashlib
import os
import sys
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
from precompute.architectures import ARCHITECTURES, VGG16, Architecture, Preparation
from precompute.errors import BadInput
from precompute.graph import Graph
from precompute.keras_layers import write_layers
from precompute.projection import Projection
from precompute.settings import Network as NetworkSettings
from precompute.settings import Signals
from precompute.weights import Weights, read_weights, set_random_weights, set_weights

if TYPE_CHECKING:
    import keras

FEATURES_VERSION = 2
"""Raised when the same network gives other features than before, so that kept ones are not mixed with new ones."""
GRAPH_VERSION = "4"
"""Raised when the network's file is written otherwise but gives the same features, so that a kept one is written anew."""
VISUAL_FEATURES = "visual_features"
IMAGENET_MEAN_BGR = (103.939, 116.779, 123.68)
IMAGENET_MEAN_RGB, IMAGENET_DEVIATION_RGB = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
TOP = {"fc1": (25_088, 4_096), "fc2": (4_096, 4_096)}
"""VGG's dense layers, which only weights "with a top" have, and the shapes of their kernels."""
TAUGHT = "taught"
"""Says in the network's file whether ``finetune network`` taught its weights by orders."""
LAST_CHANNELS = 512
"""What the last block gives; the dense layers that ``finetune network`` teaches begin with the average of each."""
MAPS_SHOWN, LARGEST_MAP = 8, 112
"""How many feature maps of a block are shown, and with how many cells a side at most."""
MAX_ENCODER_BYTES = 100_000_000
"""What the encoder may take of a deployment of 500 MB, most of which is Python and its libraries."""


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
        The layer they are taken from; None: VGG's ``fc2`` where the weights have it, else the last one before the dense layers.
    style_layers
        The layers whose Gram matrices are among them.
    size
        Pixels per side of the input.
    architecture
        Which layers there are.
    """

    weights: str
    seed: int
    visual: bool
    visual_layer: str | None
    style_layers: tuple[str, ...]
    size: int = 224
    architecture: Architecture = VGG16

    @property
    def untrained(self) -> bool:
        return self.weights == "untrained"

    @property
    def weights_name(self) -> str:
        """What the weights are called now. Their file may have had another name when the features were computed."""
        return Path(self.weights).name

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
        other = () if self.architecture == VGG16 else (self.architecture.name,)  # VGG16's kept features are older than the choice
        identity = (FEATURES_VERSION, weights, self.seed, self.visual, self.visual_layer, self.style_layers, self.size, *other)
        return hashlib.sha256(repr(identity).encode()).hexdigest()[:16]

    def build(self) -> bytes:
        """The network as an ONNX file.

        Its input is ``picture``, uint8 [n, size, size, 3] in RGB; its outputs are ``visual_features`` and, for each style
        layer, ``gram_<layer>``: the upper triangle of FᵀF / positions with F of shape positions x channels. Raises `BadInput`.
        """
        weights = self._own_weights()
        visual_layer = (self.visual_layer or self._default_layer(weights)) if self.visual else None
        model = self._model(visual_layer, weights)
        graph = Graph.of_pictures(
            self.size, self._metadata(visual_layer) | {TAUGHT: str(_taught_widths(weights) is not None).lower()}
        )
        tensors = write_layers(graph, model, _prepared(graph, self.architecture.preparation))
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
        """VGG's five blocks, with their weights, as a model of Keras; raises `BadInput`, over another network too."""
        if not self.architecture.blocks:
            raise BadInput(f"finetune network teaches VGG16 or VGG19, and [signals.visual] network is {self.architecture.name}")
        last = self.architecture.last_layer
        model = replace(self, style_layers=())._model(last, self._own_weights())
        return import_keras().Model(model.input, model.get_layer(last).output)

    def require_layers(self) -> None:
        """Raise `BadInput` over a layer that this network doesn't have. It may have to ask Keras, which takes seconds."""
        asked = {self.visual_layer, *self.style_layers} - {None, self.architecture.last_layer, *self.architecture.style_layers}
        if asked and not self.architecture.blocks:  # VGG's layers are known without Keras
            _check_layers(self, _layers_with_maps(replace(self, weights="untrained")._architecture(with_top=False)))

    def _default_layer(self, weights: Weights | None) -> str:
        with_top = self.weights == "imagenet" or (weights is not None and _has_top(weights))
        return "fc2" if with_top and self.architecture.weights_with_top else self.architecture.last_layer

    def _own_weights(self) -> Weights | None:
        return read_weights(_existing(self.weights)) if self.weights not in ("imagenet", "untrained") else None

    @staticmethod
    def is_built(path: Path) -> bool:
        """Whether a whole file of `build` lies there, written as it is written now."""
        graph = Graph.read(path)
        return graph is not None and graph.metadata.get("version") == GRAPH_VERSION

    def _metadata(self, visual_layer: str | None) -> dict[str, str]:
        return {
            "version": GRAPH_VERSION,
            "network": self.architecture.name,
            "untrained": str(self.untrained).lower(),
            "visual_layer": visual_layer or "",
            "style_layers": ",".join(self.style_layers),
        }

    def _model(self, visual_layer: str | None, weights: Weights | None) -> keras.Model:
        """The network up to the deepest layer that is used, with its weights."""
        wanted = [layer for layer in (visual_layer, *self.style_layers) if layer]
        widths = _taught_widths(weights) if any(layer in TOP for layer in wanted) else None
        whole = self._architecture(with_top=any(layer in TOP for layer in wanted) and widths is None)
        if widths is not None:
            whole = with_taught_top(whole, widths)
        _check_layers(self, self.architecture.block_layers or _layers_with_maps(whole))
        model = import_keras().Model(whole.input, [whole.get_layer(layer).output for layer in wanted])
        used = {layer.name for layer in model.layers}
        if self.untrained:
            set_random_weights(whole, used, self.seed)
        elif weights is not None:
            set_weights(whole, used, weights, self.weights, self.architecture.name)
        return model

    def _architecture(self, *, with_top: bool) -> keras.Model:
        source = "imagenet" if self.weights == "imagenet" else None
        shape = (self.size, self.size, 3)
        try:
            with redirect_stdout(sys.stderr):  # the progress of a download; standard output is for --json
                make = getattr(import_keras().applications, self.architecture.name)
                return make(weights=source, include_top=with_top, input_shape=shape)
        except Exception as error:  # Keras raises a plain Exception where a download fails
            if source is None:
                raise
            raise BadInput(
                f'the weights "imagenet" can\'t be downloaded: {error}. Download that file elsewhere and name its path, '
                '[signals.visual] weights = "<path>" and the same in [signals.style]; or try Aisle with weights = "untrained".'
            ) from None


def network_of(signals: Signals, signal: Literal["visual", "style"]) -> Network:
    """The network behind a picture signal: one and the same for both of them where they agree on it and its weights."""
    own: NetworkSettings = getattr(signals, signal)
    visual, style = (
        section.enabled
        and (section.network, section.weights) == (own.network, own.weights)
        and (section.seed == own.seed or own.weights != "untrained")
        for section in (signals.visual, signals.style)
    )
    network = Network(
        weights=own.weights,
        seed=own.seed if own.weights == "untrained" else 0,
        visual=visual,
        visual_layer=signals.visual.layer if visual else None,
        style_layers=signals.style.layers if style else (),
        architecture=ARCHITECTURES[own.network],
    )
    if network.architecture.blocks:
        _check_layers(network, network.architecture.block_layers)
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

    The outputs ``maps_of_block1`` and so on show what a VGG network sees: float32 [n, 8, s, s], see `lookup.encoder.Encoder`.

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
    """For each block that a VGG network reaches, the strongest feature maps of its last convolution."""
    return {
        MAPS + block: graph.strongest_maps(layer, graph.size >> depth, MAPS_SHOWN, LARGEST_MAP)
        for depth, (block, layer) in enumerate(last_convolutions(graph).items())
    }


def last_convolutions(graph: Graph) -> dict[str, str]:
    """The last convolution of each block that a VGG network reaches: ``{"block1": "block1_conv2", ...}``; else empty."""
    layers = ARCHITECTURES[graph.metadata["network"]].block_layers
    return {layer.partition("_")[0]: layer for layer in layers if "_conv" in layer and layer in graph.tensors}


def with_taught_top(convolutions: keras.Model, widths: tuple[int, int]) -> keras.Model:
    """VGG with the dense layers that ``finetune network`` teaches in place of its own: smaller, and for any size of picture."""
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


def _prepared(graph: Graph, preparation: Preparation) -> str:
    """RGB bytes to what a network was trained on, in ONNX's order [n, c, h, w]: Keras' ``preprocess_input``."""
    planes = graph.add("Transpose", graph.add("Cast", "picture", to=TensorProto.FLOAT), perm=[0, 3, 1, 2])
    match preparation:
        case "caffe":
            blue_first = graph.add("Gather", planes, graph.constant(np.array([2, 1, 0])), axis=1)
            return graph.add("Sub", blue_first, _of_channels(graph, IMAGENET_MEAN_BGR))
        case "tf":
            return graph.add("Sub", graph.add("Div", planes, graph.constant(np.float32(127.5))), graph.constant(np.float32(1)))
        case "torch":
            shares = graph.add("Div", planes, graph.constant(np.float32(255)))
            centred = graph.add("Sub", shares, _of_channels(graph, IMAGENET_MEAN_RGB))
            return graph.add("Div", centred, _of_channels(graph, IMAGENET_DEVIATION_RGB))
        case "none":
            return planes


def _of_channels(graph: Graph, numbers: tuple[float, ...]) -> str:
    return graph.constant(np.array(numbers, np.float32).reshape(1, -1, 1, 1))


def _layers_with_maps(model: keras.Model) -> tuple[str, ...]:
    return tuple(layer.name for layer in model.layers[1:] if len(layer.output.shape) == 4)


def _check_layers(network: Network, known: tuple[str, ...]) -> None:
    name = network.architecture.name
    _check_layer("visual", network.visual_layer, (*known, *(TOP if network.architecture.weights_with_top else ())), name)
    for layer in network.style_layers:
        _check_layer("style", layer, known, name)


def _check_layer(signal: str, layer: str | None, known: tuple[str, ...], network: str) -> None:
    if layer is not None and layer not in known:
        near = difflib.get_close_matches(layer, known, n=1)
        hint = f'did you mean "{near[0]}"?' if near else f"known: {', '.join(known)}"
        raise BadInput(
            f'shop.toml: [signals.{signal}] names "{layer}", which is no layer of {network} that can be used here; {hint}'
        )


def _existing(path: str) -> Path:
    if not Path(path).is_file():
        raise BadInput(f'{path}: the weights file is not found; weights is "imagenet", "untrained" or the path of a file')
    return Path(path)


def _has_top(weights: Weights) -> bool:
    shapes = {array.shape for arrays in weights.values() for array in arrays}
    return set(TOP.values()) <= shapes or _taught_widths(weights) is not None


def _taught_widths(weights: Weights | None) -> tuple[int, int] | None:
    """The widths of the dense layers that ``finetune network`` taught; None where the weights are not its own."""
    kernels = [(weights or {}).get(name, [np.empty(0)])[0] for name in ("dense", "dense_1")]
    if any(kernel.ndim != 2 for kernel in kernels) or kernels[0].shape[0] != LAST_CHANNELS:
        return None
    return kernels[0].shape[1], kernels[1].shape[1]
