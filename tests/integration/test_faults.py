"""What may go wrong around a running dashboard: nothing is lost that could be answered, and nothing needs a hand to recover."""

from __future__ import annotations

import base64
import io
import itertools
import os
import random
import resource
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import psutil
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from flask.testing import FlaskClient
from PIL import Image

from dashboard import release, wording
from dashboard.app import create_app
from dashboard.store import Store
from lookup import schema
from lookup.bucket import Bucket
from lookup.manifest import Manifest, verify
from lookup.reader import Cache
from precompute.publish.push import push
from tests.integration.conftest import PlantedBuild
from tests.planted_cache import write_planted_cache
from tests.planted_encoder import add_encoder
from tests.republish import republish
from tests.serving import ROOT, Client, load, running
from tests.unit.test_limits import QUERY, navigation

pytestmark = pytest.mark.slow

YEAR = 365 * 24 * 3600
UPDATE = "/_dash-update-component"


@pytest.fixture
def cache_dir(tmp_path: Path) -> Path:
    folder = tmp_path / "cache"
    write_planted_cache(folder, n=40)
    return folder


# Processes that end


def test_a_killed_worker_costs_what_it_was_answering_and_is_replaced(cache_dir: Path) -> None:
    with running(cache_dir) as app:
        killed = app.workers()[0]
        with load(app, clients=8) as statuses:
            for _ in range(20):
                assert app.ready()["status"] == "ready"
            killed.suspend()  # what it holds now is all that it can lose
            held = [one for one in killed.net_connections("tcp") if one.status == psutil.CONN_ESTABLISHED]
            killed.kill()
            killed.wait()
            workers = app.workers()
            for _ in range(20):
                assert app.ready()["status"] == "ready"
        assert statuses.pop(0, 0) <= len(held)
        assert statuses.keys() == {200}
        assert killed.pid not in {worker.pid for worker in workers}
        with load(app, clients=8) as statuses:
            for _ in range(20):
                app.ready()
        assert statuses.keys() == {200}


def test_when_it_is_told_to_end_every_request_that_was_sent_is_answered(cache_dir: Path) -> None:
    """Also those that no worker has taken from the system's queue yet."""
    with running(cache_dir) as app:
        workers = app.workers()
        for worker in workers:
            worker.suspend()
        clients = [HTTPConnection("127.0.0.1", app.port, timeout=30) for _ in range(16)]
        for client in clients:
            client.request("GET", "/api/products/item-001/recommendations")
        app.process.terminate()
        wait_until(lambda: not is_listening(psutil.Process(app.process.pid), app.port))  # it has told its workers, or does so now
        for worker in workers:
            worker.resume()
        answers = [client.getresponse() for client in clients]
        assert {answer.status for answer in answers} == {200}
        assert all(len(answer.read()) == int(answer.headers["Content-Length"]) for answer in answers)
        assert app.process.wait(timeout=15) == 0
        for client in clients:
            client.close()


def test_when_it_is_told_to_end_under_load_no_request_is_lost(cache_dir: Path) -> None:
    with running(cache_dir) as app:
        app.workers()
        with load(app, clients=8) as statuses:
            for _ in range(20):
                app.ready()
            app.process.terminate()
            assert app.process.wait(timeout=15) == 0
        assert statuses.keys() == {200}
        assert app.errors() == []


def test_connections_on_which_nothing_is_said_keep_nobody_waiting(cache_dir: Path) -> None:
    """Browsers open some ahead of need. Were each given a thread for seconds, or the grace period, this would time out."""
    with running(cache_dir, workers=1, GUNICORN_CMD_ARGS="--graceful-timeout 60") as app, ExitStack() as silent:
        connections = [silent.enter_context(socket.create_connection(("127.0.0.1", app.port), timeout=30)) for _ in range(200)]
        assert app.ask("/healthz")[0] == 200
        connections[0].sendall(b"GET /healthz HTTP/1.1\r\nHost: late\r\n\r\n")
        assert connections[0].recv(1000).startswith(b"HTTP/1.1 200 ")
        app.process.terminate()
        assert app.process.wait(timeout=30) == 0
        assert app.errors() == []


def wait_until(holds: Callable[[], bool]) -> None:
    while not holds():
        pass


