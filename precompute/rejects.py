"""Rows that are left out, each with its file, line and reason: nothing is dropped silently."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from lookup.schema import REJECTS_SCHEMA

MOST_LISTED = 1_000_000
"""Rows: what is listed is held in memory, and a small packed file can hold any number of bad rows. All are counted."""


class Rejects:
    """Collects what is left out of a build.

    A reason is one of a few fixed sentences, so that it can be counted; what stood there goes into the detail.
    """

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, str]] = Counter()
        self._files: list[str] = []
        self._lines: list[int | None] = []
        self._reasons: list[str] = []
        self._details: list[str | None] = []

    def __len__(self) -> int:
        return self._counts.total()

    def add(self, file: Path | str, line: int | None, reason: str, detail: str | None = None) -> None:
        """Note one row of a file; `line` counts from 1, and is None where the file is rejected whole."""
        name = Path(file).name
        self._counts[name, reason] += 1
        if len(self._files) < MOST_LISTED:
            self._files.append(name)
            self._lines.append(line)
            self._reasons.append(reason)
            self._details.append(detail[:200] if detail else None)

    @property
    def rows(self) -> list[tuple[int | None, str, str | None]]:
        """Line, reason and detail of the first `MOST_LISTED`."""
        return list(zip(self._lines, self._reasons, self._details, strict=True))

    @property
    def counts(self) -> Counter[str]:
        """``"<file>: <reason>"`` to rows."""
        return Counter({f"{file}: {reason}": count for (file, reason), count in self._counts.items()})

    @property
    def reasons(self) -> Counter[str]:
        """Reason to rows, over all files."""
        reasons: Counter[str] = Counter()
        for (_, reason), count in self._counts.items():
            reasons[reason] += count
        return reasons

    def write(self, path: Path) -> None:
        """Write the first `MOST_LISTED` of them as a Parquet table of `lookup.schema.REJECTS_SCHEMA`."""
        columns = [self._files, self._lines, self._reasons, self._details]
        arrays = [pa.array(values, field.type) for values, field in zip(columns, REJECTS_SCHEMA, strict=True)]
        pq.write_table(pa.table(arrays, schema=REJECTS_SCHEMA), path, compression="zstd")
