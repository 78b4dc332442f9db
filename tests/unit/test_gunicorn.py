"""The app as gunicorn serves it: what only a real server and real sockets show."""

from __future__ import annotations

import ctypes
import re
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.browser.conftest import serving

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def address(planted: Path) -> Iterator[str]:
    """A server with metrics, that gives a body one second."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("METRICS", "1")
        environment.setenv("MAX_BODY_SECONDS", "1")
        with serving(planted) as address:
            yield address


def get(url: str) -> str:
    with urllib.request.urlopen(url, timeout=20) as response:
        return response.read().decode()


def test_a_body_that_dribbles_in_is_given_up(address: str) -> None:
    with socket.create_connection((urlsplit(address).hostname, urlsplit(address).port), timeout=20) as slow:
        slow.sendall(b"POST /_dash-update-component HTTP/1.1\r\nHost: slow\r\n")
        slow.sendall(b"Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{")
        assert slow.recv(1000).startswith(b"HTTP/1.1 400 ")


def test_both_kinds_of_address_are_answered(address: str) -> None:
    assert "alive" in get(f"{address}/healthz")
    if socket.has_dualstack_ipv6():
        assert "alive" in get(f"http://[::1]:{urlsplit(address).port}/healthz")


def test_metrics_tell_of_the_workers_alone(address: str) -> None:
    for _ in range(5):
        get(f"{address}/api/products/item-001")
    text = get(f"{address}/metrics")
    assert 'aisle_request_seconds_count{asked="route /api/products/<rest:rest>",status="200"} 5.0' in text
    memories = re.findall(r"^aisle_memory_bytes\{pid=\"\d+\"\} (\S+)$", text, re.MULTILINE)
    assert len(memories) == 1, "one worker; the master answers nothing"
    assert float(memories[0]) > 10_000_000


def test_what_requests_took_can_go_back_and_what_is_loaded_stays_shared() -> None:
    code = """
import gc, runpy
settings = runpy.run_path("gunicorn.conf.py")
settings["when_ready"](None)
import pyarrow
print(pyarrow.default_memory_pool().backend_name, gc.get_freeze_count() > 1_000)
"""
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ran.stdout.splitlines()[-1] == "system True"


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "malloc_trim"), reason="another C library than glibc")
@pytest.mark.parametrize(("body", "seconds"), [(2_000_000, 0), (10, 2)], ids=["after a large request", "after a while"])
def test_memory_goes_back(body: int, seconds: int) -> None:
    code = """
import ctypes, pathlib, runpy, sys
from types import SimpleNamespace
settings = runpy.run_path("gunicorn.conf.py")
libc = ctypes.CDLL(None)
libc.malloc.restype, libc.free.argtypes = ctypes.c_void_p, [ctypes.c_void_p]

def megabytes():
    return int(pathlib.Path("/proc/self/statm").read_text().split()[1]) * 4096 / 1e6

blocks = [libc.malloc(1_000) for _ in range(60_000)]
for block in blocks:
    ctypes.memset(block, 1, 1_000)
for block in blocks[:-1]:  # the last one keeps the heap from shrinking by itself
    libc.free(block)
held = megabytes()
worker = SimpleNamespace()
settings["post_worker_init"](worker)
settings["post_request"](worker, None, {"CONTENT_LENGTH": "10"}, SimpleNamespace(sent=10_000))
after_a_small_one = megabytes()
worker.trimmed -= float(sys.argv[2])
settings["post_request"](worker, None, {"CONTENT_LENGTH": sys.argv[1]}, SimpleNamespace(sent=10_000))
print(held - after_a_small_one, held - megabytes())
"""
    ran = subprocess.run(
        [sys.executable, "-c", code, str(body), str(seconds)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    after_a_small_one, after_this_one = map(float, ran.stdout.split())
    assert after_a_small_one < 5
    assert after_this_one > 40
