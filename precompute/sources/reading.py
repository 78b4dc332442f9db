"""Any of a shop's files, as batches of text columns with the line that each row starts on.

Everything stays text here, so that the id ``0012`` is not the number 12. Memory is bounded by a batch, whatever the file's size.
"""

from __future__ import annotations

import csv
import difflib
import gzip
import json
import lzma
import shutil
import stat
import tempfile
import zipfile
import zlib
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from io import BytesIO, TextIOWrapper
from operator import itemgetter
from pathlib import Path
from typing import IO, Any, TextIO, cast

import orjson
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from precompute.errors import BadInput
from precompute.settings import File
from precompute.sources.json_blocks import ahead, blocks, parse_block
from precompute.sources.ledger import Ledger

DELIMITED = (".csv", ".tsv", ".txt", ".dat")
JSON_LINES = (".jsonl", ".ndjson", ".json")
PARQUET = (".parquet",)
ENDINGS = DELIMITED + JSON_LINES + PARQUET
DELIMITERS = (",", ";", "\t", "|")

BATCH_ROWS = 16_384
BATCH_CHARACTERS = 16_000_000
LONGEST_FIELD = 1_000_000
LONGEST_LINE = 16_000_000
LONGEST_LINE_BYTES = 4 * LONGEST_LINE
REREAD_CHARACTERS = 50_000_000
"""A quote that is never closed swallows the rows behind it. They are read again, but only so much in one file: it takes time."""
SAMPLE_CHARACTERS = 100_000
ENCODING_LINES = 100_000
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
    with _explained(file, ledger):
        kind = _kind(file.path, ledger)
        if kind in PARQUET:
            batches = _parquet(file, wanted, ledger)
        elif kind in JSON_LINES:
            batches = _JsonLines(file, wanted, ledger).batches()
        else:
            batches = _in_batches(_delimited(file, kind, wanted, ledger), list(wanted))
        yield from (_without_junk(batch, ledger) for batch in batches)


def read_baskets(file: File, ledger: Ledger) -> Iterator[pa.RecordBatch]:
    """Read a file of one order a line, without a header: ``line`` and ``product``, a row for every item."""
    with _explained(file, ledger):
        if _kind(file.path, ledger) not in DELIMITED:
            raise BadInput(f'{file.path}: [orders] layout = "baskets" needs a text file ({", ".join(DELIMITED)})')
        batches = _in_batches(_baskets(file, ledger), ["product"])
        yield from (_without_junk(batch, ledger) for batch in batches)


@contextmanager
def _explained(file: File, ledger: Ledger) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise BadInput(f"{file.path}: not found; [{ledger.section}] path names it{_nearest_file(file.path)}") from None
    except (gzip.BadGzipFile, zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError) as error:
        raise BadInput(f"{file.path}: is damaged or cut off: {error}") from None
    except MemoryError as error:
        raise BadInput(f"{file.path}: its rows take more memory than there is: {error}") from None
    except (pa.ArrowException, orjson.JSONEncodeError) as error:
        raise BadInput(f"{file.path}: is no Parquet file that can be read: {error}") from None
    except UnicodeError as error:
        encoding = f'as "{file.encoding}", its encoding in [{ledger.section}]' if file.encoding else "as text"
        raise BadInput(f"{file.path}: can't be read {encoding}: {error}") from None
    except (OSError, NotImplementedError) as error:
        raise BadInput(f"{file.path}: can't be read: {error}") from None


def _nearest_file(path: Path) -> str:
    names = [one.name for one in path.parent.iterdir()] if path.parent.is_dir() else []
    near = difflib.get_close_matches(path.name, names, n=1)
    return f'; did you mean "{near[0]}"?' if near else ""


def _kind(path: Path, ledger: Ledger) -> str:
    """The ending that says what the file holds, whatever it is packed in."""
    _require_regular(path, ledger)
    name = path.name
    if path.suffix.lower() == ".zip":
        with zipfile.ZipFile(path) as archive:
            name = _only_member(archive, path)
    elif path.suffix.lower() == ".gz":
        name = path.stem
    ending = Path(name).suffix.lower()
    if ending not in ENDINGS:
        what = f'"{ending}"' if ending else "no ending"
        raise BadInput(
            f"{path}: holds {what}, an unknown kind of file; "
            f"[{ledger.section}] path takes {', '.join(ENDINGS)}, plain, .gz or .zip"
        )
    return ending


def _require_regular(path: Path, ledger: Ledger) -> None:
    mode = path.stat().st_mode
    if stat.S_ISDIR(mode):
        raise BadInput(f"{path}: is a folder; [{ledger.section}] path must name a file")
    if not stat.S_ISREG(mode):  # opening a pipe that nobody writes to would wait for ever
        raise BadInput(f"{path}: is no regular file but a pipe, a socket or a device; [{ledger.section}] path must name a file")


def _only_member(archive: zipfile.ZipFile, path: Path) -> str:
    # macOS adds files of its own to every archive.
    members = [name for name in archive.namelist() if not name.endswith("/") and not name.startswith("__MACOSX/")]
    if len(members) != 1:
        raise BadInput(
            f"{path}: holds {len(members)} files where one is expected: {', '.join(members[:5])}; unpack it and name one of them"
        )
    return members[0]


