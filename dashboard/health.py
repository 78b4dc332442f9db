"""Whether the process is alive, and whether it can answer."""

from __future__ import annotations

from typing import Any

from flask import Flask

from dashboard.store import current_build, current_store


def add_routes(server: Flask) -> None:
    """``/healthz`` and ``/readyz``"""
    server.add_url_rule("/healthz", "healthz", _alive)
    server.add_url_rule("/readyz", "readyz", _ready)


def _alive() -> dict[str, Any]:
    return {"status": "alive"}


def _ready() -> tuple[dict[str, Any], int]:
    """Ready while a verified build is served; `refused` names a newer one that is damaged."""
    build, error = current_build(), current_store().error
    answer = {"status": "ready", "build": build.name, "built_at": build.manifest.built_at, "products": len(build.cache)}
    return (answer | {"refused": error} if error else answer), 200
