"""Transfer learning: VGG16's dense layers replaced by new ones that are taught in which orders a product appears.

The question has many right answers. It is asked as one distribution over all orders, equal among those that hold the product,
which needs no balance between the few right and the many wrong ones (D. Mahajan et al., "Exploring the Limits of Weakly
Supervised Pretraining", 2018). Nobody wants the answer: what is kept are the layers below it, whose numbers are near for
products that are ordered together.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from lookup.encoder import decode, to_input
from lookup.lock import locked
from precompute.errors import BadInput
from precompute.evaluate.holdout import split_orders
from precompute.finetune.run import pictures_of
from precompute.finetune.teach import new_pairs, ranking_gain, several
from precompute.kept import write_whole
from precompute.network import Network, import_keras, network_of, with_taught_top
from precompute.projection import unit_rows
from precompute.report import Report
from precompute.settings import Settings
from precompute.shop import Shop
from precompute.sources import read_shop

if TYPE_CHECKING:
    import keras

WIDTHS = (256, 128)
"""Of the two dense layers."""
BLOCKS = 5
MOST_ORDERS = 4_096
"""That are asked for; of more, some are drawn."""
WEIGHT_DECAY = 1e-4
SMALLEST_VARIANCE = 1e-6
PROGRESS = "progress.json"

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Course:
    """How the network is taught.

    Attributes
    ----------
    thaw
        So many of VGG16's blocks, from the last one on, learn too; the others stay as they are.
    epochs
        At most so often every picture is shown.
    patience
        It ends sooner when so many epochs in a row rank held-out orders no better.
    batch
        Pictures a step.
    rate
        Of learning, with Adam.
    size
        Pixels per side of the pictures while it learns. A build looks at them at its own size.
    seed
        Of every draw.
    """

    thaw: int = 0
    epochs: int = 60
    patience: int = 8
    batch: int = 32
    rate: float = 1e-3
    size: int = 224
    seed: int = 0

    def is_over(self, gains: list[float]) -> bool:
        """Whether to stop after epochs of these gains."""
        return len(gains) >= self.epochs or len(gains) - _best(gains) >= self.patience


@dataclass(frozen=True)
class Task:
    """What is asked, and how an answer is judged.

    Attributes
    ----------
    rows
        int64: products with a picture.
    contents, paths
        The sha256 of their pictures, and the files.
    answers
        CSR [rows, orders]: in which of the learned orders each appears; a row's entries add up to one, or it is empty.
    pairs
        int64 [p, 2], places in `rows`: they share a held-out order, and no learned one.
    categories
        int32 [rows]
    """

    rows: NDArray[np.int64]
    contents: list[str]
    paths: list[Path]
    answers: sparse.csr_array
    pairs: NDArray[np.int64]
    categories: NDArray[np.int32]


def finetune_network(settings: Settings, out: Path, work: Path, report: Report, course: Course) -> dict[str, Any]:
    """Teach the network behind ``[signals.visual]``, and write its weights to `out`, whose name ends in ``.weights.h5``.

    It learns from the training orders and stops by the validation orders; those that ``evaluate`` reports on it never sees. Every
    epoch is kept in the work folder, so a run that was killed goes on after the last one.

    Returns
    -------
    dict
        ``epochs``, how many were run; ``best``, which one was written; ``gain``, how well it ranks held-out orders.

    Raises
    ------
    BadInput
        Where there are no orders, no pictures, or too few of them to learn from.
    """
    if not out.name.endswith(".weights.h5"):
        raise BadInput(f"{out}: the name of a weights file must end in .weights.h5")
    work.mkdir(parents=True, exist_ok=True)
    with locked(work, f"{work}: a build is using this work folder; wait until it has ended, or name another with --work"):
        shop = read_shop(settings, work, report)
        task = task_of(shop, report, course.seed)
        network = replace(network_of(settings.signals, "visual"), size=course.size)
        folder = work / "finetune" / _key(network, task, course)
        with report.stage("network"):
            _start_alike(course.seed)
            trainee = Trainee.start(network.convolutions(), task, course)
        with report.stage("epochs", total=course.epochs) as progress:
            gains = learn(trainee, task, course, folder, progress.advance)
        with report.stage("writing weights"):
            best = int(np.argmax(gains))
            trainee.load(_epoch_file(folder, best))
            trainee.save_taught(out)
    return {"epochs": len(gains), "best": best + 1, "gain": gains[best]}


def _key(network: Network, task: Task, course: Course) -> str:
    """Names what is learned from and how; how long it takes is no part of it, so that a run can be made longer."""
    data = task.contents, task.answers.indptr.tobytes(), task.answers.indices.tobytes(), task.pairs.tobytes()
    identity = (network.key, replace(course, epochs=0, patience=0), data)
    return hashlib.sha256(repr(identity).encode()).hexdigest()[:16]


def task_of(shop: Shop, report: Report, seed: int) -> Task:
    """The products with pictures, the orders to learn from, and pairs of those to stop by. Raises `BadInput` without any."""
    if shop.orders is None:
        raise BadInput("there is nothing to learn from: shop.toml has no [orders]")
    pictures = pictures_of(shop, report)
    rows = np.array([row for row, content in enumerate(pictures.content) if content is not None])
    holdout = split_orders(shop.orders, len(shop), shop.settings.evaluate)
    learned, held_out = (several(orders[:, rows]) for orders in (holdout.train, holdout.validation))
    if learned.shape[0] > MOST_ORDERS:
        drawn = np.random.default_rng(seed).choice(learned.shape[0], MOST_ORDERS, replace=False)
        learned = learned[np.sort(drawn)]
    pairs = new_pairs(held_out, learned, shop.categories[rows], seed)
    if not learned.shape[0] or not len(pairs):
        raise BadInput("there is nothing to learn from: too few orders hold two products with pictures")
    answers = sparse.csr_array(learned.T)
    answers.data /= np.repeat(np.diff(answers.indptr), np.diff(answers.indptr))
    contents = [content for content in pictures.content if content is not None]
    paths = [pictures.paths[content] for content in contents]
    return Task(rows, contents, paths, answers, pairs, shop.categories[rows])


class Trainee:
    """A network that learns: VGG16's blocks, dense layers, and the question above them.

    Where all blocks stay as they are, their output is computed once and the dense layers alone are run. The dense layers see
    numbers of mean 0 and variance 1; what makes them so is part of their weights in the file.
    """

    def __init__(self, convolutions: keras.Model, model: keras.Model, inputs: Callable[[NDArray[np.int64]], Floats]) -> None:
        self._convolutions = convolutions
        self._inputs = inputs
        self.model = model

    @classmethod
    def start(cls, convolutions: keras.Model, task: Task, course: Course) -> Trainee:
        keras = import_keras()

        def pictures(places: NDArray[np.int64]) -> Floats:
            return _read_pictures([task.paths[place] for place in places], course.size)

        averaged = keras.layers.GlobalAveragePooling2D()(convolutions.output)
        looked = keras.Model(convolutions.input, averaged)
        seen = np.concatenate([np.asarray(looked(pictures(places))) for places in _batches(len(task.paths), course.batch)])
        scaling = keras.layers.Normalization(mean=seen.mean(axis=0), variance=seen.var(axis=0) + SMALLEST_VARIANCE)
        thawed = tuple(f"block{block}_" for block in range(BLOCKS - course.thaw + 1, BLOCKS + 1))
        for layer in convolutions.layers:
            layer.trainable = layer.name.startswith(thawed)
        if thawed:
            return cls(convolutions, _compiled(convolutions.input, scaling(averaged), task, course.rate), pictures)
        entry = keras.Input((seen.shape[1],))
        return cls(convolutions, _compiled(entry, scaling(entry), task, course.rate), lambda places: seen[places])

    def learn(self, places: NDArray[np.int64], answers: Floats) -> None:
        self.model.train_on_batch(self._inputs(places), answers)

    def vectors(self, count: int, batch: int) -> Floats:
        """float32 [count, d]: what the last dense layer says of each product, of length one."""
        layer = import_keras().Model(self.model.input, self.model.get_layer("fc2").output)
        return unit_rows(np.concatenate([np.asarray(layer(self._inputs(places))) for places in _batches(count, batch)]))

    def save(self, path: Path) -> None:
        self.model.save(path)

    def load(self, path: Path) -> None:
        """Go on from what `save` wrote, the optimiser's state included."""
        self.model = import_keras().saving.load_model(path)

    def save_taught(self, path: Path) -> None:
        """Write the layers that `precompute.network` reads: all but the question."""
        whole = with_taught_top(self._convolutions, WIDTHS)
        learned = {layer.name: layer for layer in self.model.layers}
        scaling = next(layer for layer in self.model.layers if type(layer).__name__ == "Normalization")
        mean, deviation = (np.asarray(part).ravel() for part in (scaling.mean, np.sqrt(scaling.variance)))
        for layer in whole.layers:
            if layer.weights and layer.name in learned:
                layer.set_weights(learned[layer.name].get_weights())
        kernel, bias = learned["fc1"].get_weights()
        whole.get_layer("fc1").set_weights([kernel / deviation[:, None], bias - (mean / deviation) @ kernel])
        partial = path.with_name(f"partial-{path.name}")
        whole.save_weights(partial)
        partial.replace(path)


