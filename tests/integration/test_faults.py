"""Processes that end and clocks that jump under a running dashboard: nothing is lost that could be answered."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from contextlib import ExitStack
from http.client import HTTPConnection
from pathlib import Path

import psutil
import pytest

from lookup.bucket import Bucket
from precompute.publish.push import push
from tests.republish import republish
from tests.serving import PAUSE, ROOT, Client, load, running
from tests.unit.test_limits import QUERY

pytestmark = pytest.mark.slow

YEAR = 365 * 24 * 3600
UPDATE = "/_dash-update-component"


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
        assert app.process.wait(timeout=60) == 0
        for client in clients:
            client.close()


def test_when_it_is_told_to_end_under_load_no_request_is_lost(cache_dir: Path) -> None:
    with running(cache_dir) as app:
        app.workers()
        with load(app, clients=8) as statuses:
            for _ in range(20):
                app.ready()
            app.process.terminate()
            assert app.process.wait(timeout=60) == 0
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
        time.sleep(PAUSE)


def is_listening(process: psutil.Process, port: int) -> bool:
    return any(one.status == psutil.CONN_LISTEN and one.laddr.port == port for one in process.net_connections("tcp"))


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
