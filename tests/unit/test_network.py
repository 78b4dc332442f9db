from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import h5py
import numpy as np
import onnx
import pytest
from onnx import TensorProto, numpy_helper

from lookup.encoder import MAPS, Encoder
from precompute.architectures import VGG16
from precompute.errors import BadInput
from precompute.graph import Graph
from precompute.keras_layers import write_layers
from precompute.network import VISUAL_FEATURES, Network, encoder, gram_of, network_of
from precompute.projection import Projection, unit_rows
from precompute.settings import Signals
from precompute.weights import read_weights

SIZE = 32
CONVOLUTIONS = {64: 2, 128: 2, 256: 3, 512: 3}
"""Of VGG16's first four blocks, by channels; the fifth is as the fourth."""
PICTURES = np.random.default_rng(0).integers(0, 256, (3, SIZE, SIZE, 3), np.uint8)


def network(
    weights: str = "untrained", layers: tuple[str, ...] = ("block1_conv1",), visual: str | None = None, seed: int = 0
) -> Network:
    return Network(weights, seed, visual is not None, visual, layers, size=SIZE)


def write_official(path: Path, shapes: dict[str, tuple[int, ...]]) -> str:
    """A file named as in the weights that VGG16's Keras port was published with."""
    rng = np.random.default_rng(1)
    with h5py.File(path, "w") as file:
        for layer, shape in shapes.items():
            file[f"{layer}/{layer}_W_1:0"] = rng.normal(size=shape).astype(np.float32)
            file[f"{layer}/{layer}_b_1:0"] = rng.normal(size=shape[-1:]).astype(np.float32)
    return str(path)


def test_a_gram_matrix_by_hand() -> None:
    """F = [[1, 2], [3, 4], [5, 6], [7, 8]], so FᵀF = [[84, 100], [100, 120]]; over 4 positions [[21, 25], [25, 30]]."""
    graph = Graph.of_pictures(2, {})
    planes = graph.add("Transpose", graph.add("Cast", "picture", to=TensorProto.FLOAT), perm=[0, 3, 1, 2])
    two = graph.add("Gather", planes, graph.constant(np.array([0, 1])), axis=1)
    model = Encoder(graph.serialise({"gram": graph.gram(two, positions=4, channels=2)}))
    picture = np.array([[[1, 2, 99], [3, 4, 99]], [[5, 6, 99], [7, 8, 99]]], np.uint8)
    assert model.encode(picture[None])["gram"].tolist() == [[21, 25, 30]]


@pytest.mark.parametrize(
    ("parts", "expected"),
    [(1, [5.0]), (2, [3.0, 4.0, 6.0, 7.0]), (3, [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0])],
)
def test_a_grid_of_averages_by_hand(parts: int, expected: list[float]) -> None:
    """Of [[1, 2, 3], [4, 5, 6], [7, 8, 9]]: two cells a side share the middle row and column."""
    graph = Graph.of_pictures(3, {})
    planes = graph.add("Transpose", graph.add("Cast", "picture", to=TensorProto.FLOAT), perm=[0, 3, 1, 2])
    one = graph.add("Gather", planes, graph.constant(np.array([0])), axis=1)
    model = Encoder(graph.serialise({"averages": graph.averages(one, 3, 3, parts)}))
    picture = np.arange(1, 10, dtype=np.uint8).reshape(1, 3, 3, 1).repeat(3, axis=3)
    assert model.encode(picture)["averages"][0] == pytest.approx(expected)


def test_every_kind_of_layer_gives_what_keras_gives() -> None:
    import keras

    kinds = keras.layers
    model = keras.Sequential(
        [
            keras.Input((9, 9, 3)),
            kinds.Conv2D(4, 3, padding="same", activation="relu"),
            kinds.Conv2D(5, 3, strides=2),
            kinds.MaxPooling2D(2, padding="same"),
            kinds.Flatten(),
            kinds.Dense(6, activation="relu"),
            kinds.Dense(3, activation="softmax"),
        ]
    )
    graph = Graph.of_pictures(9, {})
    planes = graph.add("Transpose", graph.add("Cast", "picture", to=TensorProto.FLOAT), perm=[0, 3, 1, 2])
    last = list(write_layers(graph, model, planes).values())[-1]
    pictures = PICTURES[:, :9, :9]
    ours = Encoder(graph.serialise({"last": last})).encode(pictures)["last"]
    assert np.allclose(ours, model(pictures.astype(np.float32)), atol=1e-4)


