"""Any of a shop's files, as batches of text columns with the line that each row starts on.

Everything stays text here, so that the id ``0012`` is not the number 12. Memory is bounded by a batch, whatever the file's size.
"""

from __future__ import annotations

import csv
import difflib
import json
import shutil
import tempfile
from codecs import BOM_UTF8
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from io import BytesIO, TextIOWrapper
from operator import itemgetter
from pathlib import Path
from typing import Any, TextIO

import orjson
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from lookup.disk import writing_in
from precompute.errors import BadInput
from precompute.settings import File
from precompute.sources import opening
from precompute.sources.json_blocks import ahead, blocks, parse_block
from precompute.sources.ledger import Ledger

DELIMITERS = (",", ";", "\t", "|")

BATCH_ROWS = 16_384
BATCH_CHARACTERS = 16_000_000
LONGEST_FIELD = 1_000_000
REREAD_CHARACTERS = 50_000_000
"""A quote that is never closed swallows the rows behind it. They are read again, but only so much in one file: it takes time."""
SAMPLE_CHARACTERS = 100_000
UTF_8 = ("utf-8", "utf-8-sig")

Row = tuple[int, Sequence[str | None]]


def read_batches(file: File, ledger: Ledger) -> Iterator[pa.RecordBatch]:
    """Read the columns that a section of ``shop.toml`` names.

    Yields
    ------
    pa.RecordBatch
        ``line`` (int64, from 1, where the row starts; the row's number in Parquet), then a string column for every key of
        ``file.columns`` that is set. A row that can't be read is rejected into `ledger`, which also counts the rows.

    Raises
    ------
    BadInput
        Where the file is missing, damaged, of an unknown kind, or lacks a column.
    """
    wanted = {key: name for key in file.columns if (name := getattr(file, key)) is not None}
    with opening.explained(file, ledger):
        kind = opening.kind(file.path, ledger)
        if kind in opening.PARQUET:
            batches = _parquet(file, wanted, ledger)
        elif kind in opening.JSON_LINES:
            batches = _JsonLines(file, wanted, ledger).batches()
        else:
            batches = _in_batches(_delimited(file, kind, wanted, ledger), list(wanted))
        yield from (_without_junk(batch, ledger) for batch in batches)


def read_baskets(file: File, ledger: Ledger) -> Iterator[pa.RecordBatch]:
    """Read a file of one order a line, without a header: ``line`` and ``product``, a row for every item."""
    with opening.explained(file, ledger):
        if opening.kind(file.path, ledger) not in opening.DELIMITED:
            raise BadInput(f'{file.path}: [orders] layout = "baskets" needs a text file ({", ".join(opening.DELIMITED)})')
        batches = _in_batches(_baskets(file, ledger), ["product"])
        yield from (_without_junk(batch, ledger) for batch in batches)


class _Lines:
    """A text's lines, counted as an editor counts them; those behind the first of a row can be taken back and read again."""

    def __init__(self, text: TextIO) -> None:
        self._text = text
        self._again: deque[str] = deque()
        self._row: list[str] = []
        self._may_reread = REREAD_CHARACTERS
        self.number = 0
        self.ended = False

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else opening.next_line(self._text)
        if not line:
            self.ended = True
            raise StopIteration
        self._row.append(line)
        self.number += 1
        return line

    def start_row(self) -> int:
        """Say that a row begins with the next line, and get that line's number."""
        self._row.clear()
        return self.number + 1

    def take_back(self) -> bool:
        """Give the row's lines behind its first once more, as long as `REREAD_CHARACTERS` last; says whether they did."""
        again = self._row[1:]
        self._may_reread -= sum(len(line) for line in again)
        if self._may_reread < 0:
            return False
        self._again.extendleft(reversed(again))
        self.number -= len(again)
        self.ended = False
        return True


def _csv_rows(lines: _Lines, delimiter: str, ledger: Ledger) -> Iterator[tuple[int, list[str]]]:
    """Every row that isn't blank, with the number of its first line."""
    csv.field_size_limit(LONGEST_FIELD)
    reader = csv.reader(lines, delimiter=delimiter)
    while True:
        line = lines.start_row()
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            _bad_rows(ledger, lines, line, "row can't be read as delimited text", str(error))
            continue
        if lines.ended:
            # A whole row ends before the next line is asked for.
            _bad_rows(ledger, lines, line, "quote is never closed", f"opened in line {line}")
        elif row:
            yield line, row