def is_listening(process: psutil.Process, port: int) -> bool:
    return any(one.status == psutil.CONN_LISTEN and one.laddr.port == port for one in process.net_connections("tcp"))


# Files that are damaged


def other_table() -> bytes:
    file = io.BytesIO()
    pq.write_table(pa.table({"nothing": ["that", "is", "meant"]}), file)
    return file.getvalue()


def flipped(content: bytes) -> bytes:
    """Five bits of it turned round, in five places."""
    spoilt = bytearray(content)
    for place in random.Random(len(content)).sample(range(len(content)), 5):
        spoilt[place] ^= 1 << place % 8
    return bytes(spoilt)


OVERWRITTEN: dict[str, Callable[[bytes], bytes]] = {
    "truncated": lambda content: content[: len(content) // 2],
    "emptied": lambda _: b"",
    "flipped": flipped,
    "of other columns": lambda _: other_table(),
}


def removed(path: Path) -> None:
    path.unlink()


def replaced(path: Path) -> None:
    """By another file under its name."""
    other = path.with_name("other")
    other.write_bytes(flipped(path.read_bytes()))
    other.replace(path)


def overwritten(how: str) -> Callable[[Path], None]:
    return lambda path: path.write_bytes(OVERWRITTEN[how](path.read_bytes())) and None


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A build with every kind of file there is."""
    folder = tmp_path_factory.mktemp("whole")
    write_planted_cache(folder)
    add_encoder(folder)
    rejects = pa.table([["a.csv"], [1], ["no id"], [None]], schema=schema.REJECTS_SCHEMA)
    republish(folder, tables={schema.REJECTS: rejects})
    return folder


@pytest.fixture
def copied(whole: Path, tmp_path: Path) -> Path:
    return shutil.copytree(whole, tmp_path / "copied")


def files_of(cache: Path) -> list[Path]:
    manifest = Manifest.read(cache)
    return [cache / schema.MANIFEST, *(cache / manifest.folder / name for name in manifest.files)]


@contextmanager
def spoilt(path: Path, damage: Callable[[Path], None]) -> Iterator[None]:
    content = path.read_bytes()
    damage(path)
    yield
    path.write_bytes(content)


DAMAGES = {"removed": removed, "replaced": replaced} | {how: overwritten(how) for how in OVERWRITTEN}


@pytest.mark.usefixtures("kept_logging")
@pytest.mark.parametrize("how", DAMAGES)
def test_no_start_with_a_damaged_file(copied: Path, monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    monkeypatch.setenv("CACHE_DIR", str(copied))
    for path in files_of(copied):
        with spoilt(path, DAMAGES[how]), pytest.raises(SystemExit) as ended:
            release.main()
        said = str(ended.value)
        assert said.startswith(f"{path}: ")
        assert "\n" not in said
        assert "again" in said or "precompute build" in said, "it says what to do"
    release.main()


@pytest.mark.usefixtures("kept_logging")
@pytest.mark.parametrize("name", ["neighbours/visual.parquet", "maps/style.parquet", "thumbnails.parquet", "metrics.parquet"])
def test_no_start_with_a_build_of_other_columns(copied: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """One that is what its manifest says, but not what this program reads: it is refused as a whole, not when a page needs it."""
    monkeypatch.setenv("CACHE_DIR", str(copied))
    republish(copied, tables={name: pa.table({"nothing": ["that", "is", "meant"]})})
    with pytest.raises(SystemExit, match=rf"/{name}: has no column .*again"):
        release.main()


@pytest.mark.parametrize("how", ["truncated", "removed"])
def test_a_release_with_a_damaged_file_ends_with_one_line(copied: Path, how: str) -> None:
    path = next(copied.rglob("postings.parquet"))
    DAMAGES[how](path)
    environment = os.environ | {"CACHE_DIR": str(copied)}
    ended = subprocess.run(
        [sys.executable, "-m", "dashboard.release"], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert (ended.returncode, ended.stdout, ended.stderr.count("\n")) == (1, "", 1)
    assert ended.stderr.startswith(f"{path}: ")


def picture_question() -> dict[str, Any]:
    """What the browser posts when somebody has chosen a picture."""
    file = io.BytesIO()
    Image.new("RGB", (64, 64), "teal").save(file, "PNG")
    return {
        "output": "..picture-seen.children...picture-asked.data...picture-found.hidden...picture-category.value..",
        "outputs": [
            {"id": "picture-seen", "property": "children"},
            {"id": "picture-asked", "property": "data"},
            {"id": "picture-found", "property": "hidden"},
            {"id": "picture-category", "property": "value"},
        ],
        "inputs": [
            {
                "id": "picture-chosen",
                "property": "data",
                "value": "data:image/png;base64," + base64.b64encode(file.getvalue()).decode(),
            },
            [],
        ],
        "changedPropIds": ["picture-chosen.data"],
    }


PAGES = ("/", "/item/item-001", "/clusters?map=look", "/clusters?map=reviews", "/describe", "/picture", "/quality", "/about")
ROUTES = (
    "/api/products/item-001",
    "/thumbnails/x/item-001.webp",
    *(f"/api/products/item-001/recommendations?signal={name}" for name in ("blend", "visual", "reviews", "similar_company")),
)


def answers(client: FlaskClient) -> dict[str, str]:
    """What the app says to everything it can be asked; fails where it has no answer."""
    questions = {page: navigation(page.partition("?")[0], "?" + page.partition("?")[2]) for page in PAGES}
    questions |= {"a sentence": QUERY, "a picture": picture_question()}
    found = {name: client.post(UPDATE, json=body) for name, body in questions.items()}
    found |= {f"GET {route}": client.get(route) for route in ROUTES}
    assert {answer.status_code for answer in found.values()} <= {200, 503}
    said = {name: answer.get_data().decode("latin-1") for name, answer in found.items()}
    assert all(wording.DAMAGED_HINT in said[name] for name, answer in found.items() if answer.status_code == 503)
    return said


@pytest.fixture
def served(copied: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[FlaskClient, Store]:
    """An app that looks at its files at every request."""
    monkeypatch.setenv("RATE_LIMIT_QUERY", "0")
    monkeypatch.setenv("RATE_LIMIT_PICTURE", "0")
    server = create_app(copied).server
    store = server.config["store"]
    store._clock = itertools.count(time.monotonic() + 10, 2).__next__
    return server.test_client(), store


@pytest.mark.parametrize("how", DAMAGES)
def test_a_file_damaged_while_it_is_served_gives_no_wrong_answer(
    served: tuple[FlaskClient, Store], copied: Path, how: str
) -> None:
    client, _ = served
    right = answers(client)
    for path in files_of(copied):
        with spoilt(path, DAMAGES[how]):
            said = answers(client)
            ready = client.get("/readyz")
            assert client.get("/healthz").status_code == 200
        assert [name for name in right if said[name] != right[name] and wording.DAMAGED_HINT not in said[name]] == []
        in_use = path.name != schema.MANIFEST and how in OVERWRITTEN
        if not in_use:  # it is still open as it was
            assert said == right
        assert ready.status_code == (503 if in_use else 200)
        assert str(path) in ready.json["damaged" if in_use else "refused"]
        assert client.get("/readyz").json.keys() == {"status", "build", "built_at", "products"}, "it has recovered"
    assert answers(client) == right


def test_rot_that_leaves_no_trace_is_noticed_when_it_is_read_and_mended_without_a_hand(
    served: tuple[FlaskClient, Store], copied: Path
) -> None:
    client, _ = served
    right = answers(client)
    path = next(copied.rglob("neighbours/visual.parquet"))
    content, times = path.read_bytes(), path.stat()

    def rot(spoilt: bytes) -> None:
        path.write_bytes(spoilt)
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))

    rot(content[:100] + bytes([content[100] ^ 1]) + content[101:])
    assert client.get("/readyz").status_code == 200, "nothing shows yet"
    said = answers(client)
    assert {name for name in right if said[name] != right[name]} == {
        "/item/item-001",
        "GET /api/products/item-001/recommendations?signal=visual",
    }
    assert wording.signal_name("reviews") in said["/item/item-001"], "the other signals are shown"
    ready = client.get("/readyz")
    assert (ready.status_code, str(path) in ready.json["damaged"]) == (503, True)
    rot(content)
    while client.get("/readyz").status_code != 200:  # it tries again every half a minute of the store's clock
        assert client.get("/healthz").status_code == 200
    assert answers(client) == right


@pytest.mark.parametrize(("how", "name"), [("truncated", "neighbours/visual.parquet"), ("removed", "encoder.onnx")])
def test_real_processes_go_on_beside_a_damaged_file_and_recover(copied: Path, how: str, name: str) -> None:
    path = next(copied.rglob(name))
    asked = ("/item/item-001", "/api/products/item-001/recommendations?signal=visual", "/thumbnails/x/item-001.webp", "/about")
    with running(copied) as app:
        with load(app, clients=2, paths=asked) as statuses, spoilt(path, DAMAGES[how]):
            ready = app.wait_until(lambda _, ready: bool({"damaged", "refused"} & ready.keys()))
            assert str(path) in (ready.get("damaged") or ready["refused"])
            assert app.ask("/healthz")[0] == 200
            assert app.ask(UPDATE, picture_question())[0] == 200
        app.wait_until(lambda _, ready: ready["status"] == "ready" and "refused" not in ready)
        assert statuses.keys() <= ({200, 503} if how == "truncated" else {200})
        assert {line["message"].count(str(path)) for line in app.errors()} == {1}
        assert not any("exception" in line for line in app.log())


def test_a_copy_that_is_damaged_here_is_brought_again(cache_dir: Path, tmp_path: Path) -> None:
    bucket, home = Bucket.open((tmp_path / "bucket").as_uri()), tmp_path / "home"
    push(cache_dir, bucket)
    with running(bucket.name, workers=1, CACHE_HOME=str(home), CACHE_CHECK_SECONDS="1") as app:
        # A worker's first look into the bucket compares every file, and would mend the copy before the damage is seen.
        write_planted_cache(cache_dir, n=45)
        app.wait_for(push(cache_dir, bucket).build)
        path = home / Manifest.read(home).folder / "neighbours/visual.parquet"
        path.write_bytes(b"")
        app.wait_until(lambda status, _: status == 503)
        app.wait_until(lambda status, ready: status == 200 and "refused" not in ready)
        verify(home, Manifest.read(home))


# Disks that are full


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
            assert not (tmp_path / "home" / ".arriving").exists(), "the room is given back"
            worker.rlimit(psutil.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
            app.wait_for(new)
        assert statuses.keys() == {200}
        assert "refused" not in app.ready()
        assert [line["message"].count("MB are needed") for line in app.errors()] == [1], "it is logged once"


# Clocks that jump


def test_nothing_depends_on_the_wall_clock(cache_dir: Path, tmp_path: Path) -> None:
    bucket, offset = Bucket.open((tmp_path / "bucket").as_uri()), tmp_path / "offset"
    offset.write_text("0")
    push(cache_dir, bucket)
    environment = {
        "PYTHONPATH": str(ROOT / "tests" / "jumping_clock"),
        "WALL_CLOCK_OFFSET": str(offset),
        "CACHE_HOME": str(tmp_path / "home"),
        "CACHE_CHECK_SECONDS": "1",
        "RATE_LIMIT_QUERY": "1",
    }
    with running((tmp_path / "bucket").as_uri(), workers=1, **environment) as app:
        (worker,) = app.workers(1)
        kept = Client(app.port)
        assert kept.ask(UPDATE, QUERY)[0] == 200
        for seconds in (YEAR, -YEAR):
            offset.write_text(str(seconds))
            assert kept.ask(UPDATE, QUERY)[0] == 429, "a minute isn't over because the clock says so"
            built_at = f"{2027 + seconds // YEAR}-01-01T00:00:00+00:00"
            republish(cache_dir, built_at=built_at)  # the one that stands in the bucket counts, not the one with the later time
            push(cache_dir, bucket)
            app.wait_until(lambda _, ready, wanted=built_at: ready["built_at"] == wanted)  # type: ignore[misc]
            assert kept.ask("/thumbnails/x/item-001.webp")[0] == 200
        kept.close()
        assert app.workers(1) == [worker], "it was not taken for a dead one"
        years = {int(line["time"][:4]) for line in app.log()}
        assert max(years) - min(years) >= 2, "the clock did jump"
        assert app.errors() == []
