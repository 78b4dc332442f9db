"""Fixtures that several kinds of tests share."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.planted_cache import write_planted_cache

# The same examples in every run, however long one takes: a failure is the change's, and never the machine's.
settings.register_profile("steady", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("steady")


@pytest.fixture(scope="session")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A planted cache of 60 products; tests only read it."""
    folder = tmp_path_factory.mktemp("planted")
    write_planted_cache(folder)
    return folder


@pytest.fixture
def kept_logging() -> Iterator[None]:
    """Put the log back as pytest set it up."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
