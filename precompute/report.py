"""What a long-running command tells while it runs and when it ends: progress per stage, seconds, peak memory."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import psutil
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

SAMPLE_SECONDS = 0.02


@dataclass
class Stage:
    """One finished or running stage: its name, the rows it worked on, its seconds and its peak memory in MB."""

    name: str
    rows: int = 0
    seconds: float = 0.0
    peak_mb: float = 0.0


@dataclass
class Report:
    """Collects the stages of one run. Progress is drawn on `console`; a quiet console draws nothing."""

    console: Console
    stages: list[Stage] = field(default_factory=list)

    @contextmanager
    def stage(self, name: str, total: int | None = None, rows: int = 0) -> Iterator[Progressing]:
        """Time a stage, sample its memory and draw its progress bar. Stages may nest in code but are listed one by one.

        Yields an object to advance: ``with report.stage("pictures", total=n) as progress: progress.advance(8)``. A stage that
        can't tell how far it is names its `rows` alone, and its bar only shows that it is alive.
        """
        stage = Stage(name, rows=total or rows)
        self.stages.append(stage)
        columns = (
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            _Rate(),
            TimeRemainingColumn(),
        )
        started = time.perf_counter()
        drawn = Progress(*columns, console=self.console, transient=True, disable=not self.console.is_terminal)
        with _PeakMemory() as memory, drawn as bar:
            try:
                yield Progressing(bar, bar.add_task(name, total=total), stage)
            finally:
                stage.seconds = time.perf_counter() - started
        stage.peak_mb = memory.peak_mb
        if not self.console.is_terminal:  # a log gets a line per stage instead of a bar
            self.console.print(f"{stage.name}: {stage.rows:,} rows, {stage.seconds:,.1f} s", highlight=False)

    @property
    def seconds(self) -> dict[str, float]:
        """Seconds per stage, and ``total``."""
        seconds: dict[str, float] = {}
        for stage in self.stages:
            seconds[stage.name] = seconds.get(stage.name, 0) + stage.seconds
        return _rounded(seconds | {"total": sum(seconds.values())})

    @property
    def peak_mb(self) -> dict[str, float]:
        """Peak resident memory in MB per stage, and ``total``, the highest of them."""
        return _rounded(
            {stage.name: stage.peak_mb for stage in self.stages} | {"total": max((s.peak_mb for s in self.stages), default=0)}
        )

    def print_table(self) -> None:
        """Print stage, rows, seconds and peak memory."""
        table = Table("stage", *(("rows"), ("seconds"), ("peak MB")), box=None, header_style="bold", pad_edge=False)
        for column in table.columns[1:]:
            column.justify = "right"
        for stage in self.stages:
            table.add_row(stage.name, f"{stage.rows:,}", f"{stage.seconds:,.1f}", f"{stage.peak_mb:,.0f}")
        table.add_row("total", "", f"{self.seconds['total']:,.1f}", f"{self.peak_mb['total']:,.0f}", style="bold")
        self.console.print(table)


class Progressing:
    """A stage while it runs."""

    def __init__(self, bar: Progress, task: object, stage: Stage) -> None:
        self._bar, self._task, self._stage = bar, task, stage

    def advance(self, rows: int = 1) -> None:
        self._bar.advance(self._task, rows)  # type: ignore[arg-type]

    def done(self, rows: int) -> None:
        """Say how many rows the stage worked on, where that wasn't known at its start."""
        self._stage.rows = rows


class _Rate(ProgressColumn):
    def render(self, task: Task) -> Text:
        return Text(f"{task.speed:,.0f}/s" if task.speed else "", style="dim")


class _PeakMemory:
    """Samples this process's resident memory on a thread, because the system's own peak never falls between stages."""

    def __enter__(self) -> _PeakMemory:
        self._process = psutil.Process()
        self._stop = threading.Event()
        self.peak_mb = self._now()
        self._thread = threading.Thread(target=self._sample, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        self.peak_mb = max(self.peak_mb, self._now())

    def _sample(self) -> None:
        while not self._stop.wait(SAMPLE_SECONDS):
            self.peak_mb = max(self.peak_mb, self._now())

    def _now(self) -> float:
        return self._process.memory_info().rss / 1e6


def _rounded(values: dict[str, float]) -> dict[str, float]:
    return {name: round(value, 3) for name, value in values.items()}
