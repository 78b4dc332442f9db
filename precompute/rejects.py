"""Rows that are left out, each with its file, line and reason: nothing is dropped silently."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from lookup.schema import REJECTS_SCHEMA


class Rejects:
    """Collects what is left out of a build.

    A reason is one of a few fixed sentences, so that it can be counted; what stood there goes into the detail.
    """

    def __init__(self) -> None:
        self._files: list[str] = []
        self._lines: list[int | None] = []
        self._reasons: list[str] = []
        self._details: list[str | None] = []

    def __len__(self) -> int:
        return len(self._files)

    def add(self, file: Path | str, line: int | None, reason: str, detail: str | None = None) -> None:
        """Note one row of a file; `line` counts from 1, and is None where the file is rejected whole."""
        self._files.append(Path(file).name)
        self._lines.append(line)
        self._reasons.append(reason)
        self._details.append(detail[:200] if detail else None)

    @property
    def counts(self) -> Counter[str]:
        """``"<file>: <reason>"`` to rows."""
        return Counter(f"{file}: {reason}" for file, reason in zip(self._files, self._reasons, strict=True))

    @property
    def reasons(self) -> Counter[str]:
        """Reason to rows, over all files."""
        return Counter(self._reasons)

    def write(self, path: Path) -> None:
        """Write all of them as a Parquet table of `lookup.schema.REJECTS_SCHEMA`."""
        columns = [self._files, self._lines, self._reasons, self._details]
        arrays = [pa.array(values, field.type) for values, field in zip(columns, REJECTS_SCHEMA, strict=True)]
        pq.write_table(pa.table(arrays, schema=REJECTS_SCHEMA), path, compression="zstd")
