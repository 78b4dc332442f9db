"""Publishing to folders and to buckets that speak the real S3 protocol: real kills, real readers."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from lookup.bucket import Bucket
from lookup.manifest import DamagedCache
from precompute.publish.files import PublishedFiles, publish_files
from precompute.publish.layout import Layout
from precompute.publish.push import push
from precompute.publish.rows import open_build
from precompute.publish.target import Folder, open_target
from tests.object_storage import Answer, Wire, object_storage
from tests.publishing import COMMAND, run_publish
from tests.serving import ROOT
from tests.tiny_shop import quiet_report

pytestmark = pytest.mark.slow


@pytest.fixture
def storage() -> Iterator[tuple[str, Wire]]:
    with object_storage("shop") as found:
        yield found


@pytest.fixture(params=["folder", "bucket"])
def location(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A path or a URL to publish to."""
    if request.param == "folder":
        yield str(tmp_path / "published")
    else:
        with object_storage("shop") as (url, _):
            yield url


def publish(cache: Path, target: Folder | Bucket, layout: Layout = Layout.RICH) -> PublishedFiles:
    build, signals = open_build(cache, [])
    return publish_files(build, target, signals, 10, layout, False, quiet_report())


def products(target: Folder | Bucket) -> int:
    """How many products the latest release has, in each of its files, all of which are what the pointer says."""
    latest = json.loads(target.read("latest.json"))
    (n,) = {len(json.loads(target.read(file["name"]))) for file in latest["files"]}
    assert all(target.fingerprint(file["name"]) == file["sha256"] for file in latest["files"])
    return n


def test_what_is_published_can_be_read(location: str, caches: dict[int, Path]) -> None:
    target = open_target(location)
    names = [publish(caches[n], target).release for n in caches]
    assert products(target) == 50
    assert target.folders() == sorted(names[1:]), "the release before stays for its readers, older ones go"
    assert publish(caches[50], target).there == 6


def test_the_commands_say_what_they_did(location: str, caches: dict[int, Path]) -> None:
    arguments = ["--to", location, "--cache", str(caches[40]), "--signal", "blend", "--k", "3", "--layout", "tutorial", "--lines"]
    result = run_publish("json", *arguments, "--json", "--quiet")
    assert (result.exit_code, result.stderr) == (0, "")
    published = json.loads(result.stdout)
    (file,) = published["files"]
    assert file["name"] == f"{published['release']}/blend.jsonl"
    first = json.loads(open_target(location).read(file["name"]).splitlines()[0])
    assert len(first["recommendations"].split(";")) == 3
    told = run_publish("json", *arguments)
    assert published["release"] in told.stderr
    assert "secret" not in told.output


def test_a_push_and_a_publish_share_a_prefix(storage: tuple[str, Wire], caches: dict[int, Path]) -> None:
    bucket = Bucket.open(storage[0])
    for cache in caches.values():
        push(cache, bucket)
        publish(cache, bucket)
    assert products(bucket) == 50
    assert len(bucket.builds()) == 2
    assert len(bucket.folders()) == 4


@pytest.mark.parametrize("moment", [("PUT", "blend.json"), ("PUT", "style.json"), ("GET", "similar_company.json")])
def test_killed_midway_to_a_bucket_it_leaves_the_release_before(
    storage: tuple[str, Wire], caches: dict[int, Path], moment: tuple[str, str]
) -> None:
    url, wire = storage
    bucket = Bucket.open(url)
    publish(caches[40], bucket)
    before = bucket.read("latest.json")
    reached, released = threading.Event(), threading.Event()

    def stuck(request: str, answer: Answer) -> Answer:
        method, path = request.split(" ", 1)
        if method == moment[0] and path.endswith(f"/{moment[1]}"):
            reached.set()
            released.wait(60)
        return answer

    wire.fault = stuck
    with subprocess.Popen([*COMMAND, "s3", "--to", url, "--cache", str(caches[45]), "--quiet"], cwd=ROOT) as process:
        assert reached.wait(60)
        process.kill()
    wire.fault = lambda _, answer: answer
    released.set()
    assert (bucket.read("latest.json"), products(bucket)) == (before, 40)
    publish(caches[45], bucket)
    assert products(bucket) == 45


