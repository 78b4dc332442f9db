"""The encoder as it is deployed: the network's numbers as they are, rounded to 16 bits, or computed with in 8.

In 8 bits every weight is a little off, and always the same way, which moves the features of all pictures alike. A sample of the
shop's own pictures shows how, and the projections take it back: M. Nagel et al., "Data-Free Quantization Through Weight
Equalization and Bias Correction", 2019, do so layer by layer.
"""

from __future__ import annotations

import hashlib
import math
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper

from precompute.architectures import ARCHITECTURES
from precompute.features import Features, features_of, picture_inputs
from precompute.graph import Graph
from precompute.kept import write_whole
from precompute.network import MAX_ENCODER_BYTES, VISUAL_FEATURES, encoder, last_convolutions
from precompute.pictures import Pictures
from precompute.projection import TINY, Projection, unit_rows
from precompute.settings import Precision

CALIBRATED = 32
"""Pictures that show which numbers each layer gives, and how far the features are off."""
INT8_VERSION = "1"
"""Raised when a network is written in 8 bits otherwise, so that a kept one is written anew."""
RIDGE = 0.01
"""Of the mean square of a projected number: how far so few pictures are from being believed."""


def precision_note(found: Features, precision: Precision) -> dict[str, str]:
    """What a build notes where the encoder is deployed in another precision than the chosen one; else nothing.

    Networks other than VGG's have normalisations, sums and gates between their convolutions. What 8 bits cost there has not been
    measured, so they get 16.
    """
    if precision != "int8" or ARCHITECTURES[found.metadata["network"]].blocks:
        return {}
    return {"encoder_precision": "float16"}


def deployed_encoder(
    found: Features,
    pictures: Pictures,
    precision: Precision,
    visual: Projection | None,
    style: dict[str, Projection],
    taste: NDArray[np.float32] | None = None,
) -> bytes:
    """`precompute.network.encoder` in a chosen precision.

    Parameters
    ----------
    found
        The features of the shop's pictures, and the network that gave them.
    pictures
        Where these pictures lie.
    precision
        ``"float32"``: every weight as it is. ``"float16"``: kernels and matrices are rounded to half the bytes, and widened to be
        computed with. ``"int8"``: convolutions, but for the first, take and give whole numbers of 8 bits; or as float16, see
        `precision_note`.
    visual, style, taste
        As `precompute.network.encoder` has them.

    Returns
    -------
    bytes
        An ONNX file.
    """
    if precision_note(found, precision):
        precision = "float16"
    elif precision == "int8" and _dense_bytes(found.model) > MAX_ENCODER_BYTES:
        precision = "float32"  # too large in 8 bits as well, since these are for convolutions; and it would take gigabytes
    if precision != "int8":
        exact = encoder(found.model, visual, style, taste)
        return exact if precision == "float32" else Graph(onnx.load_from_string(exact)).halved().model.SerializeToString()
    sample = found.contents[:CALIBRATED]  # sorted by their hashes, which is as good as drawn
    small = _in_8_bits(found.model, pictures, sample)

    def mended(output: str, projection: Projection) -> Projection:
        return refitted(projection, unit_rows(small.of(output, sample)), unit_rows(found.of(output, sample)))

    look = mended(VISUAL_FEATURES, visual) if visual is not None else None
    return encoder(small.model, look, {output: mended(output, projection) for output, projection in style.items()}, taste)


def _in_8_bits(model: Path, pictures: Pictures, sample: list[str]) -> Features:
    """A network's file in 8 bits, and its features of the pictures that calibrated it.

    Both are kept beside the file: two signals ask for them, and all else of a rerun takes less time.
    """
    network = Graph.read(model)
    assert network is not None, "features come first"
    calibrated = hashlib.sha256(" ".join([INT8_VERSION, network.metadata["version"], *sample]).encode()).hexdigest()
    kept = model.parent / f"int8-{calibrated[:16]}" / "network.onnx"
    if Graph.read(kept) is None:
        with tempfile.TemporaryDirectory() as folder:
            written = Path(folder) / "network.onnx"
            write_int8(network, picture_inputs(pictures, sample, network.size), written)
            write_whole(kept, written.read_bytes())
    return features_of(kept, {content: pictures.paths[content] for content in sample})


def refitted(projection: Projection, given: NDArray[np.float32], exact: NDArray[np.float32]) -> Projection:
    """The projection that makes of inexact features what another one makes of exact ones, as nearly as a few pictures can tell.

    Parameters
    ----------
    projection
        Of exact features.
    given, exact
        float32 [n, d]: the features of the same pictures, of length one.
    """
    mean = projection.mean + (given - exact).mean(axis=0)
    found = ((given - mean) @ projection.axes).astype(np.float64)
    wanted = ((exact - projection.mean) @ projection.axes).astype(np.float64)
    ridge = np.eye(found.shape[1]) * max(RIDGE * np.square(found).sum() / found.shape[1], TINY)
    turned = np.linalg.solve(found.T @ found + ridge, found.T @ wanted + ridge)
    axes = (projection.axes @ turned).astype(np.float16).astype(np.float32)
    return replace(projection, mean=mean, axes=axes)


def write_int8(network: Graph, inputs: NDArray[np.uint8], out: Path) -> None:
    """Write a network of `precompute.network.Network.build` so that its convolutions, but for the first, compute in 8 bits.

    Parameters
    ----------
    network
        It stays as it is.
    inputs
        uint8 [n, size, size, 3]: pictures that show which numbers each layer gives.
    out
        The file to write. It has the outputs and the layers of the network.
    """
    from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
    from onnxruntime.quantization.quant_utils import add_pre_process_metadata

    class Inputs(CalibrationDataReader):
        def __init__(self) -> None:
            self._rows = iter(inputs)

        def get_next(self) -> dict[str, NDArray[np.uint8]] | None:
            row = next(self._rows, None)
            return None if row is None else {"picture": row[None]}

    graph = network.widened()
    own = {output.name for output in graph.model.graph.output}
    for layer in last_convolutions(graph).values():  # as an output, a layer is kept in float32 too
        graph.model.graph.output.append(helper.make_tensor_value_info(layer, TensorProto.FLOAT, None))
    for node in graph.model.graph.node:
        node.name = node.output[0]
    add_pre_process_metadata(graph.model)  # or it is told that it might have been optimised before
    first = next(node for node in graph.model.graph.node if node.op_type == "Conv")
    quantize_static(
        graph.model,
        out,
        Inputs(),
        quant_format=QuantFormat.QOperator,  # as written, so that a lean session is quick too
        op_types_to_quantize=["Conv", "Relu", "MaxPool"],
        nodes_to_exclude=[first.name],
        per_channel=True,
        activation_type=QuantType.QUInt8,
        weight_type=QuantType.QInt8,
        reduce_range=True,  # processors without VNNI add up products of 8 bits in 16
    )
    written = onnx.load(out)
    for output in list(written.graph.output):
        if output.name not in own:
            written.graph.output.remove(output)
    onnx.save(written, out)


def _dense_bytes(model: Path) -> int:
    """What the dense layers of a network's file take in float32."""
    network = Graph.read(model)
    assert network is not None, "features come first"
    return sum(4 * math.prod(entry.dims) for entry in network.model.graph.initializer if len(entry.dims) == 2)
