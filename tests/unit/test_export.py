"""Whole tables to take along: every recommendation in every format, unchanged files known by their tag, one file at a time."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from dashboard import export
from dashboard.app import create_app
from dashboard.components.worst import worst_cases
from dashboard.csv_text import undefused
from dashboard.export import RECOMMENDATIONS_SCHEMA, as_csv, as_json_lines, as_parquet
from dashboard.recommendations import recommendations
from dashboard.store import Build
from lookup import schema
from lookup.schema import neighbours_path
from tests.planted_cache import SIGNALS, write_planted_cache
from tests.republish import republish

Rows = list[dict[str, Any]]


@pytest.fixture(scope="module")
def build(planted: Path) -> Build:
    return Build.open(planted)


class Reader(FlaskClient):
    """Reads an answer to its end, as the server's readers do; Flask's own client leaves it open."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        return super().open(*args, **{"buffered": True, **kwargs})


def reader(cache: Path) -> FlaskClient:
    app = create_app(cache).server
    app.test_client_class = Reader
    return app.test_client()


@pytest.fixture
def client(planted: Path) -> FlaskClient:
    return reader(planted)


TEXT_COLUMNS = ("product_id", "signal", "recommended_id", "reason", "title", "recommended_title")


def from_csv(content: bytes) -> Rows:
    read = csv.DictReader(io.StringIO(content.decode(), newline=""))
    return [
        {
            **{name: undefused(row[name]) for name in TEXT_COLUMNS},
            "rank": int(row["rank"]),
            "score": float(row["score"]),
            "fallback": {"true": True, "false": False}[row["fallback"]],
        }
        for row in read
    ]


READERS: dict[str, Callable[[bytes], Rows]] = {
    "csv": from_csv,
    "jsonl": lambda content: [json.loads(line) for line in content.decode().split("\n")[:-1]],
    "parquet": lambda content: pq.read_table(pa.BufferReader(content)).to_pylist(),
}


def expected(build: Build, signals: list[str]) -> Rows:
    """As the product pages and the JSON API say it, one product after the other."""
    return [
        {
            "product_id": product_id,
            "signal": signal,
            "rank": one.rank,
            "recommended_id": one.product.id,
            "score": round(one.score, 6),
            "reason": one.reason,
            "fallback": one.fallback,
            "title": build.catalogue.product(row).title,
            "recommended_title": one.product.title,
        }
        for signal in signals
        for row, product_id in enumerate(build.cache.ids.to_pylist())
        for one in recommendations(build, row, signal)
    ]


@pytest.mark.parametrize("suffix", READERS)
def test_a_file_holds_every_recommendation_of_every_signal(client: FlaskClient, build: Build, suffix: str) -> None:
    response = client.get(export.href("recommendations", suffix))
    assert response.status_code == 200
    assert READERS[suffix](response.data) == expected(build, list(build.manifest.signals))
    assert (
        response.headers["Content-Disposition"] == f"attachment; filename=planted-i-sons-i-recommendations-{build.name}.{suffix}"
    )
    assert "Content-Length" not in response.headers, "nobody knows before it has been made"


@pytest.mark.parametrize("signal", SIGNALS)
def test_a_file_of_one_signal_holds_no_other(client: FlaskClient, build: Build, signal: str) -> None:
    response = client.get(export.href("recommendations", "jsonl", signal))
    assert READERS["jsonl"](response.data) == expected(build, [signal])
    assert f"planted-i-sons-i-recommendations-{signal}-" in response.headers["Content-Disposition"]


def test_reasons_are_english_for_programs_of_any_country(client: FlaskClient, build: Build) -> None:
    response = client.get(export.href("recommendations", "jsonl"), headers={"Accept-Language": "de"})
    assert READERS["jsonl"](response.data) == expected(build, list(build.manifest.signals))


@pytest.mark.parametrize("name", ["metrics", "sweep"])
def test_what_was_measured_can_be_taken_along(client: FlaskClient, build: Build, name: str) -> None:
    table = build.cache.table(export.MEASURED[name]).read()
    assert pq.read_table(pa.BufferReader(client.get(export.href(name, "parquet")).data)).equals(table)
    assert READERS["jsonl"](client.get(export.href(name, "jsonl")).data) == table.to_pylist()
    in_csv = list(csv.reader(io.StringIO(client.get(export.href(name, "csv")).text, newline="")))
    assert in_csv[0] == table.schema.names
    assert [float(row[in_csv[0].index("value")]) for row in in_csv[1:]] == table.column("value").to_pylist()


@pytest.mark.parametrize("suffix", export.FORMATS)
def test_what_was_missed_is_taken_along_by_ids_and_titles(client: FlaskClient, build: Build, suffix: str) -> None:
    ids, titles = build.cache.ids.to_pylist(), [product.title for product in build.catalogue.products(range(len(build.cache)))]
    wanted = [
        (case.signal, ids[case.product], titles[case.product], case.orders, case.k, kind, rank, ids[other], titles[other])
        for case in worst_cases(build)
        for kind, others in (("bought", case.bought), ("recommended", case.recommended))
        for rank, other in enumerate(others, 1)
    ]
    assert len(wanted) == 8 * (2 + 4)
    content = client.get(export.href(export.MISSES, suffix)).data
    if suffix == "csv":
        names, *rows = csv.reader(io.StringIO(content.decode(), newline=""))
        assert names == export.MISSES_SCHEMA.names
        assert [[undefused(cell) for cell in row] for row in rows] == [[str(value) for value in row] for row in wanted]
    else:
        assert [tuple(row.values()) for row in READERS[suffix](content)] == wanted


