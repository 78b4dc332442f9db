"""Copying a cache from a URL: what is refused, what is copied, what stays."""

from __future__ import annotations

import json
import stat
import threading
from pathlib import Path
from typing import Any

import pytest

from dashboard.app import create_app
from dashboard.environment import BadSetting
from dashboard.remote import ARRIVING, Remote, fetch
from dashboard.store import Store
from lookup.bucket import Bucket, is_url
from lookup.manifest import DamagedCache, Manifest
from lookup.reader import Cache
from tests.planted_cache import write_planted_cache


@pytest.fixture
def shared(tmp_path: Path) -> Path:
    write_planted_cache(tmp_path / "shared", n=40)
    return tmp_path / "shared"


@pytest.fixture
def bucket(shared: Path) -> Bucket:
    return Bucket.open(shared.as_uri())


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 2.0
        return self.now


@pytest.mark.parametrize(
    ("location", "expected"), [("s3://b/p", True), ("gs://b", True), ("cache", False), (Path("/a/b"), False)]
)
def test_a_url_is_told_from_a_folder(location: str | Path, expected: bool) -> None:
    assert is_url(location) is expected


def test_a_copy_equals_its_source(bucket: Bucket, shared: Path, home: Path) -> None:
    fetch(bucket, home)
    assert Manifest.read(home) == Manifest.read(shared)
    assert len(Cache.open(home)) == 40
    assert not (home / ARRIVING).exists()


def test_a_copy_that_is_there_is_not_written_again(bucket: Bucket, home: Path) -> None:
    known = fetch(bucket, home)
    before = {path: path.stat().st_mtime_ns for path in home.rglob("*.parquet")}
    assert fetch(bucket, home, known) == known
    fetch(bucket, home)
    assert {path: path.stat().st_mtime_ns for path in home.rglob("*.parquet")} == before


def test_a_copy_that_was_damaged_here_is_mended(bucket: Bucket, home: Path) -> None:
    fetch(bucket, home)
    next(home.rglob("terms.parquet")).write_bytes(b"")
    next(home.rglob("products.parquet")).unlink()
    fetch(bucket, home)
    assert len(Cache.open(home)) == 40


def test_what_did_not_change_is_linked(bucket: Bucket, shared: Path, home: Path) -> None:
    fetch(bucket, home)
    write_planted_cache(shared, n=45)
    fetch(bucket, home)
    assert len(Cache.open(home)) == 45
    assert [path.stat().st_nlink for path in home.rglob("metrics.parquet")] == [2, 2]


def test_the_build_before_stays_until_the_next(bucket: Bucket, shared: Path, home: Path) -> None:
    folders = []
    for n in (40, 45, 50):
        folders.append(write_planted_cache(shared, n=n).folder)
        fetch(bucket, home)
        inode = (home / "manifest.json").stat().st_ino
        fetch(bucket, home)  # as another worker does, that has not heard of it
        assert (home / "manifest.json").stat().st_ino == inode
    assert sorted(path.name for path in home.iterdir() if path.is_dir()) == sorted(folders[1:])


def changed(shared: Path, **fields: Any) -> None:
    path = shared / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | fields))


def with_file(shared: Path, name: str) -> None:
    content = json.loads((shared / "manifest.json").read_text())
    changed(shared, files=content["files"] | {name: {"bytes": 2, "sha256": "ab" * 32, "rows": None}})


@pytest.mark.parametrize("folder", ["../elsewhere", "/etc", ".", "0123456789ab/..", "", "0123456789abc", 7])
def test_a_manifest_can_not_name_a_folder_elsewhere(bucket: Bucket, shared: Path, home: Path, folder: object) -> None:
    changed(shared, folder=folder)
    with pytest.raises(DamagedCache, match=r"^file:///.*manifest\.json"):
        fetch(bucket, home)
    assert {path.name for path in home.iterdir()} <= {".lock", ARRIVING}


@pytest.mark.parametrize("name", ["../../outside", "/outside", "a/../../../outside", "a//b", "./a", "a\0b", "..", "."])
def test_a_manifest_can_not_name_a_file_elsewhere(bucket: Bucket, shared: Path, home: Path, name: str) -> None:
    with_file(shared, name)
    with pytest.raises(DamagedCache, match="names files outside its build"):
        fetch(bucket, home)
    assert not list(home.parent.rglob("outside"))


@pytest.mark.parametrize(
    "content", ["", "{", "[]", "null", "{}", '{"schema_version": 999}', "\0", '{"schema_version": 2}', "[" * 100_000]
)
def test_a_manifest_that_is_none_is_refused(shared: Path, home: Path, content: str) -> None:
    remote = Remote(shared.as_uri(), home)
    remote.look()
    name = Manifest.read(home).folder
    (shared / "manifest.json").write_text(content)
    remote.look()
    assert remote.error is not None
    assert "\n" not in remote.error
    assert Manifest.read(home).folder == name


