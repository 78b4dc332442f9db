"""New builds under load: real gunicorn, two workers, and no request is lost."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from lookup.bucket import Bucket
from precompute.publish.push import push
from tests.planted_cache import write_planted_cache

ROOT = Path(__file__).resolve().parents[2]
CLIENTS = 4
SWAPS = 20
PATHS = ("/api/products/item-001/recommendations", "/", "/thumbnails/new/item-001.webp", "/readyz")

pytestmark = pytest.mark.slow


class App:
    """A running dashboard."""

    def __init__(self, port: int, process: subprocess.Popen[bytes]) -> None:
        self.port = port
        self.process = process

    def get(self, path: str) -> tuple[int, bytes]:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()

    def ready(self) -> dict[str, Any]:
        return json.loads(self.get("/readyz")[1])

    def wait_for(self, build: str) -> None:
        """Ask until a build is served; the test's own time limit ends the wait."""
        while self.ready()["build"] != build:
            assert self.process.poll() is None


@contextmanager
def running(cache_dir: Path | str, **environment: str) -> Iterator[App]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {"PORT": str(port), "CACHE_DIR": str(cache_dir), "WEB_CONCURRENCY": "2"} | environment
    process = subprocess.Popen(
        [sys.executable, "-m", "dashboard"], cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    try:
        assert process.stdout is not None
        assert b"ready" in process.stdout.readline(), "it says so once it listens"
        yield App(port, process)
    finally:
        process.terminate()
        process.wait(timeout=30)
        assert process.stdout is not None
        process.stdout.close()


@contextmanager
def load(app: App) -> Iterator[Counter[int]]:
    """Clients that ask without a pause until the block ends; gives the statuses they saw, 0 for a lost request."""
    ended, statuses = threading.Event(), Counter[int]()

    def client() -> Counter[int]:
        seen = Counter[int]()
        while not ended.is_set():
            for path in PATHS:
                try:
                    seen[app.get(path)[0]] += 1
                except OSError:
                    seen[0] += 1
        return seen

    with ThreadPoolExecutor(CLIENTS) as pool:
        clients = [pool.submit(client) for _ in range(CLIENTS)]
        try:
            yield statuses
        finally:
            ended.set()
            for each in clients:
                statuses.update(each.result())


def test_twenty_new_builds_under_load_lose_no_request(tmp_path: Path) -> None:
    write_planted_cache(tmp_path, n=40)
    with running(tmp_path) as app:
        with load(app) as statuses:
            for swap in range(SWAPS):
                app.wait_for(write_planted_cache(tmp_path, n=41 + swap).folder)
        assert "refused" not in app.ready()
    assert statuses.keys() == {200}
    assert statuses.total() > SWAPS * CLIENTS


def test_a_build_from_afar_arrives_under_load_and_a_broken_one_is_refused(tmp_path: Path) -> None:
    shared, cache = tmp_path / "shared", tmp_path / "cache"
    bucket = Bucket.open(shared.as_uri())
    write_planted_cache(cache, n=40)
    push(cache, bucket)
    with running(shared.as_uri(), CACHE_HOME=str(tmp_path / "home"), CACHE_CHECK_SECONDS="1") as app:
        with load(app) as statuses:
            for n in (45, 50):
                build = write_planted_cache(cache, n=n).folder
                push(cache, bucket)
                app.wait_for(build)
            push_broken(cache, shared)
            while "refused" not in (ready := app.ready()):
                assert app.process.poll() is None
        assert (ready["build"], ready["products"]) == (build, 50)
        assert "terms.parquet" in ready["refused"]
    assert statuses.keys() == {200}


def push_broken(cache: Path, shared: Path) -> None:
    """Make a build live of which one file never arrived."""
    folder = write_planted_cache(cache, n=55).folder
    shutil.copytree(cache / folder, shared / folder)
    (shared / folder / "terms.parquet").unlink()
    shutil.copy(cache / "manifest.json", shared)
