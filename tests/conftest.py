"""Fixtures that several kinds of tests share."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.planted_cache import write_planted_cache


@pytest.fixture(scope="session")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A planted cache of 60 products; tests only read it."""
    folder = tmp_path_factory.mktemp("planted")
    write_planted_cache(folder)
    return folder
