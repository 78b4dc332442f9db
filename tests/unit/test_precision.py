from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray
from onnx import TensorProto

from lookup.encoder import Encoder
from precompute import precision as precisions
from precompute.features import Features, features, picture_inputs
from precompute.graph import Graph
from precompute.network import VISUAL_FEATURES, Network, gram_of
from precompute.precision import CALIBRATED, deployed_encoder, refitted, write_int8
from precompute.projection import Projection, unit_rows
from precompute.settings import PRECISIONS, Precision
from precompute.shop import Shop
from tests.unit.made_pictures import encoded, patterned, quiet_report, shop_with_pictures

SIZE = 32
NETWORK = Network("untrained", 0, True, "block2_pool", ("block1_conv1", "block2_conv1"), size=SIZE)
PICTURES = 60


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    files = {f"{number}.png": encoded(patterned(number)) for number in range(PICTURES)}
    return shop_with_pictures(tmp_path_factory.mktemp("precision"), files)


@pytest.fixture(scope="module")
def found(shop: Shop) -> Features:
    return features(shop, NETWORK, quiet_report())


@pytest.fixture(scope="module")
def look(found: Features) -> Projection:
    return Projection.fit(found.sample(VISUAL_FEATURES), 16, whitened=True, unit_length=True)


@pytest.fixture(scope="module")
def style(found: Features) -> dict[str, Projection]:
    names = map(gram_of, NETWORK.style_layers)
    return {name: Projection.fit(found.sample(name), 8, whitened=True, unit_length=True) for name in names}


def vectors(found: Features, look: Projection, style: dict[str, Projection]) -> dict[str, NDArray[np.float32]]:
    blocks = [found.vectors(name, projection.apply) for name, projection in style.items()]
    return {"visual": found.vectors(VISUAL_FEATURES, look.apply), "style": unit_rows(np.concatenate(blocks, axis=1))}


@pytest.mark.parametrize(("precision", "least"), [("float32", 1 - 1e-5), ("float16", 1 - 1e-4), ("int8", 0.995)])
def test_each_precision_gives_the_catalogues_vectors_of_pictures_it_never_saw(
    shop: Shop, found: Features, look: Projection, style: dict[str, Projection], precision: Precision, least: float
) -> None:
    assert shop.pictures is not None
    deployed = deployed_encoder(found, shop.pictures, precision, look, style)
    inputs = picture_inputs(shop.pictures, found.contents, SIZE)
    for lean in (False, True):
        model = Encoder(deployed, lean=lean)
        assert model.maps == ["maps_of_block1", "maps_of_block2"]
        given = model.encode(inputs)
        for name, catalogue in vectors(found, look, style).items():
            cosines = (given[name] * catalogue).sum(axis=1)[CALIBRATED:]
            assert cosines.min() > least
            nearest = (catalogue @ given[name].T).argmax(axis=0)
            assert np.array_equal(nearest, np.arange(PICTURES)), "a copy of a picture finds it first"


def test_fewer_bits_are_fewer_bytes(shop: Shop, found: Features, look: Projection) -> None:
    """Of trained weights: untrained ones are drawn so that they fit float16."""
    graph = Graph.of_pictures(SIZE, {})
    planes = graph.add("Transpose", graph.add("Cast", "picture", to=TensorProto.FLOAT), perm=[0, 3, 1, 2])
    kernel = np.random.default_rng(0).standard_normal((64, 3, 3, 3), np.float32)
    exact = graph.serialise({"flat": graph.add("Flatten", graph.add("Conv", planes, graph.constant(kernel)))})
    half = Graph(onnx.load_from_string(exact)).halved().model.SerializeToString()
    assert len(exact) - len(half) > kernel.nbytes / 2 - 500
    inputs = np.random.default_rng(0).integers(0, 256, (2, SIZE, SIZE, 3), np.uint8)
    one, other = (Encoder(model).encode(inputs)["flat"] for model in (exact, half))
    assert not np.array_equal(one, other)
    assert np.abs(one - other).max() < 1e-3 * np.abs(one).max()

    assert shop.pictures is not None
    sizes = [len(deployed_encoder(found, shop.pictures, precision, look, {})) for precision in PRECISIONS]
    assert sizes[2] < 0.75 * sizes[0]


def test_all_convolutions_but_the_first_compute_in_8_bits(found: Features, tmp_path: Path) -> None:
    network = Graph.read(found.model)
    assert network is not None
    before = network.model.SerializeToString()
    inputs = np.random.default_rng(0).integers(0, 256, (3, SIZE, SIZE, 3), np.uint8)
    write_int8(network, inputs, tmp_path / "int8.onnx")
    assert network.model.SerializeToString() == before
    written = onnx.load(tmp_path / "int8.onnx").graph
    operators = [node.op_type for node in written.node]
    assert (operators.count("Conv"), operators.count("QLinearConv")) == (1, 3)
    assert [output.name for output in written.output] == [output.name for output in network.model.graph.output]


def test_a_rerun_needs_no_pictures_to_compute_in_8_bits(shop: Shop, found: Features, look: Projection) -> None:
    assert shop.pictures is not None
    first = deployed_encoder(found, shop.pictures, "int8", look, {})
    gone = replace(shop.pictures, paths={content: Path("gone") for content in shop.pictures.paths})
    assert deployed_encoder(found, gone, "int8", look, {}) == first


def test_what_dense_layers_make_too_large_is_not_calibrated(
    shop: Shop, found: Features, look: Projection, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert shop.pictures is not None
    exact, small = (deployed_encoder(found, shop.pictures, precision, look, {}) for precision in ("float32", "int8"))
    monkeypatch.setattr(precisions, "MAX_ENCODER_BYTES", 0)
    assert deployed_encoder(found, shop.pictures, "int8", look, {}) == exact != small


def test_a_refitted_projection_takes_back_what_moves_all_pictures_alike() -> None:
    rng = np.random.default_rng(0)
    exact = rng.standard_normal((40, 6), np.float32)
    projection = Projection(exact.mean(axis=0), rng.standard_normal((6, 3)).astype(np.float16).astype(np.float32), scale=1.0)
    given = exact @ (np.eye(6, dtype=np.float32) * 1.25) + 7
    wanted = (exact - projection.mean) @ projection.axes
    mended = refitted(projection, given, exact)
    found = (given - mended.mean) @ mended.axes
    assert np.abs(found - wanted).max() < 0.03 * np.abs(wanted).max()
    same = refitted(projection, exact, exact)
    assert np.allclose(same.axes, projection.axes, rtol=2e-3)
    assert np.allclose(same.mean, projection.mean)


def test_pictures_that_are_all_the_same_change_no_projection() -> None:
    rows = np.ones((5, 4), np.float32)
    projection = Projection(np.ones(4, np.float32), np.eye(4, 2, dtype=np.float32), scale=1.0)
    assert np.array_equal(refitted(projection, rows, rows).axes, projection.axes)
