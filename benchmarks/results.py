"""Where each benchmark writes what it measured: one page of its own under ``benchmarks/results``."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import psutil
from rich.console import Console

RESULTS = Path(__file__).parent / "results"
console = Console(stderr=True, highlight=False)


class Missing(SystemExit):
    """What a benchmark needs isn't on this machine; the text says what."""


class Page:
    """One benchmark's results, with the command and the machine they come from.

    The load is that of the minute before the run: where it is more than a fraction, something else ran, and times are noise.
    """

    def __init__(self, name: str, title: str, command: str) -> None:
        self._path = RESULTS / f"{name}.md"
        machine = f"{os.cpu_count()} cores, {psutil.virtual_memory().total / 1e9:.0f} GB, Python {platform.python_version()}"
        load = f"load average before the run {os.getloadavg()[0]:.1f}"
        self._parts = [f"# {title}", f"`{command}`, {datetime.now(UTC):%Y-%m-%d}, {machine}, {load}."]

    def text(self, *paragraphs: str) -> None:
        self._parts += paragraphs

    def table(self, head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
        """A table; a column whose name begins with ``<`` is text, all others are numbers."""
        names = [name.removeprefix("<") for name in head]
        rules = ["---" if name.startswith("<") else "---:" for name in head]
        self._parts.append("\n".join(f"| {' | '.join(cells)} |" for cells in (names, rules, *rows)))

    def goal(self, said: str, met: bool) -> None:
        """What was to be reached, and whether it was."""
        self._parts.append(f"- {'met' if met else '**missed**'}: {said}")

    def write(self) -> None:
        RESULTS.mkdir(exist_ok=True)
        self._path.write_text("\n\n".join(self._parts) + "\n", encoding="utf-8")
        console.print(f"written to {self._path}")
