"""What a request is about: a page, a callback or a route, by a name out of a small, fixed set.

All of Dash's callbacks, the pages among them, come in through one address; which it is stands in the body. Limits, logs and
metrics need to tell them apart.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from dash import Dash
from flask import abort, g, request
from gunicorn.http.errors import ParseException

from dashboard import ids
from dashboard.navigation import Location, Page

UPDATE = "/_dash-update-component"
UNKNOWN = "unknown"


@dataclass(frozen=True)
class Asked:
    """What a request is about.

    Attributes
    ----------
    name
        ``page /item/``, ``callback address describe-results``, ``route /healthz``: never anything that a client has made up, so
        that metrics can count by it.
    fills
        Of a callback: the ids of the components that it fills.
    location
        Of a page: its path and query.
    """

    name: str
    fills: frozenset[str] = frozenset()
    location: Location = field(default_factory=Location)


def reader(app: Dash, pages: Sequence[Page]) -> Callable[[], Asked]:
    """A function that says what the request at hand is about."""

    def read() -> Asked:
        if request.path != UPDATE:
            return Asked(f"route {request.url_rule.rule}" if request.url_rule else UNKNOWN)
        body = _body()
        output = body.get("output") if isinstance(body, dict) else None
        if not isinstance(output, str) or output not in app.callback_map:
            return Asked(UNKNOWN)
        fills = frozenset(part.rpartition(".")[0] for part in output.strip(".").split("..."))
        if ids.PAGE not in fills:
            return Asked(f"callback {' '.join(sorted(fills))}", fills)
        location = _location(body)
        page = next((page.path for page in pages if page.answers(location.path)), "not found")
        return Asked(f"page {page}", fills, location)

    return read


def current_asked() -> Asked:
    """What this request is about; unknown where it was turned away before it was read."""
    return g.get("asked", Asked(UNKNOWN))


def _body() -> Any:
    """What was posted, None where it is no JSON. Read once: Flask keeps it for Dash."""
    try:
        return request.get_json(silent=True)
    except (OSError, ParseException):  # chunks that are none, or a client that has hung up
        abort(400)


def _location(body: Any) -> Location:
    match body:
        case {"inputs": [{"value": {"path": path, "search": search}}, *_]}:
            return Location.parse(path, search)
    return Location()