def test_where_nothing_was_missed_the_file_has_no_rows(tmp_path: Path) -> None:
    write_planted_cache(tmp_path)
    republish(tmp_path, tables={schema.WORST: pa.Table.from_pylist([], schema=schema.WORST_SCHEMA)})
    assert reader(tmp_path).get("/export/worst.csv").text == ",".join(export.MISSES_SCHEMA.names) + "\r\n"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/export/recommendations.xlsx", 404),
        ("/export/products.csv", 404),
        ("/export/recommendations", 404),
        ("/export/recommendations.csv?signal=no", 400),
        ("/export/metrics.csv?signal=visual", 400),
    ],
)
def test_what_is_not_there_is_refused(client: FlaskClient, path: str, status: int) -> None:
    assert client.get(path).status_code == status


def test_what_was_not_measured_is_not_there(tmp_path: Path) -> None:
    write_planted_cache(tmp_path)
    republish(tmp_path, without=[schema.METRICS])
    client = reader(tmp_path)
    assert client.get("/export/metrics.csv").status_code == 404
    assert client.get("/export/sweep.csv").status_code == 200


def test_an_unchanged_file_is_not_sent_again(client: FlaskClient) -> None:
    first = client.get("/export/recommendations.csv?signal=visual")
    tag = {"If-None-Match": first.headers["ETag"]}
    again = client.get("/export/recommendations.csv?signal=visual", headers=tag)
    assert (again.status_code, again.data) == (304, b"")
    assert client.get("/export/recommendations.csv", headers=tag).status_code == 200, "another file"
    assert client.get("/export/recommendations.jsonl?signal=visual", headers=tag).status_code == 200, "another format"
    assert client.head("/export/recommendations.csv?signal=visual").headers["ETag"] == first.headers["ETag"]


def test_one_file_at_a_time_is_sent(client: FlaskClient) -> None:
    sending = client.get("/export/recommendations.csv", buffered=False)
    refused = client.get("/export/recommendations.jsonl")
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "30")
    assert client.get("/healthz").status_code == 200
    sending.close()  # the reader hangs up, before or after the last byte
    assert client.get("/export/recommendations.jsonl").status_code == 200


def test_a_file_that_is_refused_leaves_room_for_the_next(client: FlaskClient) -> None:
    assert [client.get("/export/nothing.csv").status_code for _ in range(3)] == [404] * 3


def test_a_minute_has_so_many_files(planted: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RATE_LIMIT_EXPORT", "2")
    client = reader(planted)
    assert [client.get("/export/sweep.csv").status_code for _ in range(3)] == [200, 200, 429]


def test_a_damaged_table_is_said_before_anything_is_sent(tmp_path: Path) -> None:
    manifest = write_planted_cache(tmp_path)
    client = reader(tmp_path)
    path = tmp_path / manifest.folder / neighbours_path("visual")
    content = bytearray(path.read_bytes())
    content[4:2_000] = bytes(1_996)
    with path.open("r+b") as file:
        file.write(content)
    assert client.get("/export/recommendations.csv?signal=visual").status_code == 503
    assert client.get("/export/recommendations.csv?signal=reviews").status_code == 200


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=9) | st.from_regex(r"'*[=+\-@\t\r].*")
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "product_id": TEXTS,
            "signal": TEXTS,
            "rank": st.integers(1, 2**31 - 1),
            "recommended_id": TEXTS,
            "score": st.floats(-1e6, 1e6),
            "reason": TEXTS,
            "fallback": st.booleans(),
            "title": TEXTS,
            "recommended_title": TEXTS,
        }
    ),
    max_size=6,
)


@settings(max_examples=25, deadline=None)
@given(parts=st.lists(ROWS, max_size=4))
def test_any_texts_come_back_from_any_format(parts: list[Rows]) -> None:
    tables = [pa.Table.from_pylist(rows, schema=RECOMMENDATIONS_SCHEMA) for rows in parts]
    written = {
        "csv": b"".join(as_csv(RECOMMENDATIONS_SCHEMA, tables)),
        "jsonl": b"".join(as_json_lines(RECOMMENDATIONS_SCHEMA, tables)),
        "parquet": b"".join(as_parquet(RECOMMENDATIONS_SCHEMA, tables)),
    }
    for suffix, content in written.items():
        assert READERS[suffix](content) == [row for rows in parts for row in rows]


def test_no_cell_begins_like_a_formula() -> None:
    row = {
        "product_id": "=1+1",
        "signal": "+a",
        "rank": 1,
        "recommended_id": "@b",
        "score": -0.5,
        "reason": "\tc",
        "fallback": False,
        "title": "-d",
        "recommended_title": "\re",
    }
    content = b"".join(as_csv(RECOMMENDATIONS_SCHEMA, [pa.Table.from_pylist([row], schema=RECOMMENDATIONS_SCHEMA)]))
    [_, cells] = csv.reader(io.StringIO(content.decode(), newline=""))
    assert cells == ["'=1+1", "'+a", "1", "'@b", "-0.5", "'\tc", "false", "'-d", "'\re"], "a negative number is none"


def test_a_large_file_has_large_row_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "ROWS_A_GROUP", 5)
    columns: list[Any] = [["a"] * 3, ["s"] * 3, [1, 2, 3], ["b"] * 3, [0.5] * 3, ["r"] * 3, [False] * 3, ["t"] * 3, ["u"] * 3]
    part = pa.table(columns, schema=RECOMMENDATIONS_SCHEMA)
    content = b"".join(as_parquet(RECOMMENDATIONS_SCHEMA, [part] * 5))
    metadata = pq.ParquetFile(pa.BufferReader(content)).metadata
    assert [metadata.row_group(i).num_rows for i in range(metadata.num_row_groups)] == [6, 6, 3]
