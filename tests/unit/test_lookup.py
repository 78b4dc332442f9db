"""The lookup tables: what is written is read back, damage is named, and a reader sees one build or the next."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lookup import schema
from lookup.lock import Busy
from lookup.manifest import DamagedCache, Manifest, SignalEntry
from lookup.reader import Cache, Table, lists
from lookup.writer import CacheWriter

K, WIDTH = 3, 2


def product_table(ids: list[str]) -> pa.Table:
    n = len(ids)
    columns: dict[str, Any] = dict.fromkeys(schema.PRODUCTS_SCHEMA.names, [None] * n)
    columns |= {"product_id": ids, "n_reviews": [0] * n, "n_orders": [0] * n, "has_picture": [False] * n}
    return pa.table(columns, schema=schema.PRODUCTS_SCHEMA)


def neighbour_table(n: int) -> pa.Table:
    """Row r has the neighbours r + 1 and r + 2 (modulo n) and an empty third place; every 5th row is a fallback."""
    rows = np.arange(n)
    index = np.stack([(rows + 1) % n, (rows + 2) % n, np.full(n, schema.NO_NEIGHBOUR)], axis=1).tolist()
    evidence = [[10 * row + place for place in range(K * WIDTH)] for row in range(n)]
    columns = [index, [[0.5, 0.25, 0.0]] * n, (rows % 5 == 0).tolist(), evidence]
    return pa.table(columns, schema=schema.neighbours_schema(K, WIDTH))


def write(folder: Path, ids: list[str], shop: str = "test") -> None:
    with CacheWriter(folder) as writer:
        writer.write_table(schema.PRODUCTS, product_table(ids))
        writer.write_table(schema.neighbours_path("visual"), neighbour_table(len(ids)))
        publish(writer, shop)


def publish(writer: CacheWriter, shop: str = "test") -> None:
    entry = SignalEntry(K, 4, 1, schema.Evidence.TERMS, WIDTH)
    writer.publish(Manifest(shop={"name": shop, "currency": ""}, signals={"visual": entry}))


IDS = [f"p{row:05}" for row in range(3000)]


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Cache:
    folder = tmp_path_factory.mktemp("cache")
    write(folder, IDS)
    return Cache.open(folder)


@pytest.mark.parametrize("row", [0, 1, 255, 256, 1023, 1024, 2047, 2999])
def test_neighbours_of_one_product_across_row_groups(cache: Cache, row: int) -> None:
    found = cache.neighbours(row, "visual")
    assert found.rows.tolist() == [(row + 1) % 3000, (row + 2) % 3000]
    assert found.scores.tolist() == [0.5, 0.25]
    assert found.evidence.tolist() == [[10 * row, 10 * row + 1], [10 * row + 2, 10 * row + 3]]
    assert found.fallback == (row % 5 == 0)


def test_rows_come_in_the_order_asked_for(cache: Cache) -> None:
    rows = [2999, 5, 1024, 5, 0]
    assert cache.table(schema.PRODUCTS).rows(rows, ["product_id"]).column(0).to_pylist() == [IDS[row] for row in rows]
    assert cache.table(schema.PRODUCTS).rows([]).num_rows == 0


@pytest.mark.parametrize("row", [-1, 3000])
def test_a_row_outside_the_table_is_an_error(cache: Cache, row: int) -> None:
    with pytest.raises(IndexError):
        cache.table(schema.PRODUCTS).row(row)


def test_groups_cover_the_table(cache: Cache) -> None:
    groups = list(cache.table(schema.PRODUCTS).groups(["product_id"]))
    assert [start for start, _ in groups] == [0, 1024, 2048]
    assert pa.concat_tables([part for _, part in groups]).column(0).to_pylist() == IDS


odd_ids = st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), unique=True, min_size=1, max_size=20).map(
    sorted
)


@given(odd_ids, st.text())
def test_an_id_is_found_where_it_stands_and_nowhere_else(ids: list[str], other: str) -> None:
    cache = Cache.__new__(Cache)
    cache.ids = pa.array(ids)
    assert [cache.row_of(one) for one in ids] == list(range(len(ids)))
    assert other in ids or cache.row_of(other) is None
    assert cache.row_of("\ud800") is None


def test_two_builds_of_the_same_are_byte_identical_but_for_the_time(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        write(tmp_path / folder, IDS)
    files = [sorted(p.relative_to(tmp_path / f) for p in (tmp_path / f).rglob("*") if p.is_file()) for f in ("one", "two")]
    assert files[0] == files[1]
    for name in files[0]:
        contents = [(tmp_path / folder / name).read_bytes() for folder in ("one", "two")]
        if name.name == schema.MANIFEST:
            contents = [json.dumps(json.loads(content) | {"built_at": ""}).encode() for content in contents]
        assert contents[0] == contents[1], name


def test_a_new_build_replaces_the_old_while_an_open_reader_keeps_its_own(tmp_path: Path) -> None:
    write(tmp_path, IDS)
    before = Cache.open(tmp_path)
    write(tmp_path, ["a", "b", "c"])
    assert len(Cache.open(tmp_path)) == 3
    assert before.neighbours(1024, "visual").rows.tolist() == [1025, 1026]
    assert len([entry for entry in tmp_path.iterdir() if entry.is_dir()]) == 1


def test_a_build_that_fails_leaves_the_old_one_and_no_trace(tmp_path: Path) -> None:
    write(tmp_path, IDS)
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(RuntimeError, match="halfway"):
        fail_halfway(tmp_path)
    assert sorted(tmp_path.rglob("*")) == before
    Cache.open(tmp_path)


def test_a_build_killed_in_the_middle_of_a_table_leaves_the_old_one_and_the_next_finishes(tmp_path: Path) -> None:
    write(tmp_path, IDS)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    program = """