@pytest.mark.parametrize("ending", [".weights.h5", ".h5", ".keras"])
def test_features_are_those_of_keras_own_activations(tmp_path: Path, ending: str) -> None:
    import keras

    whole = keras.applications.VGG16(weights=None, include_top=False, input_shape=(SIZE, SIZE, 3))
    layers = ("block1_conv2", "block2_conv1")
    outputs = [whole.get_layer(layer).output for layer in (*layers, "block2_pool")]
    cut = keras.Model(whole.input, outputs)
    path = tmp_path / f"taste{ending}"
    cut.save_weights(path) if ending == ".weights.h5" else cut.save(path)

    found = Encoder(network(str(path), layers, "block2_pool").build()).encode(PICTURES)
    *activations, pooled = (np.asarray(x) for x in cut(keras.applications.vgg16.preprocess_input(PICTURES.astype(np.float32))))
    assert np.allclose(found[VISUAL_FEATURES], pooled.mean(axis=(1, 2)), rtol=1e-4, atol=1e-2)
    for layer, activation in zip(layers, activations, strict=True):
        n, height, width, channels = activation.shape
        F = activation.reshape(n, height * width, channels)
        gram = F.transpose(0, 2, 1) @ F / (height * width)
        upper = gram[:, *np.triu_indices(channels)]
        assert np.allclose(found[gram_of(layer)], upper, rtol=1e-3, atol=1e-3 * upper.max())


def test_the_published_weights_are_read_by_their_own_names(tmp_path: Path) -> None:
    path = write_official(tmp_path / "vgg16.h5", {"block1_conv1": (3, 3, 3, 64)})
    model = onnx.load_from_string(network(path).build())
    kernels = [numpy_helper.to_array(entry) for entry in model.graph.initializer if len(entry.dims) == 4]
    with h5py.File(path) as file:
        expected = file["block1_conv1/block1_conv1_W_1:0"][:].transpose(3, 2, 0, 1)
    assert any(np.array_equal(kernel, expected) for kernel in kernels)


@pytest.mark.slow
def test_weights_with_a_top_give_fc2(tmp_path: Path) -> None:
    channels = [3, *(size for size, convolutions in CONVOLUTIONS.items() for _ in range(convolutions)), *[512] * 3]
    names = [layer for layer in VGG16.block_layers if "conv" in layer]
    shapes = {name: (3, 3, *pair) for name, pair in zip(names, pairwise(channels), strict=True)}
    path = Path(write_official(tmp_path / "vgg16.h5", shapes))
    with h5py.File(path, "a") as file:
        for layer, shape in (("fc1", (25_088, 4_096)), ("fc2", (4_096, 4_096))):
            file.create_dataset(f"{layer}/kernel", shape, np.float32, chunks=True)  # zeros that take no room
            file[f"{layer}/bias"] = np.full(4_096, 2 if layer == "fc2" else 0, np.float32)
    built = Encoder(Network(str(path), 0, True, None, ()).build())
    assert built.metadata["visual_layer"] == "fc2"
    features = built.encode(np.zeros((1, 224, 224, 3), np.uint8))[VISUAL_FEATURES]
    assert features.tolist() == [[2.0] * 4_096]


def test_untrained_weights_come_from_their_seed_alone() -> None:
    one = network(visual="block1_pool").build()
    assert network(visual="block1_pool").build() == one
    assert network(visual="block1_pool", seed=1).build() != one
    shallow, deep = (Encoder(network(visual=layer).build()) for layer in ("block1_pool", "block2_pool"))
    assert shallow.untrained
    assert np.array_equal(shallow.encode(PICTURES)[gram_of("block1_conv1")], deep.encode(PICTURES)[gram_of("block1_conv1")])


