"""Writes the layers of a Keras model into an ONNX graph: one small function for each kind of layer.

Keras holds pictures as [n, h, w, c], ONNX as [n, c, h, w]. All tensors here are in ONNX's order.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from precompute.graph import Graph

if TYPE_CHECKING:
    import keras


def write_layers(graph: Graph, model: keras.Model, picture: str) -> dict[str, str]:
    """Write all layers of a model, and give the tensor behind each by the layer's name.

    The tensors are called as the layers, so that whoever goes on with the graph finds them. Only a layer that does nothing, such
    as Dropout, has its input's tensor. Raises `NotImplementedError` over a kind of layer that is not in `WRITERS`.
    """
    tensors = {id(model.inputs[0]): picture}
    named = {}
    for layer in model.layers:
        kind = type(layer).__name__
        if kind == "InputLayer":
            continue
        if kind not in WRITERS:
            raise NotImplementedError(f"a layer of the kind {kind} ({layer.name})")
        sources = layer.input if isinstance(layer.input, list) else [layer.input]
        inputs = [tensors[id(source)] for source in sources]
        tensor = WRITERS[kind](graph, layer, *inputs)
        if tensor not in inputs:
            graph.model.graph.node[-1].output[0] = tensor = layer.name
        tensors[id(layer.output)] = named[layer.name] = tensor
    return named


def _convolution(graph: Graph, layer: keras.Layer, x: str) -> str:
    return _convolved(graph, layer, x, [3, 2, 0, 1], layer.groups)


def _depthwise_convolution(graph: Graph, layer: keras.Layer, x: str) -> str:
    """Keras' kernels [h, w, c, 1] are ONNX's [c, 1, h, w] in as many groups as there are channels."""
    return _convolved(graph, layer, x, [2, 3, 0, 1], layer.kernel.shape[2])


def _convolved(graph: Graph, layer: keras.Layer, x: str, order: list[int], groups: int) -> str:
    kernel, *bias = layer.get_weights()
    inputs = (x, graph.constant(kernel.transpose(order)), *map(graph.constant, bias))
    return _activated(
        graph, layer, graph.add("Conv", *inputs, strides=list(layer.strides), group=groups, auto_pad=_padding(layer))
    )


def _dense(graph: Graph, layer: keras.Layer, x: str) -> str:
    return _activated(graph, layer, graph.add("Gemm", x, *map(graph.constant, layer.get_weights())))


def _batch_normalization(graph: Graph, layer: keras.Layer, x: str) -> str:
    gamma, beta, mean, variance = map(graph.constant, layer.get_weights())
    return graph.add("BatchNormalization", x, gamma, beta, mean, variance, epsilon=layer.epsilon)


def _normalization(graph: Graph, layer: keras.Layer, x: str) -> str:
    deviation = np.maximum(np.sqrt(np.asarray(layer.variance)), np.float32(1e-7))  # Keras' own epsilon
    centred = graph.add("Sub", x, graph.constant(_of_channels(layer.mean)))
    return graph.add("Div", centred, graph.constant(_of_channels(deviation)))


def _rescaling(graph: Graph, layer: keras.Layer, x: str) -> str:
    scaled = graph.add("Mul", x, graph.constant(_of_channels(layer.scale)))
    return graph.add("Add", scaled, graph.constant(_of_channels(layer.offset)))


def _of_channels(numbers: Any) -> Any:
    """float32 [c, 1, 1], c = 1 for one number for all of them."""
    return np.asarray(numbers, np.float32).reshape(-1, 1, 1)


def _activated(graph: Graph, layer: keras.Layer, x: str) -> str:
    match layer.activation.__name__:
        case "linear":
            return x
        case "silu":
            return graph.add("Mul", x, graph.add("Sigmoid", x))
        case name:
            return graph.add({"relu": "Relu", "sigmoid": "Sigmoid", "softmax": "Softmax"}[name], x)


def _relu(graph: Graph, layer: keras.Layer, x: str) -> str:
    if layer.max_value is None:
        return graph.add("Relu", x)
    return graph.add("Clip", x, graph.constant(np.float32(0)), graph.constant(np.float32(layer.max_value)))


def _added(graph: Graph, layer: keras.Layer, *inputs: str) -> str:  # noqa: ARG001
    return graph.add("Add", *inputs)


def _multiplied(graph: Graph, layer: keras.Layer, *inputs: str) -> str:  # noqa: ARG001
    return graph.add("Mul", *inputs)


def _concatenated(graph: Graph, layer: keras.Layer, *inputs: str) -> str:  # noqa: ARG001
    """Along the channels, the one way that networks of pictures do it."""
    return graph.add("Concat", *inputs, axis=1)


def _zero_padding(graph: Graph, layer: keras.Layer, x: str) -> str:
    (top, bottom), (left, right) = layer.padding
    return graph.add("Pad", x, graph.constant(np.array([0, 0, top, left, 0, 0, bottom, right])))


def _max_pooling(graph: Graph, layer: keras.Layer, x: str) -> str:
    return _pooled(graph, layer, x, "MaxPool")


def _average_pooling(graph: Graph, layer: keras.Layer, x: str) -> str:
    return _pooled(graph, layer, x, "AveragePool")


def _pooled(graph: Graph, layer: keras.Layer, x: str, operator: str) -> str:
    return graph.add(operator, x, kernel_shape=list(layer.pool_size), strides=list(layer.strides), auto_pad=_padding(layer))


def _padding(layer: keras.Layer) -> str:
    return {"same": "SAME_UPPER", "valid": "VALID"}[layer.padding]


def _averaged(graph: Graph, layer: keras.Layer, x: str) -> str:
    pooled = graph.add("GlobalAveragePool", x)
    return pooled if layer.keepdims else graph.add("Flatten", pooled)


def _flatten(graph: Graph, layer: keras.Layer, x: str) -> str:  # noqa: ARG001
    return graph.add("Flatten", graph.add("Transpose", x, perm=[0, 2, 3, 1]))


def _channels(graph: Graph, layer: keras.Layer, x: str) -> str:
    """A Reshape, which networks of pictures use for one thing: rows [n, c] become maps of one cell."""
    if len(layer.input.shape) != 2 or layer.output.shape[1:3] != (1, 1):
        raise NotImplementedError(f"a Reshape from {layer.input.shape} to {layer.output.shape} ({layer.name})")
    return graph.add("Unsqueeze", x, graph.constant(np.array([2, 3])))


def _unchanged(graph: Graph, layer: keras.Layer, x: str) -> str:  # noqa: ARG001
    return x


WRITERS: dict[str, Callable[..., str]] = {
    "Activation": _activated,
    "Add": _added,
    "AveragePooling2D": _average_pooling,
    "BatchNormalization": _batch_normalization,
    "Concatenate": _concatenated,
    "Conv2D": _convolution,
    "Dense": _dense,
    "DepthwiseConv2D": _depthwise_convolution,
    "Dropout": _unchanged,
    "Flatten": _flatten,
    "GlobalAveragePooling2D": _averaged,
    "MaxPooling2D": _max_pooling,
    "Multiply": _multiplied,
    "Normalization": _normalization,
    "ReLU": _relu,
    "Rescaling": _rescaling,
    "Reshape": _channels,
    "ZeroPadding2D": _zero_padding,
}
"""How each kind of Keras layer is written: the graph, the layer and the tensors of its inputs in, its own tensor out."""