@contextmanager
def _open(path: Path) -> Iterator[IO[bytes]]:
    if path.suffix.lower() == ".gz":
        with path.open("rb") as packed, gzip.GzipFile(fileobj=packed) as unpacked:
            yield cast(IO[bytes], unpacked)
    elif path.suffix.lower() == ".zip":
        with zipfile.ZipFile(path) as archive:
            member = _only_member(archive, path)
            if archive.getinfo(member).flag_bits & 1:
                raise BadInput(f"{path}: is protected by a password; unpack it first")
            with archive.open(member) as unpacked:
                yield unpacked
    else:
        with path.open("rb") as plain:
            yield plain


@contextmanager
def _open_text(file: File) -> Iterator[TextIO]:
    """The file as text; a byte that its encoding doesn't know becomes U+FFFD, which `_without_junk` counts."""
    encoding = file.encoding or _find_encoding(file.path)
    # A byte-order mark is no part of the first column's name, also where the encoding is declared.
    encoding = "utf-8-sig" if encoding == "utf-8" else encoding
    with _open(file.path) as stream, TextIOWrapper(stream, encoding=encoding, errors="replace", newline="") as text:
        yield text


def _find_encoding(path: Path) -> str:
    """UTF-16 by its mark; else UTF-8, unless most lines with more than ASCII in them aren't: then windows-1252.

    Of such lines the first `ENCODING_LINES` tell.
    """
    if _is_utf16(path):
        return "utf-16"
    good = bad = 0
    with _open(path) as stream, closing(ahead(blocks(stream, LONGEST_LINE_BYTES))) as ready:
        for block in ready:
            for line in block.split(b"\n") if not block.isascii() else ():
                if not line.isascii():
                    try:
                        line.decode("utf-8")
                        good += 1
                    except UnicodeDecodeError:
                        bad += 1
            if good + bad >= ENCODING_LINES:
                break
    return "windows-1252" if bad > good else "utf-8-sig"


def _is_utf16(path: Path) -> bool:
    with _open(path) as stream:
        return stream.read(2) in (BOM_UTF16_LE, BOM_UTF16_BE)


def _next_line(text: TextIO) -> str:
    """The next line with its end, the empty text behind the last; what is too long to be a line comes in parts."""
    return text.readline(LONGEST_LINE)


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
        line = self._again.popleft() if self._again else _next_line(self._text)
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

    def take_back(self) -> None:
        """Give the row's lines behind its first once more, as long as `REREAD_CHARACTERS` last."""
        again = self._row[1:]
        self._may_reread -= sum(len(line) for line in again)
        if self._may_reread >= 0:
            self._again.extendleft(reversed(again))
            self.number -= len(again)
            self.ended = False


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
            _bad_row(ledger, line, "row can't be read as delimited text", str(error))
            lines.take_back()
            continue
        if lines.ended:
            # A whole row ends before the next line is asked for.
            _bad_row(ledger, line, "quote is never closed", f"opened in line {line}")
            lines.take_back()
        elif row:
            yield line, row


def _bad_row(ledger: Ledger, line: int, reason: str, detail: str) -> None:
    ledger.rows += 1
    ledger.reject(line, reason, detail)


def _delimited(file: File, kind: str, wanted: dict[str, str], ledger: Ledger) -> Iterator[Row]:
    delimiter = file.delimiter or ("\t" if kind == ".tsv" else _find_delimiter(_first_lines(file), wanted))
    with _open_text(file) as text:
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
    with _open_text(file) as text:
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
    delimiter = file.delimiter or _find_basket_delimiter(_first_lines(file))
    with _open_text(file) as text:
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
        encoding = self._file.encoding or ("utf-16" if _is_utf16(self._file.path) else None)
        if encoding in (None, *UTF_8):
            yield from self._by_blocks(encoding)
        else:
            with _open_text(self._file) as text:
                yield from self._by_line(text)
        if self._found:
            _check_columns(list(self._found), self._wanted, self._file, self._ledger)

    def _by_blocks(self, encoding: str | None) -> Iterator[pa.RecordBatch]:
        """`encoding` is UTF-8, or None where it is to be found, which only a block with more than ASCII in it asks for."""
        required = frozenset(self._wanted) - self._file.optional
        with _open(self._file.path) as stream, closing(ahead(blocks(stream, LONGEST_LINE_BYTES))) as ready:
            for read in ready:
                block = read.removeprefix(BOM_UTF8) if self._lines == 0 else read
                if encoding is None and not block.isascii():
                    encoding = _find_encoding(self._file.path)
                in_utf8 = encoding in (None, *UTF_8)
                short = len(block) <= LONGEST_LINE  # so that every line of it is
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
        while line := _next_line(text):
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
    with _open(file.path) as stream, tempfile.TemporaryFile() as unpacked:
        source = stream
        if file.path.suffix.lower() != ".parquet":
            # Parquet is read from its end, which a packed stream reaches only by unpacking all of it.
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