def _bad_rows(ledger: Ledger, lines: _Lines, line: int, reason: str, detail: str) -> None:
    """Reject the row that begins in a line, and go on behind that line, or else reject all others that the row swallowed too."""
    _bad_row(ledger, line, reason, detail)
    if not lines.take_back():
        for swallowed in range(line + 1, lines.number + 1):
            _bad_row(ledger, swallowed, "line belongs to a row that can't be read", f"which begins in line {line}")


def _bad_row(ledger: Ledger, line: int, reason: str, detail: str) -> None:
    ledger.rows += 1
    ledger.reject(line, reason, detail)


def _delimited(file: File, kind: str, wanted: dict[str, str], ledger: Ledger) -> Iterator[Row]:
    file = opening.in_known_encoding(file)
    delimiter = file.delimiter or ("\t" if kind == ".tsv" else _find_delimiter(_first_lines(file), wanted))
    with opening.text(file) as text:
        lines = _Lines(text)
        rows = _csv_rows(lines, delimiter, ledger)
        _, names = next(rows, (0, None))
        if names is None:
            raise BadInput(f"{file.path}: is empty; a header with the columns' names is expected")
        header = [name.strip() for name in names]
        pick = _pick(_positions(header, wanted, file, ledger))
        for line, row in rows:
            if len(row) == len(header):
                yield line, pick([*row, None])
            else:
                _bad_row(ledger, line, "wrong number of fields", f"{len(row)} instead of {len(header)}")


def _first_lines(file: File) -> list[str]:
    with opening.text(file) as text:
        return text.read(SAMPLE_CHARACTERS).splitlines()


def _find_delimiter(lines: list[str], wanted: dict[str, str]) -> str:
    """The delimiter that brings most of the wanted columns to light in the first line that isn't blank."""
    header = next((line for line in lines if line.strip()), "")

    def fit(delimiter: str) -> tuple[int, int]:
        names = {name.strip() for row in csv.reader([header], delimiter=delimiter) for name in row}
        return len(names & set(wanted.values())), len(names)

    return max(DELIMITERS, key=fit)


def _positions(header: list[str], wanted: dict[str, str], file: File, ledger: Ledger) -> list[int]:
    """Where each wanted column stands in a row; one that may be missing, and is, stands behind the row's end."""
    _check_columns(header, wanted, file, ledger)
    return [header.index(name) if name in header else len(header) for name in wanted.values()]


def _check_columns(found: Sequence[str], wanted: dict[str, str], file: File, ledger: Ledger) -> None:
    for key, name in wanted.items():
        if name not in found and key not in file.optional:
            near = difflib.get_close_matches(name, found, n=1, cutoff=0.5)
            hint = f'; did you mean "{near[0]}"?' if near else "."
            raise BadInput(
                f'{file.path}: has no column "{name}", which [{ledger.section}] {key} names{hint} '
                f"Columns found: {', '.join(found)}"
            )
        if (count := found.count(name)) > 1:
            raise BadInput(f'{file.path}: has {count} columns "{name}", which [{ledger.section}] {key} names; rename one')


def _pick(positions: list[int]) -> Any:
    return itemgetter(*positions) if len(positions) > 1 else lambda row: (row[positions[0]],)


def _baskets(file: File, ledger: Ledger) -> Iterator[Row]:
    file = opening.in_known_encoding(file)
    delimiter = file.delimiter or _find_basket_delimiter(_first_lines(file))
    with opening.text(file) as text:
        for line, items in _csv_rows(_Lines(text), delimiter, ledger):
            # Spreadsheets pad every basket to the longest with empty fields.
            for item in items:
                if item and not item.isspace():
                    yield line, (item,)


def _find_basket_delimiter(lines: list[str]) -> str:
    """The delimiter that most of the first lines hold; a space where they hold none, since names of items hold spaces too."""
    found = max(DELIMITERS, key=lambda delimiter: sum(delimiter in line for line in lines))
    return found if any(found in line for line in lines) else " "


