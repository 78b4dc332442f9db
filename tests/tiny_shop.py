"""A shop written into a folder, for tests that read it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from rich.console import Console

from precompute.report import Report
from precompute.settings import Settings, read_settings
from precompute.shop import Shop
from precompute.sources import read_shop


def quiet_report() -> Report:
    return Report(Console(quiet=True))


def write_shop(folder: Path, toml: str, files: dict[str, str | bytes]) -> Settings:
    """Write the files and a ``shop.toml`` beside them; `toml` needs no [shop]."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    (folder / "shop.toml").write_text('[shop]\nname = "Tiny"\n' + toml, encoding="utf-8")
    return read_settings(folder / "shop.toml")


def read_tiny(folder: Path, toml: str, files: dict[str, str | bytes]) -> Shop:
    """Write a shop and read it."""
    return read_shop(write_shop(folder, toml, files), folder / "work", quiet_report())


def rejected(shop: Shop) -> list[tuple[Any, ...]]:
    """Every reject as file, line, reason and detail."""
    path = shop.work / "rejects.parquet"
    shop.rejects.write(path)
    return [tuple(row.values()) for row in pq.read_table(path).to_pylist()]
