"""A command in a process of its own, with its seconds and the memory of all that it starts."""

from __future__ import annotations

import re
import subprocess
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

SAMPLE_SECONDS = 0.05


@dataclass(frozen=True)
class Ran:
    """A command that has ended: its seconds, the largest sum of resident bytes of its processes, and what it printed."""

    seconds: float
    peak: int
    output: str


class GaveUp(Exception):
    """A command took more time or memory than it was given; the text says which."""


def run(command: list[str], *, seconds: float, memory: float) -> Ran:
    """Run a command to its end.

    Parameters
    ----------
    seconds, memory
        With more of them, or of bytes, it is killed with everything that it has started.

    Raises
    ------
    GaveUp
        Where it was.
    SystemExit
        Where it failed, with what it wrote to standard error.
    """
    started = time.perf_counter()
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as errors:
        process = subprocess.Popen(command, stdout=output, stderr=errors)
        peak = 0
        try:
            while process.poll() is None:
                peak = max(peak, _resident(process.pid))
                if peak > memory:
                    raise GaveUp(f"took more than {memory / 1e9:.0f} GB")
                if time.perf_counter() - started > seconds:
                    raise GaveUp(f"took more than {seconds:,.0f} s")
                with suppress(subprocess.TimeoutExpired):
                    process.wait(SAMPLE_SECONDS)
        finally:
            _kill(process)
        took = time.perf_counter() - started
        output.seek(0)
        errors.seek(0)
        if process.returncode:
            raise SystemExit(f"{' '.join(command)}: {errors.read()}")
        return Ran(took, peak, output.read())


def _resident(pid: int) -> int:
    total = 0
    with suppress(psutil.NoSuchProcess):
        process = psutil.Process(pid)
        for one in (process, *process.children(recursive=True)):
            with suppress(psutil.NoSuchProcess):
                total += one.memory_info().rss
    return total


def _kill(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        for one in (*psutil.Process(process.pid).children(recursive=True), process):
            with suppress(psutil.NoSuchProcess):
                one.kill()
        process.wait()


def peak_memory() -> int:
    """The most resident bytes of this process. Unlike getrusage it knows nothing of the process that started it."""
    return 1024 * int(re.findall(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text(encoding="ascii"))[0])
