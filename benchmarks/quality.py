"""What a build of real shops takes, and how good its recommendations are: the shops of ``benchmarks/shops``.

The real data stands outside the project, where the shops' settings name it; a shop whose files aren't there is passed over.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.results import Missing, Page, console

HERE = Path(__file__).parent
REPORTED_K = 10


def measure_quality(shops: list[str], repetitions: int) -> None:
    """Build and evaluate the named shops, or all, each in a process of its own, and write ``results/quality.md``."""
    page = Page(
        "quality", "Builds and quality", " ".join(["python -m benchmarks quality", *shops, f"--repetitions {repetitions}"])
    )
    wanted = sorted(path for path in (HERE / "shops").glob("*.toml") if not shops or path.stem in shops)
    measured = {path.stem: result for path in wanted if (result := measure(path, repetitions)) is not None}
    if not measured:
        raise Missing("no shop's files are here; see the paths in benchmarks/shops/*.toml")
    _write_builds(page, measured)
    _write_quality(page, measured)
    page.write()


def measure(shop_toml: Path, repetitions: int) -> dict[str, Any] | None:
    """Builds (first and again), and metrics; None where the shop's files aren't there."""
    builds = []
    with tempfile.TemporaryDirectory() as folder:
        cache = Path(folder) / "cache"
        for repetition in range(repetitions):
            work = Path(folder) / f"work-{repetition}"
            first = _precompute("build", shop_toml, cache, work)
            if first is None:
                return None
            builds.append(first)
        again = _precompute("build", shop_toml, cache, work)
        metrics = _precompute("evaluate", shop_toml, cache, work)
    builds.sort(key=lambda build: build["seconds"]["total"])
    return {"build": builds[len(builds) // 2], "again": again, "metrics": metrics}


def _write_builds(page: Page, measured: dict[str, Any]) -> None:
    """Rows, seconds, memory and bytes of each build."""
    rows = []
    for name, result in measured.items():
        build = result["build"]
        counts = (f"{build[key]:,}" for key in ("products", "reviews", "orders", "pictures"))
        rejects = ", ".join(f"{reason}: {count:,}" for reason, count in build["rejects"].items()) or "nothing"
        seconds = (f"{one['seconds']['total']:,.1f}" for one in (build, result["again"]))
        rows.append((name, *counts, rejects, *seconds, f"{build['peak_mb']['total']:,.0f}", f"{build['cache_bytes'] / 1e6:,.1f}"))
    counted = ("products", "reviews", "orders", "pictures")
    page.text("## Builds")
    page.table(("<shop", *counted, "<left out or incomplete", "seconds", "again", "peak MB", "cache MB"), rows)


def _write_quality(page: Page, measured: dict[str, Any]) -> None:
    """Hit rate and NDCG of each signal, with its interval, beside chance and popularity."""
    lines = []
    for name, result in measured.items():
        rows: dict[tuple[str, str], dict[str, Any]] = {}
        for row in result["metrics"]:
            if row["k"] == REPORTED_K and row["metric"] in ("hit_rate", "ndcg"):
                rows.setdefault((row["slice"], row["signal"]), {})[row["metric"]] = row
        for (part, signal), values in rows.items():
            queries = f"{values['hit_rate']['n']:,}"
            lines.append((name, part, queries, signal, _cell(values.get("hit_rate")), _cell(values.get("ndcg"))))
    page.text(f"## Quality at {REPORTED_K}")
    page.table(("<shop", "<slice", "queries", "<signal", "<hit rate", "<NDCG"), lines)


def _cell(row: dict[str, Any] | None) -> str:
    if row is None:
        return ""
    interval = f" ({row['low']:.3f} to {row['high']:.3f})" if row["low"] is not None else ""
    return f"{row['value']:.3f}{interval}"


def _precompute(command: str, shop_toml: Path, cache: Path, work: Path) -> Any:
    console.print(f"{command} {shop_toml.stem} ...")
    arguments = [
        sys.executable,
        "-m",
        "precompute",
        command,
        str(shop_toml),
        "--cache",
        str(cache),
        "--work",
        str(work),
        "--json",
    ]
    done = subprocess.run(arguments, capture_output=True, text=True, check=False)
    if done.returncode == 1 and "not found" in done.stderr:
        console.print(f"  passed over: {done.stderr.strip().splitlines()[-1]}", highlight=False)
        return None
    if done.returncode:
        raise SystemExit(done.stderr)
    return json.loads(done.stdout)
