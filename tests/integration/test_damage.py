"""Lookup tables damaged before the start and while they are served: no wrong answer, and no hand is needed to recover."""

from __future__ import annotations

import base64
import io
import itertools
import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from flask.testing import FlaskClient
from PIL import Image

from dashboard import release, wording
from dashboard.app import create_app
from dashboard.maps import map_href
from dashboard.store import Store
from lookup import schema
from lookup.bucket import Bucket
from lookup.manifest import Manifest, verify
from precompute.publish.push import push
from tests.planted_cache import write_planted_cache
from tests.planted_encoder import add_encoder
from tests.republish import republish
from tests.serving import ROOT, load, running
from tests.unit.test_limits import QUERY, navigation

pytestmark = pytest.mark.slow

UPDATE = "/_dash-update-component"


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
    build = client.application.config["store"].build.name
    routes = [*ROUTES, *(map_href(build, name) for name in ("look", "products"))]
    found |= {f"GET {route}": client.get(route) for route in routes}
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
