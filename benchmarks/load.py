"""How many visitors the dashboard bears, and how its API compares with the least that a Dash app can be."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from statistics import median

from benchmarks.deployed import environment_of, free_port, python_of, run, unpack_slug, wait_until_ready
from benchmarks.results import Page, console
from benchmarks.traffic import Ask, Callbacks, Traffic

HERE = Path(__file__).parent
USERS = (50, 200)
HURRIED_SHARE = 1 / 3
"""Users without pauses ask for this part of the time: they show where the limit is, and get there at once."""
DRAWN = 20_000
"""Requests that are drawn beforehand, so that drawing takes no time from the measured seconds."""
ROUNDS, ROUND_SECONDS = 3, 15
API = ("API: recommendations", "API: product")
HELLO = "hello: page", "hello: callback"
P95_GOAL_MS, SHARE_GOAL = 500, 0.6

HOW = """The unpacked slug with the tables of `python -m benchmarks cache`, under its own `gunicorn.conf.py` (two workers of
four threads). Users are locust's, on the same machine, so locust takes its part of the cores. People look at each answer for
one to three seconds; users in a hurry ask again as soon as they are answered, which no person does, and so show the most that
is answered at all. The requests are mixed as `benchmarks/traffic.py` says. One address makes them all, so the limits per
address are off (`RATE_LIMIT_QUERY=0 RATE_LIMIT_PICTURE=0`)."""

AGAINST = """A Dash app of one page and one callback (`benchmarks/hello.py`) with the same packages and gunicorn settings, 50
users, in turns with the dashboard's API; the median of the rounds."""


@dataclass(frozen=True)
class Measured:
    """What locust saw of one kind of request; seconds are in milliseconds."""

    kind: str
    requests: int
    failures: int
    per_second: float
    p50: float
    p95: float
    p99: float

    def cells(self) -> tuple[str, ...]:
        times = (f"{ms:,.0f}" for ms in (self.p50, self.p95, self.p99))
        return (f"{self.requests:,}", f"{self.per_second:,.0f}", *times, str(self.failures))


COLUMNS = ("requests", "requests/s", "p50 ms", "p95 ms", "p99 ms", "errors")


def measure_load(cache: Path, seconds: int) -> None:
    """Load the dashboard with `USERS` for so many seconds each, then its API beside hello-world; write ``results/load.md``."""
    page = Page("load", "Load", f"python -m benchmarks load --seconds {seconds}")
    with ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="aisle-load-")))
        console.print("building and unpacking the slug ...")
        app = unpack_slug(cache, scratch)
        unlimited = {"RATE_LIMIT_QUERY": "0", "RATE_LIMIT_PICTURE": "0"}
        dashboard = _serve(stack, app, "/readyz", **unlimited)
        hello = _serve(stack, app, "/", "--pythonpath", str(HERE), "hello:create_server()")
        traffic = Traffic(cache, Callbacks.of(dashboard))
        mixed = written(traffic.draw(seed=2), scratch / "mixed.jsonl")
        people = {users: ask_by_locust(dashboard, mixed, users, seconds, pauses=True) for users in USERS}
        hurried = {users: ask_by_locust(dashboard, mixed, users, round(seconds * HURRIED_SHARE)) for users in USERS}
        asks = {kind: (dashboard, written(traffic.draw(3, kind), scratch / f"{kind}.jsonl")) for kind in API}
        greeting = Callbacks.of(hello).ask(HELLO[1], "greeting", name="Aisle")
        for kind, ask in zip(HELLO, (Ask(HELLO[0], "/"), greeting), strict=True):
            asks[kind] = (hello, written([ask], scratch / f"{kind}.jsonl"))
        rounds = [{kind: ask_by_locust(*of, USERS[0], ROUND_SECONDS)[kind] for kind, of in asks.items()} for _ in range(ROUNDS)]
    _write_mixed(page, people, hurried)
    _write_against(page, {kind: [each[kind] for each in rounds] for kind in asks})
    page.write()


