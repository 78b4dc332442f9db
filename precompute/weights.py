"""The weights of a Keras model: read from any file that Keras writes, or drawn from a seed.

Random weights that keep the size of activations from layer to layer: K. He et al., "Delving Deep into Rectifiers", 2015.
"""

from __future__ import annotations

import io
import zipfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from precompute.errors import BadInput

if TYPE_CHECKING:
    import keras

Weights = dict[str, list[NDArray[np.float32]]]
"""A layer's weights in Keras' order (a kernel and its bias, say), by its name."""

KINDS = {
    "BatchNormalization": "batch_normalization",
    "Conv2D": "conv2d",
    "Dense": "dense",
    "DepthwiseConv2D": "depthwise_conv2d",
    "Normalization": "normalization",
}
"""What Keras' newer files call the layers that have weights."""
IMAGENET_DEVIATION = (0.229, 0.224, 0.225)


def read_weights(path: Path) -> Weights:
    """All weights in a file: ``.h5`` (weights alone or a model), ``.weights.h5`` or ``.keras``.

    The older format names layers as the model does; the newer one counts them by kind: ``conv2d``, ``conv2d_1``, ... Raises
    `BadInput`.
    """
    import h5py  # type: ignore[import-untyped]

    try:
        content: Path | io.BytesIO = path
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                content = io.BytesIO(archive.read("model.weights.h5"))
        found: dict[str, list[tuple[str, NDArray[np.float32]]]] = {}

        def collect(name: str, entry: object) -> None:
            *folders, weight = name.split("/")
            if isinstance(entry, h5py.Dataset) and folders and not folders[0].startswith("optimizer"):
                found.setdefault(_layer_of(folders), []).append((weight, np.asarray(entry, np.float32)))

        with h5py.File(content) as file:
            file.visititems(collect)
    except (OSError, KeyError, ValueError, TypeError, RuntimeError, zipfile.BadZipFile) as error:  # all of them, of damaged HDF5
        raise BadInput(f"{path}: can't be read as a Keras weights file (.h5, .weights.h5 or .keras): {error}") from None
    return {layer: [array for _, array in sorted(entries, key=_rank)] for layer, entries in found.items()}


def _layer_of(folders: list[str]) -> str:
    """``layers/conv2d/vars`` is of conv2d; ``conv1/conv/conv1/conv``, as Keras once named DenseNet's first, of conv1_conv."""
    if folders[-1] == "vars" and len(folders) > 1:
        return folders[-2]
    half = len(folders) // 2
    return "_".join(folders[:half]) if half and folders[:half] == folders[half:] else folders[-1]


def _rank(entry: tuple[str, NDArray[np.float32]]) -> tuple[int, bool]:
    """Kernels come first, and a batch normalisation's gamma. Otherwise a file's order, Keras' or the alphabet's, is right."""
    weight, array = entry
    return -array.ndim, not weight.startswith("gamma")


def set_weights(model: keras.Model, used: set[str], weights: Weights, path: str, network: str) -> None:
    """Give the layers that are used, by name, their weights. Raises `BadInput` where one is missing or of another shape.

    `model` is whole, so that its layers are counted as in the file.
    """
    counts: Counter[str] = Counter()
    for layer in (layer for layer in model.layers if layer.weights):
        kind = KINDS[type(layer).__name__]
        numbered = f"{kind}_{counts[kind]}" if counts[kind] else kind
        counts[kind] += 1
        if layer.name in used:
            found = _of_layer(layer, weights.get(layer.name) or weights.get(numbered), path, network)
            if kind == "normalization":
                _set_normalization(layer, *found)
            else:
                layer.set_weights(found)


def _of_layer(layer: keras.Layer, found: list[NDArray[np.float32]] | None, path: str, network: str) -> list[NDArray[np.float32]]:
    expected = [tuple(weight.shape) for weight in layer.weights]
    shapes = [array.shape for array in found or []]
    if found is None or shapes != expected:
        what = f"has shapes {shapes}" if found else "is not in it"
        raise BadInput(f"{path}: is not a weights file of {network}: the layer {layer.name} {what}, expected {expected}")
    return found


def _set_normalization(
    layer: keras.Layer, mean: NDArray[np.float32], variance: NDArray[np.float32], count: NDArray[np.float32]
) -> None:
    """EfficientNet's published weights have deviations for variances; with them Keras inserts a layer that puts it right."""
    layer.set_weights([mean, np.square(variance) if np.allclose(variance, IMAGENET_DEVIATION) else variance, count])
    layer.finalize_state()


def set_random_weights(model: keras.Model, used: set[str], seed: int) -> None:
    """Draw the kernels of the layers that are used, by name: He-normal, each from a stream of its own.

    Biases stay 0 and normalisations change nothing, as Keras makes them. The numbers are float16's, so that the encoder stores
    them in half the bytes.
    """
    with_kernel = (layer for layer in model.layers if hasattr(layer, "kernel"))
    for number, layer in enumerate(with_kernel):
        if layer.name in used:
            shape = layer.kernel.shape
            inputs = np.prod(shape[:2] if type(layer).__name__ == "DepthwiseConv2D" else shape[:-1])
            normal = np.random.default_rng([seed, number]).standard_normal(shape, np.float32)
            kernel = (normal * np.sqrt(2 / inputs)).astype(np.float16).astype(np.float32)
            layer.set_weights([kernel, *(np.zeros(weight.shape, np.float32) for weight in layer.weights[1:])])
