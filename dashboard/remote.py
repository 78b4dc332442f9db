"""A cache in object storage: its live build is copied into a local folder, from which the app serves it.

The copy has the layout of a local cache, so the store takes over what arrives here as it does a build made on this machine.

``python -m dashboard.remote`` copies once, from ``CACHE_DIR`` into ``CACHE_HOME``.
"""

from __future__ import annotations

import fcntl
import hashlib
import logging
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Self

from dashboard.environment import BadSetting, whole_number
from lookup.bucket import Bucket
from lookup.disk import DISK_FULL, writing_in
from lookup.manifest import DamagedCache, FileEntry, Manifest, fingerprint, verify
from lookup.reader import Cache
from lookup.schema import MANIFEST
from lookup.writer import IS_BUILD

log = logging.getLogger(__name__)

ROOT = Path(__file__).resolve().parent.parent
ARRIVING = ".arriving"
CHECK_SECONDS = 60


class Remote:
    """Keeps a local copy of the live build of a cache under a URL.

    A build is copied and checked whole before it is shown; while that fails the build before it stays, and `error` says why.
    Any number of processes may share one local folder: one copies, the others wait for it and find the copy there.

    Parameters
    ----------
    url
        Where the cache is: ``s3://bucket/prefix``, ``gs://bucket/prefix`` or ``file:///folder``.
    home
        The local folder.
    seconds
        How long to wait before looking again.
    """

    def __init__(self, url: str, home: Path, seconds: int = CHECK_SECONDS) -> None:
        self.url = url
        self.home = home
        self.seconds = seconds
        self.error: str | None = None
        self._bucket: Bucket | None = None
        self._known = b""
        self._again = False
        self._watcher: threading.Thread | None = None
        self._starting = threading.Lock()

    @classmethod
    def from_environment(cls, url: str) -> Self:
        """With ``CACHE_HOME`` and ``CACHE_CHECK_SECONDS``; raises `BadSetting` where one of them can't be used."""
        seconds = whole_number("CACHE_CHECK_SECONDS", CHECK_SECONDS, least=1)
        home = os.environ.get("CACHE_HOME")
        return cls(url, Path(home).absolute() if home else _own_folder(url), seconds)

    def start(self) -> None:
        """Copy for the first time; raises `DamagedCache` where that fails and no earlier copy stands in.

        In a process of its own, because gunicorn's master forks its workers after this, and a storage client's threads don't
        survive a fork.
        """
        environment = os.environ | {"CACHE_DIR": self.url, "CACHE_HOME": str(self.home)}
        command = [sys.executable, "-m", "dashboard.remote"]
        ended = subprocess.run(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True, check=False)
        if ended.returncode == 0:
            return
        self.error = (ended.stderr.strip().splitlines() or [f"copying the lookup tables ended with {ended.returncode}"])[-1]
        if not (self.home / MANIFEST).exists():
            raise DamagedCache(self.error)
        log.error("The copy in %s is served: %s", self.home, self.error)

    def watch(self) -> None:
        """Look for a new build again and again, on a thread of this process; calling it once more does nothing."""
        if self._watcher is None:
            with self._starting:
                if self._watcher is None:
                    self._watcher = threading.Thread(target=self._watch, name="remote cache", daemon=True)
                    self._watcher.start()

    def look(self) -> None:
        """Copy a new build if there is one; what goes wrong is logged once and stands in `error` until it is mended."""
        try:
            self._bucket = self._bucket or Bucket.open(self.url)
            if self._again:  # what is known is forgotten for good, so that a look that fails is made up for by the next
                self._again, self._known = False, b""
            self._known = fetch(self._bucket, self.home, self._known)
        except Exception as error:  # whatever stands in the bucket, the watching goes on
            said = _one_line(error)
            if said != self.error:
                log.error("No new lookup tables, the ones before stay: %s", said)
            self.error = said
        else:
            self.error = None

    def bring_again(self) -> None:
        """The local copy was damaged: the next look compares all of it with the bucket, and copies what differs."""
        self._again = True

    def _watch(self) -> None:
        pause = threading.Event()
        while True:
            self.look()
            pause.wait(self.seconds)


def fetch(bucket: Bucket, home: Path, known: bytes = b"") -> bytes:
    """Make the bucket's live build the live one of a local folder too.

    Files that are there already are not copied again, also those of a copy that was killed midway.

    Parameters
    ----------
    known
        The manifest found last time: if it still stands there, nothing is done.

    Returns
    -------
    bytes
        The manifest found.

    Raises
    ------
    DamagedCache
        The bucket holds no whole build.
    OSError
        The storage, the network or the local disk fails. After either, the local folder's live build is what it was.
    """
    with _alone(home):
        try:
            content = bucket.read(MANIFEST)
        except FileNotFoundError:
            raise DamagedCache(f"{bucket.name}/{MANIFEST}: not found. Upload a cache first: python -m precompute push") from None
        if content != known:
            try:
                with writing_in(home):
                    _take(bucket, home, content)
            except OSError as error:
                if error.errno in DISK_FULL:  # give back what the build that is served may need
                    shutil.rmtree(home / ARRIVING, ignore_errors=True)
                raise
    return content


