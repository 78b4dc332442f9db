"""Read lookup tables: one product's answer at a time, without loading a table into memory."""

from __future__ import annotations

import bisect
import hashlib
import logging
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Self

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from lookup import schema
from lookup.manifest import DamagedCache, FileEntry, Manifest, SignalEntry, verify, verify_file

if TYPE_CHECKING:
    from lookup.encoder import Encoder

log = logging.getLogger(__name__)

Stamp = tuple[int, int, int, int]
"""What tells a file from another, and from itself before it was written to: device, inode, time of change in ns, bytes."""


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


@dataclass(frozen=True)
class NeighbourBlock:
    """The neighbours of products that follow one another, in one signal: each product's, best first, then the next one's.

    Attributes
    ----------
    first
        The first product's row of the product table.
    counts
        int64 [n], how many neighbours each product has.
    rows, scores, evidence
        int32 [m], float32 [m] and int32 [m, evidence_width], as of `NeighbourList`; m is the sum of `counts`.
    fallback
        bool [n], where popular products stand in.
    """

    first: int
    counts: NDArray[np.int64]
    rows: NDArray[np.int32]
    scores: NDArray[np.float32]
    evidence: NDArray[np.int32]
    fallback: NDArray[np.bool_]


class OpenFile:
    """A file of a build, opened once, that remembers whether it could be read.

    Attributes
    ----------
    damage
        What was wrong when the file could not be read; None as long as that never happened.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self.damage: str | None = None

    @contextmanager
    def _reading(self) -> Iterator[None]:
        """One thread at a time; what goes wrong becomes `DamagedCache`, and is logged once, since every visitor may come by."""
        with self._lock:
            try:
                with readable(self._path):
                    yield
            except DamagedCache as error:
                if self.damage is None:
                    log.error("A file in use is damaged: %s", error)
                self.damage = str(error)
                raise


class Model(OpenFile):
    """A file that is no table: read whole, and compared with the manifest."""

    def __init__(self, path: Path, entry: FileEntry) -> None:
        super().__init__(path)
        self._entry = entry
        self._file = pa.OSFile(str(path))

    def read(self) -> bytes:
        """The content; raises `DamagedCache`."""
        with self._reading():
            content = self._file.read_at(self._entry.bytes, 0)
            if hashlib.sha256(content).hexdigest() != self._entry.sha256:
                raise DamagedCache.at(self._path, "its content is not what was built (sha256 differs)")
            return content


class Table(OpenFile):
    """A Parquet file, read row group by row group. Safe to share between threads.

    What is read is compared with the checksums that the writer gave every page; every method that reads raises `DamagedCache`.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._file = pq.ParquetFile(path, pre_buffer=False, page_checksum_verification=True)
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
        with self._reading():
            return self._file.read(columns=columns, use_threads=False)

    def groups(self, columns: list[str] | None = None) -> Iterator[tuple[int, pa.Table]]:
        """Every row group in turn, with the row it starts at."""
        for group in range(len(self._ends)):
            yield (int(self._ends[group - 1]) if group else 0), self._read_group(group, columns)

    def _read_group(self, group: int, columns: list[str] | None) -> pa.Table:
        with self._reading():
            return self._file.read_row_group(group, columns=columns, use_threads=False)


@contextmanager
def readable(path: Path) -> Iterator[None]:
    """While a table is read: what is wrong with its file, or with the columns in it, becomes `DamagedCache`."""
    try:
        yield
    except (OSError, KeyError, ValueError, TypeError, pa.ArrowException) as error:
        raise DamagedCache.at(path, f"can't be read as a table of this program ({' '.join(str(error).split())})") from None


