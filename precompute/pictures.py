"""The products' pictures: which can be read, and their thumbnails."""

from __future__ import annotations

import hashlib
import io
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
from PIL import Image

from lookup.encoder import MAX_BYTES, UnreadablePicture, decode
from lookup.schema import THUMBNAILS_SCHEMA
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
    thumbnails
        `lookup.schema.THUMBNAILS_SCHEMA`, one row per product.
    """

    content: list[str | None]
    paths: dict[str, Path]
    thumbnails: pa.Table

    @property
    def count(self) -> int:
        """Products with a readable picture."""
        return sum(content is not None for content in self.content)


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
    found: dict[str, _Picture] = {}
    with report.stage("pictures", total=len(files)) as progress, ThreadPoolExecutor(os.cpu_count()) as pool:
        for path, picture in zip(files, pool.map(lambda path: _read(path, folder), files), strict=True):
            if isinstance(picture, UnreadablePicture):
                _reject(path, picture, shop)
            else:
                found[str(path)] = picture
            progress.advance()
    pictures = [found.get(path) if path is not None else None for path in by_row]
    return Pictures(
        content=[picture.content if picture else None for picture in pictures],
        paths=dict(sorted((picture.content, Path(path)) for path, picture in found.items())),
        thumbnails=pa.table([[picture.thumbnail if picture else None for picture in pictures]], schema=THUMBNAILS_SCHEMA),
    )


@dataclass(frozen=True)
class _Picture:
    content: str
    thumbnail: bytes


def _read(path: Path, folder: Path) -> _Picture | UnreadablePicture:
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)  # one byte more than `decode` takes is enough to be refused
    except OSError as error:
        return UnreadablePicture(CANT_BE_OPENED, error.strerror or "")
    digest = hashlib.sha256(content).hexdigest()
    kept = folder / digest[:2] / f"{digest}.webp"
    if not kept.exists():
        try:
            write_whole(kept, _thumbnail(content))
        except UnreadablePicture as error:
            return error
    return _Picture(digest, kept.read_bytes())


def _reject(path: Path, error: UnreadablePicture, shop: Shop) -> None:
    """Noted under the folder, as pictures that aren't there are, so that the manifest counts them by reason."""
    assert shop.settings.images is not None
    folder = shop.settings.images.folder
    name = path.relative_to(folder) if path.is_relative_to(folder) else path.name
    shop.rejects.add(folder, None, error.reason, f"{name}: {error.detail}" if error.detail else str(name))


def _thumbnail(content: bytes) -> bytes:
    image = decode(content)
    image.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    webp = io.BytesIO()
    image.save(webp, "WEBP", quality=QUALITY, method=METHOD)
    return webp.getvalue()
