"""What it costs a dashboard to send all recommendations of a large shop as a file, and what others notice of it."""

from __future__ import annotations

import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from benchmarks.deployed import served, unpack_slug
from benchmarks.load import COLUMNS, P95_GOAL_MS, USERS, Measured, ask_by_locust, written
from benchmarks.results import Page, console
from benchmarks.serving import DYNO
from benchmarks.traffic import Callbacks, Traffic
from dashboard import export

PEOPLE = USERS[0]
PIECE = 1 << 20
PATIENCE_SECONDS = 55
"""Heroku's router hangs up where no byte comes for so long."""

HOW = f"""The Procfile's web process, started by honcho in the unpacked slug with the tables of `python -m benchmarks cache`. One
reader takes a file as fast as it comes, to its end, while {PEOPLE} people look at the dashboard as in `load`; the first row is
them alone. All are on one machine and share its cores. Memory is the sum of the PSS of all the server's processes, sampled every
50 ms; past 512 MB they would have been killed."""


@dataclass(frozen=True)
class Taken:
    """A file that was read to its end: its bytes, and how long that took."""

    size: int
    seconds: float


def measure_export(cache: Path, seconds: int) -> None:
    """Take all recommendations along in every format while people ask for `seconds`, and write ``results/export.md``."""
    page = Page("export", "Taking all recommendations along", f"python -m benchmarks export --seconds {seconds}")
    taken: dict[str, Taken] = {}
    with tempfile.TemporaryDirectory(prefix="aisle-export-") as folder:
        console.print("building and unpacking the slug ...")
        app = unpack_slug(cache, Path(folder))
        with served(app, limit=DYNO, RATE_LIMIT_QUERY="0", RATE_LIMIT_PICTURE="0") as server, ThreadPoolExecutor(1) as reader:
            mixed = written(Traffic(cache, Callbacks.of(server.port)).draw(seed=4), Path(folder) / "mixed.jsonl")
            asked = {"nothing": ask_by_locust(server.port, mixed, PEOPLE, seconds, pauses=True)["all"]}
            peaks = {"nothing": server.memory.peak}
            for suffix in export.FORMATS:
                server.memory.peak = 0
                taking = reader.submit(take, server.port, f"/export/{export.RECOMMENDATIONS}.{suffix}")
                asked[suffix] = ask_by_locust(server.port, mixed, PEOPLE, seconds, pauses=True)["all"]
                taken[suffix] = taking.result()
                peaks[suffix] = server.memory.peak
    _write(page, taken, asked, peaks)


def take(port: int, path: str) -> Taken:
    """Read a file to its end, and keep nothing of it. Raises `SystemExit` where it breaks off."""
    started, size = time.perf_counter(), 0
    connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        if response.status != 200:
            raise SystemExit(f"{path} was answered with {response.status}")
        while piece := response.read(PIECE):
            size += len(piece)
    except (OSError, HTTPException) as error:
        raise SystemExit(f"{path} broke off after {size:,} bytes: {error!r}") from None
    finally:
        connection.close()
    return Taken(size, time.perf_counter() - started)


def _write(page: Page, taken: dict[str, Taken], asked: dict[str, Measured], peaks: dict[str, int]) -> None:
    rows = []
    for kind, measured in asked.items():
        file = taken.get(kind)
        sent = (f"{file.size / 1e6:,.0f}", f"{file.seconds:,.0f}") if file else ("", "")
        rows.append((kind, *sent, f"{peaks[kind] / 1e6:,.0f}", *measured.cells()))
    page.text(HOW)
    page.table(("<file", "MB", "seconds", "peak MB of the server", *COLUMNS), rows)
    peak, slowest = max(peaks.values()), max(measured.p95 for measured in asked.values())
    failures = sum(measured.failures for measured in asked.values())
    page.goal(f"at most {peak / 1e6:,.0f} MB at any moment (goal: under {DYNO / 1e6:,.0f})", peak < DYNO)
    page.goal(f"p95 of at most {slowest:,.0f} ms for {PEOPLE} people (goal: under {P95_GOAL_MS})", slowest < P95_GOAL_MS)
    page.goal(f"{failures} errors (goal: none)", failures == 0)
    page.write()
