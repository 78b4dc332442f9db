"""Publish recommendations as JSON files: a release of its own folder, checked, then one small pointer to it."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import orjson

from dashboard.all_recommendations import Recommended, recommended
from dashboard.store import Build
from lookup.disk import writing_in
from lookup.lock import locked
from lookup.manifest import fingerprint
from precompute.errors import BadInput
from precompute.publish.layout import Layout
from precompute.publish.target import FRESH, Folder, Target, place, point
from precompute.report import Report

LATEST = "latest.json"
SEPARATOR = ";"
IS_RELEASE = re.compile("[0-9a-f]{12}-[0-9a-f]{8}")


@dataclass(frozen=True)
class File:
    """One file of a release: a signal's recommendations.

    Attributes
    ----------
    signal
        The signal.
    name
        The file's place relative to ``latest.json``.
    bytes, sha256
        Of its content.
    products
        How many products it has an entry for.
    """

    signal: str
    name: str
    bytes: int
    sha256: str
    products: int


@dataclass(frozen=True)
class PublishedFiles:
    """What publishing files did.

    Attributes
    ----------
    target
        The folder or URL, without credentials.
    release
        The release that ``latest.json`` names now; its name says which build it is of, and what it holds.
    build
        The build it was made from.
    files
        The release's files.
    there
        How many of them stood there already.
    removed
        Older releases that were removed.
    """

    target: str
    release: str
    build: str
    files: list[File]
    there: int
    removed: list[str]


def publish_files(
    build: Build, target: Target, signals: Sequence[str], k: int, layout: Layout, lines: bool, report: Report
) -> PublishedFiles:
    """Publish signals' recommendations, one JSON file each, and make them the latest release.

    A release stands in a folder named after its content, which never changes again. ``latest.json`` names it once every file has
    been read back, so a reader that starts there finds the release before or this one, whole. The release before stays
    for its readers; older ones, and what a killed run left, are removed. One run at a time may publish to a bucket; of a
    folder that is made sure.

    Parameters
    ----------
    build
        The lookup tables.
    target
        Where to.
    signals
        Names of signals of the build.
    k
        At most so many recommendations a product.
    layout
        How an entry looks.
    lines
        JSON Lines, one product a line, instead of one object.
    report
        Hears of the progress.

    Raises
    ------
    BadInput
        A product id can't be told apart in this layout.
    DamagedCache
        A lookup table can't be read, or the target gives back something else than it was given.
    Busy
        Another run publishes to the same folder.
    OSError
        The disk, the storage or the network fails; the latest release is what it was.
    """
    with _held(target), _workspace(target) as work:
        files = [_written(work, build, signal, k, layout, lines, report) for signal in signals]
        content = "".join(f"{file.name} {file.sha256}\n" for file in files)
        release = f"{build.name}-{hashlib.sha256(content.encode()).hexdigest()[:8]}"
        before = _latest(target)
        there = 0
        with report.stage(f"copy to {target.name}", total=len(files)) as progress:
            for file in files:
                there += not place(target, f"{release}/{file.name}", work / file.name, file.sha256)
                progress.advance()
        files = [replace(file, name=f"{release}/{file.name}") for file in files]
        point(target, LATEST, _pointer(build, release, files, layout, k))
        removed = [] if before == release else [name for name in target.folders() if _is_old(name, before, release)]
        for name in removed:
            target.remove(name)
    return PublishedFiles(target.name, release, build.name, files, there, removed)


def entries(block: Recommended, layout: Layout) -> Iterator[tuple[str, Any]]:
    """Each product's id and what stands beside it.

    In the tutorial's layout a product for which there is nothing to say is left out, because an empty text
    would read as one empty id. Raises `BadInput` where an id holds the character that separates ids there.
    """
    listed: Iterator[Any] = _rich(block) if layout is Layout.RICH else _ids(block)
    for product_id, count in zip(block.ids.to_pylist(), block.counts.tolist(), strict=True):
        found = list(islice(listed, count))
        if layout is Layout.RICH:
            yield product_id, found
        elif ids := [one for one in found if one is not None]:
            yield product_id, SEPARATOR.join(ids)


def encoded(entries: Iterable[tuple[str, Any]], lines: bool) -> Iterator[bytes]:
    """Entries as the pieces of a JSON file: one object with a key per product, or a line with an object per product."""
    if lines:
        for product_id, value in entries:
            yield orjson.dumps({"id": product_id, "recommendations": value}) + b"\n"
        return
    before = b"{\n"
    for product_id, value in entries:
        yield before + orjson.dumps(product_id) + b": " + orjson.dumps(value)
        before = b",\n"
    yield b"\n}\n" if before == b",\n" else b"{}\n"


def _rich(block: Recommended) -> Iterator[dict[str, Any]]:
    """Each recommendation as an object."""
    columns = (block.recommended.to_pylist(), block.ranks.tolist(), block.scores.tolist(), block.reasons, block.fallback.tolist())
    for product_id, rank, score, reason, fallback in zip(*columns, strict=True):
        yield {"id": product_id, "rank": rank, "score": score, "reason": reason, "fallback": fallback}


def _ids(block: Recommended) -> Iterator[str | None]:
    """Each recommended id, or None where it only stands in."""
    for product_id, fallback in zip(block.recommended.to_pylist(), block.fallback.tolist(), strict=True):
        if SEPARATOR in product_id and not fallback:
            raise BadInput(
                f"product id {product_id!r} holds a {SEPARATOR!r}, which separates ids here; publish with --layout rich"
            )
        yield None if fallback else product_id


def _written(work: Path, build: Build, signal: str, k: int, layout: Layout, lines: bool, report: Report) -> File:
    """Write a signal's file into the work folder."""
    path = work / f"{signal}{'.jsonl' if lines else '.json'}"
    products = 0

    def counted() -> Iterator[tuple[str, Any]]:
        nonlocal products
        for block in recommended(build, signal, k):
            for entry in entries(block, layout):
                products += 1
                yield entry
            progress.advance(len(block.ids))

    with report.stage(f"write {path.name}", total=len(build.cache)) as progress, writing_in(work), path.open("wb") as file:
        file.writelines(encoded(counted(), lines))
    return File(signal, path.name, path.stat().st_size, fingerprint(path), products)


