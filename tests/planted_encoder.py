"""A tiny encoder for the dashboard's tests: pictures shrunk to 4 x 4 coloured tiles, as an ONNX network."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper

from lookup import schema
from lookup.encoder import MAPS, Encoder, decode, to_input
from lookup.packed import vectors_table
from lookup.reader import Cache
from tests.republish import republish

SIZE = 32
DIMENSIONS = 48


def encoder() -> bytes:
    """An ONNX network with the outputs ``visual`` and ``style``: the mean colours of 16 tiles, and the same mirrored in sign.

    Its feature maps are the three colours: of every pixel in the first block, of the tiles in the second.
    """
    nodes = [
        helper.make_node("Cast", ["picture"], ["float"], to=TensorProto.FLOAT),
        helper.make_node("Transpose", ["float"], ["channels"], perm=[0, 3, 1, 2]),
        helper.make_node("AveragePool", ["channels"], ["tiles"], kernel_shape=[8, 8], strides=[8, 8]),
        helper.make_node("Flatten", ["tiles"], ["flat"]),
        helper.make_node("Sub", ["flat", "grey"], ["centred"]),
        helper.make_node("LpNormalization", ["centred"], ["visual"], axis=1, p=2),
        helper.make_node("Abs", ["visual"], ["style"]),
        helper.make_node("Identity", ["channels"], [f"{MAPS}block1"]),
        helper.make_node("Identity", ["tiles"], [f"{MAPS}block2"]),
    ]
    outputs = {name: ["n", DIMENSIONS] for name in ("visual", "style")}
    outputs |= {f"{MAPS}block{block}": ["n", 3, side, side] for block, side in ((1, SIZE), (2, 4))}
    graph = helper.make_graph(
        nodes,
        "planted",
        [helper.make_tensor_value_info("picture", TensorProto.UINT8, ["n", SIZE, SIZE, 3])],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in outputs.items()],
        [helper.make_tensor("grey", TensorProto.FLOAT, [1], [128.0])],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)
    helper.set_model_props(model, {"untrained": "true"})
    onnx.checker.check_model(model)
    return model.SerializeToString()


def add_encoder(folder: Path) -> None:
    """Give the live build in `folder` this encoder, and its vectors of every thumbnail."""
    cache = Cache.open(folder)
    network = Encoder(encoder())
    tables = {schema.vectors_path(signal): vectors_table(_vectors(cache, network, signal)) for signal in network.outputs}
    republish(folder, tables=tables, files={schema.ENCODER: encoder()})


def _vectors(cache: Cache, network: Encoder, signal: str) -> NDArray[np.float32]:
    return np.stack([_vector(cache.thumbnail(row), network, signal) for row in range(len(cache))])


def _vector(webp: bytes | None, network: Encoder, signal: str) -> NDArray[np.float32]:
    if webp is None:
        return np.zeros(DIMENSIONS, np.float32)
    return network.encode(to_input(decode(webp), SIZE)[None])[signal][0]
