"""The build that is published, and the signals of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from dashboard.store import Build
from precompute.errors import BadInput


def open_build(cache_dir: Path, signals: Sequence[str]) -> tuple[Build, list[str]]:
    """Open and verify a cache folder's live build, and find the signals to publish.

    Parameters
    ----------
    cache_dir
        A folder of lookup tables.
    signals
        Names of signals; none stands for all that the build has.

    Raises
    ------
    DamagedCache
        The folder holds no whole build.
    BadInput
        The build has no such signal, or none at all.
    """
    build = Build.open(cache_dir)
    known = list(build.manifest.signals)
    chosen = list(dict.fromkeys(signals)) or known
    if unknown := [name for name in chosen if name not in known]:
        listed = ", ".join(known) or "none"
        raise BadInput(f"{cache_dir} has no signal {unknown[0]!r}; it has: {listed}")
    if not chosen:
        raise BadInput(f"{cache_dir} has no signals: nothing to publish")
    return build, chosen