def _pointer(build: Build, release: str, files: list[File], layout: Layout, k: int) -> bytes:
    content = {
        "release": release,
        "build": build.name,
        "shop": build.shop,
        "layout": layout.value,
        "k": k,
        "files": [asdict(file) for file in files],
        "published": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    return (json.dumps(content, indent=1, ensure_ascii=False) + "\n").encode()


def _latest(target: Target) -> str | None:
    """The release that a target's pointer names; None where there is no pointer, or it can't be read."""
    try:
        return json.loads(target.read(LATEST))["release"]
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None


def _is_old(folder: str, before: str | None, release: str) -> bool:
    return IS_RELEASE.fullmatch(folder) is not None and folder not in (before, release)


@contextmanager
def _held(target: Target) -> Iterator[None]:
    """Keep other runs out of a folder; a bucket has no locks."""
    if not isinstance(target, Folder):
        yield
        return
    target.root.mkdir(parents=True, exist_ok=True)
    with locked(target.root, f"{target.name}: another run is publishing here; wait until it has ended"):
        for left in target.root.glob(f"{FRESH}*/"):
            shutil.rmtree(left, ignore_errors=True)
        yield


@contextmanager
def _workspace(target: Target) -> Iterator[Path]:
    """A folder for the files until they are copied: on the target's disk, else the system's for temporary files."""
    with tempfile.TemporaryDirectory(prefix=FRESH, dir=target.root if isinstance(target, Folder) else None) as folder:
        yield Path(folder)
