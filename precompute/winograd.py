"""Wide convolutions of 3 x 3 with a quarter of the multiplications: the network as a build runs it over the catalogue.

A tile of 4 x 4 results takes 144 multiplications for each pair of channels; as a product of transformed kernels and transformed
tiles of 6 x 6 it takes 36: F(4 x 4, 3 x 3) of A. Lavin and S. Gray, "Fast Algorithms for Convolutional Neural Networks", 2016.
Results differ from those of the plain convolution by rounding alone. What is deployed stays plain: it must also run as it is
written, where the transformed kernels would be made anew for every picture.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from onnx import NodeProto, helper

from precompute.graph import Graph

KERNEL_SIDE, TILE, REACH = 3, 4, 6
"""A tile of `TILE` x `TILE` results reaches over `REACH` x `REACH` positions."""
# The paper's matrices, for interpolation at 0, 1, -1, 2, -2 and infinity.
OF_TILE = np.array(
    [
        [4, 0, -5, 0, 1, 0],
        [0, -4, -4, 1, 1, 0],
        [0, 4, -4, -1, 1, 0],
        [0, -2, -1, 2, 1, 0],
        [0, 2, -1, -2, 1, 0],
        [0, 4, 0, -5, 0, 1],
    ]
)
OF_KERNEL = np.array([[6, 0, 0], [-4, -4, -4], [-4, 4, -4], [1, 2, 4], [1, -2, 4], [0, 0, 24]]) / 24
OF_PRODUCT = np.array([[1, 1, 1, 1, 1, 0], [0, 1, -1, 2, -2, 0], [0, 1, 1, 4, 4, 0], [0, 1, -1, 8, -8, 1]])
BANDS = ((0, TILE), (TILE, REACH))
"""The rows that a tile has for itself, and those that it shares with the next one."""
WORTH_IT = 80
"""The least in x out / (in + out) channels: multiplications are saved by the product, transforms are paid for by the sum.

