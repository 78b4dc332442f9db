"""Any file to batches of text columns, with line numbers."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import zipfile
from collections import Counter
from functools import partial
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from precompute.errors import BadInput
from precompute.rejects import Rejects
from precompute.settings import Orders, Products, Reviews
from precompute.sources import json_blocks, opening, reading
from precompute.sources.ledger import Ledger
from precompute.sources.reading import read_baskets, read_batches


def _ledger(path: Path, section: str = "products") -> Ledger:
    return Ledger(section, path, Rejects(), Counter())


def _file(path: Path, **settings: str) -> Products:
    return Products(path=path, id="id", title="name", **settings)


def _read(path: Path, ledger: Ledger | None = None, **settings: str) -> list[tuple[str | int | None, ...]]:
    batches = read_batches(_file(path, **settings), ledger or _ledger(path))
    return [tuple(row.values()) for batch in batches for row in batch.to_pylist()]


def _packed(folder: Path, name: str, content: bytes, packing: str) -> Path:
    path = folder / (name + packing)
    if packing == ".gz":
        path.write_bytes(gzip.compress(content))
    elif packing == ".zip":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr(name, content)
            archive.writestr("__MACOSX/._" + name, b"x")
    else:
        path.write_bytes(content)
    return path


text = st.text(st.characters(codec="windows-1252", exclude_characters="\0\r\x81\x8d\x8f\x90\x9d"), min_size=1, max_size=12)
cell = st.sampled_from(["0012", "1e5", " A ", "é", 'say "5"', "a,b;c|d\te", "two\nlines", "NONE", "'", "00:01"]) | text


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(st.tuples(cell, cell, cell), min_size=1, max_size=8),
    delimiter=st.sampled_from([",", ";", "\t", "|"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "windows-1252", "utf-16"]),
    packing=st.sampled_from(["", ".gz", ".zip"]),
    declared=st.booleans(),
    line_end=st.sampled_from(["\n", "\r\n"]),
)
def test_delimited_text_comes_back_as_it_was_written(tmp_path, rows, delimiter, encoding, packing, declared, line_end):
    written = io.StringIO(newline="")
    writer = csv.writer(written, delimiter=delimiter, lineterminator=line_end)
    writer.writerows([("other", "name", "id"), *rows])
    path = _packed(tmp_path, "products.csv", written.getvalue().encode(encoding), packing)
    options = {"delimiter": delimiter} if declared else {}
    if declared or encoding == "windows-1252":
        options["encoding"] = encoding
    assert [row[1:] for row in _read(path, **options)] == [(one, name) for _, name, one in rows]


def test_lines_are_those_an_editor_shows(tmp_path):
    path = tmp_path / "products.csv"
    path.write_bytes(b'\nid,name\r\n1,"two\r\nlines"\r\n\r\n2,b\r\n3\r\n4,d\r\n')
    ledger = _ledger(path)
    assert _read(path, ledger) == [(3, "1", "two\r\nlines"), (6, "2", "b"), (8, "4", "d")]
    assert (ledger.rows, ledger.kept) == (4, 3)
    assert ledger.reasons == {"wrong number of fields": 1}


def test_a_quote_that_is_never_closed_costs_one_row(tmp_path):
    path = tmp_path / "products.csv"
    path.write_text('id,name\n1,a\n2,"5 inch\n3,c\n4,d\n', encoding="utf-8")
    ledger = _ledger(path)
    assert _read(path, ledger) == [(2, "1", "a"), (4, "3", "c"), (5, "4", "d")]
    assert (ledger.rows, ledger.kept) == (4, 3)
    assert ledger.reasons == {"quote is never closed": 1}


def test_a_field_without_end_costs_one_row(tmp_path, monkeypatch):
    monkeypatch.setattr(reading, "LONGEST_FIELD", 50)
    path = tmp_path / "products.csv"
    path.write_text('id,name\n1,"' + "x\n" * 40 + "2,b\n", encoding="utf-8")
    ledger = _ledger(path)
    assert _read(path, ledger) == [(43 - 1, "2", "b")]
    assert ledger.reasons["row can't be read as delimited text"] == 1


def test_rereading_behind_open_quotes_is_bounded(tmp_path, monkeypatch):
    monkeypatch.setattr(reading, "REREAD_CHARACTERS", 10)
    path = tmp_path / "products.csv"
    path.write_text('id,name\n1,"a\n2,b\n3,c\n4,d\n', encoding="utf-8")
    ledger = _ledger(path)
    assert _read(path, ledger) == []
    assert ledger.reasons == {"quote is never closed": 1, "line belongs to a row that can't be read": 3}
    assert ledger.rows == 4


@pytest.mark.parametrize("name", ["products.csv", "products.tsv"])
def test_an_encoding_is_looked_for_once(tmp_path, monkeypatch, name):
    looked, look = [], opening.encoding_of
    monkeypatch.setattr(opening, "encoding_of", lambda path: looked.append(path) or look(path))
    path = tmp_path / name
    path.write_text("id,name\n1,é\n".replace(",", "\t" if name.endswith("tsv") else ","), encoding="utf-8")
    assert _read(path) == [(2, "1", "é")]
    assert looked == [path]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_a_byte_order_mark_is_no_part_of_a_name_where_the_encoding_is_declared(tmp_path, encoding, mark):
    path = tmp_path / "products.csv"
    path.write_bytes((mark + "id,name\n1,é\n").encode(encoding))
    assert _read(path, _ledger(path), encoding=encoding) == [(2, "1", "é")]


def test_bytes_that_the_encoding_does_not_know_are_replaced_and_counted(tmp_path):
    path = tmp_path / "products.csv"
    path.write_bytes("id,name\n1,é\n2,ü\n3,ö".encode() + b"\xff\n4,a\0b\n")
    notes: Counter[str] = Counter()
    ledger = Ledger("products", path, Rejects(), notes)
    assert _read(path, ledger) == [(2, "1", "é"), (3, "2", "ü"), (4, "3", "ö\ufffd"), (5, "4", "ab")]
    assert notes == {
        "products.csv: characters that could not be decoded in title": 1,
        "products.csv: NUL characters removed from title": 1,
    }


def test_windows_1252_is_found(tmp_path):
    path = tmp_path / "products.csv"
    path.write_bytes("id;name\n1;Café – 5 €\n".encode("windows-1252"))
    assert _read(path) == [(2, "1", "Café – 5 €")]


def test_windows_1252_is_found_in_json_lines_once_a_line_is_more_than_ascii(tmp_path, monkeypatch):
    monkeypatch.setattr(json_blocks, "BLOCK_BYTES", 40)
    names = ["plain", "also plain", "Café – 5 €", "plain again", "crème"]
    lines = "".join(f'{{"id": "{n}", "name": "{name}"}}\n' for n, name in enumerate(names))
    expected = [(n + 1, str(n), name) for n, name in enumerate(names)]
    path = tmp_path / "products.jsonl"
    for encoding in ("windows-1252", "utf-8", "utf-8-sig", "utf-16"):
        path.write_bytes(lines.encode(encoding))
        assert _read(path) == expected


def test_the_encoding_is_told_by_the_first_lines_that_are_more_than_ascii(tmp_path, monkeypatch):
    monkeypatch.setattr(json_blocks, "BLOCK_BYTES", 10)
    monkeypatch.setattr(opening, "ENCODING_LINES", 2)
    path = tmp_path / "products.csv"
    path.write_bytes("id,name\n1,a\n2,é\n3,é\n".encode() + 5 * "4,é\n".encode("windows-1252"))
    assert _read(path)[:3] == [(2, "1", "a"), (3, "2", "é"), (4, "3", "é")]


def test_json_lines_keep_numbers_as_they_stand_and_reject_what_is_none(tmp_path):
    path = tmp_path / "products.json"
    lines = [
        '{"id": "0012", "name": "a"}',
        '{"id": 12, "name": ["b", "c"]}',
        "{oops",
        "[1]",
        "",
        '{"id": 5.0}',
        '{"id": true, "name": {"x": 1}}',
    ]
    path.write_text("\n".join(lines), encoding="utf-8")
    ledger = _ledger(path)
    assert _read(path, ledger) == [(1, "0012", "a"), (2, "12", "b c"), (6, "5.0", None), (7, "true", '{"x":1}')]
    assert ledger.reasons == {"line is not valid JSON": 1, "line is not a JSON object": 1}
    assert ledger.rows == 6


@pytest.mark.parametrize("packing", ["", ".gz", ".zip"])
def test_parquet_columns_of_any_type_become_text(tmp_path, packing):
    table = pa.table(
        {
            "id": pa.array([12.0, None, 12.5, float("nan")]),
            "name": pa.array(["a", "b", None, "0012"]).dictionary_encode(),
            "category": pa.array([["x", "y"], [], None, ["z"]]),
            "price": pa.array([1, 2, 3, None], pa.int64()),
        }
    )
    stream = io.BytesIO()
    pq.write_table(table, stream)
    path = _packed(tmp_path, "products.parquet", stream.getvalue(), packing)
    assert _read(path, category="category", price="price") == [
        (1, "12", "a", "x y", "1"),
        (2, None, "b", "", "2"),
        (3, "12.5", None, None, "3"),
        (4, None, "0012", "z", None),
    ]


def test_batches_are_bounded_by_rows_and_by_characters(tmp_path, monkeypatch):
    path = tmp_path / "products.csv"
    path.write_text("id,name\n" + "".join(f"{one},{'x' * 10}\n" for one in range(10)), encoding="utf-8")
    file = _file(path)
    monkeypatch.setattr(reading, "BATCH_ROWS", 4)
    assert [batch.num_rows for batch in read_batches(file, _ledger(path))] == [4, 4, 2]
    monkeypatch.setattr(reading, "BATCH_CHARACTERS", 20)
    assert [batch.num_rows for batch in read_batches(file, _ledger(path))] == [2, 2, 2, 2, 2]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (
            "whole milk,cream cheese \nrolls/buns\nsoda,,\n",
            [(1, "whole milk"), (1, "cream cheese "), (2, "rolls/buns"), (3, "soda")],
        ),
        ("1 2 3\n2  30\n", [(1, "1"), (1, "2"), (1, "3"), (2, "2"), (2, "30")]),
        ('a;"b;c"\n\nd;e\n', [(1, "a"), (1, "b;c"), (3, "d"), (3, "e")]),
    ],
    ids=["comma", "space", "semicolon"],
)
def test_baskets(tmp_path, content, expected):
    path = tmp_path / "orders.csv"
    path.write_text(content, encoding="utf-8")
    ledger = _ledger(path, "orders")
    batches = read_baskets(Orders(path=path, layout="baskets"), ledger)
    assert [(row["line"], row["product"]) for batch in batches for row in batch.to_pylist()] == expected
    assert ledger.rows == len(expected)


def _error(path: Path, **settings: str) -> str:
    with pytest.raises(BadInput) as caught:
        _read(path, **settings)
    return str(caught.value)


def test_a_missing_file_is_named_with_the_nearest_one(tmp_path):
    (tmp_path / "products.csv").write_text("id,name\n", encoding="utf-8")
    message = _error(tmp_path / "product.csv")
    assert "product.csv: not found" in message
    assert "[products] path" in message
    assert 'did you mean "products.csv"?' in message


@pytest.mark.parametrize("name", ["products.csv", "products.jsonl"])
def test_a_missing_column_is_named_with_the_nearest_one_and_all_that_there_are(tmp_path, name):
    path = tmp_path / name
    record = {"id": "1", "nam": "a", "colour": "red"}
    lines = json.dumps(record) if name.endswith("jsonl") else ",".join(record) + "\n" + ",".join(record.values())
    path.write_text(lines + "\n", encoding="utf-8")
    message = _error(path)
    assert f'{name}: has no column "name", which [products] title names; did you mean "nam"?' in message
    assert "Columns found: id, nam, colour" in message


def test_a_missing_column_of_parquet(tmp_path):
    path = tmp_path / "products.parquet"
    pq.write_table(pa.table({"id": ["1"]}), path)
    assert 'has no column "name"' in _error(path)


def test_a_column_named_twice(tmp_path):
    path = tmp_path / "products.csv"
    path.write_text("id,name,name\n1,a,b\n", encoding="utf-8")
    assert '2 columns "name"' in _error(path)


def test_damaged_and_unknown_files(tmp_path):
    whole = gzip.compress(b"id,name\n" + b"1,a\n" * 10_000)
    (tmp_path / "cut.csv.gz").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "no.csv.gz").write_bytes(b"id,name\n1,a\n")
    (tmp_path / "no.csv.zip").write_bytes(b"id,name\n1,a\n")
    (tmp_path / "no.parquet").write_bytes(b"id,name\n1,a\n")
    (tmp_path / "sheet.xlsx").write_bytes(b"PK")
    (tmp_path / "list.json").write_text('[{"id": 1, "name": "a"}]', encoding="utf-8")
    (tmp_path / "empty.csv").write_text("\n\n", encoding="utf-8")
    (tmp_path / "folder.csv").mkdir()
    with zipfile.ZipFile(tmp_path / "two.zip", "w") as archive:
        archive.writestr("a.csv", "id,name\n")
        archive.writestr("b.csv", "id,name\n")
    assert "is damaged or cut off" in _error(tmp_path / "cut.csv.gz")
    assert "is damaged or cut off" in _error(tmp_path / "no.csv.gz")
    assert "is damaged or cut off" in _error(tmp_path / "no.csv.zip")
    assert "is no Parquet file that can be read" in _error(tmp_path / "no.parquet")
    assert '".xlsx", an unknown kind of file' in _error(tmp_path / "sheet.xlsx")
    assert "one JSON object a line is expected" in _error(tmp_path / "list.json")
    assert "is empty" in _error(tmp_path / "empty.csv")
    assert "is a folder" in _error(tmp_path / "folder.csv")
    assert "is a folder" in _error(tmp_path)
    assert "holds 2 files where one is expected: a.csv, b.csv" in _error(tmp_path / "two.zip")


@pytest.mark.parametrize("name", ["products.csv", "products.csv.gz", "products.zip", "products.parquet", "orders.csv"])
def test_a_pipe_that_nobody_writes_to_is_refused(tmp_path, name):
    path = tmp_path / name
    os.mkfifo(path)
    read = partial(read_baskets, Orders(path=path, layout="baskets")) if "orders" in name else partial(read_batches, _file(path))
    with pytest.raises(BadInput, match=r"is no regular file .*\[products\] path must name a file"):
        list(read(_ledger(path)))


junk = st.binary(max_size=200) | st.text('",;\r\n\0 {}[]:éa1', max_size=60).map(str.encode)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    junk=junk,
    head=st.sampled_from([b"", b"id,name\n", b"\xff\xfe", b'{"id": 1, "name": "a"}\n', b"PK\x03\x04", b"\x1f\x8b\x08", b"PAR1"]),
    name=st.sampled_from(["a.csv", "a.tsv", "a.jsonl", "a.parquet", "a.csv.gz", "a.zip", "a.jsonl.gz"]),
    pack=st.booleans(),
)
def test_junk_is_rejected_or_refused_but_never_an_accident(tmp_path, junk, head, name, pack):
    content = gzip.compress(head + junk) if pack and name.endswith(".gz") else head + junk
    path = tmp_path / name
    path.write_bytes(content)
    ledger = _ledger(path)
    try:
        right = len(_read(path, ledger)) == ledger.kept
    except BadInput as error:
        right = name in str(error)
    assert right


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
def test_the_amazon_preset_does_without_the_columns_that_a_file_lacks(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"reviews.{ending}"
    row = {"asin": "0012", "reviewText": "sturdy", "overall": "5", "summary": "good", "unixReviewTime": "1472688000"}
    if ending == "csv":
        path.write_text(",".join(row) + "\n" + ",".join(row.values()) + "\n")
    elif ending == "jsonl":
        path.write_text(json.dumps(row) + "\n")
    else:
        pq.write_table(pa.Table.from_pylist([row]), path)
    reviews = Reviews.model_validate({"path": path, "format": "amazon"})
    (batch,) = read_batches(reviews, _ledger(path, "reviews"))
    assert batch.to_pylist() == [
        {"line": 1 if ending != "csv" else 2, "product": "0012", "text": "sturdy", "title": "good", "rating": "5"}
        | {"time": "1472688000", "reviewer": None}
    ]
    named = Reviews.model_validate({"path": path, "format": "amazon", "reviewer": "who"})
    with pytest.raises(BadInput, match='has no column "who"'):
        list(read_batches(named, _ledger(path, "reviews")))
