"""Publish a changed copy of a live build, for tests of what a page does with more, less or other tables."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa

from lookup.manifest import Manifest
from lookup.writer import CacheWriter


def republish(
    folder: Path,
    *,
    without: Collection[str] = (),
    tables: Mapping[str, pa.Table] | None = None,
    files: Mapping[str, bytes] | None = None,
    **changed: Any,
) -> None:
    """Leave out the files named `without`, add or replace `tables`, `files` and the parts `changed` of the manifest."""
    manifest = replace(Manifest.read(folder), **changed)
    tables, files = tables or {}, files or {}
    with CacheWriter(folder) as writer:
        for name in manifest.files.keys() - {*without, *tables, *files}:
            writer.keep(manifest, name)
        for name, table in tables.items():
            writer.write_table(name, table)
        for name, content in files.items():
            writer.write_bytes(name, content)
        writer.publish(manifest)
