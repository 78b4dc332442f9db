"""Read lookup tables: one product's answer at a time, without loading a table into memory."""

from __future__ import annotations

import bisect
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Self

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from lookup import schema
from lookup.manifest import DamagedCache, Manifest, verify


@dataclass(frozen=True)
class NeighbourList:
    """The neighbours of one product in one signal, best first.

    Attributes
    ----------
    rows
        int32 [m], rows of the product table, m <= k.
    scores
        float32 [m].
    evidence
        int32 [m, evidence_width]; what the numbers mean stands in the manifest.
    fallback
        True where popular products of the category stand in for neighbours.
    """

    rows: NDArray[np.int32]
    scores: NDArray[np.float32]
    evidence: NDArray[np.int32]
    fallback: bool


class Table:
    """A Parquet file opened once, read row group by row group. Safe to share between threads."""

    def __init__(self, path: Path) -> None:
        self._file = pq.ParquetFile(path, pre_buffer=False)
        self._lock = threading.Lock()
        metadata = self._file.metadata
        sizes = [metadata.row_group(i).num_rows for i in range(metadata.num_row_groups)]
        self._ends = np.cumsum(sizes, dtype=np.int64)
        self.num_rows: int = metadata.num_rows
        self.schema: pa.Schema = self._file.schema_arrow

    def row(self, row: int, columns: list[str] | None = None) -> pa.Table:
        """One row, as a table of one row; raises `IndexError`."""
        if not 0 <= row < self.num_rows:
            raise IndexError(f"row {row} of {self.num_rows}")
        group = int(np.searchsorted(self._ends, row, side="right"))
        start = int(self._ends[group - 1]) if group else 0
        return self._read_group(group, columns).slice(row - start, 1)

    def rows(self, rows: list[int], columns: list[str] | None = None) -> pa.Table:
        """Some rows, in the order asked for; each row group is read once."""
        groups = np.searchsorted(self._ends, rows, side="right")
        starts = np.concatenate([[0], self._ends])
        names = columns or self.schema.names
        found = self.schema.empty_table().select(names)
        position: dict[int, int] = {}
        for group in dict.fromkeys(groups.tolist()):
            wanted = [row for row, of in zip(rows, groups, strict=True) if of == group]
            position.update({row: found.num_rows + i for i, row in enumerate(wanted)})
            found = pa.concat_tables([found, self._read_group(group, columns).take([row - int(starts[group]) for row in wanted])])
        return found.take(pa.array([position[row] for row in rows], pa.int64()))  # typed, because rows may be empty

    def read(self, columns: list[str] | None = None) -> pa.Table:
        """The whole table, or whole columns of it."""
        with self._lock:
            return self._file.read(columns=columns, use_threads=False)

    def groups(self, columns: list[str] | None = None) -> Iterator[tuple[int, pa.Table]]:
        """Every row group in turn, with the row it starts at."""
        for group in range(len(self._ends)):
            yield (int(self._ends[group - 1]) if group else 0), self._read_group(group, columns)

    def _read_group(self, group: int, columns: list[str] | None) -> pa.Table:
        with self._lock:
            return self._file.read_row_group(group, columns=columns, use_threads=False)


@contextmanager
def readable(path: Path) -> Iterator[None]:
    """While a table is read: what is wrong with its file, or with the columns in it, becomes `DamagedCache`."""
    try:
        yield
    except (OSError, KeyError, ValueError, TypeError, pa.ArrowException) as error:
        raise DamagedCache(f"{path}: can't be read as a table of this program ({' '.join(str(error).split())})") from None


class Cache:
    """One build's lookup tables, verified and opened read-only.

    Opening reads every byte once (to verify it) but keeps only file footers in memory, plus the product ids.
    """

    def __init__(self, manifest: Manifest, folder: Path) -> None:
        self.manifest = manifest
        self.folder = folder
        self._tables = {name: self._open_table(name) for name in manifest.files if name.endswith(".parquet")}
        if schema.PRODUCTS not in self._tables:
            raise DamagedCache(f"{folder / schema.PRODUCTS}: is missing")
        with readable(folder / schema.PRODUCTS):
            self.ids: pa.StringArray = self._tables[schema.PRODUCTS].read(["product_id"]).column("product_id").combine_chunks()

    @classmethod
    def open(cls, cache_dir: Path) -> Self:
        """Open the live build of a cache folder; raises `DamagedCache` naming the file that is wrong."""
        manifest = Manifest.read(cache_dir)
        verify(cache_dir, manifest)
        return cls(manifest, cache_dir / manifest.folder)

    def _open_table(self, name: str) -> Table:
        path = self.folder / name
        with readable(path):
            return Table(path)

    def __contains__(self, name: str) -> bool:
        """Whether this build holds a file of that name."""
        return name in self.manifest.files

    def __len__(self) -> int:
        """The number of products."""
        return len(self.ids)

    def table(self, name: str) -> Table:
        return self._tables[name]

    def row_of(self, product_id: str) -> int | None:
        """The row of a product id, or None. The ids are sorted, so a binary search needs no index in memory."""
        return row_in(self.ids, product_id)

    def id_of(self, row: int) -> str:
        return self.ids[row].as_py()

    def neighbours(self, row: int, signal: str) -> NeighbourList:
        """The neighbours of a product in a signal of the manifest."""
        entry = self.manifest.signals[signal]
        found = self.table(schema.neighbours_path(signal)).row(row)
        neighbour = _flat(found, "neighbour")
        n = int(np.count_nonzero(neighbour != schema.NO_NEIGHBOUR))
        width = entry.evidence_width
        evidence = _flat(found, "evidence").reshape(entry.k, width) if width else np.zeros((entry.k, 0), np.int32)
        return NeighbourList(neighbour[:n], _flat(found, "score")[:n], evidence[:n], found.column("fallback")[0].as_py())

    def thumbnail(self, row: int) -> bytes | None:
        """A product's picture as WebP, or None."""
        if schema.THUMBNAILS not in self:
            return None
        return self.table(schema.THUMBNAILS).row(row).column(0)[0].as_py()

    @cached_property
    def terms(self) -> pa.StringArray:
        """The terms of the review signal, sorted."""
        return self.table(schema.TERMS).read(["term"]).column(0).combine_chunks()


def place_in(texts: pa.StringArray, text: str) -> int:
    """Where a text stands among sorted texts, or would stand."""
    return bisect.bisect_left(range(len(texts)), text, key=lambda row: texts[row].as_py())


def row_in(texts: pa.StringArray, text: str) -> int | None:
    """The row of a text among sorted texts, or None."""
    row = place_in(texts, text)
    return row if row < len(texts) and texts[row].as_py() == text else None


def _flat(one_row: pa.Table, column: str) -> NDArray:
    return one_row.column(column).combine_chunks().flatten().to_numpy(zero_copy_only=False)
