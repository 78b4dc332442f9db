"""Where relational work runs: on DuckDB in this process, which spills to disk what doesn't fit into its memory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from precompute.errors import BadInput
from precompute.settings import Settings

if TYPE_CHECKING:
    import ibis


@contextmanager
def connect(settings: Settings, work: Path) -> Iterator[ibis.BaseBackend]:
    """Open the engine that ``[engine]`` names, and close it again.

    Read with ``read_parquet`` and write with ``to_parquet``: memory stays bounded, and every engine can do it.

    Parameters
    ----------
    work
        An existing folder; what doesn't fit into memory is spilled beneath it.

    Raises
    ------
    BadInput
        Where ``kind`` isn't available, ``memory`` is no amount of memory, or the engine runs out of memory or disk while it is
        open.
    """
    if settings.engine.kind != "duckdb":
        raise BadInput(f'[engine] kind = "{settings.engine.kind}" is not supported yet; use kind = "duckdb"')
    import duckdb
    import ibis

    options = {"memory_limit": settings.engine.memory, "temp_directory": str(work / "spill")}
    # An extension that DuckDB fetched by itself would make the result depend on the network.
    offline = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}
    try:
        backend = ibis.duckdb.connect(**options, **offline)
    except duckdb.Error as error:
        raise BadInput(f'[engine] memory = "{settings.engine.memory}" can\'t be used: {error}') from None
    try:
        yield backend
    except duckdb.OutOfMemoryException as error:
        raise BadInput(
            f'[engine] memory = "{settings.engine.memory}" is not enough, or the disk of the work folder {work} has no room for '
            f"what doesn't fit into it: {_first_line(error)}. Raise [engine] memory, or name a work folder on a larger disk."
        ) from None
    except duckdb.IOException as error:
        raise BadInput(f"the work folder {work} can't be used: {_first_line(error)}; is its disk full?") from None
    finally:
        backend.disconnect()


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]
