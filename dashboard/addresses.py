"""Addresses that are no page: the status of what doesn't exist, and the files that browsers and crawlers look for unasked."""

from __future__ import annotations

from collections.abc import Sequence

from dash import Dash
from dash.exceptions import DependencyException
from flask import Response, make_response, request, send_from_directory
from werkzeug.exceptions import NotFound

from dashboard.ids import raw_path
from dashboard.navigation import Page

ANY_PATH = "/<path:path>"
"""Dash's own rule: it answers every path that no other rule takes with the app's shell, and 200."""
ICON = "head/icon.svg"
ROBOTS = """User-agent: *
Disallow: /api/
Disallow: /*?
"""
"""Searches, filters and maps are addresses without end; the products and pages are for everyone."""


def add_addresses(app: Dash, pages: Sequence[Page]) -> None:
    """Answer 404 where no page is (the router draws one that says so), and serve ``/robots.txt`` and ``/favicon.ico``."""
    shell = app.server.view_functions[ANY_PATH]

    def answer(path: str) -> Response:
        response = make_response(shell(path))
        asked = raw_path(request.environ, request.path)
        if not any(page.answers(asked) and page.exists(asked) for page in pages):
            response.status_code = 404
        return response

    app.server.view_functions[ANY_PATH] = answer
    app.server.register_error_handler(DependencyException, lambda _: NotFound())  # a file that no component has
    app.server.add_url_rule("/robots.txt", "robots", lambda: Response(ROBOTS, mimetype="text/plain"))
    app.server.add_url_rule("/favicon.ico", "icon", lambda: send_from_directory(app.config.assets_folder, ICON))
