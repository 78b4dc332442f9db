"""Intermediate results that are kept in the work folder, so that a rerun computes only what changed."""

from __future__ import annotations

import os
import re
from pathlib import Path

PARTIAL = re.compile(r"\.\d+-[0-9a-f]+\.partial$")
"""How the names end that `write_whole` writes under first: no file of somebody else's is called so."""


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that it is there whole or not at all, whenever the program is killed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.{os.getpid()}-{os.urandom(4).hex()}.partial")
    try:
        partial.write_bytes(content)
        partial.replace(path)
    except OSError:  # a full disk gets its room back
        partial.unlink(missing_ok=True)
        raise


def remove_partial(folder: Path) -> None:
    """Remove what a killed process had begun to write; only for the one who holds the folder's lock."""
    for path in folder.rglob("*.partial"):
        if PARTIAL.search(path.name):
            path.unlink()
