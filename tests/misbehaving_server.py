"""A web server on this machine that behaves as badly as those of the world do; each path has a manner of its own."""

from __future__ import annotations

import gzip
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Manner = Callable[["Request"], None]


class Request(BaseHTTPRequestHandler):
    """One request, and the means to answer it well or badly."""

    server: Misbehaving
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Answer as the path's manner is; a path without one is not found."""
        self.server.note(self)
        try:
            with suppress(ConnectionError):  # a client that has heard enough hangs up
                self.server.manners.get(self.path, answer(404))(self)
        finally:
            self.server.over()

    def head(self, status: int, **headers: str) -> None:
        """Send a status and headers, whose names are written with ``_`` for ``-``."""
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Misbehaving(ThreadingHTTPServer):
    """Answers each path in its manner until the block of `misbehaving` ends.

    Attributes
    ----------
    manners
        Path to how it is answered. ``/robots.txt`` is not found unless it stands here.
    asked
        Path to the number of requests for it.
    agents
        Every ``User-Agent`` met.
    most_at_once
        Requests under way at the same moment, at most.
    ending
        Set when the server shuts down: slow manners wait for it.
    """

    daemon_threads = True
    request_queue_size = 128  # who finds no room in the queue tries again after a second

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Request)
        self.manners: dict[str, Manner] = {}
        self.asked: Counter[str] = Counter()
        self.agents: set[str] = set()
        self.most_at_once = 0
        self.ending = threading.Event()
        self._now = 0
        self._lock = threading.Lock()

    @property
    def url(self) -> str:
        """Where it listens, without a slash at the end."""
        return f"http://127.0.0.1:{self.server_port}"

    def note(self, request: Request) -> None:
        """Count a request that begins."""
        with self._lock:
            self.asked[request.path] += 1
            self.agents.add(request.headers["User-Agent"])
            self._now += 1
            self.most_at_once = max(self.most_at_once, self._now)

    def over(self) -> None:
        """Count a request that has ended."""
        with self._lock:
            self._now -= 1

    def handle_error(self, *_: object) -> None:
        """Keep quiet over clients that hang up."""


def answer(status: int, body: bytes = b"", **headers: str) -> Manner:
    """A whole answer."""

    def manner(request: Request) -> None:
        request.head(status, Content_Length=str(len(body)), **headers)
        request.wfile.write(body)

    return manner


def in_turn(*manners: Manner) -> Manner:
    """The first request gets the first manner, the second the second; the last one stays."""
    left = list(manners)

    def manner(request: Request) -> None:
        now = left.pop(0) if len(left) > 1 else left[0]
        now(request)

    return manner


def redirect(to: str, status: int = 302) -> Manner:
    return answer(status, Location=to)


def never(request: Request) -> None:
    """Take the request, and say nothing to it."""
    request.server.ending.wait()
    request.close_connection = True


def endless(request: Request) -> None:
    """Send zeros for as long as the client listens."""
    request.head(200)
    while not request.server.ending.is_set():
        request.wfile.write(bytes(65_536))
    request.close_connection = True


def truncated(body: bytes) -> Manner:
    """Promise a body and send half of it."""

    def manner(request: Request) -> None:
        request.head(200, Content_Length=str(len(body)))
        request.wfile.write(body[: len(body) // 2])
        request.close_connection = True

    return manner


def raw(content: bytes) -> Manner:
    """Send some bytes, be they HTTP or not, and hang up."""

    def manner(request: Request) -> None:
        request.wfile.write(content)
        request.close_connection = True

    return manner


def bomb(size: int) -> Manner:
    """So many zeros in a thousandth of the bytes."""
    return answer(200, gzip.compress(bytes(size)), Content_Encoding="gzip")


def gathering(count: int, then: Manner) -> Manner:
    """Answer nobody before so many ask at the same time."""
    barrier = threading.Barrier(count, timeout=30)

    def manner(request: Request) -> None:
        barrier.wait()
        then(request)

    return manner


@contextmanager
def misbehaving() -> Iterator[Misbehaving]:
    """Serve until the block ends."""
    server = Misbehaving()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.ending.set()
        server.shutdown()
        server.server_close()
        thread.join()
