"""Writes ONNX graphs: Gram matrices, averages, projections."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Self

import numpy as np
import onnx
from google.protobuf.message import DecodeError  # type: ignore[import-untyped]
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from precompute.projection import TINY, Projection

OPSET, IR_VERSION = 17, 8
"""Old enough for every onnxruntime of the last years, new enough for all that is written here."""


class Graph:
    """An ONNX model that is being written. Tensors are named by the strings that `constant` and `add` return."""

    def __init__(self, model: onnx.ModelProto) -> None:
        self.model = model
        self._names = self.tensors | {entry.name for entry in model.graph.initializer}

    @classmethod
    def of_pictures(cls, size: int, metadata: dict[str, str]) -> Self:
        """An empty graph whose input is ``picture``, uint8 [n, size, size, 3]."""
        picture = helper.make_tensor_value_info("picture", TensorProto.UINT8, ["n", size, size, 3])
        graph = helper.make_graph([], "aisle", [picture], [])
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)
        helper.set_model_props(model, metadata)
        return cls(model)

    @classmethod
    def read(cls, path: Path) -> Self | None:
        """Go on from a model that `serialise` gave; None where there is none, or a damaged one."""
        try:
            return cls(onnx.load(path))
        except (OSError, DecodeError):
            return None

    @property
    def metadata(self) -> dict[str, str]:
        return {entry.key: entry.value for entry in self.model.metadata_props}

    @property
    def size(self) -> int:
        """Pixels per side of the pictures it takes."""
        return self.model.graph.input[0].type.tensor_type.shape.dim[1].dim_value

    @property
    def tensors(self) -> set[str]:
        """The names of all that the nodes make."""
        return {name for node in self.model.graph.node for name in node.output}

    def constant(self, value: Any) -> str:
        """A fixed tensor. Floats that are exact in float16 are stored as such, in half the bytes."""
        array = np.asarray(value)
        half = array.astype(np.float16) if array.dtype == np.float32 and np.abs(array).max() < np.finfo(np.float16).max else array
        stored = half if np.array_equal(half, array) else array
        name = self._new_name("constant", len(self.model.graph.initializer))
        self.model.graph.initializer.append(numpy_helper.from_array(np.ascontiguousarray(stored), name))
        return name if stored.dtype == array.dtype else self.add("Cast", name, to=TensorProto.FLOAT)

    def add(self, operator: str, *inputs: str, **attributes: Any) -> str:
        """A node with one output; its name comes back."""
        name = self._new_name(operator, len(self.model.graph.node))
        self.model.graph.node.append(helper.make_node(operator, list(inputs), [name], **attributes))
        return name

    def _new_name(self, kind: str, number: int) -> str:
        """A model that was quantised has fewer nodes than its names count."""
        while (name := f"{kind}_{number}") in self._names:
            number += 1
        self._names.add(name)
        return name

    def halved(self) -> Self:
        """The same graph with all kernels and matrices rounded to float16, in half the bytes; the arithmetic stays float32."""
        model = onnx.ModelProto()
        model.CopyFrom(self.model)
        casts = []
        for entry in model.graph.initializer:
            if entry.data_type == TensorProto.FLOAT and len(entry.dims) > 1:
                half = numpy_helper.to_array(entry).astype(np.float16)
                casts.append(helper.make_node("Cast", [f"{entry.name}_half"], [entry.name], to=TensorProto.FLOAT))
                entry.CopyFrom(numpy_helper.from_array(half, f"{entry.name}_half"))
        nodes = [*casts, *model.graph.node]
        del model.graph.node[:]
        model.graph.node.extend(nodes)
        return type(self)(model)

    def widened(self) -> Self:
        """The same graph with all that was stored as float16 stored as float32."""
        model = onnx.ModelProto()
        model.CopyFrom(self.model)
        stored = {entry.name: entry for entry in model.graph.initializer}
        nodes = []
        for node in model.graph.node:
            if node.op_type == "Cast" and node.input[0] in stored:
                entry = stored[node.input[0]]
                entry.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(entry).astype(np.float32), node.output[0]))
            else:
                nodes.append(node)
        del model.graph.node[:]
        model.graph.node.extend(nodes)
        return type(self)(model)

    def serialise(self, vectors: dict[str, str], maps: dict[str, str] | None = None) -> bytes:
        """The model with these outputs alone, by the names they get: vectors float32 [n, d], maps float32 [n, c, h, w]."""
        del self.model.graph.output[:]
        shapes = {name: ["n", f"{name}_size"] for name in vectors}
        shapes |= {name: ["n", *(f"{name}_{part}" for part in ("count", "height", "width"))] for name in maps or {}}
        for name, tensor in (vectors | (maps or {})).items():
            self.model.graph.node.append(helper.make_node("Identity", [tensor], [name]))
            self.model.graph.output.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shapes[name]))
        return self.model.SerializeToString()

    def gram(self, activations: str, positions: int, channels: int) -> str:
        """The upper triangle, row by row, of FᵀF / positions.

        ``activations`` is [n, c, h, w]; F is a picture's matrix of positions x channels.
        """
        transposed = self.add("Reshape", activations, self.constant(np.array([0, 0, -1])))
        products = self.add("MatMul", transposed, self.add("Transpose", transposed, perm=[0, 2, 1]))
        flat = self.add("Flatten", self.add("Div", products, self.constant(np.float32(positions))))
        above = np.flatnonzero(np.triu(np.ones((channels, channels)))).astype(np.int32)
        return self.add("Gather", flat, self.constant(above), axis=1)

    def averages(self, activations: str, height: int, width: int, parts: int) -> str:
        """The mean of each channel in each cell of a grid of parts x parts, for activations [n, c, h, w]: [n, c * parts * parts].

        Where the sides can't be divided evenly, neighbouring cells overlap by one position.
        """
        across = self.add("MatMul", activations, self.constant(_cell_weights(width, parts).T))
        return self.add("Flatten", self.add("MatMul", self.constant(_cell_weights(height, parts)), across))

    def strongest_maps(self, activations: str, side: int, count: int, largest: int) -> str:
        """The `count` channels of the highest mean, strongest first, of activations [n, c, side, side]: [n, count, s, s].

        Made smaller by a whole factor where `side` is more than `largest`.
        """
        means = self.add("ReduceMean", activations, axes=[2, 3], keepdims=0)
        strongest = f"{self.add('TopK', means, self.constant(np.array([count])), axis=1)}_channels"
        self.model.graph.node[-1].output.append(strongest)
        channels = self.add("Unsqueeze", strongest, self.constant(np.array([2])))
        maps = self.add("GatherND", activations, channels, batch_dims=1)
        factor = -(-side // largest)
        return self.add("AveragePool", maps, kernel_shape=[factor] * 2, strides=[factor] * 2) if factor > 1 else maps

    def project(self, features: str, projection: Projection) -> str:
        """What `Projection.apply` does."""
        centred = self.add("Sub", self.unit_rows(features), self.constant(projection.mean))
        vectors = self.add("MatMul", centred, self.constant(projection.axes))
        if projection.scale is not None:
            return self.add("Mul", vectors, self.constant(np.float32(projection.scale)))
        return self.unit_rows(vectors)

    def unit_rows(self, vectors: str) -> str:
        """What `precompute.projection.unit_rows` does."""
        lengths = self.add("ReduceL2", vectors, axes=[1], keepdims=1)
        return self.add("Div", vectors, self.add("Max", lengths, self.constant(np.float32(TINY))))


def _cell_weights(positions: int, parts: int) -> NDArray[np.float32]:
    """float32 [parts, positions]: each row averages the positions of one cell."""
    weights = np.zeros((parts, positions), np.float32)
    for part in range(parts):
        cell = slice(part * positions // parts, -(-(part + 1) * positions // parts))
        weights[part, cell] = 1 / (cell.stop - cell.start)
    return weights
