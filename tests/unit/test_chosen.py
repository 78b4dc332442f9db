"""Products chosen on a map: the words that they share, and their file."""

from __future__ import annotations

import csv
import io
from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from dashboard.app import create_app
from dashboard.chosen import CHOSEN_FILE, CSV_COLUMNS, common_words
from dashboard.csv_text import undefused
from dashboard.maps import map_href
from dashboard.store import Build
from lookup import schema
from lookup.words import words
from tests.planted_cache import ODD_IDS, write_planted_cache
from tests.republish import republish
from tests.unit.test_export import reader


@pytest.fixture(scope="module")
def build(planted: Path) -> Build:
    return Build.open(planted)


@pytest.fixture(scope="module")
def client(planted: Path) -> FlaskClient:
    return reader(planted)


def bits(build: Build, rows: list[int]) -> bytes:
    chosen = np.zeros(len(build.cache), bool)
    chosen[rows] = True
    return np.packbits(chosen, bitorder="little").tobytes()


def read(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_the_words_are_those_that_the_reviews_signal_names(build: Build) -> None:
    """The planted evidence names "good" and "nice" for every neighbour."""
    assert common_words(build, [0, 1, 2, 6]) == [("good", 4), ("nice", 4)]
    assert common_words(build, [0]) == [], "what one product alone has is not shared"
    assert common_words(build, []) == []


def test_without_reviews_the_words_are_those_of_the_titles(tmp_path: Path) -> None:
    write_planted_cache(tmp_path, without=("reviews",))
    build = Build.open(tmp_path)
    rows = list(range(12))
    counts = Counter(word for row in rows for word in set(words(build.catalogue.product(row).title)))
    found = common_words(build, rows)
    assert found
    assert found[0] == ("number", counts["number"])
    assert all(counts[word] == n >= 2 for word, n in found)


def test_the_file_holds_the_chosen_products_in_order(client: FlaskClient, build: Build) -> None:
    rows = [0, 7, 8, 15, len(build.cache) - 1]
    response = client.post(map_href(build.name, CHOSEN_FILE), data=bits(build, rows))
    assert response.mimetype == "text/csv"
    urls = build.cache.table(schema.PRODUCTS).read(["url"]).column(0).to_pylist()
    expected = []
    for product in build.catalogue.products(rows):
        cluster = build.cluster_title(product.cluster) if product.cluster is not None else ""
        price = "" if product.price is None else f"{product.price}"
        expected.append([product.id, product.title, product.category or "", cluster, price, urls[product.row] or ""])
    assert [[undefused(row[name]) for name in CSV_COLUMNS] for row in read(response.text)] == expected


def test_all_products_can_be_taken(client: FlaskClient, build: Build) -> None:
    everything = client.post(map_href(build.name, CHOSEN_FILE), data=bits(build, list(range(len(build.cache)))))
    ids = [undefused(row["product_id"]) for row in read(everything.text)]
    assert ids == build.cache.ids.to_pylist()
    assert set(ODD_IDS) <= set(ids)


def test_a_title_that_is_a_formula_is_defused(tmp_path: Path) -> None:
    write_planted_cache(tmp_path, title='=HYPERLINK("http://evil.example","a, b")')
    build = Build.open(tmp_path)
    row = build.cache.row_of("item-003")
    assert row is not None
    client = create_app(tmp_path).server.test_client()
    text = client.post(map_href(build.name, CHOSEN_FILE), data=bits(build, [row])).text
    assert read(text)[0]["title"] == '\'=HYPERLINK("http://evil.example","a, b")'
    assert text.count("\r\n") == 2


@pytest.mark.parametrize("body", [b"", b"\xff", b"\xff" * 9, b"\xff" * 1000])
def test_bits_of_another_number_of_products_are_refused(client: FlaskClient, build: Build, body: bytes) -> None:
    assert len(body) != -(-len(build.cache) // 8)
    assert client.post(map_href(build.name, CHOSEN_FILE), data=body).status_code == 404


def test_bits_of_another_build_are_refused(client: FlaskClient, build: Build) -> None:
    assert client.post(map_href("000000000000", CHOSEN_FILE), data=bits(build, [0])).status_code == 404


def test_files_are_sent_one_at_a_time_and_so_many_a_minute(planted: Path, build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RATE_LIMIT_EXPORT", "3")
    client = reader(planted)

    def ask(buffered: bool) -> TestResponse:
        return client.post(map_href(build.name, CHOSEN_FILE), data=bits(build, [0]), buffered=buffered)

    sending = ask(buffered=False)
    refused = ask(buffered=True)
    assert (sending.status_code, refused.status_code, refused.headers["Retry-After"]) == (200, 429, "30")
    assert client.get("/export/sweep.csv").status_code == 200, "a file of another kind"
    sending.close()
    assert ask(buffered=True).status_code == 429, "the fourth in a minute"


def test_clusters_that_the_build_has_no_names_for_are_left_out(tmp_path: Path) -> None:
    write_planted_cache(tmp_path, without=("reviews",))
    republish(tmp_path, without=[schema.CLUSTERS, schema.TERMS, schema.POSTINGS])
    build = Build.open(tmp_path)
    text = create_app(tmp_path).server.test_client().post(map_href(build.name, CHOSEN_FILE), data=bits(build, [0, 1])).text
    assert [row["cluster"] for row in read(text)] == ["", ""]
    assert pa.compute.max(build.cache.table(schema.PRODUCTS).read(["cluster"]).column(0)).as_py() > 0
