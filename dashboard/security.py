"""The headers that tell a browser what a page of ours may do.

Flask-Talisman would set most of them, but has had no release since 2023, and its defaults (a forced redirect to https, a session
cookie) don't suit a dashboard that also runs on localhost and knows no sessions. They are constants, which take no library.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from dash import Dash
from flask import abort, request

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": ", ".join(
        f"{feature}=()"
        for feature in ("accelerometer", "camera", "display-capture", "geolocation", "gyroscope", "microphone", "payment", "usb")
    ),
}
ONE_YEAR = "max-age=31536000"
"""For this host only: what else stands under its domain is not ours to decide about."""

DEVELOPMENT = ("/_reload-hash", "/_mcp")
"""Dash serves the first in production too, and shows the app on any path it doesn't know."""

WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def add_security(app: Dash) -> None:
    """Set the headers on every response, and close what is for development only."""
    # FLASK_DEBUG would let errors past the handlers below: without headers, an id or a line in the log.
    app.server.debug = False
    headers = HEADERS | {"Content-Security-Policy": content_security_policy(app.csp_hashes())}

    def close() -> None:
        if request.path.startswith(DEVELOPMENT):
            abort(404)

    app.server.before_request(close)
    app.server.wsgi_app = partial(_protected, app.server.wsgi_app, list(headers.items()))


def _protected(
    app: WsgiApp, headers: list[tuple[str, str]], environ: dict[str, Any], start_response: Callable[..., Any]
) -> Iterable[bytes]:
    """Add the headers to an answer, all at once: Flask would go through those that it has for each."""
    added = [*headers, ("Strict-Transport-Security", ONE_YEAR)] if environ["wsgi.url_scheme"] == "https" else headers

    def start(status: str, own: list[tuple[str, str]], error: Any = None) -> Any:
        return start_response(status, [*own, *added], error)

    return app(environ, start)


def content_security_policy(scripts: list[str]) -> str:
    """The tightest policy that every page works under; `scripts` are the hashes of Dash's inline scripts.

    Scripts: ours, Dash's and plotly.js, none of which writes code as it goes; plotly.js would for WebGL, which the map does
    itself.
    Styles: plotly.js and Dash's components put a dozen style elements into the page, whose text changes with their versions. A
    style can't run anything, and what could carry data away (pictures, fonts, connections) stays confined to this host. Style
    attributes in markup stay forbidden. Browsers that don't know style-src-elem and style-src-attr go by style-src.
    Pictures: ``data:`` is the preview of an uploaded picture, and what the network sees in it.
    """
    policy = {
        "default-src": ["'none'"],
        "script-src": ["'self'", *scripts],
        "style-src": ["'self'", "'unsafe-inline'"],
        "style-src-elem": ["'self'", "'unsafe-inline'"],
        "style-src-attr": ["'none'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "base-uri": ["'none'"],
        "form-action": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
    return "; ".join(f"{name} {' '.join(sources)}" for name, sources in policy.items())
