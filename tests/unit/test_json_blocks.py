"""JSON Lines read by blocks are what they are line by line, and what is unusual is left to the lines."""

from __future__ import annotations

import gzip
import io
import json
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from precompute.rejects import Rejects
from precompute.settings import Products
from precompute.sources import json_blocks, opening
from precompute.sources.json_blocks import ahead, blocks, parse_block
from precompute.sources.ledger import Ledger
from precompute.sources.reading import read_batches

WANTED = {"id": "asin", "title": "name", "price": "price"}


def parsed(block: bytes, required: frozenset[str] = frozenset({"id"})) -> list[tuple[object, ...]] | None:
    batch = parse_block(block, WANTED, required, 7)
    return batch and [tuple(row.values()) for row in batch.to_pylist()]


def test_a_clean_block_is_taken_with_its_lines_numbered() -> None:
    block = b'{"asin": "1", "name": "caf\\u00e9 \xe2\x82\xac", "price": 5.5, "more": [{}]}\n{"price": 7, "asin": "2"}\n{}'
    expected = [(7, "1", "café €", "5.5"), (8, "2", None, "7.0"), (9, None, None, None)]
    assert parsed(block) == expected
    assert parsed(block.replace(b"\n", b"\r\n")) == expected
    batch = parse_block(b'{"asin": 12}\n{"asin": 13}\n', WANTED, frozenset({"id"}), 1)
    assert batch is not None
    assert batch.schema == pa.schema({"line": pa.int64()} | dict.fromkeys(WANTED, pa.string()))
    assert batch.column("id").to_pylist() == ["12", "13"]


GOOD = b'{"asin": "1", "price": 1.5}\n'


@pytest.mark.parametrize(
    "block",
    [
        b'[{"asin": "1"}]\n',
        GOOD + b"\n" + GOOD,
        b" " + GOOD,
        GOOD + b'{"asin": "2"} \n',
        GOOD + b'{"asin": "2"}{"asin": "3"}\n',
        GOOD + b'{"asin":\n"2"}\n',
        GOOD + b'{"asin": {"x": 1}\n{"y": 1}}\n',
        GOOD + b'{"asin": "2"},\n' + GOOD,
        GOOD + b'{"asin": "2"\r}\n',
        GOOD + b'{"asin": "two\nlines"}\n',
        GOOD + b'{"asin": 2}\n',
        GOOD + b'{"asin": ["2"]}\n',
        GOOD + b'{"asin": "2", "asin": "3"}\n',
        GOOD + b'{"asin": "\\ud800"}\n',
        GOOD + b'{"asin": "\\udfff"}\n',
        GOOD + b'{"asin": "\xff"}\n',
        GOOD + b'{"price": 1e400}\n',
        GOOD + b'{"price": NaN}\n',
        GOOD + b'{"price": "1"}\n',
        GOOD + b"{oops}\n",
        GOOD + b'{"asin": "cut',
        GOOD + b'{"more": ' + 2_000 * b"[" + 2_000 * b"]" + b"}\n",
        GOOD + 2_000 * b'{"a":' + b"1" + 2_000 * b"}" + b"\n",
        b'{"asin": 1}\n{"asin": 2.0}\n',
        b'{"asin": 1}\n{"asin": 9223372036854775808}\n',
        b'{"asin": 1.5}\n',
        b'{"asin": true}\n',
        b'{"name": "its first object holds no id"}\n' + GOOD,
        b"\xef\xbb\xbf" + GOOD,
        b"\n",
    ],
)
def test_an_unusual_block_is_not_taken(block: bytes) -> None:
    assert parsed(block) is None


value = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**65), 2**65),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=5),
    st.sampled_from(["}\n{", "\0", "\ufeff", "\u2028", '"', "\\", "&amp;"]),
    st.lists(st.text("ab", max_size=2), max_size=2),
)
record = st.fixed_dictionaries({}, optional={"asin": value, "name": value, "price": value, "other": value})
alike = st.fixed_dictionaries({"asin": st.text(max_size=3), "name": st.text(max_size=5), "price": st.floats(0, 99)})
junk = st.sampled_from(["", " ", "[]", "{oops}", "1", "{}{}", '{"asin": 1}, ', '{"asin": "\\ud800"}', '{"asin"', ":1}", "}", "{"])
line = st.one_of(
    alike.map(json.dumps), st.builds(json.dumps, record, ensure_ascii=st.booleans(), separators=st.just((",", ":"))), junk
)


