"""What the engine runs out of becomes one clear message."""

from __future__ import annotations

from pathlib import Path

import pytest

from precompute.engine import connect
from precompute.errors import BadInput
from precompute.settings import Settings


def _settings(memory: str) -> Settings:
    return Settings.model_validate({"shop": {"name": "A"}, "images": {"folder": "x"}, "engine": {"memory": memory}})


def test_too_little_memory_names_its_key(tmp_path: Path) -> None:
    with (
        pytest.raises(BadInput, match=r'\[engine\] memory = "64MB" is not enough'),
        connect(_settings("64MB"), tmp_path) as engine,
    ):
        # One list is one value, which no engine can spill.
        engine.raw_sql("SELECT list(i) FROM range(20_000_000) numbers(i)").fetchall()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no device that is always full")
def test_a_full_disk_names_the_work_folder(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=str(tmp_path)), connect(_settings("1GB"), tmp_path) as engine:
        engine.raw_sql("COPY (SELECT i FROM range(1_000_000) numbers(i)) TO '/dev/full' (FORMAT parquet)")


def test_other_errors_are_not_hidden(tmp_path: Path) -> None:
    import duckdb

    with pytest.raises(duckdb.CatalogException), connect(_settings("1GB"), tmp_path) as engine:
        engine.raw_sql("SELECT * FROM nowhere")
