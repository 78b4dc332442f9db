from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
import pytest
from pydantic import ValidationError

from lookup.encoder import Encoder
from precompute.architectures import ARCHITECTURES
from precompute.errors import BadInput
from precompute.features import Features
from precompute.network import VISUAL_FEATURES, Network, gram_of, network_of
from precompute.pictures import Pictures
from precompute.precision import deployed_encoder, precision_note
from precompute.projection import Projection
from precompute.settings import Signals
from precompute.weights import read_weights

SIZE = 64
"""The least at which every network's last layer has more than one position."""
PICTURES = np.random.default_rng(0).integers(0, 256, (2, SIZE, SIZE, 3), np.uint8)
PREPARED_BY = {
    "VGG16": "vgg16",
    "VGG19": "vgg19",
    "ResNet50": "resnet50",
    "ResNet50V2": "resnet_v2",
    "DenseNet121": "densenet",
    "MobileNet": "mobilenet",
    "MobileNetV2": "mobilenet_v2",
    "EfficientNetB0": "efficientnet",
}
"""Where Keras keeps each network's ``preprocess_input``."""


def network(name: str, weights: str = "untrained", visual: str | None = None, seed: int = 0) -> Network:
    architecture = ARCHITECTURES[name]
    return Network(weights, seed, True, visual, architecture.style_layers, SIZE, architecture)


def keras_model(name: str):
    """With weights in which every kind of number counts, as in a trained network."""
    import keras

    model = getattr(keras.applications, name)(weights=None, include_top=False, input_shape=(SIZE, SIZE, 3))
    rng = np.random.default_rng(1)
    for layer in model.layers:
        if type(layer).__name__ == "BatchNormalization":
            size = layer.moving_mean.shape
            gamma, variance = rng.uniform(0.5, 1, size), rng.uniform(0.5, 2, size)
            layer.set_weights([gamma, rng.normal(0, 0.3, size), rng.normal(0, 0.3, size), variance])
        elif getattr(layer, "bias", None) is not None:
            layer.bias.assign(rng.normal(0, 0.1, layer.bias.shape))
    return model


def activations(model, layers: tuple[str, ...], name: str) -> list[np.ndarray]:
    import keras

    prepare = getattr(keras.applications, PREPARED_BY[name]).preprocess_input
    cut = keras.Model(model.input, [model.get_layer(layer).output for layer in layers])
    return [np.asarray(array) for array in cut(prepare(PICTURES.astype(np.float32)))]


def grams(activation: np.ndarray) -> np.ndarray:
    n, height, width, channels = activation.shape
    F = activation.reshape(n, height * width, channels)
    return (F.transpose(0, 2, 1) @ F / (height * width))[:, *np.triu_indices(channels)]


def near(found: np.ndarray, expected: np.ndarray) -> bool:
    return found.shape == expected.shape and np.abs(found - expected).max() < 1e-4 * np.abs(expected).max()


@pytest.mark.slow
@pytest.mark.parametrize("name", ARCHITECTURES)
def test_every_network_gives_what_keras_gives(name: str, tmp_path: Path) -> None:
    model = keras_model(name)
    path = tmp_path / "own.weights.h5"
    model.save_weights(path)
    architecture = ARCHITECTURES[name]
    found = Encoder(network(name, str(path)).build()).encode(PICTURES)
    last, *styles = activations(model, (architecture.last_layer, *architecture.style_layers), name)
    assert last.std() > 0
    assert near(found[VISUAL_FEATURES], last.mean(axis=(1, 2)))
    for layer, activation in zip(architecture.style_layers, styles, strict=True):
        assert near(found[gram_of(layer)], grams(activation)), layer


@pytest.mark.slow
def test_any_layer_with_maps_can_be_named(tmp_path: Path) -> None:
    model = keras_model("MobileNetV2")
    path = tmp_path / "own.keras"
    model.save(path)
    found = Encoder(network("MobileNetV2", str(path), visual="block_2_add").build()).encode(PICTURES)
    added, _ = activations(model, ("block_2_add", "out_relu"), "MobileNetV2")
    assert near(found[VISUAL_FEATURES], added.mean(axis=(1, 2)))


@pytest.mark.slow
def test_untrained_weights_come_from_their_seed_and_are_deployed_in_16_bits(tmp_path: Path) -> None:
    one, again, other = (network("MobileNetV2", seed=seed).build() for seed in (0, 0, 1))
    assert one == again != other
    built = Encoder(one)
    assert (built.untrained, built.metadata["network"]) == (True, "MobileNetV2")
    features = built.encode(PICTURES)
    assert features[VISUAL_FEATURES].shape == (2, 4 * 4 * 1280), "averaged over 4 x 4 cells"
    assert all(0.001 < np.abs(array).max() < 1e6 for array in features.values())

    path = tmp_path / "network.onnx"
    path.write_bytes(one)
    found = Features(path, [], {})
    assert precision_note(found, "int8") == {"encoder_precision": "float16"}
    assert precision_note(found, "float32") == {}
    look = Projection.fit(features[VISUAL_FEATURES], 2, whitened=False, unit_length=True)
    no_pictures = Pictures([], {}, tmp_path)
    deployed = Encoder(deployed_encoder(found, no_pictures, "int8", look, {}))
    assert (deployed.outputs, deployed.maps) == (["visual"], []), "feature maps are of VGG's blocks"
    assert np.allclose(deployed.encode(PICTURES)["visual"], look.apply(features[VISUAL_FEATURES]), atol=0.01)