def _compiled(entry: keras.KerasTensor, scaled: keras.KerasTensor, task: Task, rate: float) -> keras.Model:
    """Two dense layers and the question, above numbers of mean 0 and variance 1."""
    keras = import_keras()
    first = keras.layers.Dense(WIDTHS[0], activation="relu", name="fc1")(scaled)
    second = keras.layers.Dense(WIDTHS[1], activation="relu", name="fc2")(first)
    model = keras.Model(entry, keras.layers.Dense(task.answers.shape[1], name="orders")(second))
    optimizer = keras.optimizers.AdamW(rate, weight_decay=WEIGHT_DECAY)
    model.compile(optimizer=optimizer, loss=keras.losses.CategoricalCrossentropy(from_logits=True))
    return model


def learn(trainee: Trainee, task: Task, course: Course, folder: Path, advance: Callable[[int], None]) -> list[float]:
    """The gain of every epoch, see `ranking_gain`. The trainee may go on from epochs that are kept in the folder."""
    gains = _finished(folder)
    if gains:
        trainee.load(_epoch_file(folder, len(gains) - 1))
        advance(len(gains))
    learned = np.flatnonzero(np.diff(task.answers.indptr))
    while not course.is_over(gains):
        order = np.random.default_rng([course.seed, len(gains)]).permutation(learned)
        for start in range(0, len(order), course.batch):
            places = order[start : start + course.batch]
            trainee.learn(places, task.answers[places].toarray().astype(np.float32))
        gains.append(ranking_gain(trainee.vectors(len(task.paths), course.batch), task.pairs, task.categories))
        _keep(trainee, gains, folder)
        advance(1)
    return gains


