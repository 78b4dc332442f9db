"""JSON Lines by Arrow's parser, some megabytes at a time; a block that holds anything unusual is left to be read line by line.

A block is taken only where every line begins with ``{`` and ends with ``}``, and there are as many objects as lines. No object
can go on over a line's end then, because ``} {`` occurs in no JSON value: every line is one object, and its number is known.
Only numbers that are too large for a float, in columns that nobody asked for, are taken here and refused line by line.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import IO, TypeVar

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.json as pajson
from numpy.typing import NDArray

BLOCK_BYTES = 8_000_000
DEEPEST = 100
NUMBERS = ("rating", "price", "quantity")
"""Columns that mean a number: ``5`` and ``5.0`` are the same there."""

Item = TypeVar("Item")


def blocks(stream: IO[bytes], most: int) -> Iterator[bytes]:
    """Whole lines, about `BLOCK_BYTES` at a time; a line of more than `most` bytes comes in pieces of `most`."""
    rest = b""
    while read := stream.read(BLOCK_BYTES):
        block = rest + read
        end = block.rfind(b"\n") + 1
        if end:
            yield block[:end]
        rest = block[end:]
        while len(rest) > most:
            yield rest[:most]
            rest = rest[most:]
    if rest:
        yield rest


def ahead(items: Iterator[Item]) -> Generator[Item, None, None]:
    """The same items (None is none), each made on a thread while the one before is worked on.

    Unpacking, parsing and writing of Parquet need no interpreter lock.
    """
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(next, items, None)
        while (item := waiting.result()) is not None:
            waiting = pool.submit(next, items, None)
            yield item


def parse_block(block: bytes, wanted: dict[str, str], required: frozenset[str], first_line: int) -> pa.RecordBatch | None:
    """Parse whole lines.

    Parameters
    ----------
    wanted
        A column's key to its name in the file.
    required
        The keys whose columns the first object must hold.
    first_line
        The number of the block's first line.

    Returns
    -------
    pa.RecordBatch or None
        ``line`` (int64) and a string column per key; None where the block must be read line by line.
    """
    block = block.replace(b"\r\n", b"\n") if b"\r" in block else block
    body = block.removesuffix(b"\n")
    ends = _ends_between_objects(body)
    if ends is None or b"\r" in body:
        return None
    schema = _schema(body.partition(b"\n")[0], wanted, required)
    if schema is None or _may_be_deep(body, ends):
        return None
    try:
        table = pajson.read_json(
            pa.BufferReader(block),
            read_options=pajson.ReadOptions(use_threads=False, block_size=len(block) + 1),
            parse_options=pajson.ParseOptions(explicit_schema=schema, unexpected_field_behavior="ignore"),
        )
        table.validate(full=True)  # bytes that are no UTF-8
    except pa.ArrowInvalid:
        return None
    columns = [_texts(table.column(name).combine_chunks()) for name in wanted.values()]
    n = len(ends) + 1
    if table.num_rows != n or any(column is None for column in columns):
        return None
    lines = pa.array(np.arange(first_line, first_line + n))
    return pa.RecordBatch.from_arrays([lines, *columns], ["line", *wanted])


def _ends_between_objects(body: bytes) -> NDArray[np.intp] | None:
    """Where the lines but the last end; None where some line doesn't begin with ``{`` or end with ``}``."""
    characters = np.frombuffer(body, np.uint8)
    ends = np.flatnonzero(characters == ord("\n"))
    outside = not (body.startswith(b"{") and body.endswith(b"}"))
    if outside or (characters[ends - 1] != ord("}")).any() or (characters[ends + 1] != ord("{")).any():
        return None
    return ends


def _may_be_deep(body: bytes, ends: NDArray[np.intp]) -> bool:
    """Whether some line opens enough lists and objects to be nested more deeply than is accepted line by line."""
    if body.count(b"{") + body.count(b"[") <= len(ends) + DEEPEST:  # every line opens one
        return False
    characters = np.frombuffer(body, np.uint8)
    opening = np.flatnonzero((characters == ord("{")) | (characters == ord("[")))
    line_ends = np.append(ends, len(body))
    return bool(np.diff(np.searchsorted(opening, line_ends), prepend=0).max() > DEEPEST)


def _schema(first: bytes, wanted: dict[str, str], required: frozenset[str]) -> pa.Schema | None:
    """The types that the first object's values have, for a parser to insist on; None where they can't become the same texts."""
    try:
        record = orjson.loads(first)
    except orjson.JSONDecodeError:
        return None
    fields = {}
    for key, name in wanted.items():
        if key in required and name not in record:
            return None
        match record.get(name):
            case str() | None:
                fields[name] = pa.string()
            case bool():
                return None
            case int():
                fields[name] = pa.int64()
            case float() if key in NUMBERS:
                fields[name] = pa.float64()
            case _:
                return None
    return pa.schema(fields.items())


def _texts(values: pa.Array) -> pa.StringArray | None:
    if not pa.types.is_floating(values.type):
        return values.cast(pa.string())
    distinct = values.dictionary_encode()
    numbers = distinct.dictionary.to_numpy()
    if not np.isfinite(numbers).all():  # a number too large for a float is no JSON line by line
        return None
    texts = pa.array([orjson.dumps(number).decode() for number in numbers.tolist()], pa.string())
    return texts.take(distinct.indices)
