"""A PostgreSQL server on this machine, with an empty database for whoever asks."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def database_server() -> Iterator[str]:
    """Run a server until the block ends; gives the address of its superuser's database, without a password."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it looks for a folder that only a desktop has, and warns
        import pgserver
    with tempfile.TemporaryDirectory() as folder:  # a socket's path must be short
        server = pgserver.get_server(Path(folder) / "data", cleanup_mode="delete")
        try:
            yield server.get_uri()
        finally:
            server.cleanup()
