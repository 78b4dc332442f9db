"""An S3 server on this machine, with a wire that can be made to fail."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.request import Request, urlopen

from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import WSGIRequestHandler, make_server

Answer = tuple[str, list[tuple[str, str]], bytes]


class Quiet(WSGIRequestHandler):
    def log(self, *_: Any) -> None:
        """Say nothing."""


class Wire:
    """Stands between a client and the storage: remembers what was asked for, and breaks what a test wants broken.

    Attributes
    ----------
    asked
        ``"GET /bucket/path"`` of every request so far.
    fault
        Gets each request and the storage's answer, and gives back what the client shall get.
    """

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.fault: Callable[[str, Answer], Answer] = lambda _, answer: answer
        self._storage = DomainDispatcherApplication(create_backend_app)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        request = f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}"
        self.asked.append(request)
        head: list[Any] = []
        body = b"".join(self._storage(environ, lambda *given: head.extend(given[:2])))
        status, headers, body = self.fault(request, (head[0], head[1], body))
        start_response(status, headers)
        return [body]

    def downloads(self, name: str) -> int:
        """How often the content of a file was asked for."""
        return sum(request.startswith("GET ") and request.endswith(f"/{name}") for request in self.asked)


@contextmanager
def object_storage(bucket: str) -> Iterator[tuple[str, Wire]]:
    """Serve a storage with one empty bucket until the block ends; gives the bucket's URL and the wire to it."""
    wire = Wire()
    server = make_server("127.0.0.1", 0, wire, threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    address = f"127.0.0.1:{server.port}"
    try:
        for method, path in (("POST", "moto-api/reset"), ("PUT", bucket)):  # one process has one storage: empty it first
            urlopen(Request(f"http://{address}/{path}", method=method)).close()
        yield f"s3://key:secret@{bucket}/a/shop?endpoint_override={address}&scheme=http&region=us-east-1", wire
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
