"""Lookup tables in object storage: the layout of a local cache folder, under a URL.

The file systems are those that pyarrow brings along anyway, so that reading ``s3://`` or ``gs://`` installs nothing more.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

import pyarrow as pa
from pyarrow import fs

from lookup.manifest import DamagedCache
from lookup.writer import IS_BUILD

BLOCK = 1 << 20
PART = 1 << 24
"""Bytes that are uploaded at once: S3 takes parts of 5 MB and more."""
PATIENCE = 20
"""Seconds for which Google's client tries again; it would go on for 15 minutes."""


def is_url(location: str | Path) -> bool:
    """Whether a cache's location is a URL, and not a folder."""
    return "://" in str(location)


@dataclass(frozen=True)
class Bucket:
    """A cache under a URL.

    Every method names files relative to the URL, and raises `OSError` where the storage fails.

    Attributes
    ----------
    files, root
        The file system, and the cache's path in it.
    name
        The URL for people to read: without a password or other parameters.
    """

    files: fs.FileSystem
    root: str
    name: str

    @classmethod
    def open(cls, url: str) -> Self:
        """Find the file system of a URL; raises `DamagedCache` where there is none."""
        try:
            parts = urlsplit(url)
        except ValueError as error:
            raise DamagedCache(f"the URL can't be understood ({error})") from None
        name = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path.rstrip('/')}"
        if parts.scheme in ("gs", "gcs") and "retry_limit_seconds" not in parts.query:
            url += f"{'&' if parts.query else '?'}retry_limit_seconds={PATIENCE}"
        try:
            files, root = fs.FileSystem.from_uri(url)
            if not root.strip("/"):
                raise pa.ArrowInvalid("it names no bucket")
        except (pa.ArrowException, OSError) as error:
            reason = " ".join(str(error).split()).replace(url, name)  # a URL may hold a password
            raise DamagedCache(f"{name}: can't be opened ({reason})") from None
        return cls(files, root.rstrip("/"), name)

    def blocks(self, name: str) -> Iterator[bytes]:
        """A file's content, a megabyte at a time; raises `FileNotFoundError`."""
        with self.files.open_input_stream(f"{self.root}/{name}", compression=None) as stream:
            while block := stream.read(BLOCK):
                yield block

    def read(self, name: str) -> bytes:
        return b"".join(self.blocks(name))

    def fingerprint(self, name: str) -> str | None:
        """The sha256 of a file as a reader gets it, in hexadecimal; None where there is no such file."""
        digest = hashlib.sha256()
        try:
            for block in self.blocks(name):
                digest.update(block)
        except FileNotFoundError:
            return None
        return digest.hexdigest()

    def write(self, name: str, content: bytes) -> None:
        """Write or replace a file; object storage shows it only once it is complete."""
        with self._writing(name) as stream:
            stream.write(content)

    def upload(self, name: str, source: Path) -> None:
        """Write or replace a file with the content of one on this machine, a block at a time."""
        with source.open("rb") as file, self._writing(name) as stream:
            while block := file.read(PART):
                stream.write(block)

    def _writing(self, name: str) -> pa.NativeFile:
        path = f"{self.root}/{name}"
        if isinstance(self.files, fs.LocalFileSystem):  # elsewhere a folder is only a part of the name
            self.files.create_dir(path.rpartition("/")[0])
        return self.files.open_output_stream(path, compression=None)

    def folders(self) -> list[str]:
        """The names of the folders under the URL, sorted."""
        found = self.files.get_file_info(fs.FileSelector(self.root, allow_not_found=True))
        return sorted(info.base_name for info in found if info.type == fs.FileType.Directory)

    def builds(self) -> list[str]:
        """The folders of builds, sorted."""
        return [name for name in self.folders() if IS_BUILD.fullmatch(name)]

    def remove(self, folder: str) -> None:
        """Remove a folder and all that it holds."""
        self.files.delete_dir(f"{self.root}/{folder}")
