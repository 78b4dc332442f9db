"""Parquet: every type that a column can have, and files that are cut, flipped, or lie about their size."""

from __future__ import annotations

import datetime
import decimal
import gzip
import io
import random
import struct
import uuid
from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from tests.hostile.shops import KEPT_WITHOUT, Case, Either, Ending, Read, Refused, toml_of

UNREADABLE = "is no Parquet file that can be read"
NO_ID = "no product id"
NO_PRICE = f"price is not a number {KEPT_WITHOUT}"
NO_DATE = f"time is not a date {KEPT_WITHOUT}"


def cases() -> Iterator[Case]:
    """All of them."""
    yield from _types()
    yield from _tables()
    yield from _damage()
    yield from _lies()
    yield from _other_files()


def _products(name: str, content: bytes, ends: Ending, file: str = "products.parquet", **keys: str) -> Case:
    return Case(name, toml_of("products", path=file, id="id", title="name", **keys), {file: content}, ends)


def _written(table: pa.Table, **options: Any) -> bytes:
    stream = io.BytesIO()
    pq.write_table(table, stream, **options)
    return stream.getvalue()


def _types() -> Iterator[Case]:
    """Two rows whose ids, and then whose prices, are of a type that nobody expects."""
    moment = datetime.datetime(2020, 1, 2, 3, 4, 5)
    columns = {
        "booleans": pa.array([True, False]),
        "64 bits without a sign": pa.array([2**64 - 1, 0], pa.uint64()),
        "half floats": pa.array(np.array([1.5, 65504], np.float16)),
        "floats that are no numbers": pa.array([np.inf, -np.inf]),
        "decimals": pa.array([decimal.Decimal("1.10"), decimal.Decimal("-9.99")]),
        "decimals of 76 digits": pa.array([decimal.Decimal(10**75), decimal.Decimal(1)], pa.decimal256(76, 0)),
        "dates": pa.array([datetime.date.min, datetime.date.max]),
        "nanoseconds": pa.array([2**63 - 1, -(2**63) + 1], pa.timestamp("ns")),
        "times with a zone that there is not": pa.array([moment, None], pa.timestamp("us", "Mars/Olympus")).fill_null(0),
        "times beyond every calendar": pa.array([2**62, -(2**62)], pa.timestamp("us")),
        "times of day": pa.array([datetime.time(1), datetime.time.max]),
        "durations": pa.array([1, 2], pa.duration("ns")),
        "bytes": pa.array([b"a", b"\xff\xfe\0"]),
        "bytes of one width": pa.array([b"aa", b"\xff\xff"], pa.binary(2)),
        "words of a dictionary": pa.array(["a", "b"]).dictionary_encode(),
        "numbers of a dictionary": pa.array([1, 2]).dictionary_encode(),
        "lists": pa.array([["a"], ["b", None]]),
        "lists of lists": pa.array([[[1]], [[2], []]]),
        "lists of one length": pa.array([[1, 2], [3, 4]], pa.list_(pa.int8(), 2)),
        "structs": pa.array([{"a": 1}, {"a": None}]),
        "structs of bytes and moments": pa.array([{"a": b"\xff", "b": moment}, {"a": b"", "b": moment}]),
        "maps": pa.array([[("a", 1)], [("b", 2)]], pa.map_(pa.string(), pa.int64())),
        "large texts": pa.array(["a", "b"], pa.large_string()),
        "views of texts": pa.array(["a", "b"], pa.string_view()),
        "UUIDs": pa.ExtensionArray.from_storage(pa.uuid(), pa.array([uuid.UUID(int=n).bytes for n in (1, 2)], pa.binary(16))),
        "JSON": pa.ExtensionArray.from_storage(pa.json_(), pa.array(['{"a": 1}', "2"])),
        "texts that are no UTF-8": _no_utf8(pa.string()),
        "large texts that are no UTF-8": _no_utf8(pa.large_string()),
        "a dictionary of texts that are no UTF-8": _no_utf8(pa.string()).dictionary_encode(),
        "lists of texts that are no UTF-8": pa.ListArray.from_arrays([0, 1, 2], _no_utf8(pa.string())),
    }
    names = pa.array(["a", "b"])
    for name, column in columns.items():
        table = pa.table({"id": column, "name": names})
        zone = name == "times with a zone that there is not"
        unreadable = name == "lists of texts that are no UTF-8"
        ends = Refused(UNREADABLE) if zone else Refused("can't be read as text") if unreadable else Read(2)
        yield _products(f"ids are {name}", _written(table), ends)
    for name in ("booleans", "dates", "lists of lists", "structs", "texts that are no UTF-8", "bytes"):
        ids = pa.array(["1", "2"])
        rejects = {NO_PRICE: 2}
        yield _products(
            f"prices are {name}",
            _written(pa.table({"id": ids, "name": ids, "price": columns[name]})),
            Read(2, rejects),
            price="price",
        )
    nothing = pa.table({"id": pa.nulls(2), "name": names})
    yield _products("ids are of no type", _written(nothing), Refused("none of its 2 rows"))
    for name, count in (
        ("nanoseconds", 1),
        ("times beyond every calendar", 1),
        ("durations", 2),
        ("structs", 2),
        ("booleans", 2),
    ):
        table = pa.table({"product": names, "text": names, "time": columns[name]})
        toml = toml_of("reviews", path="r.parquet", product="product", text="text", time="time")
        yield Case(
            f"times of reviews are {name}",
            toml,
            {"r.parquet": _written(table)},
            Either() if count == 1 else Read(2, {NO_DATE: 2}),
        )


