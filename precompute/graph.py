"""Writes ONNX graphs: the layers of a Keras model, Gram matrices, projections."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from precompute.errors import BadInput
from precompute.projection import TINY, Projection

if TYPE_CHECKING:
    import keras

OPSET, IR_VERSION = 17, 8
"""Old enough for every onnxruntime of the last years, new enough for all that is written here."""


class Graph:
    """An ONNX model that is being written. Tensors are named by the strings that `constant` and `add` return."""

    def __init__(self, model: onnx.ModelProto) -> None:
        self.model = model

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
        except (OSError, onnx.onnx_cpp2py_export.checker.ValidationError):
            return None

    @property
    def metadata(self) -> dict[str, str]:
        return {entry.key: entry.value for entry in self.model.metadata_props}

    def constant(self, value: Any) -> str:
        """A fixed tensor. Floats that are exact in float16 are stored as such, in half the bytes."""
        array = np.asarray(value)
        half = array.astype(np.float16) if array.dtype == np.float32 and np.abs(array).max() < np.finfo(np.float16).max else array
        stored = half if np.array_equal(half, array) else array
        name = f"constant_{len(self.model.graph.initializer)}"
        self.model.graph.initializer.append(numpy_helper.from_array(np.ascontiguousarray(stored), name))
        return name if stored.dtype == array.dtype else self.add("Cast", name, to=TensorProto.FLOAT)

    def add(self, operator: str, *inputs: str, **attributes: Any) -> str:
        """A node with one output; its name comes back."""
        name = f"{operator}_{len(self.model.graph.node)}"
        self.model.graph.node.append(helper.make_node(operator, list(inputs), [name], **attributes))
        return name

    def serialise(self, outputs: dict[str, str]) -> bytes:
        """The model with these outputs alone, each float32 [n, d], by the names they get."""
        del self.model.graph.output[:]
        for name, tensor in outputs.items():
            self.model.graph.node.append(helper.make_node("Identity", [tensor], [name]))
            self.model.graph.output.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", f"{name}_size"]))
        return self.model.SerializeToString()


def gram(graph: Graph, activations: str, channels: int) -> str:
    """The upper triangle, row by row, of FᵀF / positions, for activations [n, c, h, w] and F of shape positions x channels."""
    columns = graph.add("Flatten", graph.add("Transpose", activations, perm=[0, 1, 2, 3]), axis=1)
    del columns
    raise NotImplementedError
