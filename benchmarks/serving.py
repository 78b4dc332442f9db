"""How soon the deployed app is ready, and what memory it takes: after thousands of requests, and with an uploaded picture."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection, HTTPException
from itertools import islice
from pathlib import Path

from benchmarks.deployed import Server, served, unpack_slug
from benchmarks.results import Page, console
from benchmarks.traffic import ENCODINGS, Ask, Callbacks, Traffic

DYNO = 512_000_000
CLIENTS = 4
PARTS = 10
SECONDS_GOAL, WITHOUT_UPLOAD_GOAL = 10, 300_000_000
GROWTH_GOAL = 0.02
"""Of the memory at half-way: what may come and go with what is being answered at that moment."""

HOW = """The Procfile's web process, started by honcho in the unpacked slug with the tables of `python -m benchmarks cache`. Its
environment is empty but for PORT, PATH, and the limits per address, which are off: one address makes all requests. Memory is
the sum of the PSS of all its processes, sampled every 50 ms; past 512 MB they would have been killed. The requests are mixed as
`benchmarks/traffic.py` says, and asked by four clients at once."""


def measure_serving(cache: Path, requests: int) -> None:
    """Serve the slug with the tables of `cache` as a dyno of 512 MB would, and write ``results/serving.md``."""
    page = Page("serving", "Serving from a dyno of 512 MB", f"python -m benchmarks serving --requests {requests}")
    with tempfile.TemporaryDirectory(prefix="aisle-serving-") as folder:
        console.print("building and unpacking the slug ...")
        app = unpack_slug(cache, Path(folder))
        with served(app, limit=DYNO, RATE_LIMIT_QUERY="0", RATE_LIMIT_PICTURE="0") as server:
            _measure(server, cache, requests, page)
    page.write()


def _measure(server: Server, cache: Path, requests: int, page: Page) -> None:
    callbacks = Callbacks.of(server.port)
    asks = Traffic(cache, callbacks).draw(seed=1)
    rows = [("0", _megabytes(server.memory.now()), _megabytes(server.memory.peak))]
    resting, answers = {}, Counter[str]()
    for part in range(1, PARTS + 1):
        console.print(f"{part * requests // PARTS:,} of {requests:,} requests ...")
        answers += ask_all(server.port, islice(asks, requests // PARTS))
        resting[part] = server.memory.now()
        rows.append((f"{part * requests // PARTS:,}", _megabytes(resting[part]), _megabytes(server.memory.peak)))
    without_upload, half_way = max(resting.values()), resting[PARTS // 2]
    answers += ask_all(server.port, iter([callbacks.upload()]))
    rows.append(("and an upload of 12 million pixels", _megabytes(server.memory.now()), _megabytes(server.memory.peak)))
    failed = {kind: n for kind, n in answers.items() if not kind.startswith("200")}
    growth = resting[PARTS] / half_way - 1
    page.text(HOW)
    page.goal(f"ready after {server.seconds:.1f} s (goal: under {SECONDS_GOAL})", server.seconds < SECONDS_GOAL)
    said = f"at most {_megabytes(without_upload)} MB between requests (goal: under {_megabytes(WITHOUT_UPLOAD_GOAL)})"
    page.goal(said, without_upload < WITHOUT_UPLOAD_GOAL)
    said = f"at most {_megabytes(server.memory.peak)} MB at any moment, the upload included (goal: under {_megabytes(DYNO)})"
    page.goal(said, server.memory.peak < DYNO)
    page.goal(f"{growth:+.1%} from half-way to the end (goal: no growth)", growth < GROWTH_GOAL)
    page.goal(f"{sum(failed.values())} requests failed{''.join(f'; {n} x {kind}' for kind, n in failed.items())}", not failed)
    page.table(("<requests", "MB at rest", "peak MB so far"), rows)


def ask_all(port: int, asks: Iterator[Ask]) -> Counter[str]:
    """Ask everything by `CLIENTS` clients at once; counts the statuses, and of what isn't 200 the kind too."""

    def client(mine: list[Ask]) -> Counter[str]:
        seen = Counter[str]()
        connection = HTTPConnection("127.0.0.1", port, timeout=60)
        for ask in mine:
            try:
                send(connection, ask)
                response = connection.getresponse()
                response.read()
                seen["200" if response.status == 200 else f"{response.status} {ask.kind}"] += 1
            except (OSError, HTTPException) as error:
                connection.close()
                seen[f"{type(error).__name__} {ask.kind}"] += 1
        connection.close()
        return seen

    everything = list(asks)
    with ThreadPoolExecutor(CLIENTS) as pool:
        return sum(pool.map(client, (everything[number::CLIENTS] for number in range(CLIENTS))), Counter[str]())


def send(connection: HTTPConnection, ask: Ask) -> None:
    """Send one request, as a browser would."""
    if ask.body is None:
        connection.request("GET", ask.path, headers=ENCODINGS)
    else:
        connection.request("POST", ask.path, ask.body, ENCODINGS | {"Content-Type": "application/json"})


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.0f}"