class _JsonLines:
    """The objects of a file of JSON Lines: by blocks where all is as it should be, line by line where it isn't."""

    def __init__(self, file: File, wanted: dict[str, str], ledger: Ledger) -> None:
        self._file, self._wanted, self._ledger = file, wanted, ledger
        self._found: dict[str, None] = {}
        self._lines = 0
        self._blank = True

    def batches(self) -> Iterator[pa.RecordBatch]:
        encoding = self._file.encoding or ("utf-16" if opening.is_utf16(self._file.path) else None)
        if encoding in (None, *UTF_8):
            yield from self._by_blocks(encoding)
        else:
            with opening.text(self._file) as text:
                yield from self._by_line(text)
        if self._found:
            _check_columns(list(self._found), self._wanted, self._file, self._ledger)

    def _by_blocks(self, encoding: str | None) -> Iterator[pa.RecordBatch]:
        """`encoding` is UTF-8, or None where it is to be found, which only a block with more than ASCII in it asks for."""
        required = frozenset(self._wanted) - self._file.optional
        with opening.binary(self._file.path) as stream, closing(ahead(blocks(stream, opening.LONGEST_LINE_BYTES))) as ready:
            for read in ready:
                block = read.removeprefix(BOM_UTF8) if self._lines == 0 else read
                if encoding is None and not block.isascii():
                    encoding = opening.encoding_of(self._file.path)
                in_utf8 = encoding in (None, *UTF_8)
                short = len(block) <= opening.LONGEST_LINE  # so that every line of it is
                batch = parse_block(block, self._wanted, required, self._lines + 1) if short and in_utf8 else None
                if batch is None:
                    used = "utf-8" if in_utf8 else encoding  # a byte-order mark means nothing inside a file
                    with TextIOWrapper(BytesIO(block), encoding=used, errors="replace", newline="") as text:
                        yield from self._by_line(text)
                else:
                    self._found.update(dict.fromkeys(orjson.loads(block.partition(b"\n")[0])))
                    self._lines += len(batch)
                    self._blank = False
                    yield batch

    def _by_line(self, text: TextIO) -> Iterator[pa.RecordBatch]:
        return _in_batches(self._rows(text), list(self._wanted))

    def _rows(self, text: TextIO) -> Iterator[Row]:
        names = list(self._wanted.values())
        while line := opening.next_line(text):
            self._lines += 1
            if line.isspace():
                continue
            if self._blank and line.lstrip().startswith("["):
                raise BadInput(
                    f"{self._file.path}: holds one JSON list; one JSON object a line is expected: jq -c '.[]' makes it so"
                )
            self._blank = False
            number = self._lines
            try:
                record = _parsed(line)
            except (orjson.JSONDecodeError, RecursionError) as error:
                _bad_row(self._ledger, number, "line is not valid JSON", str(error))
                continue
            if not isinstance(record, dict):
                _bad_row(self._ledger, number, "line is not a JSON object", line.strip())
                continue
            self._found.update(dict.fromkeys(record))
            try:
                row = [_as_text(record.get(name)) for name in names]
            except orjson.JSONEncodeError as error:
                _bad_row(self._ledger, number, "value is nested too deeply", str(error))
                continue
            yield number, row


def _parsed(line: str) -> Any:
    """One line of JSON; numbers of more than 64 bits as text, because they are ids and two of them may share one float."""
    record = orjson.loads(line)
    if isinstance(record, dict) and any(isinstance(one, float) and abs(one) >= 2**63 for one in record.values()):
        return json.loads(line, parse_int=str, parse_float=str)
    return record


def _as_text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        return " ".join(value)
    return orjson.dumps(value, default=str).decode()


