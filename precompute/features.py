"""The features of every picture, computed once and kept in the work folder."""

from __future__ import annotations

import hashlib
import io
import os
import zipfile
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from lookup.encoder import Encoder, decode, to_input
from precompute.errors import BadInput
from precompute.graph import Graph
from precompute.kept import write_whole
from precompute.network import TAUGHT, Network
from precompute.pictures import Pictures
from precompute.report import Report
from precompute.shop import Shop
from precompute.winograd import quick_network

BATCH = 8
SHARD = 64
"""Pictures whose features are kept in one file: what a killed build loses at most."""
SAMPLE = 1_000
"""Pictures that projections are fitted on: 130 MB of the longest features of VGG16's usual layers."""

T = TypeVar("T")
U = TypeVar("U")
Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Features:
    """The finished features of a shop's pictures.

    Attributes
    ----------
    model
        The network that gave them (see `precompute.network.build`), as an ONNX file.
    contents
        The sha256 of each picture, sorted.
    shards
        The files that hold the features, and the pictures in each, which may be more than this shop has now.
    """

    model: Path
    contents: list[str]
    shards: dict[Path, list[str]]

    @cached_property
    def metadata(self) -> dict[str, str]:
        """What the network says of itself."""
        graph = Graph.read(self.model)
        return graph.metadata if graph else {}

    @property
    def taught(self) -> bool:
        """Whether ``finetune network`` taught the network by orders."""
        return self.metadata.get(TAUGHT) == "true"

    def sample(self, output: str, seed: int = 0) -> Floats:
        """The features of at most `SAMPLE` pictures, chosen by the seed: float32 [s, d], in the order of `contents`."""
        chosen = np.arange(len(self.contents))
        if len(chosen) > SAMPLE:
            chosen = np.sort(np.random.default_rng(seed).choice(len(chosen), SAMPLE, replace=False))
        return self.of(output, [self.contents[number] for number in chosen])

    def of(self, output: str, contents: list[str]) -> Floats:
        """The features of some pictures: float32 [len(contents), d]."""
        return self._gathered(output, contents, lambda rows: rows)

    def vectors(self, output: str, project: Callable[[Floats], Floats]) -> Floats:
        """Every picture's features, projected shard by shard: float32 [len(contents), m], in the order of `contents`."""
        return self._gathered(output, self.contents, project)

    def _gathered(self, output: str, contents: list[str], project: Callable[[Floats], Floats]) -> Floats:
        place = {content: row for row, content in enumerate(contents)}
        gathered: Floats | None = None
        for path, held in self.shards.items():
            rows = [row for row, content in enumerate(held) if content in place]
            if not rows:
                continue
            with np.load(path, allow_pickle=False) as shard:
                part = project(shard[output][rows])
            if gathered is None:
                gathered = np.empty((len(contents), part.shape[1]), np.float32)
            gathered[[place[held[row]] for row in rows]] = part
        assert gathered is not None, "every content has its features"
        return gathered


def features(shop: Shop, network: Network, report: Report) -> Features:
    """Run the network over every readable picture whose features aren't in the work folder yet.

    Equal pictures are computed once. Features are kept by the picture's content in files of `SHARD` pictures, each written
    whole or not at all, so a killed build goes on where it was. Raises `BadInput` where the weights can't be used.
    """
    assert shop.pictures is not None, "read_pictures comes first"
    folder = shop.work / "features" / network.key
    model = folder / "network.onnx"
    if not network.is_built(model):
        with report.stage("network"):
            write_whole(model, network.build())
    shards = _finished(folder)
    pending = _pending(shards, shop.pictures.paths)
    if pending:
        with report.stage("picture features", total=len(pending)) as progress:
            for contents in _add(shards, pending, model):
                progress.advance(len(contents))
    return Features(model, list(shop.pictures.paths), shards)


def features_of(model: Path, paths: dict[str, Path]) -> Features:
    """The features that a network's file gives of some pictures, `paths` by their sha256; kept beside it, as `features` does."""
    shards = _finished(model.parent)
    for _ in _add(shards, _pending(shards, paths), model):
        pass
    return Features(model, list(paths), shards)


def picture_inputs(pictures: Pictures, contents: list[str], size: int) -> NDArray[np.uint8]:
    """What the network gets of some pictures: uint8 [len(contents), size, size, 3]."""
    return np.stack([_input(content, pictures.paths[content], size) for content in contents])


def _pending(shards: dict[Path, list[str]], paths: dict[str, Path]) -> list[tuple[str, Path]]:
    done = {content for contents in shards.values() for content in contents}
    return [(content, path) for content, path in paths.items() if content not in done]


def _add(shards: dict[Path, list[str]], pending: list[tuple[str, Path]], model: Path) -> Iterator[list[str]]:
    """Compute and write a shard at a time, and tell of the pictures in it."""
    for contents, arrays in _computed(pending, model):
        shards[_write_shard(model.parent, contents, arrays)] = contents
        yield contents


def _computed(pictures: list[tuple[str, Path]], model: Path) -> Iterator[tuple[list[str], dict[str, Floats]]]:
    encoder = Encoder(quick_network(model), threads=os.cpu_count() or 1)
    chunks = [pictures[start : start + SHARD] for start in range(0, len(pictures), SHARD)]
    inputs = _one_ahead(lambda chunk: np.stack([_input(content, path, encoder.size) for content, path in chunk]), chunks)
    for chunk, decoded in zip(chunks, inputs, strict=True):
        parts = [encoder.encode(decoded[start : start + BATCH]) for start in range(0, len(decoded), BATCH)]
        arrays = {name: np.concatenate([part[name] for part in parts]) for name in encoder.outputs}
        yield [content for content, _ in chunk], arrays


def _input(content: str, path: Path, size: int) -> NDArray[np.uint8]:
    picture = path.read_bytes()
    if hashlib.sha256(picture).hexdigest() != content:
        raise BadInput(f"{path}: changed while the build was reading it; run the build again")
    return to_input(decode(picture), size)


def _one_ahead(function: Callable[[T], U], items: Iterable[T]) -> Iterator[U]:
    """Map in order, on another thread, one item ahead of the caller: both work at once, and at most two results are held."""
    with ThreadPoolExecutor(1) as pool:
        ahead = None
        for item in items:
            following = pool.submit(function, item)
            if ahead is not None:
                yield ahead.result()
            ahead = following
        if ahead is not None:
            yield ahead.result()


def _finished(folder: Path) -> dict[Path, list[str]]:
    """The whole shards of earlier builds. A damaged one is removed, which makes it the same as never written."""
    shards = {}
    for path in sorted(folder.glob("*.npz")):
        try:
            shards[path] = _contents_of(path)
        except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile):
            path.unlink()
    return shards


def _contents_of(path: Path) -> list[str]:
    with zipfile.ZipFile(path) as archive:
        if archive.testzip() is not None:  # compares every array's checksum
            raise zipfile.BadZipFile
    with np.load(path, allow_pickle=False) as shard:
        return [content.decode() for content in shard["content"]]


def _write_shard(folder: Path, contents: list[str], arrays: dict[str, Floats]) -> Path:
    path = folder / f"{hashlib.sha256(''.join(contents).encode()).hexdigest()[:16]}.npz"
    content = io.BytesIO()
    np.savez(content, allow_pickle=False, content=np.array(contents, "S64"), **arrays)
    write_whole(path, content.getvalue())
    return path