def _take(bucket: Bucket, home: Path, content: bytes) -> None:
    arriving = home / ARRIVING
    arriving.mkdir(exist_ok=True)
    (arriving / MANIFEST).write_bytes(content)
    manifest = _read_manifest(arriving, bucket)
    live, whole = _live_folder(home), _is_whole(home, manifest)
    if whole and (home / MANIFEST).exists() and (home / MANIFEST).read_bytes() == content:
        shutil.rmtree(arriving)
        return  # another process has brought it: touching it would only make everybody open it again
    if not whole:
        fresh = arriving / manifest.folder
        with writing_in(home, needed=sum(entry.bytes for entry in manifest.files.values())):
            for name, entry in manifest.files.items():
                _bring(bucket, f"{manifest.folder}/{name}", entry, fresh / name, live / name if live else None)
        with _naming(arriving, bucket):
            Cache(manifest, fresh)  # a build that can't be opened must not take the place of one that can
        shutil.rmtree(home / manifest.folder, ignore_errors=True)
        fresh.rename(home / manifest.folder)
    (arriving / MANIFEST).replace(home / MANIFEST)
    shutil.rmtree(arriving)
    if live and live.name != manifest.folder:
        # The build before this one stays: a worker that has not moved over yet may still open a file of it.
        _remove_builds(home, {manifest.folder, live.name})


def _read_manifest(folder: Path, bucket: Bucket) -> Manifest:
    """The manifest that a bucket holds, if every path in it stays inside its build; raises `DamagedCache`."""
    with _naming(folder, bucket):
        manifest = Manifest.read(folder)
    if not IS_BUILD.fullmatch(str(manifest.folder)) or not all(map(_stays_inside, manifest.files)):
        raise DamagedCache(f"{bucket.name}/{MANIFEST}: names files outside its build")
    return manifest


@contextmanager
def _naming(folder: Path, bucket: Bucket) -> Iterator[None]:
    """Let an error name the bucket, where the damage is, and not the folder it was copied to."""
    try:
        yield
    except DamagedCache as error:
        raise DamagedCache(str(error).replace(str(folder), bucket.name)) from None


def _stays_inside(name: str) -> bool:
    path = PurePosixPath(name)
    return str(path) == name and bool(path.parts) and not path.is_absolute() and ".." not in path.parts and "\0" not in name


def _bring(bucket: Bucket, name: str, entry: FileEntry, target: Path, before: Path | None) -> None:
    """Put one file in its place: as a link to the build before it where that holds the same, else from the bucket."""
    if _is(target, entry):
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    target.unlink(missing_ok=True)
    if before and _is(before, entry):
        os.link(before, target)
        return
    try:
        digest, size = hashlib.sha256(), 0
        with target.open("wb") as file:
            for block in bucket.blocks(name):
                digest.update(block)
                size += file.write(block)
                if size > entry.bytes:  # a file must not fill the disk with more than its manifest says
                    break
    except FileNotFoundError:
        raise DamagedCache(f"{bucket.name}/{name}: is missing") from None
    if (size, digest.hexdigest()) != (entry.bytes, entry.sha256):
        target.unlink()
        raise DamagedCache(f"{bucket.name}/{name}: its content is not what was built (size or sha256 differs)")


def _is(path: Path, entry: FileEntry) -> bool:
    return path.is_file() and path.stat().st_size == entry.bytes and fingerprint(path) == entry.sha256


def _is_whole(home: Path, manifest: Manifest) -> bool:
    try:
        verify(home, manifest)
    except DamagedCache:
        return False
    return True


def _live_folder(home: Path) -> Path | None:
    try:
        return home / Manifest.read(home).folder
    except DamagedCache:
        return None


def _remove_builds(home: Path, kept: set[str]) -> None:
    for folder in home.iterdir():
        if folder.is_dir() and IS_BUILD.fullmatch(folder.name) and folder.name not in kept:
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    """Keep other processes and threads out of a local folder; the system lets go of the lock of a process that dies."""
    home.mkdir(parents=True, exist_ok=True)
    with (home / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _own_folder(url: str) -> Path:
    """A folder for the copy where ``CACHE_HOME`` names none: the same at every start, and no other user's."""
    name = hashlib.sha256(url.encode()).hexdigest()[:12]
    folder = Path(tempfile.gettempdir()) / f"aisle-{os.geteuid()}-{name}"
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if folder.is_symlink() or found.st_uid != os.geteuid():
        raise BadSetting(f"{folder}: belongs to somebody else. Name another folder in CACHE_HOME.")
    return folder


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__


def main() -> None:
    """Copy once; ends the process with one line where that can't be."""
    try:
        remote = Remote.from_environment(os.environ["CACHE_DIR"])
        fetch(Bucket.open(remote.url), remote.home)
    except Exception as error:
        sys.exit(_one_line(error))


if __name__ == "__main__":
    main()
