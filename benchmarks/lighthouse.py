"""What Lighthouse says of the pages on a phone, and how many bytes a first visit takes."""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from benchmarks.deployed import ROOT, served, unpack_slug
from benchmarks.results import Page, console
from benchmarks.serving import DYNO
from lookup.reader import Cache

LIGHTHOUSE = "lighthouse@12.8.2"
"""The newest that Node 20 runs."""
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
GOALS = {"performance": 0.90, "accessibility": 0.95, "best-practices": 0.95}
TIMES = {
    "first-contentful-paint": "first paint",
    "largest-contentful-paint": "largest paint",
    "total-blocking-time": "blocked",
    "speed-index": "speed index",
}
BYTES_GOAL = 1_200_000
LARGEST = 8

HOW = """Each page of the demo shop, served from a slug as a dyno of 512 MB would, opened by {lighthouse} in an empty {chromium},
{runs} times; medians stand here. Its mobile defaults: a phone of 412 pixels, four times slower than this machine, on 1.6 Mbit/s
with 150 ms there and back. A benchmark index far below 1,500 means that the machine was busy: *blocked* and *performance* are
then worse than they would be."""


@dataclass(frozen=True)
class Visit:
    """One run of Lighthouse.

    Attributes
    ----------
    scores
        By category, from 0 to 1.
    milliseconds
        By audit, a key of `TIMES`.
    index
        Lighthouse's own measure of how fast the machine was just then.
    sent
        ``(path, kind, bytes over the wire)`` of everything that the page asked for.
    """

    scores: dict[str, float]
    milliseconds: dict[str, float]
    index: float
    sent: list[tuple[str, str, int]]

    @classmethod
    def from_report(cls, report: dict[str, Any]) -> Visit:
        audits = report["audits"]
        requests = audits["network-requests"]["details"]["items"]
        return cls(
            {name: report["categories"][name]["score"] for name in GOALS},
            {name: audits[name]["numericValue"] for name in TIMES},
            report["environment"]["benchmarkIndex"],
            [(urlsplit(one["url"]).path, one["resourceType"], one["transferSize"]) for one in requests],
        )

    def bytes_without_pictures(self) -> int:
        return sum(size for _, kind, size in self.sent if kind != "Image")


def measure_lighthouse(runs: int) -> None:
    """Serve the demo shop, visit three of its pages and write ``results/lighthouse.md``."""
    page = Page("lighthouse", "Lighthouse", f"python -m benchmarks lighthouse --runs {runs}")
    product = Cache.open(ROOT / "cache").id_of(0)
    paths = {"Catalogue": "/", "Product": f"/item/{product}", "Clusters": "/clusters"}
    with tempfile.TemporaryDirectory(prefix="aisle-lighthouse-") as folder:
        command = installed(Path(folder))
        console.print("building and unpacking the slug ...")
        app = unpack_slug(ROOT / "cache", Path(folder))
        with served(app, limit=DYNO, RATE_LIMIT_QUERY="0", RATE_LIMIT_PICTURE="0") as server:
            visits = {}
            for name, path in paths.items():
                console.print(f"{name}: {runs} visits ...")
                visits[name] = [visit(command, f"http://127.0.0.1:{server.port}{path}") for _ in range(runs)]
    write(page, visits)


def write(page: Page, visits: dict[str, list[Visit]]) -> None:
    """The medians beside the goals, and what a first visit to the first page takes."""
    runs = len(next(iter(visits.values())))
    page.text(HOW.format(lighthouse=LIGHTHOUSE, chromium=Path(_chromium()).name, runs=runs))
    rows = []
    for name, seen in visits.items():
        scores = {category: statistics.median(one.scores[category] for one in seen) for category in GOALS}
        for category, goal in GOALS.items():
            page.goal(f"{name}: {category} {100 * scores[category]:.0f} (goal: {100 * goal:.0f})", scores[category] >= goal)
        times = [f"{statistics.median(one.milliseconds[audit] for one in seen):,.0f}" for audit in TIMES]
        index = statistics.median(one.index for one in seen)
        rows.append((name, *(f"{100 * score:.0f}" for score in scores.values()), *times, f"{index:,.0f}"))
    first, seen = next(iter(visits.items()))
    sent = seen[0]
    total = sent.bytes_without_pictures()
    page.goal(
        f"{first}: {total / 1e3:,.0f} kB over the wire, pictures aside (goal: under {BYTES_GOAL / 1e3:,.0f})", total < BYTES_GOAL
    )
    page.table(("<page", *GOALS, *(f"{said}, ms" for said in TIMES.values()), "benchmark index"), rows)
    page.text(f"The largest answers of a first visit to {first}:")
    page.table(("<path", "<kind", "kB"), list(largest(sent.sent)))
    page.write()


def largest(sent: Sequence[tuple[str, str, int]]) -> Iterator[tuple[str, str, str]]:
    """The largest answers without pictures, and those together."""
    others = sorted((one for one in sent if one[1] != "Image"), key=lambda one: -one[2])
    for path, kind, size in others[:LARGEST]:
        yield path, kind, f"{size / 1e3:,.1f}"
    pictures = [size for _, kind, size in sent if kind == "Image"]
    yield f"{len(pictures)} pictures", "Image", f"{sum(pictures) / 1e3:,.1f}"


def visit(command: Path, address: str) -> Visit:
    """Open an address once in a browser that has never been anywhere."""
    flags = ["--headless=new", *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    asked = [command, address, "--quiet", "--output=json", f"--chrome-flags={' '.join(flags)}"]
    asked.append(f"--only-categories={','.join(GOALS)}")
    found = subprocess.run(asked, env=os.environ | {"CHROME_PATH": _chromium()}, capture_output=True, check=False)
    if found.returncode:
        raise SystemExit(f"Lighthouse failed at {address}:\n{found.stderr.decode()}")
    return Visit.from_report(json.loads(found.stdout))


def installed(folder: Path) -> Path:
    """Lighthouse, from npm's registry into a folder of its own."""
    console.print(f"installing {LIGHTHOUSE} ...")
    install = ["npm", "install", "--no-audit", "--no-fund", "--prefix", folder / "node", LIGHTHOUSE]
    subprocess.run(install, check=True, stdout=subprocess.DEVNULL)
    return folder / "node" / "node_modules" / ".bin" / "lighthouse"


def _chromium() -> str:
    found = next((path for name in CHROMIUM if (path := shutil.which(name))), None)
    if found is None:
        raise SystemExit(f"Lighthouse needs one of {', '.join(CHROMIUM)}")
    return found
