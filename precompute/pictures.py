"""The products' pictures: which can be read, and their thumbnails."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
from PIL import Image

from lookup.encoder import MAX_BYTES, UnreadablePicture, decode
from lookup.schema import THUMBNAILS, THUMBNAILS_SCHEMA, rows_per_group
from precompute.kept import write_whole
from precompute.report import Report
from precompute.shop import Shop

SIDE = 384
"""Pixels: sharp in a card on any screen, and good enough beside the facts of a product."""
QUALITY = 80
METHOD = 4
"""WebP's effort, 0 to 6. Fixed, as the quality is, so that the same picture always gives the same bytes."""
CACHE_VERSION = 1
"""Raised when thumbnails come out differently from the same picture."""
WAITING = 4_096
"""Pictures that wait for a core: each takes 2 kB until its turn is over, half a gigabyte if a large shop's were all let in."""
CANT_BE_OPENED = "picture file can't be opened"


@dataclass(frozen=True)
class Pictures:
    """The pictures that can be read.

    Attributes
    ----------
    content
        Per product, the sha256 of its picture file in hexadecimal; None without a readable picture.
    paths
        A file for each sha256, sorted by it. Equal files under several names stand here once.
    folder
        Where the thumbnails are kept, by sha256.
    """

    content: list[str | None]
    paths: dict[str, Path]
    folder: Path

    @property
    def count(self) -> int:
        """Products with a readable picture."""
        return sum(content is not None for content in self.content)

    def thumbnails(self) -> pa.RecordBatchReader:
        """`lookup.schema.THUMBNAILS_SCHEMA`, one row per product, in batches of a row group.

        A batch is read from the folder when it is asked for, and raises `OSError` where a thumbnail is gone.
        """
        rows = rows_per_group(THUMBNAILS)
        batches = (self._thumbnails_of(self.content[start : start + rows]) for start in range(0, len(self.content), rows))
        return pa.RecordBatchReader.from_batches(THUMBNAILS_SCHEMA, batches)

    def _thumbnails_of(self, contents: list[str | None]) -> pa.RecordBatch:
        webp = [_kept(self.folder, content).read_bytes() if content is not None else None for content in contents]
        return pa.record_batch([webp], schema=THUMBNAILS_SCHEMA)


def why_no_pictures(shop: Shop) -> str | None:
    """Why no picture signal can be built, in words for the shop's owner; None where one can."""
    if shop.settings.images is None:
        return "no pictures: shop.toml has no [images]"
    if shop.products.column("picture").null_count == len(shop):
        return f"no pictures: no product has one in {shop.settings.images.folder.name}"
    if shop.pictures is not None and not shop.pictures.count:
        return "no pictures: not one of them can be read"
    return None


def read_pictures(shop: Shop, report: Report) -> Pictures:
    """Decode every product's picture and make its thumbnail; unreadable ones are noted in ``shop.rejects``.

    Thumbnails are kept in the work folder by the picture's content, so only new pictures are decoded on a rerun.
    """
    by_row: list[str | None] = shop.products.column("picture").to_pylist()
    files = sorted({Path(path) for path in by_row if path is not None})
    folder = shop.work / "thumbnails" / f"v{CACHE_VERSION}-{SIDE}-q{QUALITY}-m{METHOD}"
    contents: dict[str, str] = {}
    with report.stage("pictures", total=len(files)) as progress:
        for path, content in _read_all(files, folder):
            if isinstance(content, UnreadablePicture):
                _reject(path, content, shop)
            else:
                contents[str(path)] = content
            progress.advance()
    return Pictures(
        content=[contents.get(path) if path is not None else None for path in by_row],
        paths=dict(sorted((content, Path(path)) for path, content in contents.items())),
        folder=folder,
    )


def _read_all(files: list[Path], folder: Path) -> Iterator[tuple[Path, str | UnreadablePicture]]:
    """`_read` each file, on all cores and in their order."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for start in range(0, len(files), WAITING):
            let_in = files[start : start + WAITING]
            yield from zip(let_in, pool.map(lambda path: _read(path, folder), let_in), strict=True)


def _read(path: Path, folder: Path) -> str | UnreadablePicture:
    """See that a picture's thumbnail is kept in the folder, and give the sha256 of the picture's file."""
    try:
        with path.open("rb") as file:
            picture = file.read(MAX_BYTES + 1)  # one byte more than `decode` takes is enough to be refused
    except OSError as error:
        return UnreadablePicture(CANT_BE_OPENED, error.strerror or "")
    content = hashlib.sha256(picture).hexdigest()
    kept = _kept(folder, content)
    if not kept.exists():
        try:
            write_whole(kept, _thumbnail(picture))
        except UnreadablePicture as error:
            return error
    return content


def _kept(folder: Path, content: str) -> Path:
    return folder / content[:2] / f"{content}.webp"


def _reject(path: Path, error: UnreadablePicture, shop: Shop) -> None:
    """Noted under the folder, as pictures that aren't there are, so that the manifest counts them by reason."""
    assert shop.settings.images is not None
    folder = shop.settings.images.folder
    name = path.relative_to(folder) if path.is_relative_to(folder) else path.name
    shop.rejects.add(folder, None, error.reason, f"{name}: {error.detail}" if error.detail else str(name))


def _thumbnail(picture: bytes) -> bytes:
    image = decode(picture)
    image.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    webp = io.BytesIO()
    image.save(webp, "WEBP", quality=QUALITY, method=METHOD)
    return webp.getvalue()