Measured with VGG16 in onnxruntime: 128 in and 256 out gain, 128 in and 128 out lose.
"""


def quick_network(model: Path) -> bytes:
    """A network of `precompute.network.Network.build` with its wide convolutions of 3 x 3 rewritten, as an ONNX file."""
    graph = Graph.read(model)
    assert graph is not None, "the network has been built"
    rewrite_convolutions(graph)
    return graph.model.SerializeToString()


def rewrite_convolutions(graph: Graph) -> None:
    """Replace each convolution of 3 x 3 by one step over all positions, padded to keep its square, where that is `WORTH_IT`."""
    shapes = _shapes(graph)
    nodes = list(graph.model.graph.node)
    del graph.model.graph.node[:]
    for node in nodes:
        if _is_worth_it(node, shapes):
            _write(graph, node, shapes)
        else:
            graph.model.graph.node.append(node)


def _shapes(graph: Graph) -> dict[str, list[int]]:
    """By the name of the tensor; 0 stands for the number of pictures."""
    own = graph.model.graph
    # Without the weights, of which there may be half a gigabyte: shapes are told from theirs alone.
    large = [entry for entry in own.initializer if len(entry.dims) > 1]
    weights = [helper.make_tensor_value_info(entry.name, entry.data_type, entry.dims) for entry in large]
    small = [entry for entry in own.initializer if len(entry.dims) <= 1]
    outline = helper.make_graph(own.node, own.name, [*own.input, *weights], own.output, small)
    inferred = onnx.shape_inference.infer_shapes(helper.make_model(outline, opset_imports=graph.model.opset_import)).graph
    tensors = [*inferred.value_info, *weights]
    return {tensor.name: [side.dim_value for side in tensor.type.tensor_type.shape.dim] for tensor in tensors}


def _is_worth_it(node: NodeProto, shapes: dict[str, list[int]]) -> bool:
    if node.op_type != "Conv":
        return False
    attributes = {one.name: helper.get_attribute_value(one) for one in node.attribute}
    plain = attributes["strides"] == [1, 1] and attributes["group"] == 1 and attributes["auto_pad"] == b"SAME_UPPER"
    outs, ins, *sides = shapes[node.input[1]]
    return plain and sides == [KERNEL_SIDE, KERNEL_SIDE] and ins * outs / (ins + outs) >= WORTH_IT


def _write(graph: Graph, node: NodeProto, shapes: dict[str, list[int]]) -> None:
    source, kernel, *bias = node.input
    outs, ins, *_ = shapes[kernel]
    side = shapes[source][2]
    tiles = -(-side // TILE)
    products = graph.add(
        "MatMul", _transformed_tiles(graph, source, side, tiles, ins), _transformed_kernel(graph, kernel, ins, outs)
    )
    result = _untiled(graph, products, side, tiles, outs)
    if bias:
        result = graph.add("Add", result, *bias)
    graph.add("Transpose", result, perm=[0, 3, 1, 2])
    graph.model.graph.node[-1].output[0] = node.output[0]


def _transformed_kernel(graph: Graph, kernel: str, ins: int, outs: int) -> str:
    """[36, ins, outs]. It hangs on nothing but constants, so onnxruntime makes it once, when it reads the file."""
    rows = graph.add("Reshape", graph.add("Transpose", kernel, perm=[2, 3, 1, 0]), _sizes(graph, KERNEL_SIDE**2, -1))
    transformed = graph.add("MatMul", graph.constant(np.kron(OF_KERNEL, OF_KERNEL).astype(np.float32)), rows)
    return graph.add("Reshape", transformed, _sizes(graph, REACH**2, ins, outs))


def _transformed_tiles(graph: Graph, source: str, side: int, tiles: int, ins: int) -> str:
    """[36, n * tiles * tiles, ins].

    Channels come last on the way, so that all that is copied are runs of them, and one tile more a side is padded, so that the
    rows and columns that neighbours share are those of the tiles behind.
    """
    last = graph.add("Transpose", source, perm=[0, 2, 3, 1])
    behind = (tiles + 1) * TILE - side - 1
    padded = graph.add("Pad", last, _sizes(graph, 0, 1, 1, 0, 0, behind, behind, 0))
    cut = graph.add("Reshape", padded, _sizes(graph, -1, tiles + 1, TILE, tiles + 1, TILE, ins))
    positions = graph.add("Transpose", cut, perm=[2, 4, 0, 1, 3, 5])
    parts, order = [], []
    for top, bottom in BANDS:
        for left, right in BANDS:
            down, across = top // TILE, left // TILE
            starts = _sizes(graph, 0, 0, down, across)
            ends = _sizes(graph, bottom - top, right - left, down + tiles, across + tiles)
            part = graph.add("Slice", positions, starts, ends, _sizes(graph, 0, 1, 3, 4))
            parts.append(graph.add("Reshape", part, _sizes(graph, (bottom - top) * (right - left), -1)))
            order += [row * REACH + column for row in range(top, bottom) for column in range(left, right)]
    transform = np.kron(OF_TILE, OF_TILE)[:, order].astype(np.float32)
    transformed = graph.add("MatMul", graph.constant(transform), graph.add("Concat", *parts, axis=0))
    return graph.add("Reshape", transformed, _sizes(graph, REACH**2, -1, ins))


def _untiled(graph: Graph, products: str, side: int, tiles: int, outs: int) -> str:
    """The results [n, side, side, outs] of the products [36, n * tiles * tiles, outs]."""
    transform = graph.constant(np.kron(OF_PRODUCT, OF_PRODUCT).astype(np.float32))
    results = graph.add("MatMul", transform, graph.add("Reshape", products, _sizes(graph, REACH**2, -1)))
    placed = graph.add("Reshape", results, _sizes(graph, TILE, TILE, -1, tiles, tiles, outs))
    joined = graph.add("Transpose", placed, perm=[2, 3, 0, 4, 1, 5])
    whole = graph.add("Reshape", joined, _sizes(graph, -1, tiles * TILE, tiles * TILE, outs))
    if tiles * TILE == side:
        return whole
    return graph.add("Slice", whole, _sizes(graph, 0, 0), _sizes(graph, side, side), _sizes(graph, 1, 2))


def _sizes(graph: Graph, *numbers: int) -> str:
    return graph.constant(np.array(numbers))