@pytest.mark.slow
def test_efficientnets_published_deviations_are_no_variances(tmp_path: Path) -> None:
    """Keras divides by their roots twice, which is once by themselves."""
    mean, deviation = np.array([[0.485, 0.456, 0.406], [0.229, 0.224, 0.225]], np.float32)
    model = keras_model("EfficientNetB0")
    [normalization] = [layer for layer in model.layers if type(layer).__name__ == "Normalization"]
    normalization.set_weights([mean, deviation, np.zeros(())])
    path = tmp_path / "published.weights.h5"
    model.save_weights(path)
    found = Encoder(network("EfficientNetB0", str(path), visual="stem_conv").build()).encode(PICTURES)[VISUAL_FEATURES]

    normalization.set_weights([np.zeros(3), np.ones(3), np.zeros(())])
    normalization.finalize_state()
    import keras

    stem = keras.Model(model.input, model.get_layer("stem_conv").output)
    whitened = ((PICTURES / 255 - mean) / deviation) * 255
    assert near(found, np.asarray(stem(whitened)).mean(axis=(1, 2)))


@pytest.mark.slow
def test_layers_and_weights_that_a_network_does_not_have_are_named(tmp_path: Path) -> None:
    wrong = network("MobileNet", visual="conv_pw_13_rellu")
    for refused in (wrong.require_layers, wrong.build):
        with pytest.raises(BadInput, match=r'"conv_pw_13_rellu", which is no layer of MobileNet .*"conv_pw_13_relu"'):
            refused()
    with pytest.raises(BadInput, match=r"\[signals.style\] names \"fc1\", which is no layer of ResNet50 .*known: conv1_pad, "):
        replace(network("ResNet50"), style_layers=("fc1",)).require_layers()
    with pytest.raises(BadInput, match=r"finetune network teaches VGG16 or VGG19.*MobileNet"):
        network("MobileNet").convolutions()
    path = tmp_path / "other.h5"
    with h5py.File(path, "w") as file:
        file["conv1/conv1/kernel:0"] = np.zeros((3, 3, 3, 32), np.float32)
    with pytest.raises(BadInput, match="is not a weights file of MobileNet: the layer conv1_bn is not in it"):
        network("MobileNet", str(path)).build()


def test_published_weights_are_read_in_keras_order(tmp_path: Path) -> None:
    """The alphabet puts beta before gamma; DenseNet's first layers were named with a slash once."""
    path = tmp_path / "published.h5"
    numbers = {"gamma": 1, "beta": 2, "moving_mean": 3, "moving_variance": 4}
    with h5py.File(path, "w") as file:
        for layer in ("conv1/bn", "conv2_block1_0_bn"):
            for weight, number in numbers.items():
                file[f"{layer}/{layer}/{weight}:0"] = np.full(1, number, np.float32)
        file["model_weights/conv1/conv/bias:0"] = np.full(1, 6, np.float32)
        file["model_weights/conv1/conv/kernel:0"] = np.full((1, 1, 1, 1), 5, np.float32)
    found = {layer: [array.item() for array in arrays] for layer, arrays in read_weights(path).items()}
    assert found == {"conv1_bn": [1, 2, 3, 4], "conv2_block1_0_bn": [1, 2, 3, 4], "conv": [5, 6]}


def test_the_style_layers_follow_the_network() -> None:
    def layers(**style: object) -> tuple[str, ...]:
        return network_of(Signals.model_validate({"style": style}), "style").style_layers

    assert layers() == layers(network="VGG19") == ("block1_conv1", "block2_conv1", "block3_conv1")
    assert layers(network="MobileNet") == ("conv_pw_1_relu", "conv_pw_2_relu", "conv_pw_4_relu")
    assert layers(network="MobileNet", layers=["conv1_relu"]) == ("conv1_relu",)
    with pytest.raises(BadInput, match='names "block3_conv4", which is no layer of VGG16'):
        layers(layers=["block3_conv4"])
    assert layers(network="VGG19", layers=["block3_conv4"]) == ("block3_conv4",)


def test_each_network_has_features_of_its_own() -> None:
    def keys(visual: str, style: str) -> tuple[str, str]:
        names = {"visual": {"network": visual}, "style": {"network": style}}
        signals = Signals.model_validate({name: section | {"weights": "untrained"} for name, section in names.items()})
        return network_of(signals, "visual").key, network_of(signals, "style").key

    assert keys("MobileNet", "MobileNet")[0] == keys("MobileNet", "MobileNet")[1]
    assert len({*keys("VGG16", "VGG19"), *keys("VGG19", "VGG16"), keys("VGG16", "VGG16")[0]}) == 5


@pytest.mark.parametrize(
    ("name", "hint"), [("Resnet50", 'did you mean "ResNet50"?'), ("Llama", "known: VGG16, VGG19, ResNet50, ResNet50V2, ")]
)
def test_a_network_that_is_not_there_is_named_with_those_that_are(name: str, hint: str) -> None:
    with pytest.raises(ValidationError, match=re.escape(f'unknown network "{name}"; {hint}')):
        Signals.model_validate({"visual": {"network": name}})