import os, signal, sys
from pathlib import Path
import pyarrow as pa
from lookup import schema
from lookup.writer import CacheWriter

def batches():
    for number in range(100):
        if number == 50:
            os.kill(os.getpid(), signal.SIGKILL)
        yield pa.record_batch([[bytes(1000)] * 64], schema=schema.THUMBNAILS_SCHEMA)

with CacheWriter(Path(sys.argv[1])) as writer:
    writer.write_table(schema.THUMBNAILS, pa.RecordBatchReader.from_batches(schema.THUMBNAILS_SCHEMA, batches()))
"""
    killed = subprocess.run([sys.executable, "-c", program, str(tmp_path)], cwd=Path(__file__).parents[2], check=False)
    assert killed.returncode == -signal.SIGKILL
    left = {path for path in tmp_path.rglob("*") if path.is_file()} - before.keys()
    assert {path.name for path in left} == {schema.THUMBNAILS}
    assert {path: path.read_bytes() for path in before} == before
    write(tmp_path, IDS)
    assert {path for path in tmp_path.rglob("*") if path.is_file()} == before.keys()


def test_what_a_killed_build_left_behind_is_removed_by_the_next(tmp_path: Path) -> None:
    (tmp_path / ".building-killed" / "maps").mkdir(parents=True)
    write(tmp_path, IDS)
    assert not list(tmp_path.glob(".building-*"))


def test_a_second_writer_is_refused_and_harms_nothing(tmp_path: Path) -> None:
    with CacheWriter(tmp_path) as writer:
        writer.write_table(schema.PRODUCTS, product_table(["a"]))
        with pytest.raises(Busy, match="another build"):
            write(tmp_path, IDS)
        writer.publish(Manifest(shop={"name": "first"}))
    assert Cache.open(tmp_path).manifest.shop["name"] == "first"
    write(tmp_path, IDS)


def test_rebuilding_the_same_content_mends_a_damaged_file(tmp_path: Path) -> None:
    write(tmp_path, IDS)
    damaged = next(tmp_path.rglob(schema.PRODUCTS))
    damaged.write_bytes(b"")
    write(tmp_path, IDS)
    assert len(Cache.open(tmp_path)) == 3000


def test_files_are_kept_from_the_live_build(tmp_path: Path) -> None:
    write(tmp_path, IDS)
    live = Cache.open(tmp_path)
    with CacheWriter(tmp_path) as writer:
        for name in live.manifest.files:
            writer.keep(live.manifest, name)
        writer.write_bytes(schema.ENCODER, b"network")
        publish(writer)
    now = Cache.open(tmp_path)
    assert schema.ENCODER in now
    assert now.neighbours(0, "visual").rows.tolist() == [1, 2]


def fail_halfway(folder: Path) -> None:
    with CacheWriter(folder) as writer:
        writer.write_table(schema.PRODUCTS, product_table(["a"]))
        raise RuntimeError("halfway")


def damage_truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-10])


def damage_flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize("damage", [damage_truncate, damage_flip, Path.unlink])
@pytest.mark.parametrize("name", [schema.PRODUCTS, "visual.parquet"])
def test_a_damaged_table_is_named(tmp_path: Path, damage: Any, name: str) -> None:
    write(tmp_path, IDS)
    damage(next(tmp_path.rglob(name)))
    with pytest.raises(DamagedCache, match=name):
        Cache.open(tmp_path)


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"schema_version": 999}', '{"schema_version": 2}', '{"schema_version": 2, "signals": 3}']
)
def test_a_manifest_that_is_none_is_named(tmp_path: Path, content: str) -> None:
    (tmp_path / schema.MANIFEST).write_text(content)
    with pytest.raises(DamagedCache, match=schema.MANIFEST):
        Cache.open(tmp_path)


def test_an_empty_folder_says_how_to_fill_it(tmp_path: Path) -> None:
    with pytest.raises(DamagedCache, match="precompute build"):
        Cache.open(tmp_path)


def test_reading_one_row_reads_one_row_group(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, IDS)
    cache = Cache.open(tmp_path)
    asked: list[int] = []
    read_group = Table._read_group
    monkeypatch.setattr(
        Table, "_read_group", lambda self, group, columns: asked.append(group) or read_group(self, group, columns)
    )
    cache.neighbours(1500, "visual")
    assert asked == [1500 // schema.rows_per_group(schema.neighbours_path("visual"))]


@pytest.mark.slow
def test_asking_for_neighbours_loads_nothing_large(tmp_path: Path) -> None:
    """Neither Arrow's functions nor what they would load: a small process holds a large shop."""
    write(tmp_path, IDS[:10])
    program = """
import sys
from importlib.abc import MetaPathFinder
from pathlib import Path

class NoPandas(MetaPathFinder):
    def find_spec(self, name, *_):
        if name == "pandas":
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, NoPandas())
from lookup.reader import Cache
assert Cache.open(Path(sys.argv[1])).neighbours(3, "visual").rows.tolist() == [4, 5]
assert not {"pyarrow.compute", "pyarrow.dataset"} & sys.modules.keys()
"""
    subprocess.run([sys.executable, "-c", program, str(tmp_path)], cwd=Path(__file__).parents[2], check=True)