def test_untrained_weights_are_he_normal() -> None:
    model = onnx.load_from_string(network(visual="block2_pool").build())
    arrays = [numpy_helper.to_array(entry) for entry in model.graph.initializer]
    kernels = [array for array in arrays if array.ndim == 4 and array.shape[2] == 3]
    assert [kernel.shape[0] for kernel in kernels] == [64, 64, 128, 128]
    for kernel in kernels:
        assert kernel.astype(np.float64).std() == pytest.approx(np.sqrt(2 / kernel[0].size), rel=0.05)


def test_a_network_cut_early_is_small() -> None:
    assert len(network(layers=("block1_conv1", "block2_conv1"), visual="block2_pool").build()) < 800_000


def test_an_encoder_does_what_precompute_does(tmp_path: Path) -> None:
    used = network(layers=("block1_conv1", "block2_conv1"), visual="block2_pool")
    features = Encoder(used.build()).encode(PICTURES)
    look = Projection.fit(features[VISUAL_FEATURES], 2, whitened=True, unit_length=True)
    style = {
        gram_of(layer): Projection.fit(features[gram_of(layer)], 2, whitened=True, unit_length=unit)
        for layer, unit in (("block1_conv1", True), ("block2_conv1", False))
    }
    path = tmp_path / "network.onnx"
    path.write_bytes(used.build())
    deployed = encoder(path, look, style)
    found = Encoder(deployed).encode(PICTURES)
    lean = Encoder(deployed, lean=True).encode(PICTURES)
    assert all(np.allclose(lean[signal], found[signal], atol=1e-5) for signal in ("visual", "style"))
    assert np.allclose(found["visual"], look.apply(features[VISUAL_FEATURES]), atol=1e-4)
    blocks = [projection.apply(features[name]) for name, projection in style.items()]
    assert np.allclose(found["style"], unit_rows(np.concatenate(blocks, axis=1)), atol=1e-4)


@pytest.mark.parametrize(
    ("shapes", "message"),
    [({"block1_conv2": (3, 3, 64, 64)}, "block1_conv1 is not in it"), ({"block1_conv1": (3, 3, 3, 32)}, r"\(3, 3, 3, 32\)")],
)
def test_weights_of_another_network_are_refused(tmp_path: Path, shapes: dict[str, tuple[int, ...]], message: str) -> None:
    path = write_official(tmp_path / "other.h5", shapes)
    with pytest.raises(BadInput, match=message):
        network(path).build()


def test_files_that_hold_no_weights_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="not found"):
        _ = network(str(tmp_path / "nowhere.h5")).key
    text = tmp_path / "notes.h5"
    text.write_text("these are not weights")
    with pytest.raises(BadInput, match="can't be read as a Keras weights file"):
        network(str(text)).build()


@pytest.mark.parametrize("signature", [b"HEAP", b"SNOD", b"TREE"])
def test_a_damaged_weights_file_is_refused(tmp_path: Path, signature: bytes) -> None:
    path = Path(write_official(tmp_path / "damaged.h5", {"block1_conv1": (3, 3, 3, 64)}))
    path.write_bytes(path.read_bytes().replace(signature, b"lost"))
    with pytest.raises(BadInput, match="can't be read as a Keras weights file"):
        read_weights(path)


def test_a_weights_file_with_an_empty_entry_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "empty.h5"
    with h5py.File(path, "w") as file:
        file["block1_conv1/kernel"] = h5py.Empty("f4")
    with pytest.raises(BadInput, match="can't be read as a Keras weights file"):
        read_weights(path)


def test_weights_that_cannot_be_downloaded_name_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    from keras.src.backend.config import keras_home

    if list(Path(keras_home()).glob("models/vgg16*")):
        pytest.skip("the published weights are on this machine already")
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    with pytest.raises(BadInput, match=r'can\'t be downloaded.*https://.*weights = "<path>".*weights = "untrained"'):
        network("imagenet").build()


def test_one_network_serves_both_signals_where_they_agree() -> None:
    def keys(visual: dict, style: dict) -> tuple[str, str]:
        signals = Signals.model_validate({"visual": visual, "style": style})
        return network_of(signals, "visual").key, network_of(signals, "style").key

    untrained = {"weights": "untrained"}
    assert len(set(keys({}, {}))) == 1
    assert len(set(keys({"seed": 1}, {"seed": 2}))) == 1, "a seed says nothing about trained weights"
    assert len(set(keys(untrained, {}))) == 2
    assert len(set(keys(untrained, untrained | {"seed": 1}))) == 2
    assert keys({}, {"enabled": False})[0] != keys({}, {})[0]


