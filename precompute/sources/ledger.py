"""What happens to the rows of one file on their way in: read, left out, kept without a value, mended."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from precompute.errors import BadInput
from precompute.rejects import Rejects

TOP_REASONS = 3


class Ledger:
    """Keeps the books of one input file.

    Parameters
    ----------
    section
        The section of ``shop.toml`` that names the file.
    path
        The file.
    rejects
        Where rows that are left out are noted.
    notes
        ``"<file>: <what>"`` to the number of values mended.
    """

    def __init__(self, section: str, path: Path, rejects: Rejects, notes: Counter[str]) -> None:
        self.section = section
        self.path = path
        self.rows = 0
        self.reasons: Counter[str] = Counter()
        self._rejects = rejects
        self._notes = notes

    @property
    def kept(self) -> int:
        return self.rows - self.reasons.total()

    def reject(self, line: int, reason: str, detail: str | None = None) -> None:
        """Leave a row out."""
        self.reasons[reason] += 1
        self._rejects.add(self.path, line, reason, detail)

    def note(self, what: str, count: int) -> None:
        """Remember that `count` values were mended."""
        if count:
            self._notes[f"{self.path.name}: {what}"] += count

    def drop(self, rows: pa.RecordBatch, where: pa.BooleanArray, reason: str, column: str | None = None) -> pa.RecordBatch:
        """The rows of a batch without those `where` is true, which are rejected; `column` tells what stood there."""
        if not pc.any(where).as_py():
            return rows
        for row in rows.filter(where).select(["line", *([column] if column else [])]).to_pylist():
            self.reject(row["line"], reason, row.get(column))
        return rows.filter(pc.invert(where))

    def kept_without(self, rows: pa.RecordBatch | pa.Table, reason: str) -> None:
        """Note rows, each of a line and a text, that are kept without the value that the text should have held."""
        line, text = rows.column_names
        for row in rows.to_pylist():
            self._rejects.add(self.path, row[line], f"{reason} (row kept without it)", row[text])

    def reject_rows(self, rows: pa.Table, reason: str) -> None:
        """Reject rows that a query found; the first column is the line, the second, if any, the detail."""
        for line, *detail in zip(*(column.to_pylist() for column in rows.columns), strict=True):
            self.reject(line, reason, *detail)

    def require_rows(self) -> None:
        """Raise `BadInput` where no row of the file is left."""
        if self.kept > 0:
            return
        if not self.rows:
            raise BadInput(
                f"{self.path}: holds no rows; name a file with rows in [{self.section}] path, or leave the section out"
            )
        reasons = "; ".join(f"{count:,} x {reason}" for reason, count in self.reasons.most_common(TOP_REASONS))
        raise BadInput(f"{self.path}: none of its {self.rows:,} rows can be used: {reasons}")
