"""How long it takes to publish the recommendations of a large shop: as files, and as tables of a PostgreSQL server of its own."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.results import Page, console
from dashboard.store import Build
from precompute.publish import postgres
from precompute.publish.files import publish_files
from precompute.publish.layout import Layout
from precompute.publish.rows import open_build
from precompute.publish.target import Folder
from precompute.report import Report
from tests.database import database_server

CPU_GOAL_SECONDS = 15


def measure_publish(large: Path, k: int) -> None:
    """Publish every signal of a cache to a folder, in every layout, and to PostgreSQL; write ``results/publish.md``."""
    build, signals = open_build(large, [])
    page = Page("publish", f"Publishing {len(build.cache):,} products", f"python -m benchmarks publish --k {k}")
    page.text(f"At most {k} recommendations a product, with reasons. *peak MB* is the resident memory of the whole process.")
    for layout in Layout:
        _measure_files(page, build, signals, k, layout)
    _measure_rows(page, build, signals, k)
    page.write()


def _measure_files(page: Page, build: Build, signals: Sequence[str], k: int, layout: Layout) -> None:
    rows, slowest = [], 0.0
    for signal in signals:
        report = Report(console)
        with tempfile.TemporaryDirectory() as folder:
            began = time.process_time()
            published = publish_files(build, Folder(Path(folder)), [signal], k, layout, False, report)
            cpu = time.process_time() - began
        slowest = max(slowest, cpu)
        seconds, megabytes = report.seconds["total"], published.files[0].bytes / 1e6
        rows.append((signal, f"{cpu:.1f}", f"{seconds:.1f}", f"{megabytes:,.0f}", f"{report.peak_mb['total']:,.0f}"))
    page.text(f"## Files, `--layout {layout.value}`")
    page.goal(f"{slowest:.1f} CPU s for the slowest signal (goal: at most {CPU_GOAL_SECONDS})", slowest <= CPU_GOAL_SECONDS)
    page.table(("<signal", "CPU s", "s", "MB", "peak MB"), rows)


def _measure_rows(page: Page, build: Build, signals: Sequence[str], k: int) -> None:
    report = Report(console)
    with database_server() as address:
        os.environ[postgres.ADDRESS] = address
        began = time.process_time()
        release = postgres.publish(build, "aisle", signals, k, report)
        cpu = time.process_time() - began
    page.text("## PostgreSQL", f"{release.recommendations:,} recommendations, {cpu:.1f} CPU s beside the server's.")
    rows = [(stage.name, f"{stage.rows:,}", f"{stage.seconds:.1f}", f"{stage.peak_mb:,.0f}") for stage in report.stages]
    page.table(("<stage", "rows", "s", "peak MB"), rows)
