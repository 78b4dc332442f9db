"""Which picture file belongs to which product."""

from __future__ import annotations

import os
import posixpath
import stat
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import pyarrow as pa

from precompute.errors import BadInput
from precompute.rejects import Rejects
from precompute.sources.columns import NO_PRODUCT_ID

ENDINGS = frozenset((".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".avif"))


@dataclass(frozen=True)
class PictureFolder:
    """A folder of pictures, walked once.

    A picture is found only if the walk met it, so that nothing a product list says can name a file outside the folder.

    Attributes
    ----------
    folder
        Its path.
    sizes
        Bytes by path relative to the folder, sorted by path.
    stems
        The first of these paths for every file name without its ending.
    """

    folder: Path
    sizes: dict[str, int]
    stems: dict[str, str]

    @classmethod
    def walk(cls, folder: Path, rejects: Rejects, *, may_be_empty: bool = False) -> PictureFolder:
        """Find every picture in the folder and below it; of links, only those to a file inside the folder are followed.

        A folder that is missing or holds no picture raises `BadInput`, unless it `may_be_empty`.
        """
        if not folder.is_dir() and not may_be_empty:
            raise BadInput(f"{folder}: is no folder; [images] folder must name the one that holds the pictures")
        real_folder = folder.resolve()
        sizes = {}
        for parent, folders, names in os.walk(folder):
            for name in filter(lambda name: Path(parent, name).is_symlink(), folders):
                rejects.add(folder, None, "folder is a link, which is not followed", _shown(Path(parent, name), folder))
            for name in names:
                path = Path(parent, name)
                if path.suffix.lower() not in ENDINGS:
                    continue
                if reason := _why_not(path, real_folder):
                    rejects.add(folder, None, reason, _shown(path, folder))
                else:
                    sizes[path.relative_to(folder).as_posix()] = path.stat().st_size
        if not sizes and not may_be_empty:
            raise BadInput(f"{folder}: holds no pictures ({', '.join(sorted(ENDINGS))}); [images] folder names it")
        sizes = dict(sorted(sizes.items()))
        stems: dict[str, str] = {}
        for name in sizes:
            stems.setdefault(PurePosixPath(name).stem.strip(), name)
        return cls(folder, sizes, stems)

    def products(self, rejects: Rejects) -> pa.Table:
        """``product_id`` and ``category``: one product per file name, of the category that its folder is named after."""
        first = set(self.stems.values())
        for path in self.sizes:
            if path not in first:
                rejects.add(self.folder, None, "product id repeats", path)
        if "" in self.stems:
            rejects.add(self.folder, None, NO_PRODUCT_ID, self.stems[""])
        categories = {stem: PurePosixPath(path).parent.name or None for stem, path in self.stems.items() if stem}
        columns = [pa.array(categories, pa.string()), pa.array(categories.values(), pa.string())]
        return pa.table(columns, ["product_id", "category"])

    def entry(self, products: pa.Table) -> dict[str, Any]:
        """For the manifest: the pictures that products use, counted; there may be too many to fingerprint each time."""
        used = set(products.column("picture").drop_null().to_pylist())
        size = sum(bytes_ for path, bytes_ in self.sizes.items() if str(self.folder / path) in used)
        return {"section": "images", "file": self.folder.name, "bytes": size, "pictures": len(used)}

    def find(self, products: pa.Table, rejects: Rejects) -> pa.Array:
        """The absolute path of each product's picture, null without one, which is noted in `rejects`.

        `products` holds ``product_id`` and ``image``, a path inside the folder; without one the file named as the id is taken.
        """
        found: list[str | None] = []
        pairs = zip(products.column("product_id").to_pylist(), products.column("image").to_pylist(), strict=True)
        for product_id, image in pairs:
            name = posixpath.normpath(image.replace("\\", "/")) if image else self.stems.get(product_id)
            found.append(str(self.folder / name) if name in self.sizes else None)
            if name is not None and (name.startswith(("/", "../")) or name == ".."):
                rejects.add(self.folder, None, "picture lies outside [images] folder", f"{product_id}: {image}")
            elif found[-1] is None:
                rejects.add(self.folder, None, "no picture found", product_id)
        return pa.array(found, pa.string())


def _why_not(path: Path, real_folder: Path) -> str | None:
    """Why a file of the folder can't be a product's picture; None where it can."""
    if not _is_utf8(str(path)):
        return "picture's file name is not UTF-8"
    if path.is_symlink() and not Path(os.path.realpath(path)).is_relative_to(real_folder):
        return "picture is a link out of the folder"
    try:
        # Opening a pipe that nobody writes to would wait for ever.
        return None if stat.S_ISREG(path.stat().st_mode) else "picture is no regular file"
    except OSError:
        return "picture is a link to nothing"


def _is_utf8(name: str) -> bool:
    # A file system may hold names in any encoding; Python marks bytes that aren't UTF-8 with lone surrogates.
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _shown(path: Path, folder: Path) -> str:
    """A path inside the folder as text that can be printed, whatever its bytes."""
    return os.fsencode(path.relative_to(folder)).decode("utf-8", "backslashreplace")