def test_lists_of_a_part_of_a_table() -> None:
    lists_of_two = pa.FixedSizeListArray.from_arrays(pa.array(range(10), pa.int32()), 2)
    table = pa.concat_tables([pa.table({"pair": lists_of_two}).slice(1, 2), pa.table({"pair": lists_of_two}).slice(4)])
    assert lists(table, "pair").tolist() == [[2, 3], [4, 5], [8, 9]]
    assert lists(table.slice(1, 1), "pair").tolist() == [[4, 5]]
    assert lists(table.slice(0, 0), "pair").shape == (0, 2)


def test_no_flipped_bit_is_ever_read_as_another_answer(tmp_path: Path) -> None:
    """One bit in each byte of an open table, turned round and back: what is read is right, or it is refused."""
    write(tmp_path, IDS[:50])
    path = next(tmp_path.rglob("visual.parquet"))
    table, content, bits = Table(path), path.read_bytes(), random.Random(0)
    right, refused = table.read(), 0
    pages = content[: -8 - int.from_bytes(content[-8:-4], "little")]  # the footer behind them was read when the table was opened
    with path.open("r+b", buffering=0) as file:
        for place, byte in enumerate(pages):
            for written in (byte ^ 1 << bits.randrange(8), byte):
                file.seek(place)
                file.write(bytes([written]))
                try:
                    assert table.read().equals(right)
                except DamagedCache:
                    refused += 1
                    assert written != byte
    assert refused > len(pages) / 2


NOT_ALL_ROWS = (20, ["neighbour", "score", "fallback", "evidence"], r"has 20 rows, products\.parquet has 3,000")
NOT_ALL_COLUMNS = (3000, ["score", "fallback", "evidence"], "has no column neighbour")


@pytest.mark.parametrize(("rows", "columns", "said"), [NOT_ALL_ROWS, NOT_ALL_COLUMNS])
def test_a_table_that_does_not_fit_the_others_is_named(tmp_path: Path, rows: int, columns: list[str], said: str) -> None:
    with CacheWriter(tmp_path) as writer:
        writer.write_table(schema.PRODUCTS, product_table(IDS))
        writer.write_table(schema.neighbours_path("visual"), neighbour_table(rows).select(columns))
        publish(writer)
    with pytest.raises(DamagedCache, match=rf"visual\.parquet: {said}"):
        Cache.open(tmp_path)


def test_a_signal_without_its_table_is_named(tmp_path: Path) -> None:
    with CacheWriter(tmp_path) as writer:
        writer.write_table(schema.PRODUCTS, product_table(IDS))
        publish(writer)
    with pytest.raises(DamagedCache, match=r"neighbours/visual\.parquet: is missing"):
        Cache.open(tmp_path)
