"""Where files are published to: a folder or a bucket, behind one small interface."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Protocol

from lookup.bucket import Bucket, is_url
from lookup.disk import writing_in
from lookup.manifest import DamagedCache, fingerprint

FRESH = ".publishing-"
"""Begins the name of what is still being written in a folder."""


class Target(Protocol):
    """Holds files under names such as ``folder/file``; one that is there is there whole. Methods raise `OSError`."""

    @property
    def name(self) -> str:
        """The place for people to read; holds no credentials."""

    def read(self, name: str) -> bytes:
        """A file's content; raises `FileNotFoundError`."""

    def fingerprint(self, name: str) -> str | None:
        """The sha256 of a file as a reader gets it, in hexadecimal; None where there is no such file."""

    def upload(self, name: str, source: Path) -> None:
        """Write or replace a file with the content of one on this machine."""

    def write(self, name: str, content: bytes) -> None:
        """Write or replace a file."""

    def folders(self) -> list[str]:
        """The names of the folders in it, sorted."""

    def remove(self, folder: str) -> None:
        """Remove a folder and all that it holds."""


class Folder:
    """A folder on this machine. A file gets its name only once the disk has all of it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.name = str(root)

    def read(self, name: str) -> bytes:
        return (self.root / name).read_bytes()

    def fingerprint(self, name: str) -> str | None:
        try:
            return fingerprint(self.root / name)
        except FileNotFoundError:
            return None

    def upload(self, name: str, source: Path) -> None:
        fresh = self._fresh(name)
        with writing_in(self.root, source.stat().st_size):
            shutil.copyfile(source, fresh)
        self._give_name(fresh, name)

    def write(self, name: str, content: bytes) -> None:
        fresh = self._fresh(name)
        with writing_in(self.root, len(content)):
            fresh.write_bytes(content)
        self._give_name(fresh, name)

    def folders(self) -> list[str]:
        return sorted(entry.name for entry in self.root.iterdir() if entry.is_dir())

    def remove(self, folder: str) -> None:
        shutil.rmtree(self.root / folder)

    def _fresh(self, name: str) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path.with_name(f"{FRESH}{path.name}")

    def _give_name(self, fresh: Path, name: str) -> None:
        path = self.root / name
        _to_disk(fresh)
        fresh.replace(path)
        _to_disk(path.parent)


def open_target(location: str) -> Folder | Bucket:
    """The folder or bucket that a path or URL names; raises `DamagedCache` where a URL can't be used."""
    return Bucket.open(location) if is_url(location) else Folder(Path(location))


def place(target: Target, name: str, source: Path, sha256: str) -> bool:
    """Put a file where it isn't yet, read it back, and say whether it had to be put there.

    Raises
    ------
    DamagedCache
        The target gives back something else than it was given.
    OSError
        The storage or the network fails.
    """
    if target.fingerprint(name) == sha256:
        return False
    target.upload(name, source)
    if target.fingerprint(name) != sha256:
        raise DamagedCache(f"{target.name}/{name}: is not what was uploaded (sha256 differs)")
    return True


def point(target: Target, name: str, content: bytes) -> None:
    """Replace the one small file that tells readers where to look, and read it back; raises as `place` does."""
    target.write(name, content)
    if target.read(name) != content:
        raise DamagedCache(f"{target.name}/{name}: is not what was uploaded")


def _to_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