KILLED_AT_RENAME = """
import os, runpy, signal, sys

def watch(event, arguments, left=[int(sys.argv.pop(1))]):
    if event == "os.rename":
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(watch)
runpy.run_module("precompute", run_name="__main__", alter_sys=True)
"""
"""Runs precompute, and kills it just before the nth file gets its name: in Python every rename is announced to audit hooks."""


@pytest.mark.parametrize("nth", [1, 4, 7])
def test_killed_midway_to_a_folder_it_leaves_the_release_before(caches: dict[int, Path], tmp_path: Path, nth: int) -> None:
    target = Folder(tmp_path / "published")
    publish(caches[40], target)
    before = target.read("latest.json")
    arguments = ["publish", "json", "--to", target.name, "--cache", str(caches[45]), "--quiet"]
    killed = subprocess.run([sys.executable, "-c", KILLED_AT_RENAME, str(nth), *arguments], cwd=ROOT, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert (target.read("latest.json"), products(target)) == (before, 40)
    publish(caches[45], target)
    assert products(target) == 45
    assert {path.name for path in target.root.iterdir() if path.is_file()} == {"latest.json", ".lock"}
    assert len(target.folders()) == 2, "what the killed run copied is gone, or part of the release after it"


def test_a_spoilt_upload_is_noticed_before_anybody_is_sent_to_it(storage: tuple[str, Wire], caches: dict[int, Path]) -> None:
    url, wire = storage
    bucket = Bucket.open(url)
    publish(caches[40], bucket)
    before = bucket.read("latest.json")

    def spoilt(request: str, answer: Answer) -> Answer:
        status, headers, body = answer
        return (status, headers, body[:-1] + b"?") if request.startswith("GET ") and request.endswith("/reviews.json") else answer

    wire.fault = spoilt
    with pytest.raises(DamagedCache, match=r"s3://shop/a/shop/\S+/reviews\.json: is not what was uploaded"):
        publish(caches[45], bucket)
    wire.fault = lambda _, answer: answer
    assert (bucket.read("latest.json"), products(bucket)) == (before, 40)


def test_a_storage_that_refuses_is_named_without_its_key(storage: tuple[str, Wire], caches: dict[int, Path]) -> None:
    url, wire = storage
    publish(caches[40], Bucket.open(url))
    wire.fault = lambda request, answer: ("403 FORBIDDEN", [], b"") if request.startswith("PUT ") else answer
    result = run_publish("s3", "--to", url, "--cache", str(caches[45]), "--quiet")
    assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
    assert "s3://shop/a/shop" in result.stderr
    assert "secret" not in result.output
    assert products(Bucket.open(url)) == 40


def test_a_storage_that_is_busy_for_a_moment_is_asked_again(storage: tuple[str, Wire], caches: dict[int, Path]) -> None:
    url, wire = storage
    refused: set[str] = set()

    def busy_at_first(request: str, answer: Answer) -> Answer:
        if request in refused:
            return answer
        refused.add(request)
        return "503 SLOW DOWN", [("Content-Type", "application/xml")], b"<Error><Code>SlowDown</Code></Error>"

    wire.fault = busy_at_first
    publish(caches[40], Bucket.open(url))
    assert len(refused) > 20
    assert products(Bucket.open(url)) == 40


@pytest.mark.parametrize("to", ["some/folder", "gs://bucket/prefix", "S4://bucket"])
def test_s3_publishes_nowhere_else(caches: dict[int, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, to: str) -> None:
    monkeypatch.chdir(tmp_path)
    assert run_publish("s3", "--to", to, "--cache", str(caches[40])).exit_code == 2
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_named(caches: dict[int, Path], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    result = run_publish("json", "--to", str(tmp_path / "file" / "out"), "--cache", str(caches[40]), "--quiet")
    assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
    assert str(tmp_path / "file") in result.stderr