def ask_by_locust(port: int, asks: Path, users: int, seconds: int, *, pauses: bool = False) -> dict[str, Measured]:
    """Let so many users ask for so long, with or without a person's pauses: what was measured, by kind, and as ``"all"``."""
    console.print(f"{asks.stem}: {users} users for {seconds} s ...")
    with tempfile.TemporaryDirectory(prefix="aisle-locust-") as folder:
        locust = [sys.executable, "-m", "locust", "--locustfile", str(HERE / "locustfile.py")]
        end = ["--run-time", f"{seconds}s", "--stop-timeout", "30", "--csv", f"{folder}/measured"]
        who = ["--headless", "--only-summary", "--users", str(users), "--spawn-rate", str(users)]
        command = [*locust, *who, *end, "--host", f"http://127.0.0.1:{port}"]
        done = subprocess.run(
            command, env=os.environ | {"ASKS": str(asks), "PAUSES": str(int(pauses))}, capture_output=True, text=True, check=False
        )
        try:
            with Path(folder, "measured_stats.csv").open(newline="", encoding="utf-8") as file:
                return {measured.kind: measured for measured in map(_measured, csv.DictReader(file))}
        except FileNotFoundError:
            raise SystemExit(done.stderr) from None


def _measured(row: dict[str, str]) -> Measured:
    return Measured(
        kind=row["Name"] if row["Name"] != "Aggregated" else "all",
        requests=int(row["Request Count"]),
        failures=int(row["Failure Count"]),
        per_second=float(row["Requests/s"]),
        p50=float(row["50%"]),
        p95=float(row["95%"]),
        p99=float(row["99%"]),
    )


def _serve(stack: ExitStack, app: Path, ready: str, *arguments: str, **environment: str) -> int:
    """Serve under the slug's own settings and packages until the stack is left; its port comes back."""
    port = free_port()
    command = [python_of(app), "-m", "gunicorn", "--config", "gunicorn.conf.py", *arguments]
    process = stack.enter_context(run(command, environment_of(app, port) | environment, app))
    wait_until_ready(process, port, ready)
    return port


def written(asks: Iterable[Ask], path: Path) -> Path:
    """The first `DRAWN` requests as a file that ``locustfile.py`` reads."""
    path.write_text("".join(json.dumps(asdict(ask)) + "\n" for ask in islice(asks, DRAWN)), encoding="utf-8")
    return path


def _write_mixed(page: Page, people: dict[int, dict[str, Measured]], hurried: dict[int, dict[str, Measured]]) -> None:
    page.text(HOW)
    crowds = [(f"{users} people", kinds["all"]) for users, kinds in people.items()]
    crowds += [(f"{users} in a hurry", kinds["all"]) for users, kinds in hurried.items()]
    page.table(("<users", *COLUMNS), [(users, *measured.cells()) for users, measured in crowds])
    few = people[USERS[0]]["all"]
    page.goal(f"p95 of {few.p95:,.0f} ms at {USERS[0]} people (goal: under {P95_GOAL_MS})", few.p95 < P95_GOAL_MS)
    rushed = hurried[USERS[0]]["all"]
    page.goal(f"p95 of {rushed.p95:,.0f} ms at {USERS[0]} in a hurry (goal: under {P95_GOAL_MS})", rushed.p95 < P95_GOAL_MS)
    failures = sum(measured.failures for _, measured in crowds)
    page.goal(f"{failures} errors (goal: none)", failures == 0)
    page.text(f"## By kind, {USERS[0]} people")
    kinds = sorted(kind for kind in people[USERS[0]] if kind != "all")
    page.table(("<kind", *COLUMNS), [(kind, *people[USERS[0]][kind].cells()) for kind in kinds])


def _write_against(page: Page, rounds: dict[str, list[Measured]]) -> None:
    speed = {kind: median(each.per_second for each in measured) for kind, measured in rounds.items()}
    page.text("## Beside hello-world", AGAINST)
    rows = []
    for kind, measured in rounds.items():
        shares = (f"{speed[kind] / speed[hello]:.0%}" for hello in HELLO)
        rows.append((kind, f"{speed[kind]:,.0f}", *shares, str(sum(each.failures for each in measured))))
    page.table(("<what", "requests/s", "of hello's page", "of hello's callback", "errors"), rows)
    for kind in API:
        share = speed[kind] / speed[HELLO[1]]
        page.goal(f"{kind}: {share:.0%} of hello-world's callback (goal: at least {SHARE_GOAL:.0%})", share >= SHARE_GOAL)
