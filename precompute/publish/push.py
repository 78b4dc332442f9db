"""Upload a cache folder's live build, so that dashboards anywhere take it over."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from lookup.bucket import Bucket
from lookup.manifest import Manifest, verify
from lookup.schema import MANIFEST
from precompute.publish.target import place, point


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
    uploaded = []
    for name, entry in manifest.files.items():
        path = f"{manifest.folder}/{name}"
        if place(bucket, path, cache_dir / path, entry.sha256):
            uploaded.append(name)
    content = manifest.to_json().encode()
    point(bucket, MANIFEST, content)
    removed = [] if before == manifest.folder else [name for name in bucket.builds() if name not in (before, manifest.folder)]
    for name in removed:
        bucket.remove(name)
    size = sum(manifest.files[name].bytes for name in uploaded)
    return Pushed(manifest.folder, len(uploaded), size, len(manifest.files) - len(uploaded), removed)


def _live_build(bucket: Bucket) -> str | None:
    """The build that a bucket's manifest names; None where there is none, or it can't be read."""
    try:
        return json.loads(bucket.read(MANIFEST))["folder"]
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None