def _no_utf8(type_: pa.DataType) -> pa.Array:
    """Texts that lie: Parquet's writer does not look at them."""
    binary = pa.array([b"\xff\xfe", b"\xed\xa0\x80"], pa.large_binary() if type_ == pa.large_string() else pa.binary())
    return pa.Array.from_buffers(type_, 2, binary.buffers())


def _tables() -> Iterator[Case]:
    two = pa.array(["1", "2"])
    yield _products("no rows", _written(pa.table({"id": two, "name": two}).slice(0, 0)), Refused("holds no rows"))
    yield _products("no columns", _written(pa.table({})), Refused("has no column"))
    yield _products("no wanted column", _written(pa.table({"sku": two})), Refused("has no column"))
    yield _products(
        "a wanted column twice", _written(pa.Table.from_arrays([two, two, two], ["id", "name", "id"])), Refused('2 columns "id"')
    )
    yield _products("another column twice", _written(pa.Table.from_arrays([two] * 4, ["id", "name", "x", "x"])), Read(2))
    yield _products("columns without names", _written(pa.Table.from_arrays([two] * 4, ["id", "name", "", "\0"])), Read(2))
    yield _products(
        "names with dots", _written(pa.table({"id": two, "name": two, "id.x": two, "a.b": two})), Read(2), category="a.b"
    )
    yield _products(
        "a struct named as a column with a dot",
        _written(pa.table({"id": two, "name": two, "a": pa.array([{"b": 1}] * 2), "a.b": two})),
        Read(2),
        category="a.b",
    )
    yield _products("names that command a terminal", _written(pa.table({"\x1b[2J\n": two})), Refused("has no column"))
    yield _products(
        "3,000 columns", _written(pa.table({"id": two, "name": two} | {f"column {n}": two for n in range(3_000)})), Read(2)
    )
    yield _products(
        "3,000 columns, none wanted", _written(pa.table({f"column {n}": two for n in range(3_000)})), Refused("has no column")
    )
    yield _products("structs 60 deep", _written(pa.table({"id": two, "name": _deep(60)})), Read(2))
    yield _products(
        "a row group for every row",
        _written(pa.table({"id": [str(n) for n in range(500)], "name": ["a"] * 500}), row_group_size=1),
        Read(500),
    )
    yield _products("every text is missing", _written(pa.table({"id": two, "name": pa.nulls(2, pa.string())})), Read(2))
    yield _products(
        "ids with NULs and blanks",
        _written(pa.table({"id": ["\0", " \u3000", "a\0b", "ab"], "name": ["x"] * 4})),
        Read(1, {NO_ID: 2, "product id repeats": 1}),
    )
    schema = pa.schema(
        [("id", pa.string()), ("name", pa.string())], {b"ARROW:schema": b"noise", b"pandas": b"{not json", b"\xff": b"\xff"}
    )
    yield _products("noise in the file's notes", _written(pa.table([two, two], schema=schema), store_schema=False), Read(2))


def _deep(depth: int) -> pa.Array:
    column = pa.array([1, 2])
    for _ in range(depth):
        column = pa.StructArray.from_arrays([column], ["x"])
    return column


