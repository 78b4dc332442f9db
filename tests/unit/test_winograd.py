"""Rewritten convolutions give what plain ones give."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from onnx import TensorProto

from lookup.encoder import Encoder
from precompute import winograd
from precompute.architectures import ARCHITECTURES
from precompute.graph import Graph
from precompute.network import Network
from precompute.winograd import quick_network, rewrite_convolutions

ONE_STEP = {"strides": [1, 1], "group": 1, "auto_pad": "SAME_UPPER"}


def convolution(side: int, kernel: NDArray[np.float32], bias: NDArray[np.float32] | None = None, **attributes: object) -> Graph:
    """A network of one convolution that sees a picture's first colours, as many as its kernel takes."""
    graph = Graph.of_pictures(side, {})
    planes = graph.add("Transpose", graph.add("Cast", "picture", to=TensorProto.FLOAT), perm=[0, 3, 1, 2])
    channels = kernel.shape[1] * attributes.get("group", 1)
    source = graph.add("Gather", planes, graph.constant(np.arange(channels) % 3), axis=1)
    constants = [graph.constant(array) for array in (kernel, bias) if array is not None]
    graph.serialise({}, {"result": graph.add("Conv", source, *constants, **(ONE_STEP | attributes))})
    return graph


def result(graph: Graph, pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
    return Encoder(graph.model.SerializeToString()).encode(pictures)["result"]


def operators(graph: Graph) -> list[str]:
    return [node.op_type for node in graph.model.graph.node]


@pytest.fixture
def always(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(winograd, "WORTH_IT", 0)


@pytest.mark.usefixtures("always")
def test_ones_by_hand() -> None:
    """A kernel of ones counts the positions it lies on: 4 in a corner of the picture, 6 at its edge, 9 inside."""
    graph = convolution(4, np.ones((1, 1, 3, 3), np.float32))
    rewrite_convolutions(graph)
    assert "Conv" not in operators(graph)
    found = result(graph, np.ones((1, 4, 4, 3), np.uint8))
    assert found[0, 0] == pytest.approx(np.array([[4, 6, 6, 4], [6, 9, 9, 6], [6, 9, 9, 6], [4, 6, 6, 4]]), abs=1e-5)


@pytest.mark.usefixtures("always")
@pytest.mark.parametrize("side", [1, 2, 3, 4, 5, 7, 8, 14])
@pytest.mark.parametrize("biased", [False, True])
def test_the_plain_convolution_is_the_oracle(side: int, biased: bool) -> None:
    rng = np.random.default_rng(side)
    kernel = rng.normal(size=(5, 3, 3, 3)).astype(np.float32)
    graph = convolution(side, kernel, rng.normal(size=5).astype(np.float32) if biased else None)
    pictures = rng.integers(0, 256, (3, side, side, 3), np.uint8)
    plain = result(graph, pictures)
    rewrite_convolutions(graph)
    assert "Conv" not in operators(graph)
    assert result(graph, pictures) == pytest.approx(plain, abs=1e-5 * float(np.abs(plain).max()))


@pytest.mark.usefixtures("always")
@pytest.mark.parametrize(
    ("shape", "attributes"),
    [
        ((4, 3, 1, 1), {}),
        ((4, 3, 5, 5), {}),
        ((4, 3, 3, 3), {"strides": [2, 2]}),
        ((4, 3, 3, 3), {"auto_pad": "VALID"}),
        ((3, 1, 3, 3), {"group": 3}),
    ],
)
def test_other_convolutions_stay(shape: tuple[int, ...], attributes: dict[str, object]) -> None:
    graph = convolution(8, np.ones(shape, np.float32), **attributes)
    before = graph.model.SerializeToString()
    rewrite_convolutions(graph)
    assert graph.model.SerializeToString() == before


@pytest.mark.parametrize(("ins", "outs", "rewritten"), [(128, 128, False), (128, 256, True), (256, 128, True), (3, 4_096, False)])
def test_only_wide_convolutions_are_worth_it(ins: int, outs: int, rewritten: bool) -> None:
    graph = convolution(4, np.zeros((outs, ins, 3, 3), np.float32))
    rewrite_convolutions(graph)
    assert ("Conv" not in operators(graph)) == rewritten


def test_another_network_gives_the_same_features(tmp_path: Path) -> None:
    """ResNet50, with normalisations, sums and steps of two between its convolutions."""
    path = tmp_path / "network.onnx"
    resnet = ARCHITECTURES["ResNet50"]
    path.write_bytes(Network("untrained", 0, True, resnet.last_layer, (), size=64, architecture=resnet).build())
    pictures = np.random.default_rng(0).integers(0, 256, (2, 64, 64, 3), np.uint8)
    plain, quick = (Encoder(model).encode(pictures)["visual_features"] for model in (path, quick_network(path)))
    assert quick == pytest.approx(plain, abs=1e-4 * float(np.abs(plain).max()))
    assert not np.array_equal(quick, plain), "nothing was rewritten"


@pytest.fixture(scope="module")
def vgg(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three blocks, untrained: two convolutions that stay in each of the first two, three that are rewritten in the third."""
    path = tmp_path_factory.mktemp("winograd") / "network.onnx"
    path.write_bytes(Network("untrained", 0, True, "block3_pool", ("block1_conv1", "block3_conv2"), size=32).build())
    return path


def test_a_whole_network_gives_the_same_features(vgg: Path) -> None:
    pictures = np.random.default_rng(0).integers(0, 256, (3, 32, 32, 3), np.uint8)
    plain, quick = Encoder(vgg).encode(pictures), Encoder(quick_network(vgg)).encode(pictures)
    assert list(plain) == list(quick)
    for name, expected in plain.items():
        assert quick[name] == pytest.approx(expected, abs=1e-5 * float(np.abs(expected).max())), name
    assert not np.array_equal(quick["visual_features"], plain["visual_features"]), "nothing was rewritten"


def test_a_picture_gets_the_same_features_in_any_batch(vgg: Path) -> None:
    """So a build that was killed and went on gives the bytes of one that was not."""
    pictures = np.random.default_rng(0).integers(0, 256, (5, 32, 32, 3), np.uint8)
    quick = Encoder(quick_network(vgg), threads=2)
    together = quick.encode(pictures)
    for row, picture in enumerate(pictures):
        for name, alone in quick.encode(picture[None]).items():
            assert np.array_equal(alone[0], together[name][row]), name
