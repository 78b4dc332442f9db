"""What an operator sees: a JSON line for each request and event, with the request's id, and metrics for Prometheus."""

from __future__ import annotations

import json
import logging
import os
import re
import sys
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flask import Flask, Response, g, has_request_context, request

from dashboard.asked import current_asked
from dashboard.store import current_store

REQUEST_ID = "X-Request-ID"
EXTRA = ("method", "path", "asked", "status", "ms")
LATENCIES = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")
_requests = logging.getLogger("dashboard.requests")

Observe = Callable[[int, float], None]


class JsonLines(logging.Formatter):
    """A record as one line of JSON, whatever its text holds."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            "pid": record.process,
        }
        if has_request_context():
            line["request_id"] = g.get("request_id")
        line |= {name: getattr(record, name) for name in EXTRA if hasattr(record, name)}
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line)


def configure_logging() -> None:
    """JSON lines to standard error, gunicorn's own among them; on a terminal, only what went wrong, in words."""
    handler = logging.StreamHandler()
    terminal = sys.stderr.isatty()
    if not terminal:
        handler.setFormatter(JsonLines())
        for gunicorns in logging.getLogger("gunicorn.error").handlers:
            gunicorns.setFormatter(JsonLines())
    logging.basicConfig(level=logging.WARNING if terminal else logging.INFO, handlers=[handler], force=True)


def add_telemetry(server: Flask, *, metrics: bool) -> None:
    """Give every request an id, a line in the log and, with `metrics`, its place in ``/metrics``."""
    observe = _add_metrics(server) if metrics else None

    def start() -> None:
        asked_with = request.headers.get(REQUEST_ID, "")
        # A client's id is kept only if it can't be mistaken for anything else, in a log or in a header.
        g.request_id = asked_with if _REQUEST_ID.fullmatch(asked_with) else uuid.uuid4().hex
        g.started = time.perf_counter()

    def finish(response: Response) -> Response:
        seconds = time.perf_counter() - g.started
        response.headers[REQUEST_ID] = g.request_id
        # The query isn't logged: it may hold the words that someone typed.
        about = {
            "method": request.method,
            "path": request.path,
            "asked": current_asked().name,
            "status": response.status_code,
            "ms": round(1000 * seconds, 1),
        }
        _requests.info("%s %s", request.method, request.path, extra=about)
        if observe is not None:
            observe(response.status_code, seconds)
        return response

    server.before_request(start)
    server.after_request(finish)


def _add_metrics(server: Flask) -> Observe:
    """``/metrics``, summed over the workers where ``PROMETHEUS_MULTIPROC_DIR`` is set, as gunicorn.conf.py does."""
    from prometheus_client import (  # it reads PROMETHEUS_MULTIPROC_DIR as it is imported, and costs memory only when asked for
        CONTENT_TYPE_LATEST,
        CollectorRegistry,
        Gauge,
        Histogram,
        generate_latest,
        multiprocess,
    )

    registry = CollectorRegistry()
    latency = Histogram("aisle_request_seconds", "Seconds to answer", ("asked", "status"), registry=registry, buckets=LATENCIES)
    of_worker: dict[str, Any] = {"registry": registry, "multiprocess_mode": "liveall"}
    live = Gauge("aisle_build_live", "1 for the build that a worker serves", ("build",), **of_worker)
    refused = Gauge("aisle_build_refused", "1 while a newer build is refused", **of_worker)
    damaged = Gauge("aisle_build_damaged", "1 while a file of the live build is damaged", **of_worker)
    memory = Gauge("aisle_memory_bytes", "Resident memory of a worker", **of_worker)
    shown: list[str] = []

    def observe(status: int, seconds: float) -> None:
        latency.labels(current_asked().name, str(status)).observe(seconds)
        store = current_store()
        build = store.build.name
        if shown != [build]:
            for old in shown:
                live.labels(old).set(0)
            shown[:] = [build]
            live.labels(build).set(1)
        refused.set(store.error is not None)
        damaged.set(store.damage is not None)
        memory.set(resident_bytes())

    def answer() -> Response:
        collected = registry
        if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
            collected = CollectorRegistry()
            multiprocess.MultiProcessCollector(collected)
        return Response(generate_latest(collected), content_type=CONTENT_TYPE_LATEST)

    server.add_url_rule("/metrics", "metrics", answer)
    return observe


def resident_bytes() -> int:
    """Memory of this process that is in use, its share of preloaded pages included; 0 where there is no ``/proc``."""
    try:
        status = Path("/proc/self/status").read_text()
    except OSError:
        return 0
    found = re.search(r"^VmRSS:\s+(\d+) kB", status, re.MULTILINE)
    return 1024 * int(found[1]) if found else 0
