"""How gunicorn serves the dashboard, here and on Heroku. It is read before the app is found, so it imports none of it."""

from __future__ import annotations

import ctypes
import gc
import os
import shutil
import socket
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX = -1, -3, -8
"""What glibc's malloc.h calls them."""
LARGE = 1_000_000
"""Bytes of a request or an answer from which on its memory is given back at once."""
TRIM_SECONDS = 1.0
"""How often that of all the others is: it takes some milliseconds."""


def _number(name: str, default: str) -> int:
    text = os.environ.get(name) or default
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 65536):
        sys.exit(f"{name} must be a number from 1 to 65535, not {text!r}")
    return int(text)


def _host() -> str:
    """Both IPv6 and IPv4 through one socket, where the machine can; else IPv4."""
    if not socket.has_ipv6:
        return "0.0.0.0"
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::", 0))
            takes_both = probe.getsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY) == 0
    except OSError:
        takes_both = False
    return "[::]" if takes_both else "0.0.0.0"


def _glibc(name: str, *arguments: int) -> None:
    """Call a function that other C libraries than glibc lack."""
    function = getattr(ctypes.CDLL(None), name, None)
    if function is not None:
        function(*arguments)


def _keep_little_memory() -> None:
    """Have requests return the memory that they took.

    Arrow's own allocator keeps some of it for each thread, and glibc comes to do the same with larger and larger blocks: over a
    large catalogue, more than what two workers of four threads need. A megabyte may stay, because the next answer takes it again:
    to ask the system for it anew is a quarter of what reading a product's neighbours costs.
    """
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
    _glibc("mallopt", M_MMAP_THRESHOLD, 128 * 1024)
    _glibc("mallopt", M_TRIM_THRESHOLD, 1024 * 1024)
    _glibc("mallopt", M_ARENA_MAX, 2)


_keep_little_memory()
_port = _number("PORT", "8050")

wsgi_app = "dashboard.app:create_server()"
bind = f"{_host()}:{_port}"
workers = _number("WEB_CONCURRENCY", "2")
# Threads, and no request is lost when a worker ends.
worker_class = "dashboard.worker.Worker"
threads = 4
# The tables are opened once, before the workers part, and shared between them.
preload_app = True
# Heroku's router gives up after 30 s.
timeout = 28
graceful_timeout = 10
# Longer than any router keeps an idle connection (Heroku's: 90 s), so that it is never us who hang up on a request under way.
keepalive = 100
# A worker that lives for ever keeps every fragment of memory it ever asked for; the jitter keeps them from leaving together.
max_requests = 20_000
max_requests_jitter = 2_000
# Workers show that they are alive through a file: in memory, so that a slow disk is never mistaken for a dead worker.
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
loglevel = "warning"

# Prometheus asks one worker and wants to hear of all: they write their numbers to files in a shared folder.
_metrics = tempfile.mkdtemp(prefix="aisle-metrics-") if os.environ.get("METRICS") == "1" else None
if _metrics:
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = _metrics


def _forget(pid: int) -> None:
    """Drop what a process last said of itself."""
    if _metrics:
        for file in Path(_metrics).glob(f"gauge_live*_{pid}.db"):
            file.unlink()


def when_ready(_server: Any) -> None:
    """Say the address once the app listens."""
    _forget(os.getpid())  # the app is loaded here, but it is the workers that answer
    # What is loaded by now stays: a worker's garbage collector that looked at it would copy every page that the workers share.
    gc.collect()
    gc.freeze()
    from dashboard import __version__

    print(f"Aisle {__version__} is ready: http://localhost:{_port}  (Ctrl-C stops it)", flush=True)


def post_worker_init(worker: Any) -> None:
    """Start a worker's clock."""
    worker.trimmed = time.monotonic()


def post_request(worker: Any, _request: Any, environ: dict[str, Any], response: Any) -> None:
    """Give back what glibc keeps of answered requests: small blocks, which together are tens of MB."""
    large = max(response.sent, int(environ.get("CONTENT_LENGTH") or 0)) > LARGE
    if large or time.monotonic() - worker.trimmed > TRIM_SECONDS:
        worker.trimmed = time.monotonic()
        _glibc("malloc_trim", 0)


def child_exit(_server: Any, worker: Any) -> None:
    """Forget the state of a worker that has ended; what it counted stays counted."""
    _forget(worker.pid)


def on_exit(_server: Any) -> None:
    """Leave no files behind."""
    if _metrics:
        shutil.rmtree(_metrics, ignore_errors=True)
