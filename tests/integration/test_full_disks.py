"""Disks that are full, for a build, a swap and a download: the tables are the old or the new."""

from __future__ import annotations

import gzip
import io
import resource
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dashboard.remote import ARRIVING
from lookup import schema
from lookup.bucket import Bucket
from lookup.manifest import Manifest
from lookup.reader import Cache
from precompute.publish.push import push
from precompute.rejects import Rejects
from precompute.settings import Products
from precompute.sources.ledger import Ledger
from precompute.sources.reading import read_batches
from tests.integration.conftest import PlantedBuild
from tests.planted_cache import write_planted_cache
from tests.republish import republish
from tests.serving import ROOT, load, running

pytestmark = pytest.mark.slow

UPDATE = "/_dash-update-component"


@contextmanager
def files_up_to(size: int) -> Iterator[None]:
    """No file of this process may grow beyond `size`: what a write meets on a full disk, without one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@contextmanager
def small_disk(folder: Path, kilobytes: int) -> Iterator[None]:
    """A real file system without room; skips the test where this user may not mount one."""
    folder.mkdir(exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", str(folder)]
    if shutil.which("mount") is None or subprocess.run(command, capture_output=True, check=False).returncode != 0:
        pytest.skip("mounting a file system takes root")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def all_files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("name", ["manifest.json", "products.parquet", "thumbnails.parquet"])
def test_a_disk_that_is_full_at_any_file_leaves_the_tables_before(cache_dir: Path, tmp_path: Path, name: str) -> None:
    before = all_files(cache_dir)
    detailed = {"note": "x" * 100_000} if name == schema.MANIFEST else {}
    other = tmp_path / "other"
    write_planted_cache(other, n=45)
    fresh = Cache.open(other)
    limit = 90_000 if detailed else fresh.manifest.files[name].bytes - 1
    tables = {table: fresh.table(table).read() for table in fresh.manifest.files}
    with pytest.raises(OSError, match="File too large") as full, files_up_to(limit):
        republish(cache_dir, tables=tables, settings=detailed)
    assert full.value.filename == str(cache_dir)
    assert all_files(cache_dir) == before
    assert [path.name for path in cache_dir.iterdir() if path.is_dir()] == [Manifest.read(cache_dir).folder]
    republish(cache_dir, tables=tables, settings=detailed)
    assert len(Cache.open(cache_dir)) == 45


def test_whatever_room_a_real_disk_has_the_tables_are_the_old_or_the_new(tmp_path: Path) -> None:
    outcomes = set()
    write_planted_cache(tmp_path / "elsewhere", n=40)
    taken = sum(4 * -(-len(content) // 4096) for content in all_files(tmp_path / "elsewhere").values())
    for kilobytes in range(taken + 8, 2 * taken + 48, 20):
        with small_disk(tmp_path / "disk", kilobytes):
            write_planted_cache(tmp_path / "disk", n=40)
            said = None
            try:
                write_planted_cache(tmp_path / "disk", n=45)
            except OSError as full:
                said = full.strerror, full.filename
            assert said in (None, ("No space left on device", str(tmp_path / "disk")))
            live = Cache.open(tmp_path / "disk").manifest
            assert live.counts["products"] == (45 if said is None else 40)
            assert [path.name for path in (tmp_path / "disk").iterdir() if path.is_dir()] == [live.folder]
            outcomes.add(said)
    assert len(outcomes) == 2


@pytest.mark.parametrize("full", ["cache", "work"])
def test_a_build_on_a_full_disk_ends_with_one_line_naming_the_folder(planted: PlantedBuild, tmp_path: Path, full: str) -> None:
    cache, work = tmp_path / "cache", tmp_path / "work"
    shutil.copytree(planted.cache_dir, cache)
    before = all_files(cache)
    if full == "cache":  # all that is heavy is there already, and the cache is what doesn't fit
        work = planted.shop.work
        republish(cache, shop={"name": "an older build", "currency": ""})
        before = all_files(cache)
        limit = max(entry.bytes for entry in planted.cache.manifest.files.values()) - 1
    else:
        limit = 1_000
    command = [sys.executable, "-m", "precompute", "build", str(planted.shop_toml), "--cache", str(cache), "--work", str(work)]
    ended = subprocess.run(
        [*command, "--quiet"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
    )
    assert ended.returncode == 1
    assert ended.stderr.startswith("error: ")
    assert ended.stderr.count("\n") == 1
    assert str(cache if full == "cache" else work) in ended.stderr
    assert all_files(cache) == before
    assert not list(work.rglob("*.partial"))


def test_a_packed_table_for_which_there_is_no_room_is_not_called_damaged(tmp_path: Path) -> None:
    path = tmp_path / "products.parquet.gz"
    table = io.BytesIO()
    pq.write_table(pa.table({"id": [str(number) for number in range(10_000)]}), table)
    path.write_bytes(gzip.compress(table.getvalue()))
    ledger = Ledger("products", path, Rejects(), Counter())
    with pytest.raises(OSError, match="File too large") as full, files_up_to(1_000):
        list(read_batches(Products(path=path, id="id"), ledger))
    assert full.value.filename == tempfile.gettempdir()


def test_an_app_whose_disk_is_full_serves_on_and_takes_the_new_build_when_there_is_room(cache_dir: Path, tmp_path: Path) -> None:
    bucket = Bucket.open((tmp_path / "bucket").as_uri())
    push(cache_dir, bucket)
    environment = {"CACHE_HOME": str(tmp_path / "home"), "CACHE_CHECK_SECONDS": "1"}
    with running((tmp_path / "bucket").as_uri(), workers=1, **environment) as app:
        old = app.ready()["build"]
        (worker,) = app.workers(1)
        worker.rlimit(psutil.RLIMIT_FSIZE, (5_000_000, resource.RLIM_INFINITY))
        republish(cache_dir, files={"large": bytes(5_000_001)})
        new = push(cache_dir, bucket).build
        with load(app, clients=2) as statuses:
            ready = app.wait_until(lambda _, ready: "refused" in ready)
            assert ready["build"] == old
            assert "5.1 MB are needed" in ready["refused"]
            assert str(tmp_path / "home") in ready["refused"]
            app.wait_until(lambda *_: not (tmp_path / "home" / ARRIVING).exists())  # the room is given back, after every try
            worker.rlimit(psutil.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
            app.wait_for(new)
        assert statuses.keys() == {200}
        app.wait_until(lambda _, ready: "refused" not in ready)  # a moment after the new build is live, it has arrived whole
        assert [line["message"].count("MB are needed") for line in app.errors()] == [1], "it is logged once"