@given(lines=st.lists(st.lists(line, max_size=3), max_size=4), end=st.sampled_from(["\n", "\r\n"]))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_blocks_say_what_lines_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lines: list[list[str]], end: str) -> None:
    monkeypatch.setattr(json_blocks, "BLOCK_BYTES", 60)
    content = end.join(['{"asin": "0", "name": "", "price": 0.5}', *(one for some in lines for one in some)])
    # In UTF-16 a file is read line by line.
    assert read(tmp_path, content, "utf-8") == read(tmp_path, content, "utf-16")


def read(folder: Path, content: str, encoding: str) -> tuple[list[tuple[object, ...]], Counter[str], int]:
    """The rows of a file, prices as the numbers they mean; why others were left out; and how many there were."""
    path = folder / f"{encoding}.jsonl.gz"
    path.write_bytes(gzip.compress(content.encode(encoding), 1))
    ledger = Ledger("products", path, Rejects(), Counter())
    file = Products(path=path, id="asin", title="name", price="price", encoding=encoding)
    rows = [tuple(row.values()) for batch in read_batches(file, ledger) for row in batch.to_pylist()]
    return [(*row[:-1], _number(row[-1])) for row in rows], ledger.reasons, ledger.rows


def _number(text: str | None) -> float | str | None:
    try:
        return float(text) if text is not None else None
    except ValueError:
        return text


def test_a_line_without_end_comes_in_parts_and_the_lines_behind_it_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(json_blocks, "BLOCK_BYTES", 50)
    monkeypatch.setattr(opening, "LONGEST_LINE", 100)
    monkeypatch.setattr(opening, "LONGEST_LINE_BYTES", 400)
    content = "\n".join(['{"asin": "1", "name": "", "price": 1.5}', '{"asin": "' + 940 * "x" + '"}', '{"asin": "3"}'])
    rows, reasons, n = read(tmp_path, content, "utf-8")
    assert (rows, reasons, n) == read(tmp_path, content, "utf-16")
    assert [row[1] for row in rows] == ["1", "3"]
    assert reasons == {"line is not valid JSON": 10}


@given(
    content=st.binary(max_size=200).map(lambda some: some.replace(b"x", b"\n")), size=st.integers(1, 30), most=st.integers(1, 40)
)
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_blocks_are_whole_lines(monkeypatch: pytest.MonkeyPatch, content: bytes, size: int, most: int) -> None:
    monkeypatch.setattr(json_blocks, "BLOCK_BYTES", size)
    found = list(blocks(io.BytesIO(content), most))
    assert b"".join(found) == content
    assert all(block.endswith(b"\n") or len(block) == most for block in found[:-1])
    longest = max(map(len, content.split(b"\n")), default=0)
    assert all(len(block) <= size + min(longest, most + size) + 1 for block in found)


def test_the_next_item_is_made_while_one_is_worked_on() -> None:
    second = threading.Event()

    def items() -> Iterator[int]:
        yield 1
        second.set()
        yield 2

    with closing(ahead(items())) as ready:
        assert next(ready) == 1
        assert second.wait(timeout=30)
        assert list(ready) == [2]


def test_nothing_is_made_once_nobody_asks() -> None:
    made = []
    threads = threading.active_count()
    with closing(ahead(made.append(n) or n for n in range(100))) as ready:
        assert [next(ready), next(ready)] == [0, 1]
    assert len(made) <= 3
    assert threading.active_count() == threads


def test_an_error_comes_behind_the_items_before_it() -> None:
    def items() -> Iterator[int]:
        yield 1
        raise EOFError("cut off")

    ready = ahead(items())
    assert next(ready) == 1
    with pytest.raises(EOFError, match="cut off"):
        next(ready)
