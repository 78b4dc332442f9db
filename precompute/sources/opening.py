"""A shop's file, opened: what kind it is, however it is packed, and in which encoding; why where it can't be."""

from __future__ import annotations

import difflib
import gzip
import lzma
import stat
import zipfile
import zlib
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterator
from contextlib import closing, contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import IO, TextIO, cast

import orjson
import pyarrow as pa

from lookup.disk import DISK_FULL
from precompute.errors import BadInput
from precompute.settings import File
from precompute.sources.json_blocks import ahead, blocks
from precompute.sources.ledger import Ledger

DELIMITED = (".csv", ".tsv", ".txt", ".dat")
JSON_LINES = (".jsonl", ".ndjson", ".json")
PARQUET = (".parquet",)
ENDINGS = DELIMITED + JSON_LINES + PARQUET

LONGEST_LINE = 16_000_000
LONGEST_LINE_BYTES = 4 * LONGEST_LINE
ENCODING_LINES = 100_000


@contextmanager
def explained(file: File, ledger: Ledger) -> Iterator[None]:
    """Where a file can't be read inside the block, raise `BadInput` that says why in place of the library's own error."""
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
        if isinstance(error, OSError) and error.errno in DISK_FULL:
            raise  # no fault of the file's
        raise BadInput(f"{file.path}: can't be read: {error}") from None


def _nearest_file(path: Path) -> str:
    names = [one.name for one in path.parent.iterdir()] if path.parent.is_dir() else []
    near = difflib.get_close_matches(path.name, names, n=1)
    return f'; did you mean "{near[0]}"?' if near else ""


def kind(path: Path, ledger: Ledger) -> str:
    """The one of `ENDINGS` that says what a file holds, whatever it is packed in; raises `BadInput` where it is none of them."""
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
def binary(path: Path) -> Iterator[IO[bytes]]:
    """The file's bytes, unpacked."""
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
def text(file: File) -> Iterator[TextIO]:
    """The file as text; a byte that its encoding doesn't know becomes U+FFFD, which whoever reads it counts."""
    encoding = file.encoding or encoding_of(file.path)
    # A byte-order mark is no part of the first column's name, also where the encoding is declared.
    if encoding == "utf-8":
        encoding = "utf-8-sig"
    elif encoding in ("utf-16-le", "utf-16-be") and is_utf16(file.path):
        encoding = "utf-16"
    with binary(file.path) as stream, TextIOWrapper(stream, encoding=encoding, errors="replace", newline="") as decoded:
        yield decoded


def in_known_encoding(file: File) -> File:
    """The same file with its encoding in it: looking for one may take as long as reading everything."""
    return file if file.encoding else file.model_copy(update={"encoding": encoding_of(file.path)})


def encoding_of(path: Path) -> str:
    """UTF-16 by its mark; else UTF-8, unless most lines with more than ASCII in them aren't: then windows-1252.

    Of such lines the first `ENCODING_LINES` tell.
    """
    if is_utf16(path):
        return "utf-16"
    good = bad = 0
    with binary(path) as stream, closing(ahead(blocks(stream, LONGEST_LINE_BYTES))) as ready:
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


def is_utf16(path: Path) -> bool:
    """Whether a file begins with one of UTF-16's marks."""
    with binary(path) as stream:
        return stream.read(2) in (BOM_UTF16_LE, BOM_UTF16_BE)


def next_line(text: TextIO) -> str:
    """The next line with its end, the empty text behind the last; what is too long to be a line comes in parts."""
    return text.readline(LONGEST_LINE)
