"""``python -m tests.hostile.run GROUP FOLDER``: read a group of hostile shops in this process, within hard limits.

Prints one line of JSON per case: how it ended. A case that takes the process down leaves no line, nor do those behind it, so
whoever asked sees which one it was.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pyarrow as pa
from typer.testing import CliRunner

from precompute.__main__ import app
from precompute.pictures import read_pictures
from precompute.settings import read_settings
from precompute.sources import read_shop
from tests.hostile import csv, jsonl, parquet, toml
from tests.hostile.pictures import READ, pictures
from tests.hostile.shops import Case, toml_of
from tests.tiny_shop import quiet_report, rejected

SHOPS = {"csv": csv.cases, "jsonl": jsonl.cases, "parquet": parquet.cases, "toml": toml.cases}
"""The groups whose cases are whole shops."""
PICTURES = "pictures"
"""The group whose cases are the pictures of one shop."""
MEMORY = 2_500_000_000
"""Bytes that hostile files may cost on top of what the libraries take. The engine and the threads reserve over one of them,
used or not, once they have worked."""
SECONDS = 120
"""Of processor time, for a whole group: ends what would never end by itself."""


def main(group: str, folder: Path) -> None:
    """Run every case of a group."""
    invoke(next(csv.cases()), folder / "warm-up")  # the libraries' own memory doesn't count
    at_once = os.cpu_count() or 1 if group == PICTURES else 1  # pictures are decoded one per core
    resource.setrlimit(resource.RLIMIT_DATA, (psutil.Process().memory_info().data + MEMORY * at_once,) * 2)
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    for outcome in _pictures(folder) if group == PICTURES else _shops(group, folder):
        print(json.dumps(outcome), flush=True)
        pa.default_memory_pool().release_unused()


def _shops(group: str, folder: Path) -> Iterator[dict[str, Any]]:
    for number, case in enumerate(SHOPS[group]()):
        yield {"name": case.name, **invoke(case, folder / str(number))}


def invoke(case: Case, folder: Path) -> dict[str, Any]:
    """Write a shop and run the command line on it, as a person would."""
    shop_toml = case.write(folder)
    arguments = [case.command, str(shop_toml), "--json"]
    if case.command == "build":
        arguments += ["--cache", str(folder / "cache"), "--work", str(folder / "work")]
    result = CliRunner().invoke(app, arguments)
    accident = repr(result.exception) if result.exception and not isinstance(result.exception, SystemExit) else None
    return {"exit_code": result.exit_code, "stdout": result.stdout, "stderr": result.stderr, "accident": accident}


def _pictures(folder: Path) -> Iterator[dict[str, Any]]:
    """All pictures in one folder, each a product of its own, read as a build reads them."""
    files = {f"{number:03}.{picture.ending}": picture for number, picture in enumerate(pictures())}
    (folder / "pictures").mkdir()
    for name, picture in files.items():
        (folder / "pictures" / name).write_bytes(picture.content)
    (folder / "shop.toml").write_text(toml_of("images", folder="pictures"))
    shop = read_shop(read_settings(folder / "shop.toml"), folder / "work", quiet_report())
    found = read_pictures(shop, quiet_report())
    reasons: dict[str, list[str]] = {}
    for _, _, reason, detail in rejected(shop):
        reasons.setdefault(detail.partition(":")[0], []).append(reason)
    for row, (name, picture) in enumerate(files.items()):
        ends = [READ] if found.content[row] else []
        yield {"name": picture.name, "ends": ends + reasons.get(name, [])}


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