def _best(gains: list[float]) -> int:
    """The number, from 1, of the best epoch; 0 before the first."""
    return int(np.argmax(gains)) + 1 if gains else 0


def _finished(folder: Path) -> list[float]:
    try:
        gains: list[float] = json.loads((folder / PROGRESS).read_text())
    except (OSError, ValueError):
        return []
    return gains if _epoch_file(folder, len(gains) - 1).exists() else []


def _keep(trainee: Trainee, gains: list[float], folder: Path) -> None:
    """Keep the last epoch and the best one. What is named by the progress is there whenever the program is killed."""
    folder.mkdir(parents=True, exist_ok=True)
    trainee.save(_epoch_file(folder, len(gains) - 1))
    write_whole(folder / PROGRESS, json.dumps(gains).encode())
    needed = {_epoch_file(folder, number) for number in (len(gains) - 1, _best(gains) - 1)}
    for path in folder.glob("epoch-*.keras"):
        if path not in needed:
            path.unlink()


def _epoch_file(folder: Path, number: int) -> Path:
    return folder / f"epoch-{number:04}.keras"


def _start_alike(seed: int) -> None:
    """The same numbers in every run on the same machine."""
    import_keras().utils.set_random_seed(seed)
    import tensorflow as tf

    tf.config.experimental.enable_op_determinism()


def _batches(count: int, size: int) -> Iterator[NDArray[np.int64]]:
    for start in range(0, count, size):
        yield np.arange(start, min(start + size, count))


def _read_pictures(paths: list[Path], size: int) -> Floats:
    """float32 [n, size, size, 3], as VGG16's authors prepared them."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        decoded = list(pool.map(lambda path: to_input(decode(path.read_bytes()), size), paths))
    prepared: Floats = import_keras().applications.vgg16.preprocess_input(np.stack(decoded).astype(np.float32))
    return prepared
