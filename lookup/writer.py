"""Write lookup tables into a fresh folder and swap them in with one rename."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

import pyarrow as pa
import pyarrow.parquet as pq

from lookup.disk import writing_in
from lookup.lock import locked
from lookup.manifest import DamagedCache, FileEntry, Manifest, fingerprint, verify
from lookup.schema import MANIFEST, encodings, rows_per_group

FRESH = ".building-"
"""Begins the name of a folder that is still being filled."""
IS_BUILD = re.compile("[0-9a-f]{12}")
ZSTD_LEVEL = 15
"""Level 9 leaves the neighbours of 287,209 products 5 % larger, 19 takes minutes to write; reading takes as long after any."""


class CacheWriter:
    """Collects a build's files in a fresh folder; `publish` makes them the live ones.

    The tables of one build stand in one folder named after their content, and ``manifest.json`` beside it names that
    folder. Replacing the manifest is one atomic rename, so a reader sees the old build or the new one, never a mixture,
    and a build that is killed leaves the old one as it was. What a killed build left behind is removed by the next.

    Use as a context manager: leaving without `publish` removes the fresh folder. Only one writer at a time may be inside; the
    lock goes with its process, however that ends. Raises `lookup.lock.Busy`, and `OSError` naming the folder where its disk is
    full.
    """

    def __init__(self, cache_dir: Path) -> None:
        self._cache = cache_dir
        self._fresh_manifest = cache_dir / f".{MANIFEST}"
        self._inside = ExitStack()
        self._files: dict[str, FileEntry] = {}

    def __enter__(self) -> Self:
        self._cache.mkdir(parents=True, exist_ok=True)
        self._inside.enter_context(locked(self._cache, f"{self._cache}: another build is writing here; wait until it has ended"))
        self._inside.enter_context(writing_in(self._cache))
        self._remove(entry for entry in self._cache.iterdir() if entry.name.startswith(FRESH))
        self._fresh = Path(tempfile.mkdtemp(prefix=FRESH, dir=self._cache))
        self._fresh.chmod(0o755)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        shutil.rmtree(self._fresh, ignore_errors=True)
        self._fresh_manifest.unlink(missing_ok=True)
        self._inside.__exit__(kind, error, trace)

    def write_table(self, name: str, table: pa.Table | pa.RecordBatchReader) -> None:
        """Write a Parquet table: zstd, page checksums, row groups sized for single-row reads.

        Of a reader, one batch is in memory at a time. A batch begins a row group: with `lookup.schema.rows_per_group` rows in
        each but the last, the file is that of the whole table.
        """
        path, rows = self._path(name), 0
        with pq.ParquetWriter(
            path,
            table.schema,
            compression="zstd",
            compression_level=ZSTD_LEVEL,
            column_encoding=encodings(name),
            write_page_checksum=True,
            write_statistics=False,  # a reader keeps them in memory, 10 MB of a large shop, and asks for rows by their number
            use_dictionary=[field.name for field in table.schema if pa.types.is_string(field.type)],
        ) as parquet:
            for part in [table] if isinstance(table, pa.Table) else table:
                parquet.write(part, rows_per_group(name))
                rows += part.num_rows
        self._files[name] = FileEntry(path.stat().st_size, fingerprint(path), rows)

    def write_tables(self, tables: Mapping[str, pa.Table | pa.RecordBatchReader]) -> None:
        """Write tables by name, one on each core: most of a build's last seconds are compression."""
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            for written in [pool.submit(self.write_table, name, table) for name, table in tables.items()]:
                written.result()

    def write_bytes(self, name: str, content: bytes) -> None:
        path = self._path(name)
        path.write_bytes(content)
        self._files[name] = FileEntry(len(content), fingerprint(path))

    def keep(self, manifest: Manifest, name: str) -> None:
        """Take a file over from the live build unchanged."""
        source, path = self._cache / manifest.folder / name, self._path(name)
        try:
            os.link(source, path)
        except OSError:  # some file systems have no links
            shutil.copyfile(source, path)
        self._files[name] = manifest.files[name]

    def publish(self, described: Manifest) -> Manifest:
        """Make the collected files the live build, and remove the builds before it.

        Parameters
        ----------
        described
            What the build was made from; its folder and files are filled in here, and its time where it has none.
        """
        files = dict(sorted(self._files.items()))
        content = "".join(f"{name} {entry.sha256}\n" for name, entry in files.items())
        folder = hashlib.sha256(content.encode()).hexdigest()[:12]
        built_at = described.built_at or datetime.now(UTC).isoformat(timespec="seconds")
        manifest = replace(described, built_at=built_at, folder=folder, files=files)
        with self._fresh_manifest.open("w", encoding="utf-8") as file:  # first, because after it nothing needs room on the disk
            file.write(manifest.to_json())
            file.flush()
            os.fsync(file.fileno())
        self._move_to(self._cache / folder, manifest)
        self._fresh_manifest.replace(self._cache / MANIFEST)
        self._remove(entry for entry in self._cache.iterdir() if entry.name != folder and IS_BUILD.fullmatch(entry.name))
        return manifest

    def _move_to(self, target: Path, manifest: Manifest) -> None:
        if target.exists():
            try:
                verify(self._cache, manifest)
            except DamagedCache:
                shutil.rmtree(target)
            else:
                return  # the same content is live already: touching it could only harm its readers
        self._fresh.rename(target)

    def _path(self, name: str) -> Path:
        path = self._fresh / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    @staticmethod
    def _remove(entries: Iterable[Path]) -> None:
        for entry in entries:
            shutil.rmtree(entry, ignore_errors=True)
