"""Whether the process is alive, whether it can answer, and what it answers where it can't."""

from __future__ import annotations

from typing import Any

from flask import Flask

from dashboard import __version__, wording
from dashboard.store import current_build, current_store
from lookup.manifest import DamagedCache


def add_routes(server: Flask) -> None:
    """``/healthz`` and ``/readyz``"""
    server.add_url_rule("/healthz", "healthz", _alive)
    server.add_url_rule("/readyz", "readyz", _ready)
    server.register_error_handler(DamagedCache, _damaged)


def _alive() -> dict[str, Any]:
    return {"status": "alive", "version": __version__}


def _ready() -> tuple[dict[str, Any], int]:
    """Ready while everything can be answered; `refused` says why what stands in the folder is not what is served."""
    build, store = current_build(), current_store()
    answer = {"status": "ready", "build": build.name, "built_at": build.manifest.built_at, "products": len(build.cache)}
    if store.error is not None:
        answer["refused"] = store.error
    if store.damage is not None:
        return answer | {"status": "damaged", "damaged": store.damage}, 503
    return answer, 200


def _damaged(_: DamagedCache) -> tuple[dict[str, str], int]:
    """For a callback, a picture or the API; ``assets/limits.js`` shows the words. The reader has named the file in the log."""
    return {"error": wording.DAMAGED_HINT}, 503
