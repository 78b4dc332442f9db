"""Upload a cache folder's live build, so that dashboards anywhere take it over."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from lookup.bucket import Bucket
from lookup.manifest import DamagedCache, Manifest, verify
from lookup.schema import MANIFEST


@dataclass(frozen=True)
class Pushed:
    """What an upload did.

    Attributes
    ----------
    build
        The build that is live in the bucket now.
    files, bytes
        Uploaded; a file that stood there already is not uploaded again.
    there
        Files that stood there already.
    removed
        Older builds that were removed.
    """

    build: str
    files: int
    bytes: int
    there: int
    removed: list[str]


def push(cache_dir: Path, bucket: Bucket) -> Pushed:
    """Make a cache folder's live build the live one of a bucket.

    Every file is uploaded and read back before the manifest that names it, so a reader finds the old build or the new one,
    whole. The build that was live until now stays for readers that are still copying it; older ones are removed. One upload
    to a bucket at a time: two could remove each other's build.

    Raises
    ------
    DamagedCache
        The folder holds no whole build, or the bucket gives back something else than it was given.
    OSError
        The storage or the network fails; the bucket's live build is what it was.
    """
    manifest = Manifest.read(cache_dir)
    verify(cache_dir, manifest)
    before = _live_build(bucket)
    uploaded = [name for name in manifest.files if _upload(cache_dir, bucket, manifest, name)]
    content = manifest.to_json().encode()
    bucket.write(MANIFEST, content)
    if bucket.read(MANIFEST) != content:
        raise DamagedCache(f"{bucket.name}/{MANIFEST}: is not what was uploaded")
    removed = [] if before == manifest.folder else [name for name in bucket.builds() if name not in (before, manifest.folder)]
    for name in removed:
        bucket.remove(name)
    size = sum(manifest.files[name].bytes for name in uploaded)
    return Pushed(manifest.folder, len(uploaded), size, len(manifest.files) - len(uploaded), removed)


def _upload(cache_dir: Path, bucket: Bucket, manifest: Manifest, name: str) -> bool:
    """Upload a file unless it stands there already, read it back, and say whether it was uploaded."""
    path, expected = f"{manifest.folder}/{name}", manifest.files[name].sha256
    if bucket.fingerprint(path) == expected:
        return False
    bucket.write(path, (cache_dir / path).read_bytes())
    if bucket.fingerprint(path) != expected:
        raise DamagedCache(f"{bucket.name}/{path}: is not what was uploaded (sha256 differs)")
    return True


def _live_build(bucket: Bucket) -> str | None:
    """The build that a bucket's manifest names; None where there is none, or it can't be read."""
    try:
        return json.loads(bucket.read(MANIFEST))["folder"]
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None
