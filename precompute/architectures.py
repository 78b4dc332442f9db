"""The networks of ``keras.applications`` that pictures can be looked at with; what is said of them here needs no Keras.

Each is tested to give, as an ONNX graph, the numbers that Keras gives. All take pictures of 224 x 224 pixels.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

Preparation = Literal["caffe", "tf", "torch", "none"]
"""What a network's authors did to a picture before, by Keras' names. "caffe": blue first, each channel's mean taken away.
"tf": -1 to 1. "torch": 0 to 1, then each channel's mean and deviation taken away. "none": the network does it itself."""


@dataclass(frozen=True)
class Published:
    """A file of weights that Keras downloads: what Keras calls it, and its size in units of 2**20 bytes."""

    file: str
    megabytes: int


@dataclass(frozen=True)
class Architecture:
    """A network of ``keras.applications``.

    Attributes
    ----------
    name
        Keras' own.
    preparation
        Of the picture.
    last_layer
        What look-alikes are found by where nothing else is asked for: the last layer of the convolutions.
    style_layers
        Whose Gram matrices make the style where nothing else is asked for: early ones of some 64, 128 and 256 channels.
    weights
        The weights without the dense layers.
    weights_with_top
        The weights with the dense layers, which only VGG's networks are used with.
    blocks
        Of VGG's networks, how many convolutions each block has.
    """

    name: str
    preparation: Preparation
    last_layer: str
    style_layers: tuple[str, ...]
    weights: Published
    weights_with_top: Published | None = None
    blocks: tuple[int, ...] = ()

    @cached_property
    def block_layers(self) -> tuple[str, ...]:
        """The layers of VGG's blocks: ``block1_conv1``, ..., ``block5_pool``; empty for other networks."""
        return tuple(
            f"block{block}_{part}"
            for block, convolutions in enumerate(self.blocks, start=1)
            for part in (*(f"conv{number + 1}" for number in range(convolutions)), "pool")
        )


def _vgg(name: str, blocks: tuple[int, ...], megabytes: int, megabytes_with_top: int) -> Architecture:
    file = f"{name.lower()}_weights_tf_dim_ordering_tf_kernels"
    return Architecture(
        name,
        "caffe",
        last_layer="block5_pool",
        style_layers=("block1_conv1", "block2_conv1", "block3_conv1"),
        weights=Published(f"{file}_notop.h5", megabytes),
        weights_with_top=Published(f"{file}.h5", megabytes_with_top),
        blocks=blocks,
    )


VGG16 = _vgg("VGG16", (2, 2, 3, 3, 3), 56, 528)
ARCHITECTURES = {
    architecture.name: architecture
    for architecture in (
        VGG16,
        _vgg("VGG19", (2, 2, 4, 4, 4), 76, 548),
        Architecture(
            "ResNet50",
            "caffe",
            last_layer="conv5_block3_out",
            style_layers=("conv1_relu", "conv2_block1_2_relu", "conv3_block1_2_relu"),
            weights=Published("resnet50_weights_tf_dim_ordering_tf_kernels_notop.h5", 90),
        ),
        Architecture(
            "ResNet50V2",
            "tf",
            last_layer="post_relu",
            style_layers=("conv1_conv", "conv2_block1_2_relu", "conv3_block1_2_relu"),
            weights=Published("resnet50v2_weights_tf_dim_ordering_tf_kernels_notop.h5", 90),
        ),
        Architecture(
            "DenseNet121",
            "torch",
            last_layer="relu",
            style_layers=("conv1_relu", "conv2_block1_1_relu", "pool2_relu"),
            weights=Published("densenet121_weights_tf_dim_ordering_tf_kernels_notop.h5", 28),
        ),
        Architecture(
            "MobileNet",
            "tf",
            last_layer="conv_pw_13_relu",
            style_layers=("conv_pw_1_relu", "conv_pw_2_relu", "conv_pw_4_relu"),
            weights=Published("mobilenet_1_0_224_tf_no_top.h5", 16),
        ),
        Architecture(
            "MobileNetV2",
            "tf",
            last_layer="out_relu",
            style_layers=("Conv1_relu", "block_1_expand_relu", "block_3_expand_relu"),
            weights=Published("mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_224_no_top.h5", 9),
        ),
        Architecture(
            "EfficientNetB0",
            "none",
            last_layer="top_activation",
            style_layers=("block1a_activation", "block2a_expand_activation", "block3a_expand_activation"),
            weights=Published("efficientnetb0_notop.h5", 16),
        ),
    )
}
"""By name. Another one needs a line here, its kinds of layers in `precompute.keras_layers`, and a place in the tests."""
