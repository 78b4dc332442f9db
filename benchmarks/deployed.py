"""The app as Heroku would run it: the slug unpacked, its Procfile's web process, and nothing else of this working tree."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import tarfile
import threading
import time
import venv
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path

import psutil

from precompute.slug import build_slug

ROOT = Path(__file__).resolve().parent.parent
SAMPLE_SECONDS = 0.05
PATIENCE_SECONDS = 60
"""What Heroku grants a web process to listen."""


@dataclass
class Memory:
    """What all processes of a server have in memory, every shared page counted once; sampled until `stop`.

    Attributes
    ----------
    limit
        Bytes; a server that takes more is killed, as a dyno that goes far over its memory is. A control group would do the same,
        but takes rights that a container seldom has.
    peak
        The largest sample, in bytes.
    """

    server: psutil.Process
    limit: int
    peak: int = 0
    _stopped: threading.Event = field(default_factory=threading.Event)

    def now(self) -> int:
        """Bytes: the sum of the proportional set sizes (PSS) of everything below honcho, which a dyno doesn't have."""
        total = 0
        for process in self.server.children(recursive=True):
            with suppress(psutil.NoSuchProcess, psutil.ZombieProcess):
                if process.cmdline()[:1] != [sys.executable]:  # honcho watches what it starts from a second process
                    total += process.memory_full_info().pss
        return total

    def watch(self) -> None:
        while not self._stopped.wait(SAMPLE_SECONDS):
            with suppress(psutil.NoSuchProcess):
                self.peak = max(self.peak, self.now())
            if self.peak > self.limit:
                for process in self.server.children(recursive=True):
                    with suppress(psutil.NoSuchProcess):
                        process.kill()
                return

    def stop(self) -> None:
        self._stopped.set()


@dataclass(frozen=True)
class Server:
    """A running web process: where it listens, the seconds it took to be ready, and its memory."""

    port: int
    seconds: float
    memory: Memory


def unpack_slug(cache: Path, folder: Path) -> Path:
    """Build the slug of this working tree with the given tables, and unpack it as on a dyno; the app's folder comes back.

    The Python that Heroku would add is a virtual environment of this one: it sees the slug's packages and no others.
    """
    wanted = (ROOT / ".python-version").read_text().strip()
    here = f"{sys.version_info.major}.{sys.version_info.minor}"
    if wanted != here:
        raise SystemExit(f"the slug is made for Python {wanted}; run this with it, not with {here}")
    folder.mkdir(exist_ok=True)
    slug = folder / "slug.tar.gz"
    build_slug(ROOT, cache, slug)
    with tarfile.open(slug) as archive:
        archive.extractall(folder, filter="data")
    slug.unlink()
    app = folder / "app"
    python = app / ".heroku" / "python"
    venv.create(python, symlinks=True)
    for script in (python / "lib" / f"python{wanted}" / "site-packages" / "bin").iterdir():
        _, _, code = script.read_text(encoding="utf-8").partition("\n")
        installed = python / "bin" / script.name
        installed.write_text(f"#!{python}/bin/python\n{code}", encoding="utf-8")
        installed.chmod(0o755)
    return app


def python_of(app: Path) -> str:
    """The Python of an unpacked slug."""
    return f"{app}/.heroku/python/bin/python"


def environment_of(app: Path, port: int) -> dict[str, str]:
    """All that a web process finds in its environment: PORT and PATH."""
    return {"PORT": str(port), "PATH": f"{Path(python_of(app)).parent}:/usr/bin:/bin"}


@contextmanager
def served(app: Path, *, limit: int, **environment: str) -> Iterator[Server]:
    """Start the Procfile's web process through honcho, with no environment but PORT, PATH and what is given."""
    port = free_port()
    with run([sys.executable, "-m", "honcho", "start", "web"], environment_of(app, port) | environment, app) as process:
        started = time.perf_counter()
        memory = Memory(psutil.Process(process.pid), limit)
        watcher = threading.Thread(target=memory.watch)
        watcher.start()
        try:
            wait_until_ready(process, port, "/readyz")
            yield Server(port, time.perf_counter() - started, memory)
        finally:
            memory.stop()
            watcher.join()


@contextmanager
def run(command: list[str], environment: dict[str, str], cwd: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server quietly, and end it with everything that it has started."""
    process = subprocess.Popen(command, env=environment, cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        children = psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
        process.send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=20)
        for left in (*children, process):
            with suppress(psutil.NoSuchProcess):
                left.kill()
        process.wait()


def wait_until_ready(process: subprocess.Popen[bytes], port: int, path: str) -> None:
    """Ask until the answer is 200."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise SystemExit(f"the server ended with {process.returncode} before it was ready")
        connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)
        with suppress(OSError):
            connection.request("GET", path)
            if connection.getresponse().status == 200:
                return
        connection.close()
        time.sleep(0.02)
    raise SystemExit(f"the server wasn't ready after {PATIENCE_SECONDS} s")


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
