"""``python -m dashboard`` where it can't start: one clear line, exit code 1."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from dashboard import __main__, release
from tests.planted_cache import write_planted_cache

ROOT = Path(__file__).resolve().parents[2]


def start(**environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "dashboard"],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def free_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


def test_a_taken_port_is_named(planted: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("0.0.0.0", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ended = start(PORT=str(port), CACHE_DIR=str(planted))
    assert ended.returncode == 1
    assert ended.stderr.startswith(
        f"Port {port} can't be used (Address already in use). Choose another one: PORT={port + 1} make run"
    )
    assert ended.stderr.count("\n") == 1


@pytest.mark.parametrize("port", ["0", "65536", "http", "-1", "٨٠"])
def test_a_port_that_is_none_is_named(monkeypatch: pytest.MonkeyPatch, port: str) -> None:
    monkeypatch.setenv("PORT", port)
    with pytest.raises(SystemExit) as ended:
        __main__.main()
    assert ended.value.code == f"PORT must be a number from 1 to 65535, not {port!r}"


@pytest.mark.parametrize("workers", ["abc", "0", "1.5"])
@pytest.mark.parametrize("module", [__main__, release])
def test_a_number_of_workers_that_is_none_is_named(monkeypatch: pytest.MonkeyPatch, module: ModuleType, workers: str) -> None:
    monkeypatch.setenv("WEB_CONCURRENCY", workers)
    with pytest.raises(SystemExit) as ended:
        module.main()
    assert ended.value.code == f"WEB_CONCURRENCY must be a whole number, 1 or more, not {workers!r}"


@pytest.mark.slow
def test_a_missing_cache_says_how_to_build_one(tmp_path: Path) -> None:
    ended = start(PORT=free_port(), CACHE_DIR=str(tmp_path / "none"))
    assert ended.returncode == 1
    assert ended.stderr == (
        f"{tmp_path / 'none' / 'manifest.json'}: not found. "
        f"Build the lookup tables first: python -m precompute build SHOP.TOML --cache {tmp_path / 'none'}\n"
    )


@pytest.mark.slow
@pytest.mark.parametrize("damage", ["truncated", "emptied", "flipped", "deleted"])
def test_a_damaged_table_is_named(tmp_path: Path, damage: str) -> None:
    manifest = write_planted_cache(tmp_path, n=30)
    path = tmp_path / manifest.folder / "products.parquet"
    content = path.read_bytes()
    if damage == "deleted":
        path.unlink()
    else:
        middle = len(content) // 2
        flipped = content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]
        path.write_bytes({"truncated": content[:-5], "emptied": b"", "flipped": flipped}[damage])
    ended = start(PORT=free_port(), CACHE_DIR=str(tmp_path))
    assert ended.returncode == 1
    assert ended.stderr.startswith(str(path))
    assert ended.stderr.count("\n") == 1
