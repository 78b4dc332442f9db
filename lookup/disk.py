"""A full disk, told in words."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

DISK_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@contextmanager
def writing_in(folder: Path, needed: int | None = None) -> Iterator[None]:
    """Let the `OSError` of a full disk name the folder, which a failed write does not, and how many bytes were `needed`."""
    try:
        yield
    except OSError as error:
        if error.errno not in DISK_FULL or error.filename is not None:
            raise
        said = os.strerror(error.errno) + (f"; {needed / 1e6:,.1f} MB are needed" if needed is not None else "")
        raise OSError(error.errno, said, str(folder)) from None
