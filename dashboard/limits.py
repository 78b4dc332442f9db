"""How much one client may ask: bytes and seconds of a request, questions in a minute, pictures at once.

Flask-Limiter counts by route, but every callback comes through one route; its storage goes by the wall clock, which may jump, and
starts a thread. What is needed is one number per client, so it stands here.
"""

from __future__ import annotations

import ipaddress
import os
import socket
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

from flask import Flask, Response, after_this_request, g, jsonify, request
from werkzeug.middleware.proxy_fix import ProxyFix

from dashboard import chosen, environment, export, wording
from dashboard.asked import Asked
from dashboard.pages import describe, picture
from dashboard.security import WsgiApp

CLIENTS_KEPT = 10_000
PICTURE_WAIT_SECONDS = 10.0
EXPORT_WAIT_SECONDS = 30.0
"""When to ask again while another's file is on its way; that of a large shop takes minutes."""
EXPORT_PATIENCE_SECONDS = 0.5
"""A reader has the last byte a moment before the server knows, and may ask for the next file at once."""
COSTLY = {"picture": {picture.SEEN, picture.MATCHES}, "query": {describe.RESULTS}}
"""The ids of the components that a costly callback fills, by the allowance it draws on."""
FILES = tuple(f"route {rule}" for rule in (export.RULE, chosen.RULE))
"""The routes that send files of any number of rows."""


@dataclass(frozen=True)
class Limits:
    """The limits of one worker process.

    Attributes
    ----------
    picture, query, export
        Pictures, typed queries and files of many rows that one address may ask in a minute; 0 for no limit.
    body_bytes, body_seconds
        How large a request's body may be, and how long it may take to arrive.
    trusted_proxies
        Routers in front of the app that add the client's address to ``X-Forwarded-For``. What a client itself writes there must
        not count, or it would choose its own address.
    """

    picture: int
    query: int
    export: int
    body_bytes: int
    body_seconds: int
    trusted_proxies: int

    @classmethod
    def from_environment(cls) -> Limits:
        """The documented environment variables; raises `environment.BadSetting`."""
        return cls(
            picture=environment.whole_number("RATE_LIMIT_PICTURE", 30),
            query=environment.whole_number("RATE_LIMIT_QUERY", 120),
            export=environment.whole_number("RATE_LIMIT_EXPORT", 20),
            body_bytes=environment.whole_number("MAX_BODY_BYTES", 12_000_000, least=1),
            body_seconds=environment.whole_number("MAX_BODY_SECONDS", 20, least=1),
            # Heroku names every dyno, and puts one router in front of it.
            trusted_proxies=environment.whole_number("TRUSTED_PROXIES", int("DYNO" in os.environ)),
        )


class Allowance:
    """So many questions a minute for each client; a client that was silent may ask them all at once.

    Keeps one number per client: when its next question would be due if it asked at an even pace.
    """

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._pause = 60 / per_minute
        self._ahead = 60 - self._pause
        self._clock = clock
        self._due: OrderedDict[str, float] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, client: str) -> float:
        """Seconds until the client may ask again; 0 if it may ask now, and then the question counts."""
        with self._lock:
            now = self._clock()
            due = max(now, self._due.get(client, now))
            wait = due - now - self._ahead
            if wait > 0:
                return wait
            self._due[client] = due + self._pause
            self._due.move_to_end(client)
            if len(self._due) > CLIENTS_KEPT:
                self._due.popitem(last=False)
            return 0.0


def add_limits(server: Flask, limits: Limits, read_asked: Callable[[], Asked]) -> None:
    """Turn away what is too large (413), and what is asked too often or while too much is being done (429 with Retry-After)."""
    server.config["MAX_CONTENT_LENGTH"] = limits.body_bytes
    per_minute = {"picture": limits.picture, "query": limits.query, "export": limits.export}
    allowances = {kind: Allowance(number) for kind, number in per_minute.items() if number}
    # A decoded picture takes tens of megabytes, several at once more than a small dyno has.
    drawing_board = threading.Lock()
    # A file keeps a thread for as long as its reader takes; one of a kind at a time leaves the others to everybody else.
    one_of_a_kind = {route: threading.Lock() for route in FILES}

    def check() -> Response | None:
        g.asked = read_asked()
        kind = costly(g.asked)
        wait = allowances[kind].take(client_network(request.remote_addr)) if kind in allowances else 0.0
        if wait > 0:
            return _too_many(wait)
        if kind == "picture":
            g.draws = drawing_board.acquire(timeout=PICTURE_WAIT_SECONDS)
            if not g.draws:
                return _too_many(PICTURE_WAIT_SECONDS)
        if kind == "export":
            only_one = one_of_a_kind[g.asked.name]
            if not only_one.acquire(timeout=EXPORT_PATIENCE_SECONDS):
                return _too_many(EXPORT_WAIT_SECONDS)
            after_this_request(partial(_released_once_sent, only_one))
        return None

    def finish(_: BaseException | None) -> None:
        if g.pop("draws", False):
            drawing_board.release()

    server.before_request(check)
    server.teardown_request(finish)
    server.wsgi_app = partial(_without_slow_bodies, server.wsgi_app, limits.body_seconds)  # type: ignore[method-assign]
    proxies = limits.trusted_proxies
    server.wsgi_app = ProxyFix(server.wsgi_app, x_for=proxies, x_proto=proxies)  # type: ignore[method-assign]


def costly(asked: Asked) -> str | None:
    """The allowance that a request draws on; None where it costs little. A link to a typed query is a query too."""
    if asked.name == f"page {describe.PATH}" and asked.location.query.get("q"):
        return "query"
    if asked.name in FILES:
        return "export"
    return next((kind for kind, components in COSTLY.items() if asked.fills & components), None)


def client_network(address: str | None) -> str:
    """What counts as one client: an IPv4 address, or the /64 that a home or a server gets of IPv6."""
    try:
        found = ipaddress.ip_address(address or "")
    except ValueError:
        return "unknown"
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    return str(found.ipv4_mapped or ipaddress.ip_network((found, 64), strict=False))


def _released_once_sent(lock: threading.Lock, response: Response) -> Response:
    """Release a lock when an answer has been sent, or its reader has hung up."""
    response.call_on_close(lock.release)
    return response


def _too_many(seconds: float) -> Response:
    """``assets/limits.js`` shows the words, and asks again after so many seconds."""
    whole = int(-(-seconds // 1))
    response = jsonify(error=wording.asked_again_in(whole))
    response.status_code = 429
    response.headers["Retry-After"] = str(whole)
    return response


def _without_slow_bodies(app: WsgiApp, seconds: float, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Hang up on a body that dribbles in: reading it keeps one of few threads, and gunicorn's threads know no time-out for it."""
    connection = environ.get("gunicorn.socket")
    if connection is None or environ["REQUEST_METHOD"] not in ("POST", "PUT", "PATCH"):
        return app(environ, start_response)
    clock = threading.Timer(seconds, _stop_reading, [connection])
    clock.daemon = True
    clock.start()
    try:
        return app(environ, start_response)
    finally:
        clock.cancel()


def _stop_reading(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RD)
    except OSError:
        return  # the client has hung up itself