class Cache:
    """One build's lookup tables, verified and opened read-only.

    Opening reads every byte once (to verify it) but keeps only file footers in memory, plus the product ids. All files stay
    open, so the answers stay what they are where a file is removed or another takes its name.

    Parameters
    ----------
    manifest, folder
        What the build holds, and where. `open` also verifies it.
    stamps
        The stamp of each file before it was verified, so that no change goes unnoticed; by default, of what stands there now.
    full_encoder
        Where the encoder in float32 may lie. One that belongs to this build is asked about pictures instead of the deployed one.

    Attributes
    ----------
    ids
        The product ids, sorted.
    stamps
        See above.
    """

    def __init__(
        self,
        manifest: Manifest,
        folder: Path,
        stamps: dict[str, Stamp | None] | None = None,
        full_encoder: Path | None = None,
    ) -> None:
        self.manifest = manifest
        self.folder = folder
        self.stamps = _stamps(manifest, folder) if stamps is None else stamps
        self._tables = {name: self._open_table(name) for name in manifest.files if name.endswith(".parquet")}
        for name in (schema.PRODUCTS, *map(schema.neighbours_path, manifest.signals)):
            if name not in self._tables:
                raise DamagedCache.at(folder / name, "is missing")
        self._check_columns()
        self._check_rows()
        with readable(folder / schema.PRODUCTS):
            self.ids: pa.StringArray = self._tables[schema.PRODUCTS].read(["product_id"]).column("product_id").combine_chunks()
        self._full_model = self._open_full_model(full_encoder) if full_encoder else None
        self._model = self._full_model or self._open_model()

    @classmethod
    def open(cls, cache_dir: Path, full_encoder: Path | None = None) -> Self:
        """Open the live build of a cache folder; raises `DamagedCache` naming the file that is wrong."""
        manifest = Manifest.read(cache_dir)
        folder = cache_dir / manifest.folder
        stamps = _stamps(manifest, folder)
        verify(cache_dir, manifest)
        opened = cls(manifest, folder, stamps, full_encoder)
        pa.default_memory_pool().release_unused()  # reading all ids takes more than they do
        return opened

    def _open_table(self, name: str) -> Table:
        path = self.folder / name
        with readable(path):
            return Table(path)

    def _open_model(self) -> Model | None:
        entry, path = self.manifest.files.get(schema.ENCODER), self.folder / schema.ENCODER
        if entry is None:
            return None
        with readable(path):
            return Model(path, entry)

    def _open_full_model(self, path: Path) -> Model | None:
        """The encoder in float32; where it isn't this build's, one line in the log says so."""
        entry, wrong = self.manifest.full_encoder, "the build has no encoder"
        try:
            if entry is not None:
                verify_file(path, entry)
                with readable(path):
                    return Model(path, entry)
        except DamagedCache as error:
            wrong = str(error)
        log.warning("Pictures are not shown to the full network, only to the deployed one: %s", wrong)
        return None

    def _check_columns(self) -> None:
        n_clusters = self._tables[schema.CLUSTERS].num_rows if schema.CLUSTERS in self._tables else 0
        for name, table in self._tables.items():
            signal = self.manifest.signals.get(PurePosixPath(name).stem, SignalEntry(0, 0, 0))
            shape = {"k": signal.k, "evidence_width": signal.evidence_width, "n_clusters": n_clusters}
            for field in schema.expected_schema(name, **shape) or ():
                place = table.schema.get_field_index(field.name)
                if place < 0:
                    raise DamagedCache.at(self.folder / name, f"has no column {field.name}")
                if not table.schema.field(place).equals(field):
                    raise DamagedCache.at(self.folder / name, f"its column {field.name} is not {field.type}")

    def _check_rows(self) -> None:
        for name, table in self._tables.items():
            counted = schema.counted_like(name)
            if counted in self._tables and table.num_rows != (expected := self._tables[counted].num_rows):
                raise DamagedCache.at(self.folder / name, f"has {table.num_rows:,} rows, {counted} has {expected:,}")

    @property
    def damage(self) -> str | None:
        """What was wrong when an open file could not be read; None as long as that never happened."""
        files: list[OpenFile] = [*self._tables.values(), *([self._model] if self._model else [])]
        return next((file.damage for file in files if file.damage is not None), None)

    def look(self) -> dict[str, Stamp | None]:
        """The stamps of the files that stand in the folder now."""
        return _stamps(self.manifest, self.folder)

    def overwritten(self) -> str | None:
        """What is wrong with an open file that has been written to; None where those that were removed or replaced are all."""
        for name, now in self.look().items():
            before = self.stamps[name]
            if now is not None and before is not None and now != before and now[:2] == before[:2]:
                try:
                    verify_file(self.folder / name, self.manifest.files[name])
                except DamagedCache as error:
                    return str(error)
        return None

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
        one_row = self.table(schema.neighbours_path(signal)).row(row)
        [neighbour], [scores] = lists(one_row, "neighbour"), lists(one_row, "score")
        n = int(np.count_nonzero(neighbour != schema.NO_NEIGHBOUR))
        evidence = _evidence(one_row, entry)[0, :n]
        return NeighbourList(neighbour[:n], scores[:n], evidence, one_row.column("fallback")[0].as_py())

    def neighbour_blocks(self, signal: str, k: int) -> Iterator[NeighbourBlock]:
        """The neighbours of every product in a signal of the manifest, at most `k` each; a block is a row group."""
        entry = self.manifest.signals[signal]
        for first, group in self.table(schema.neighbours_path(signal)).groups():
            neighbour = lists(group, "neighbour")[:, :k]
            is_there = neighbour != schema.NO_NEIGHBOUR
            yield NeighbourBlock(
                first,
                np.count_nonzero(is_there, axis=1),
                neighbour[is_there],
                lists(group, "score")[:, :k][is_there],
                _evidence(group, entry)[:, :k][is_there],
                group.column("fallback").to_numpy(),
            )

    def thumbnail(self, row: int) -> bytes | None:
        """A product's picture as WebP, or None."""
        if schema.THUMBNAILS not in self:
            return None
        return self.table(schema.THUMBNAILS).row(row).column(0)[0].as_py()

    @property
    def has_encoder(self) -> bool:
        """Whether pictures can be asked about."""
        return self._model is not None

    @property
    def has_full_encoder(self) -> bool:
        """Whether it is the network in float32, as the build has computed with it, that is asked."""
        return self._full_model is not None

    @cached_property
    def encoder(self) -> Encoder:
        """The network that turns a picture into its vectors, kept in memory from the first picture on; raises `DamagedCache`."""
        from lookup.encoder import Encoder  # Pillow and onnxruntime: memory that only a picture query pays

        assert self._model is not None, "pictures are only asked about where there is an encoder"
        return Encoder(self._model.read(), lean=True)

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


def _stamps(manifest: Manifest, folder: Path) -> dict[str, Stamp | None]:
    return {name: stamp(folder / name) for name in manifest.files}


def stamp(path: Path) -> Stamp | None:
    """A file's stamp; None where there is none. Two of a file are equal as long as nobody writes to it or takes its place."""
    try:
        found = os.stat(path)  # noqa: PTH116 - a score of them once a second, on the way of a click
    except OSError:
        return None
    return found.st_dev, found.st_ino, found.st_mtime_ns, found.st_size


def lists(table: pa.Table, column: str) -> NDArray:
    """[n, size]: a column of lists of one size. `flatten` gives the same by Arrow's functions, slower, and they take 7 MB."""
    found = table.column(column).combine_chunks()
    size = found.type.list_size
    return found.values.to_numpy()[found.offset * size : (found.offset + len(found)) * size].reshape(len(found), size)


def _evidence(table: pa.Table, entry: SignalEntry) -> NDArray[np.int32]:
    """int32 [n, k, evidence_width], of a table of neighbours."""
    shape = table.num_rows, entry.k, entry.evidence_width
    return lists(table, "evidence").reshape(shape) if entry.evidence_width else np.zeros(shape, np.int32)
