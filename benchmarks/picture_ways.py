"""Ways from pictures to numbers: ``python -m benchmarks.picture_ways WAY ARGUMENT...``.

Each is a process of its own, so that its memory can be told from the others'. It prints what it measured as JSON.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from PIL import Image
from rich.console import Console

from benchmarks.processes import peak_memory
from lookup.encoder import Encoder
from precompute.features import features
from precompute.network import VISUAL_FEATURES, network_of
from precompute.pictures import read_pictures
from precompute.rejects import Rejects
from precompute.report import Report
from precompute.settings import Settings
from precompute.shop import PRODUCTS_SCHEMA, Shop
from precompute.winograd import quick_network

if TYPE_CHECKING:
    import keras

BATCH = 8
CORES = 2
WEIGHTS, FLOAT32, INT8, PICTURES = "vgg16.weights.h5", "float32.onnx", "int8.onnx", "pictures.npy"

Network = Callable[[NDArray[np.uint8]], NDArray[np.float32]]


def keras_predict(folder: Path) -> Network:
    """`model.predict`, as the article calls it."""
    model = _keras_model(folder)
    return lambda batch: model.predict(batch, batch_size=BATCH, verbose=0)


def tf_function(folder: Path) -> Network:
    """The same model as one compiled graph of TensorFlow."""
    import tensorflow as tf

    model = _keras_model(folder)
    compiled = tf.function(lambda batch: model(batch, training=False))
    return lambda batch: compiled(tf.constant(batch)).numpy()


def aisle_float32(folder: Path) -> Network:
    """What a build runs."""
    return _aisle(folder / FLOAT32)


def aisle_int8(folder: Path) -> Network:
    """The same network with convolutions of 8 bits."""
    return _aisle(folder / INT8)


WAYS = {way.__name__: way for way in (keras_predict, tf_function, aisle_float32, aisle_int8)}


def write_keras_weights(folder: Path) -> None:
    """Draw the weights that all ways use."""
    import keras

    keras.utils.set_random_seed(0)
    model = keras.applications.VGG16(weights=None, include_top=False, input_shape=(224, 224, 3))
    for layer in model.layers:
        if layer.weights:  # He's: with Keras' own, what deep layers give is hardly more than nothing
            kernel, bias = layer.get_weights()
            layer.set_weights([keras.initializers.HeNormal(seed=1)(kernel.shape), bias])
    model.save_weights(folder / WEIGHTS)


def measure_way(name: str, folder: Path) -> dict[str, float]:
    """Seconds for all of the folder's pictures after a first batch, and bytes; the features go to ``<name>.npy``."""
    os.sched_setaffinity(0, range(CORES))
    pictures = np.load(folder / PICTURES)
    network = WAYS[name](folder)
    network(pictures[:BATCH])
    started = time.perf_counter()
    found = [network(pictures[row : row + BATCH]) for row in range(0, len(pictures), BATCH)]
    seconds = time.perf_counter() - started
    np.save(folder / f"{name}.npy", np.concatenate(found))
    return {"seconds": seconds, "peak": peak_memory()}


def measure_build(folder: Path, count: int) -> dict[str, float]:
    """Seconds of reading `count` drawn pictures and computing their features in the work folder, and bytes."""
    os.sched_setaffinity(0, range(CORES))
    shop = _drawn_shop(folder, count)
    report = Report(Console(quiet=True))
    started = time.perf_counter()
    shop.pictures = read_pictures(shop, report)
    features(shop, network_of(shop.settings.signals, "visual"), report)
    return {"seconds": time.perf_counter() - started, "peak": peak_memory()}


def measure_encoder(path: Path, pictures: Path) -> dict[str, float]:
    """Seconds per picture in the dashboard's way, on one thread, one by one; and bytes more than without an encoder."""
    rows = np.load(pictures)
    before = peak_memory()
    encoder = Encoder(path.read_bytes(), lean=True)
    encoder.encode(rows[:1])
    started = time.perf_counter()
    for row in rows:
        encoder.encode(row[None])
    return {"seconds": (time.perf_counter() - started) / len(rows), "peak": peak_memory() - before}


def _keras_model(folder: Path) -> keras.Model:
    import keras

    model = keras.applications.VGG16(weights=None, include_top=False, input_shape=(224, 224, 3))
    model.load_weights(folder / WEIGHTS)
    picture = keras.Input((224, 224, 3), dtype="uint8")
    as_float = keras.ops.cast(picture, "float32")
    blocks = model(keras.applications.vgg16.preprocess_input(as_float))
    return keras.Model(picture, keras.ops.mean(blocks, axis=(1, 2)))


def _aisle(path: Path) -> Network:
    encoder = Encoder(quick_network(path), threads=CORES)
    return lambda batch: encoder.encode(batch)[VISUAL_FEATURES]


def _drawn_shop(folder: Path, count: int) -> Shop:
    """A shop of photos that are all different; drawn where they aren't there yet."""
    photos = folder / "photos"
    photos.mkdir(parents=True, exist_ok=True)
    paths = [photos / f"{number:05}.jpg" for number in range(count)]
    for number, path in enumerate(paths):
        if not path.exists():
            coarse = np.random.default_rng(number).integers(0, 256, (12, 12, 3), np.uint8)
            Image.fromarray(coarse).resize((400, 400), Image.Resampling.BICUBIC).save(path)
    columns: dict[str, list[str | None]] = {field.name: [None] * count for field in PRODUCTS_SCHEMA}
    columns |= {"product_id": [path.stem for path in paths], "picture": [str(path) for path in paths]}
    untrained = {"weights": "untrained"}
    signals = {"visual": untrained, "style": untrained}
    return Shop(
        settings=Settings.model_validate({"shop": {"name": "Drawn"}, "images": {"folder": photos}, "signals": signals}),
        products=pa.table(columns, schema=PRODUCTS_SCHEMA),
        reviews=None,
        orders=None,
        rejects=Rejects(),
        counts={"products": count},
        inputs=[],
        work=folder / f"work-{count}",
    )


def main(what: str, *arguments: str) -> dict[str, float]:
    match what, arguments:
        case "weights", (folder,):
            write_keras_weights(Path(folder))
            return {}
        case "build", (folder, count):
            return measure_build(Path(folder), int(count))
        case "encoder", (path, pictures):
            return measure_encoder(Path(path), Path(pictures))
        case _, (folder,):
            return measure_way(what, Path(folder))
    raise SystemExit(__doc__)


if __name__ == "__main__":
    print(json.dumps(main(*sys.argv[1:])))
