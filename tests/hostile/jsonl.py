"""JSON Lines, and what is taken for them."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Iterator

from tests.hostile.shops import KEPT_WITHOUT, Case, Either, Ending, Read, Refused, toml_of

GOOD = '{"id": "good", "name": "a"}'
NOT_JSON = "line is not valid JSON"
NO_OBJECT = "line is not a JSON object"
NO_ID = "no product id"
REPEATS = "product id repeats"
NO_COLUMN = 'has no column "id"'
NO_PRICE = f"price is not a number {KEPT_WITHOUT}"


def cases() -> Iterator[Case]:
    """All of them."""
    yield from _lines()
    yield from _values()
    yield from _prices()
    yield from _files()


def _products(name: str, content: str | bytes, ends: Ending, file: str = "products.jsonl", **keys: str) -> Case:
    content = content if isinstance(content, bytes) else content.encode()
    return Case(name, toml_of("products", path=file, id="id", title="name", **keys), {file: content}, ends)


def _lines() -> Iterator[Case]:
    """One bad line before a good one."""
    not_json = {
        "single quotes": "{'id': '1', 'name': 'a'}",
        "names without quotes": "{id: 1}",
        "comma at the end": '{"id": "1", "name": "a",}',
        "comma between lines": GOOD + ",",
        "two objects": GOOD + GOOD,
        "comment": "// " + GOOD,
        "words of Python": '{"id": None, "name": True}',
        "NaN": '{"id": "1", "name": NaN}',
        "Infinity": '{"id": "1", "name": -Infinity}',
        "half of a pair, escaped": '{"id": "\\ud800", "name": "a"}',
        "other half of a pair, escaped": '{"id": "1", "name": "\\udfff"}',
        "pair the wrong way round": '{"id": "\\udc00\\ud800"}',
        "unknown escape": '{"id": "\\x41"}',
        "escape cut off": '{"id": "\\u12"}',
        "text cut off": '{"id": "1", "name": "a',
        "object cut off": '{"id": "1", "name": ',
        "control character in a text": '{"id": "1\x01"}',
        "NUL in a text": '{"id": "1\0"}',
        "number with noughts before it": '{"id": 0012}',
        "number with a plus": '{"id": +1}',
        "number of 400 digits": '{"id": ' + "9" * 400 + "}",
        "number in base 16": '{"id": 0x1F}',
        "number without digits": '{"id": 1e}',
        "lists 100,000 deep": '{"id": "1", "name": ' + "[" * 100_000 + "]" * 100_000 + "}",
        "objects 100,000 deep": '{"a":' * 100_000 + "1" + "}" * 100_000,
        "lists 100,000 deep, never closed": '{"id": ' + "[" * 100_000,
        "byte-order mark inside": "\ufeff" + GOOD,
        "HTML": "<html></html>",
        "SQL": "SELECT * FROM products;",
        "CSV": "id,name",
    }
    for name, line in not_json.items():
        yield _products(name, f"{GOOD}\n{line}\n", Read(1, {NOT_JSON: 1}))
    no_object = {"list": '["1", "a"]', "text": '"1"', "number": "1", "null": "null", "true": "true", "empty list": "[]"}
    for name, line in no_object.items():
        yield _products(f"{name} for an object", f"{GOOD}\n{line}\n", Read(1, {NO_OBJECT: 1}))


def _values() -> Iterator[Case]:
    """One strange id or title before a good one."""
    ids = {
        "a number": "12",
        "a number below nought": "-1",
        "a fraction": "0.1",
        "minus nought": "-0.0",
        "true": "true",
        "the largest number of 64 bits": str(2**64 - 1),
        "a list of texts": '["a", "b"]',
        "a list of lists": "[[[[]]]]",
        "an object": '{"id": {"id": {}}}',
        "an emoji as two halves": '"\\ud83e\\ude91"',
        "escaped control characters": '"\\u0001\\u001b[2J\\u007f"',
        "a line end": '"a\\nb"',
        "10,000 letters": f'"{"x" * 10_000}"',
        "no character": '"\\uffff"',
    }
    for name, one in ids.items():
        yield _products(f"id is {name}", f'{GOOD}\n{{"id": {one}}}\n', Read(2))
    nothing = {"null": "null", "nothing": '""', "blanks": '" \\t\\u00a0"', "an escaped NUL": '"\\u0000"', "an empty list": "[]"}
    for name, one in nothing.items():
        yield _products(f"id is {name}", f'{GOOD}\n{{"id": {one}}}\n', Read(1, {NO_ID: 1}))
    yield _products("id named twice in one object", f'{GOOD}\n{{"id": "x", "id": "good"}}\n', Read(1, {REPEATS: 1}))
    yield _products("no id in one object", f"{GOOD}\n{{}}\n", Read(1, {NO_ID: 1}))
    yield _products(
        "two ids of 30 digits that differ in the last", f'{{"id": {"7" * 29}1, "name": ""}}\n{{"id": {"7" * 29}2}}\n', Read(2)
    )
    yield _products("ids that are one text", f'{GOOD}\n{{"id": 1}}\n{{"id": "1"}}\n{{"id": ["1"]}}\n', Read(2, {REPEATS: 2}))
    yield _products(
        "another type of title in every line",
        "".join(f'{{"id": "{n}", "name": {v}}}\n' for n, v in enumerate(("1", "null", "[]", "{}", '"a"', "1.5", "false", "[1]"))),
        Read(8),
    )
    yield _products(
        "lists 500 deep", f'{GOOD}\n{{"id": "1", "name": {"[" * 500}{"]" * 500}}}\n', Read(1, {"value is nested too deeply": 1})
    )
    yield _products("a title of 5 million letters", f'{GOOD}\n{{"id": "1", "name": "{"x" * 5_000_000}"}}\n', Read(2))
    yield _products("100,000 names in one object", GOOD[:-1] + "".join(f', "{n}": {n}' for n in range(100_000)) + "}\n", Read(1))
    yield _products(
        "another name in every object",
        GOOD + "\n" + "".join(f'{{"id": {n}, "{"x" * 50}{n}": 1}}\n' for n in range(5_000)),
        Read(5_001),
    )
    yield _products(
        "names that are paths and methods",
        GOOD[:-1] + ', "__proto__": {"x": 1}, "constructor": 1, "": 2, "a.b[0]": 3}\n',
        Read(1),
    )


def _prices() -> Iterator[Case]:
    for name, price in (
        ("1e400", "1e400"),
        ("minus 1e400", "-1e400"),
        ("true", "true"),
        ("an object", '{"eur": 5}'),
        ("a list of numbers", "[1, 2]"),
    ):
        content = f'{{"id": "1", "name": "a", "price": {price}}}\n'
        yield _products(
            f"price is {name}", content, Refused(NOT_JSON) if "e400" in name else Read(1, {NO_PRICE: 1}), price="price"
        )
    for name, price in (("1e-400", "1e-400"), ("5e2", "5e2"), ("a list of one text", '["5"]'), ("null", "null")):
        yield _products(f"price is {name}", f'{{"id": "1", "name": "a", "price": {price}}}\n', Read(1), price="price")


def _files() -> Iterator[Case]:
    lines = "".join(json.dumps({"id": str(number), "name": "x" * number}) + "\n" for number in range(200))
    packed = gzip.compress(lines.encode(), mtime=0)
    rng = random.Random(5)
    yield _products("an empty file", "", Refused("holds no rows"))
    yield _products("blank lines alone", "\n \n\t\n", Refused("holds no rows"))
    yield _products("a byte-order mark first", "\ufeff" + GOOD, Read(1))
    yield _products("two byte-order marks first", "\ufeff\ufeff" + GOOD + "\n" + GOOD, Read(1, {NOT_JSON: 1}))
    yield _products("UTF-16", (GOOD + "\n").encode("utf-16"), Read(1))
    yield _products("UTF-16 without a mark", (GOOD + "\n").encode("utf-16-be"), Refused(NOT_JSON))
    yield _products("bytes that are no text", GOOD.encode() + b'\n{"id": "\xff\xfe", "name": "\xed\xa0\x80"}\n', Read(2))
    yield _products("one list of everything", f"[{GOOD},\n{GOOD}]", Refused("holds one JSON list"))
    yield _products("one list behind blank lines", f"\n\n[\n{GOOD},\n{GOOD}\n]", Refused("JSON list"))
    yield _products("one object over many lines", json.dumps({"id": "1", "name": "a"}, indent=2), Refused(NOT_JSON))
    yield _products("record separators before lines", f"\x1e{GOOD}\n\x1e{GOOD}\n", Refused(NOT_JSON))
    yield _products("lines end in bare CR", f"{GOOD}\r{GOOD}\r", Read(1, {REPEATS: 1}))
    yield _products("no object has the id", '{"ID": 1, "name": "a"}\n' * 3, Refused(NO_COLUMN))
    yield _products("no line is an object", "1\n2\n3\n", Refused("none of its 3 rows can be used"))
    yield _products("names that command a terminal", '{"\\u001b[2J": 1, "name": "a"}\n', Refused(NO_COLUMN))
    yield _products("one line of 20 million letters", GOOD[:-2] + "x" * 20_000_000 + '"}\n' + GOOD + "\n", Either())
    yield _products("noise", random.Random(6).randbytes(20_000), Refused("none of its"))
    yield _products(
        "gzip: 50 MB of opening brackets", gzip.compress(b"[" * 50_000_000), Refused("JSON list"), file="products.jsonl.gz"
    )
    yield _products("gzip: 50 MB of blanks", gzip.compress(b" " * 50_000_000), Either(), file="products.jsonl.gz")
    for cut in (15, len(packed) // 2, len(packed) - 8):
        yield _products(f"gzip: cut after {cut} bytes", packed[:cut], Refused("is damaged or cut off"), file="products.jsonl.gz")
    for place in sorted(rng.sample(range(len(lines)), 5)):
        content = lines.encode()
        content = content[:place] + bytes([content[place] ^ 1 << rng.randrange(8)]) + content[place + 1 :]
        yield _products(f"a bit flipped in byte {place}", content, Either())
    for cut in (1, 30, len(lines) - 2):
        yield _products(f"cut after {cut} bytes", lines[:cut], Either())
    loose = "{'asin': '1', 'reviewText': \"it's good\", 'overall': 5.0}\n"
    amazon = toml_of("reviews", path="reviews.json", format="amazon")
    yield Case("reviews in Python's notation", amazon, {"reviews.json": loose.encode() * 3}, Refused(NOT_JSON))
    strange = '{"asin": "1", "reviewText": "a", "overall": {"x": 1}, "unixReviewTime": [1]}\n'
    without = {f"rating is not a number from 0 to 5 {KEPT_WITHOUT}": 1, f"time is not a date {KEPT_WITHOUT}": 1}
    yield Case("reviews whose rating and time are no values", amazon, {"reviews.json": strange.encode()}, Read(1, without))
    huge = '{"asin": "1", "reviewText": "a", "unixReviewTime": 99999999999999999999999}\n'
    yield Case(
        "reviews from beyond the end of time",
        amazon,
        {"reviews.json": huge.encode()},
        Read(1, {f"time is not a date {KEPT_WITHOUT}": 1}),
    )
