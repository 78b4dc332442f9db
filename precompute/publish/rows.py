"""What a cache recommends, product by product: the facts that every target gets, in the dashboard's own words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from dashboard.recommendations import Recommendation, worded
from dashboard.store import Build
from precompute.errors import BadInput

SCORE_DIGITS = 6
"""As many as the JSON API gives."""


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


def recommended(build: Build, signal: str, k: int) -> Iterator[tuple[str, list[Recommendation]]]:
    """Every product's id with its recommendations in a signal, at most `k`, best first; in order of the ids.

    One row group of neighbours is in memory at a time. Where popular products stand in, each says so by its `fallback`.
    """
    for row, found in enumerate(build.cache.all_neighbours(signal)):
        yield build.cache.id_of(row), worded(build, row, signal, found, k)