def test_the_key_follows_the_content_of_the_weights(tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("a.h5", "b.h5", "c.h5")]
    for path, content in zip(paths, (b"one", b"one", b"two"), strict=True):
        path.write_bytes(content)
    a, b, c = (network(str(path)).key for path in paths)
    assert a == b != c


def test_unknown_layers_are_named_with_the_nearest_known_one() -> None:
    with pytest.raises(BadInput, match=r'\[signals\.visual\] names "block5_pol".*did you mean "block5_pool"'):
        network_of(Signals.model_validate({"visual": {"layer": "block5_pol"}}), "visual")
    with pytest.raises(BadInput, match=r'\[signals\.style\] names "fc2"'):
        network_of(Signals.model_validate({"style": {"layers": ["fc2"]}}), "style")


def test_the_strongest_maps_by_hand() -> None:
    """Of three channels of 4 x 4 the last has the highest mean and the first the next; each 2 x 2 becomes its mean."""
    graph = Graph.of_pictures(4, {})
    planes = graph.add("Transpose", graph.add("Cast", "picture", to=TensorProto.FLOAT), perm=[0, 3, 1, 2])
    model = Encoder(graph.serialise({}, {f"{MAPS}block1": graph.strongest_maps(planes, side=4, count=2, largest=2)}))
    picture = np.zeros((2, 4, 4, 3), np.uint8)
    picture[0, :2, 2:, 0] = [[1, 2], [3, 6]]
    picture[0, 2:, :2, 2] = 8
    picture[1, ..., 1] = 5
    maps = model.encode(picture, with_maps=True)[f"{MAPS}block1"]
    assert maps[0].tolist() == [[[0, 0], [8, 0]], [[0, 3], [0, 0]]]
    assert maps[1].tolist() == [[[5, 5], [5, 5]], [[0, 0], [0, 0]]], "each picture has its own strongest"


def test_the_encoder_shows_the_last_convolution_of_each_block_it_reaches(tmp_path: Path) -> None:
    import keras

    whole = keras.applications.VGG16(weights=None, include_top=False, input_shape=(SIZE, SIZE, 3))
    path = tmp_path / "taste.weights.h5"
    whole.save_weights(path)
    (tmp_path / "network.onnx").write_bytes(network(str(path), ("block3_conv1",)).build())
    projection = Projection.fit(np.eye(4, 256 * 257 // 2, dtype=np.float32), 2, whitened=False, unit_length=True)

    model = Encoder(encoder(tmp_path / "network.onnx", None, {gram_of("block3_conv1"): projection}))
    assert (model.outputs, model.maps) == (["style"], [f"{MAPS}block{block}" for block in (1, 2, 3)])
    found = model.encode(PICTURES, with_maps=True)
    layers = ["block1_conv2", "block2_conv2", "block3_conv1"]
    activations = keras.Model(whole.input, [whole.get_layer(layer).output for layer in layers])
    for name, activation in zip(
        model.maps, activations(keras.applications.vgg16.preprocess_input(PICTURES.astype(np.float32))), strict=True
    ):
        channels = np.moveaxis(np.asarray(activation), 3, 1)
        strongest = np.argsort(-channels.mean(axis=(2, 3)), axis=1)[:, :8]
        expected = np.take_along_axis(channels, strongest[:, :, None, None], axis=1)
        assert np.allclose(found[name], expected, rtol=1e-3, atol=1e-3 * expected.max())


def test_a_file_that_an_older_aisle_wrote_is_no_built_network(tmp_path: Path) -> None:
    path = tmp_path / "network.onnx"
    assert not Network.is_built(path)
    path.write_bytes(Graph.of_pictures(SIZE, {"network": "VGG16"}).serialise({}))
    assert not Network.is_built(path)
    path.write_bytes(network().build())
    assert Network.is_built(path)