def _damage() -> Iterator[Case]:
    rng = random.Random(7)
    rows = {
        "id": [f"p{n}" for n in range(100)],
        "name": [f"title {n % 7}" for n in range(100)],
        "price": [n / 4 for n in range(100)],
    }
    whole = _written(pa.table(rows))
    footer = len(whole) - 8 - struct.unpack("<I", whole[-8:-4])[0]
    yield _products("an empty file", b"", Refused(UNREADABLE))
    yield _products("two magic words and nothing between", b"PAR1PAR1", Refused(UNREADABLE))
    yield _products("encrypted, it says", whole[:-4] + b"PARE", Refused("products.parquet"))
    for cut in (1, 4, 8, footer, footer + 10, len(whole) - 8, len(whole) - 4, len(whole) - 1):
        yield _products(f"cut after {cut} bytes", whole[:cut], Refused(UNREADABLE))
    for length in (0, 1, 2**31 - 1, 2**32 - 1):
        lied = whole[:-8] + struct.pack("<I", length) + b"PAR1"
        yield _products(f"footer of {length} bytes, it says", lied, Refused("products.parquet"))
    for part, places in (("footer", range(footer, len(whole) - 8)), ("pages", range(4, footer))):
        for place in sorted(rng.sample(places, 12)):
            flipped = whole[:place] + bytes([whole[place] ^ 1 << rng.randrange(8)]) + whole[place + 1 :]
            yield _products(f"bit flipped in the {part}, byte {place}", flipped, Either(), price="price")
    yield _products(
        "footer of noise", whole[:footer] + rng.randbytes(len(whole) - 8 - footer) + whole[-8:], Refused("products.parquet")
    )
    yield _products("pages of noise", whole[:4] + rng.randbytes(footer - 4) + whole[footer:], Refused("products.parquet"))
    checked = bytearray(_written(pa.table(rows), write_page_checksum=True, compression="none"))
    checked[checked.index(b"title 3")] ^= 1
    yield _products("a letter changed behind a page's checksum", bytes(checked), Refused("can't be read"))


def _lies() -> Iterator[Case]:
    """What unpacks to far more than it is."""
    for codec in ("zstd", "gzip", "brotli", "snappy"):
        bomb = pa.table({"id": ["1"], "name": ["x" * 30_000_000]})
        yield _products(f"a text of 30 MB in {codec}", _written(bomb, compression=codec), Either())
    words = pa.DictionaryArray.from_arrays(pa.array(np.zeros(20_000, np.int32)), pa.array(["x" * 1_000_000]))
    table = pa.table({"id": [str(n) for n in range(20_000)], "name": words})
    yield _products("20 GB of one word", _written(table, compression="zstd"), Refused("memory"))
    ids = pa.DictionaryArray.from_arrays(pa.array(np.zeros(30_000, np.int32)), pa.array(["1"]))
    yield _products(
        "30,000 rows of one id", _written(pa.table({"id": ids, "name": ids})), Read(1, {"product id repeats": 29_999})
    )
    lists = pa.table({"id": ["1"], "name": pa.array([[0] * 300_000])})
    yield _products("a list of 300,000 numbers", _written(lists, compression="zstd"), Either())


def _other_files() -> Iterator[Case]:
    whole = _written(pa.table({"id": ["1", "2"], "name": ["a", "b"]}))
    stream = io.BytesIO()
    with pa.ipc.new_file(stream, pa.schema([("id", pa.string())])) as writer:
        writer.write_table(pa.table({"id": ["1"]}))
    yield _products("Arrow's own file", stream.getvalue(), Refused(UNREADABLE))
    yield _products("text", b"id,name\n1,a\n", Refused(UNREADABLE))
    yield _products("a whole file behind noise", b"noise" + whole, Either())
    yield _products("two files, one behind the other", whole + whole, Either())
    yield _products("gzip: a whole file", gzip.compress(whole), Read(2), file="products.parquet.gz")
    yield _products("gzip: cut off", gzip.compress(whole)[:-20], Refused("is damaged or cut off"), file="products.parquet.gz")
    yield _products(
        "gzip: 200 MB of noughts", gzip.compress(b"\0" * 200_000_000), Refused(UNREADABLE), file="products.parquet.gz"
    )
    yield Case(
        "a basket file", toml_of("orders", path="o.parquet", layout="baskets"), {"o.parquet": whole}, Refused("needs a text file")
    )
