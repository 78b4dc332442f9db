"""One writer at a time in a folder."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Busy(Exception):
    """Somebody else is writing in a folder; the message says what to do."""


@contextmanager
def locked(folder: Path, refusal: str) -> Iterator[None]:
    """Hold an existing folder's lock; raises `Busy` with the refusal where somebody has it.

    The system lets go of the lock when its process ends, even by a kill, so none is ever stale.
    """
    with (folder / ".lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Busy(refusal) from None
        yield