def _parquet(file: File, wanted: dict[str, str], ledger: Ledger) -> Iterator[pa.RecordBatch]:
    with opening.binary(file.path) as stream, tempfile.TemporaryFile() as unpacked:
        source = stream
        if file.path.suffix.lower() != ".parquet":
            # Parquet is read from its end, which a packed stream reaches only by unpacking all of it.
            with writing_in(Path(tempfile.gettempdir())):
                shutil.copyfileobj(stream, unpacked)
            source = unpacked
        table = pq.ParquetFile(source, page_checksum_verification=True)
        _check_columns(table.schema_arrow.names, wanted, file, ledger)
        line = 1
        there = [name for name in dict.fromkeys(wanted.values()) if name in table.schema_arrow.names]
        for batch in table.iter_batches(batch_size=BATCH_ROWS, columns=there):
            missing = pa.nulls(batch.num_rows, pa.string())
            columns = [_text_column(batch.column(name)) if name in there else missing for name in wanted.values()]
            lines = pa.array(range(line, line + batch.num_rows), pa.int64())
            yield pa.RecordBatch.from_arrays([lines, *columns], ["line", *wanted])
            line += batch.num_rows


def _text_column(values: pa.Array) -> pa.Array:
    if pa.types.is_floating(values.type):
        return _float_column(values)
    if pa.types.is_nested(values.type):
        return pa.array([_as_text(one) for one in values.to_pylist()], pa.string())
    if isinstance(values, pa.ExtensionArray):
        return pa.array([None if one is None else str(one) for one in values.to_pylist()], pa.string())
    if pa.types.is_dictionary(values.type):
        return _text_column(values.dictionary).take(values.indices)
    return _checked(values.cast(pa.string(), safe=False))


def _checked(texts: pa.StringArray) -> pa.StringArray:
    """The same texts, all of them UTF-8: Parquet's reader takes the file's word for it."""
    encoded = texts.cast(pa.binary())
    try:
        return encoded.cast(pa.string())
    except pa.ArrowInvalid:
        return pa.array([one if one is None else one.decode("utf-8", "replace") for one in encoded.to_pylist()], pa.string())


def _float_column(values: pa.Array) -> pa.Array:
    # pandas makes floats of whole numbers, ids among them, wherever one is missing, and NaN of what is missing.
    values = values.cast(pa.float64())
    whole = pc.and_(pc.equal(pc.trunc(values), values), pc.less(pc.abs(values), 2.0**53))
    texts = pc.if_else(whole, pc.if_else(whole, values, 0.0).cast(pa.int64()).cast(pa.string()), values.cast(pa.string()))
    return pc.if_else(pc.is_nan(values), pa.scalar(None, pa.string()), texts)


def _in_batches(rows: Iterable[Row], names: list[str]) -> Iterator[pa.RecordBatch]:
    schema = pa.schema([pa.field("line", pa.int64()), *((name, pa.string()) for name in names)])
    lines: list[int] = []
    values: list[Sequence[str | None]] = []
    characters = 0

    def batch() -> pa.RecordBatch:
        columns = [lines, *zip(*values, strict=True)]
        return pa.RecordBatch.from_arrays([pa.array(c, f.type) for c, f in zip(columns, schema, strict=True)], schema=schema)

    for line, row in rows:
        lines.append(line)
        values.append(row)
        characters += sum(map(len, filter(None, row)))
        if len(lines) == BATCH_ROWS or characters > BATCH_CHARACTERS:
            yield batch()
            lines, values, characters = [], [], 0
    if lines:
        yield batch()


def _without_junk(batch: pa.RecordBatch, ledger: Ledger) -> pa.RecordBatch:
    """The batch without NUL characters, which no text means; its rows and what an encoding didn't know are counted."""
    ledger.rows += batch.num_rows
    for index, name in enumerate(batch.schema.names[1:], start=1):
        column = batch.column(index)
        if _is_plain(column):
            continue
        ledger.note(f"NUL characters removed from {name}", pc.sum(pc.match_substring(column, "\0")).as_py() or 0)
        ledger.note(f"characters that could not be decoded in {name}", pc.sum(pc.match_substring(column, "\ufffd")).as_py() or 0)
        column = pc.replace_substring(column, "\0", "")
        batch = batch.set_column(index, batch.schema.field(index), column)
    return batch


def _is_plain(texts: pa.StringArray) -> bool:
    """Whether texts are sure to be ASCII without NUL characters, told from their bytes at a fraction of a search's cost."""
    characters = texts.buffers()[2]
    plain = b"" if characters is None else characters.to_pybytes()
    return plain.isascii() and b"\0" not in plain
