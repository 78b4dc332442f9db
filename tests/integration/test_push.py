"""From a cache folder to object storage, and from there to a dashboard: over a real S3 protocol, with real faults."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from dashboard.remote import ARRIVING, Remote
from lookup.bucket import Bucket
from lookup.manifest import DamagedCache, Manifest, verify
from lookup.reader import Cache
from precompute.__main__ import app
from precompute.publish.push import push
from tests.object_storage import Answer, Wire, object_storage
from tests.planted_cache import write_planted_cache

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.slow


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[tuple[str, Wire]]:
    with object_storage("shop") as found:
        push(built(tmp_path / "cache", 40), Bucket.open(found[0]))
        yield found


def built(cache_dir: Path, n: int) -> Path:
    write_planted_cache(cache_dir, n=n)
    return cache_dir


def products(home: Path) -> int:
    return len(Cache.open(home))


def copy_once(url: str, home: Path, **options: object) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"CACHE_DIR": url, "CACHE_HOME": str(home)}
    command = [sys.executable, "-m", "dashboard.remote"]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, **options)  # type: ignore[call-overload]


def test_what_is_pushed_arrives(storage: tuple[str, Wire], tmp_path: Path) -> None:
    remote = Remote(storage[0], tmp_path / "home")
    remote.start()
    assert (remote.error, products(remote.home)) == (None, 40)
    assert Manifest.read(remote.home) == Manifest.read(tmp_path / "cache")


def test_a_new_build_arrives_and_brings_only_what_changed(storage: tuple[str, Wire], tmp_path: Path) -> None:
    url, wire = storage
    remote = Remote(url, tmp_path / "home")
    remote.look()
    pushed = push(built(tmp_path / "cache", 45), Bucket.open(url))
    assert pushed.removed == []
    wire.asked.clear()
    remote.look()
    assert (remote.error, products(remote.home)) == (None, 45)
    assert wire.downloads("products.parquet") == 1
    assert wire.downloads("metrics.parquet") == 0, "the metrics are the same in both builds"
    wire.asked.clear()
    remote.look()
    assert wire.downloads("manifest.json") == len([request for request in wire.asked if request.startswith("GET ")]) == 1


def test_pushing_again_uploads_nothing(storage: tuple[str, Wire], tmp_path: Path) -> None:
    pushed = push(tmp_path / "cache", Bucket.open(storage[0]))
    assert (pushed.files, pushed.bytes, pushed.removed) == (0, 0, [])
    assert pushed.there == len(Manifest.read(tmp_path / "cache").files)


def test_the_build_before_stays_for_its_readers_and_older_ones_go(storage: tuple[str, Wire], tmp_path: Path) -> None:
    bucket = Bucket.open(storage[0])
    names = bucket.builds()
    for n in (45, 50):
        built(tmp_path / "cache", n)
        pushed = push(tmp_path / "cache", bucket)
        names.append(pushed.build)
    assert pushed.removed == names[:1]
    assert bucket.builds() == sorted(names[1:])
    assert push(tmp_path / "cache", bucket).removed == []
    assert bucket.builds() == sorted(names[1:]), "pushing the same again does not age the build before"


def test_the_manifest_is_written_last(storage: tuple[str, Wire], tmp_path: Path) -> None:
    url, wire = storage
    wire.asked.clear()
    push(built(tmp_path / "cache", 45), Bucket.open(url))
    written = [request.split()[1] for request in wire.asked if request.startswith(("PUT", "POST"))]
    first = written.index("/shop/a/shop/manifest.json")
    assert first > 5
    assert set(written[first:]) == {"/shop/a/shop/manifest.json"}


def test_a_spoilt_upload_is_noticed_before_anybody_is_sent_to_it(storage: tuple[str, Wire], tmp_path: Path) -> None:
    url, wire = storage
    bucket = Bucket.open(url)
    before = bucket.read("manifest.json")

    def spoilt(request: str, answer: Answer) -> Answer:
        status, headers, body = answer
        is_table = request.startswith("GET ") and request.endswith("/terms.parquet")
        return (status, headers, body[:-1] + b"?") if is_table else answer

    wire.fault = spoilt
    with pytest.raises(DamagedCache, match=r"s3://shop/a/shop/[0-9a-f]{12}/terms\.parquet: is not what was uploaded"):
        push(built(tmp_path / "cache", 45), bucket)
    assert bucket.read("manifest.json") == before


def test_a_damaged_cache_is_not_pushed(storage: tuple[str, Wire], tmp_path: Path) -> None:
    next((tmp_path / "cache").rglob("terms.parquet")).write_bytes(b"")
    with pytest.raises(DamagedCache, match=r"terms\.parquet"):
        push(tmp_path / "cache", Bucket.open(storage[0]))


def refusal(status: str, code: str, answer: Answer) -> Answer:
    has_body = bool(answer[2])  # an answer to HEAD has none
    return status, [("Content-Type", "application/xml")], f"<Error><Code>{code}</Code></Error>".encode() if has_body else b""


def no_such_key(answer: Answer) -> Answer:
    return refusal("404 NOT FOUND", "NoSuchKey", answer)


def forbidden(answer: Answer) -> Answer:
    return refusal("403 FORBIDDEN", "AccessDenied", answer)


def half(answer: Answer) -> Answer:
    """What a connection that breaks midway leaves: the length that was promised, and half the content."""
    status, headers, body = answer
    return status, headers, body[: len(body) // 2]


def other_bytes(answer: Answer) -> Answer:
    status, headers, body = answer
    return status, headers, bytes(byte ^ 1 for byte in body)


@pytest.mark.parametrize("fault", [no_such_key, forbidden, half, other_bytes])
@pytest.mark.parametrize("name", ["manifest.json", "products.parquet"])
def test_whatever_the_network_does_the_old_build_stays_until_it_is_mended(
    storage: tuple[str, Wire], tmp_path: Path, fault: Callable[[Answer], Answer], name: str
) -> None:
    url, wire = storage
    remote = Remote(url, tmp_path / "home")
    remote.look()
    push(built(tmp_path / "cache", 45), Bucket.open(url))
    wire.fault = lambda request, answer: fault(answer) if request.endswith(f"/{name}") else answer
    remote.look()
    assert remote.error is not None
    assert "\n" not in remote.error
    assert "secret" not in remote.error
    assert products(remote.home) == 40
    wire.fault = lambda _, answer: answer
    remote.look()
    assert (remote.error, products(remote.home)) == (None, 45)


def test_a_storage_that_is_away_is_no_hindrance_where_a_copy_is(tmp_path: Path) -> None:
    with object_storage("shop") as (url, _):
        push(built(tmp_path / "cache", 40), Bucket.open(url))
        Remote(url, tmp_path / "home").start()
    remote = Remote(url, tmp_path / "home")
    remote.start()
    assert remote.error is not None
    assert "secret" not in remote.error
    assert products(remote.home) == 40


def test_killed_midway_it_goes_on_where_it_stopped(storage: tuple[str, Wire], tmp_path: Path) -> None:
    url, wire = storage
    home = tmp_path / "home"
    reached, released = threading.Event(), threading.Event()

    def stuck(request: str, answer: Answer) -> Answer:
        if request.startswith("GET ") and request.endswith("/terms.parquet"):
            reached.set()
            released.wait(60)
        return answer

    wire.fault = stuck
    environment = os.environ | {"CACHE_DIR": url, "CACHE_HOME": str(home)}
    with subprocess.Popen([sys.executable, "-m", "dashboard.remote"], cwd=ROOT, env=environment) as process:
        assert reached.wait(60)
        process.kill()
    released.set()
    assert not (home / "manifest.json").exists()
    wire.fault = lambda _, answer: answer
    wire.asked.clear()
    assert copy_once(url, home).stderr == ""
    assert products(home) == 40
    assert wire.downloads("terms.parquet") == 1
    assert wire.downloads("products.parquet") == 0, "it had arrived before"
    assert not (home / ARRIVING).exists()


def test_a_full_disk_keeps_the_old_build_and_gives_the_space_back(storage: tuple[str, Wire], tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert copy_once(storage[0], home).returncode == 0
    push(built(tmp_path / "cache", 60), Bucket.open(storage[0]))
    largest = max(entry.bytes for entry in Manifest.read(tmp_path / "cache").files.values())
    limit = (largest - 1, largest - 1)  # a file may not grow further: what a process meets on a full disk, without one
    ended = copy_once(storage[0], home, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, limit))
    assert ended.returncode == 1
    assert "File too large" in ended.stderr
    assert ended.stderr.count("\n") == 1
    assert products(home) == 40
    assert not (home / ARRIVING).exists()


def test_two_processes_share_one_folder(storage: tuple[str, Wire], tmp_path: Path) -> None:
    url, wire = storage
    environment = os.environ | {"CACHE_DIR": url, "CACHE_HOME": str(tmp_path / "home")}
    wire.asked.clear()
    command = [sys.executable, "-m", "dashboard.remote"]
    processes = [subprocess.Popen(command, cwd=ROOT, env=environment) for _ in range(2)]
    assert [process.wait(60) for process in processes] == [0, 0]
    assert products(tmp_path / "home") == 40
    assert wire.downloads("products.parquet") == 1, "the second found the first one's copy"


def test_the_command_says_what_it_did(storage: tuple[str, Wire], tmp_path: Path) -> None:
    built(tmp_path / "cache", 45)
    result = CliRunner().invoke(app, ["push", str(tmp_path / "cache"), storage[0], "--json"])
    assert result.exit_code == 0, result.output
    pushed = json.loads(result.stdout)
    manifest = Manifest.read(tmp_path / "cache")
    assert pushed["build"] == manifest.folder
    assert pushed["files"] + pushed["there"] == len(manifest.files)
    result = CliRunner().invoke(app, ["push", str(tmp_path / "cache"), storage[0]])
    assert manifest.folder in result.stdout
    assert "secret" not in result.output


@pytest.mark.parametrize("url", ["s3://", "ftp://somewhere/x", "nowhere", "s3://key:secret@no bucket/x"])
def test_a_url_that_is_none_ends_with_one_clear_message(tmp_path: Path, url: str) -> None:
    result = CliRunner().invoke(app, ["push", str(built(tmp_path, 40)), url])
    assert result.exit_code == 1
    assert result.stderr.startswith("error: ")
    assert "secret" not in result.output
    assert "Traceback" not in result.output


def test_a_push_to_a_storage_that_refuses_says_so(storage: tuple[str, Wire], tmp_path: Path) -> None:
    url, wire = storage
    wire.fault = lambda request, answer: forbidden(answer) if request.startswith("PUT") else answer
    result = CliRunner().invoke(app, ["push", str(built(tmp_path / "cache", 45)), url])
    assert result.exit_code == 1
    assert "s3://shop/a/shop" in result.stderr
    assert "disk" not in result.stderr


def test_a_folder_elsewhere_is_a_url_too(tmp_path: Path) -> None:
    push(built(tmp_path / "cache", 40), Bucket.open((tmp_path / "shared").as_uri()))
    verify(tmp_path / "shared", Manifest.read(tmp_path / "shared"))
