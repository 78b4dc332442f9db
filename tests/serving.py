"""The app as it is deployed, in real processes: the Procfile's web line, clients without a pause, and what its log says."""

from __future__ import annotations

import json
import os
import shlex
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).resolve().parents[1]
PAUSE = 0.02
"""Seconds between two looks: who asks without a pause takes the core that the app needs to get there."""
PATHS = ("/api/products/item-001/recommendations", "/", "/thumbnails/new/item-001.webp", "/readyz")


class Lost(Exception):
    """A request was sent, and its whole answer never came."""


class Client:
    """Keeps its connection as long as the server does, as browsers and routers do."""

    def __init__(self, port: int) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=30)

    def ask(self, path: str, body: Any = None) -> tuple[int, bytes]:
        """The status and the whole answer; raises `ConnectionRefusedError` where nobody listens, else `Lost`."""
        try:
            if body is None:
                self._connection.request("GET", path)
            else:
                self._connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
            response = self._connection.getresponse()
            return response.status, response.read()
        except ConnectionRefusedError:
            raise
        except (OSError, HTTPException) as error:
            self._connection.close()
            raise Lost(f"{path}: {error!r}") from None

    def close(self) -> None:
        self._connection.close()


class App:
    """A running dashboard."""

    def __init__(self, port: int, process: subprocess.Popen[bytes], log: Path) -> None:
        self.port = port
        self.process = process
        self._log = log

    def ask(self, path: str, body: Any = None) -> tuple[int, bytes]:
        """One request on a connection of its own."""
        with closing(Client(self.port)) as client:
            return client.ask(path, body)

    def health(self) -> tuple[int, dict[str, Any]]:
        """The status of ``/readyz``, and what it says."""
        status, answer = self.ask("/readyz")
        return status, json.loads(answer)

    def ready(self) -> dict[str, Any]:
        return self.health()[1]

    def wait_until(self, holds: Callable[[int, dict[str, Any]], bool]) -> dict[str, Any]:
        """Ask ``/readyz`` until status and answer are as wished, and give the answer; the test's own time limit ends the wait."""
        while not holds(*(health := self.health())):
            assert self.process.poll() is None
            time.sleep(PAUSE)
        return health[1]

    def wait_for(self, build: str) -> None:
        """Ask until a build is served."""
        self.wait_until(lambda _, ready: ready["build"] == build)

    def workers(self, number: int = 2) -> list[psutil.Process]:
        """The worker processes, as soon as there are so many and each has answered: one that only starts hears no signal."""
        while True:
            found = psutil.Process(self.process.pid).children()
            if len(found) == number and {worker.pid for worker in found} <= {line["pid"] for line in self.log()}:
                return found
            assert self.process.poll() is None
            self.ask("/healthz")
            time.sleep(PAUSE)

    def log(self) -> list[dict[str, Any]]:
        """The lines of the log; fails where one of them is no JSON."""
        return [json.loads(line) for line in self._log.read_text().splitlines()]

    def errors(self) -> list[dict[str, Any]]:
        return [line for line in self.log() if line["level"] in ("error", "critical")]


@contextmanager
def running(
    cache_dir: Path | str, *, workers: int = 2, command: Sequence[str] | None = None, **environment: str
) -> Iterator[App]:
    """Run the Procfile's web line, or another command that serves, over a cache until the block ends."""
    given = {"PORT": str(free_port()), "CACHE_DIR": str(cache_dir), "WEB_CONCURRENCY": str(workers)} | environment
    with tempfile.TemporaryDirectory() as folder, (log := Path(folder) / "log").open("wb") as stderr:
        process = subprocess.Popen(
            command or procfile("web"), cwd=ROOT, env=os.environ | given, stdout=subprocess.PIPE, stderr=stderr
        )
        assert process.stdout is not None
        try:
            assert b"ready" in process.stdout.readline(), log.read_text()
            yield App(int(given["PORT"]), process, log)
        finally:
            for child in psutil.Process(process.pid).children() if process.poll() is None else []:
                child.send_signal(signal.SIGCONT)  # a test that failed may have left it stopped
            process.terminate()
            process.wait(timeout=30)
            process.stdout.close()


def procfile(kind: str) -> list[str]:
    """A line of the Procfile, as a command of this Python environment."""
    lines = dict(line.split(": ", 1) for line in (ROOT / "Procfile").read_text().splitlines())
    program, *arguments = shlex.split(lines[kind])
    return [str(Path(sys.executable).with_name(program)), *arguments]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def load(app: App, clients: int = 4, paths: Sequence[str] = PATHS) -> Iterator[Counter[int]]:
    """Clients that ask without a pause until the block ends, or nobody listens; gives the statuses, 0 for a lost request."""
    ended, statuses = threading.Event(), Counter[int]()

    def ask() -> Counter[int]:
        seen = Counter[int]()
        with closing(Client(app.port)) as client:
            while not ended.is_set():
                for path in paths:
                    try:
                        seen[client.ask(path)[0]] += 1
                    except Lost:
                        seen[0] += 1
                    except ConnectionRefusedError:
                        return seen
        return seen

    with ThreadPoolExecutor(clients) as pool:
        asking = [pool.submit(ask) for _ in range(clients)]
        try:
            yield statuses
        finally:
            ended.set()
            for each in asking:
                statuses.update(each.result())