def test_a_build_that_is_missing_is_refused_until_it_comes(shared: Path, home: Path, tmp_path: Path) -> None:
    remote = Remote(shared.as_uri(), home)
    remote.look()
    folder = shared / write_planted_cache(shared, n=45).folder
    folder.rename(tmp_path / "late")
    remote.look()
    assert remote.error is not None
    assert "is missing" in remote.error
    assert str(home) not in remote.error, "the bucket is named, where the damage is"
    assert len(Cache.open(home)) == 40
    (tmp_path / "late").rename(folder)
    remote.look()
    assert (remote.error, len(Cache.open(home))) == (None, 45)


def test_a_file_longer_than_promised_does_not_fill_the_disk(bucket: Bucket, shared: Path, home: Path) -> None:
    path = next(shared.rglob("terms.parquet"))
    with path.open("ab") as file:
        file.truncate(1 << 32)  # a hole of 4 GB: it takes no room here, and would there
    with pytest.raises(DamagedCache, match=r"terms\.parquet: its content is not what was built"):
        fetch(bucket, home)
    assert sum(path.stat().st_size for path in home.rglob("*") if path.is_file()) < 10_000_000


def test_no_cache_says_how_to_upload_one(tmp_path: Path, home: Path) -> None:
    with pytest.raises(DamagedCache, match=r"manifest\.json: not found\. Upload a cache first: python -m precompute push"):
        fetch(Bucket.open((tmp_path / "none").as_uri()), home)


def test_the_store_takes_over_what_arrives(shared: Path, home: Path) -> None:
    remote = Remote(shared.as_uri(), home)
    remote.look()
    store = Store(home, Clock(), remote)
    write_planted_cache(shared, n=45)
    remote.look()
    store.refresh()
    assert (len(store.build.cache), store.error) == (45, None)
    changed(shared, folder="../..")
    remote.look()
    store.refresh()
    assert len(store.build.cache) == 45
    assert store.error is not None
    assert "manifest.json" in store.error


def test_damage_is_not_forgotten_while_the_storage_is_away(shared: Path, home: Path, tmp_path: Path) -> None:
    remote = Remote(shared.as_uri(), home)
    remote.look()
    next(home.rglob("terms.parquet")).write_bytes(b"")
    remote.bring_again()
    shared.rename(tmp_path / "away")
    remote.look()
    assert remote.error is not None
    (tmp_path / "away").rename(shared)
    remote.look()
    assert (remote.error, len(Cache.open(home))) == (None, 40)


def test_nothing_is_copied_before_the_first_request(shared: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The app is made in gunicorn's master, where a thread would stay behind, and its locks go to every worker."""
    monkeypatch.setenv("CACHE_HOME", str(home))
    before = set(threading.enumerate())
    server = create_app(shared.as_uri()).server
    assert set(threading.enumerate()) <= before
    assert server.test_client().get("/readyz").status_code == 200
    assert {thread.name for thread in set(threading.enumerate()) - before} == {"remote cache"}


def test_a_store_at_a_url_or_a_folder(shared: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CACHE_HOME", str(home))
    assert (
        len(Store.at(shared.as_uri()).build.cache)
        == len(Store.at(str(shared)).build.cache)
        == len(Store.at(shared).build.cache)
        == 40
    )
    assert Store.at(shared.as_uri()).cache_dir == home


def test_a_start_without_the_storage_serves_the_copy(shared: Path, home: Path, tmp_path: Path) -> None:
    Remote(shared.as_uri(), home).start()
    shared.rename(tmp_path / "away")
    remote = Remote(shared.as_uri(), home)
    remote.start()
    assert remote.error is not None
    assert len(Cache.open(home)) == 40
    with pytest.raises(DamagedCache, match="not found"):
        Remote(shared.as_uri(), tmp_path / "no copy").start()


def test_the_copys_own_folder_is_private_and_the_same_each_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CACHE_HOME", raising=False)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    first, second, other = (Remote.from_environment(url).home for url in ("s3://a/b", "s3://a/b", "s3://a/c"))
    assert first == second != other
    assert stat.S_IMODE(first.stat().st_mode) == 0o700
    first.rmdir()
    first.symlink_to(tmp_path)
    with pytest.raises(BadSetting, match="CACHE_HOME"):
        Remote.from_environment("s3://a/b")


@pytest.mark.parametrize("seconds", ["0", "-1", "soon", "nan", "99999999999"])
def test_a_wait_that_is_none_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, seconds: str) -> None:
    monkeypatch.setenv("CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("CACHE_CHECK_SECONDS", seconds)
    with pytest.raises(BadSetting, match="CACHE_CHECK_SECONDS must be a whole number, 1 or more"):
        Remote.from_environment("s3://a/b")


@pytest.mark.parametrize(
    "url", ["ftp://x/y", "s3://", "s3://key:secret@b/x?region=q w", "s3://key:secret@b/x?nonsense=secret", "s3://[", "file://"]
)
def test_a_url_that_is_none_is_named_without_its_password(url: str) -> None:
    with pytest.raises(DamagedCache) as error:
        Bucket.open(url)
    assert "\n" not in str(error.value)
    assert "secret" not in str(error.value)


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CACHE_HOME", "copy")
    monkeypatch.setenv("CACHE_CHECK_SECONDS", "5")
    remote = Remote.from_environment("s3://a/b")
    assert (remote.home, remote.seconds) == (tmp_path / "copy", 5)
