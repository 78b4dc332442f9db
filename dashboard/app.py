"""The app: one cache folder in, one Dash app out. Importing this module reads nothing."""

from __future__ import annotations

import os
import sys
from html import escape
from pathlib import Path

from dash import Dash
from flask import Flask

from dashboard import api, asked, environment, health, maps, openapi, thumbnails, wording
from dashboard.addresses import add_addresses
from dashboard.components.messages import empty_state
from dashboard.components.shell import shell
from dashboard.environment import BadSetting
from dashboard.ids import Rest
from dashboard.limits import Limits, add_limits
from dashboard.navigation import Page, View, add_router
from dashboard.pages import about, catalogue, clusters, describe, not_found_404, picture, product, quality
from dashboard.security import add_security
from dashboard.store import Store, current_build
from dashboard.telemetry import add_telemetry, configure_logging
from dashboard.updates import add_updates
from lookup.manifest import DamagedCache

ASSETS = Path(__file__).resolve().parent.parent / "assets"
PAGES: tuple[Page, ...] = (catalogue.PAGE, product.PAGE, clusters.PAGE, describe.PAGE, picture.PAGE, quality.PAGE, about.PAGE)
"""A new page is one new module with one `Page`, listed here."""

INDEX = """<!DOCTYPE html>
<html lang="en">
<head>
{%metas%}
<title>{%title%}</title>
<link rel="icon" href="/assets/head/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/assets/head/bootstrap-5.3.8.min.css">
{%css%}
<script src="/assets/head/theme.js"></script>
</head>
<body>
<noscript>This page needs JavaScript.</noscript>
{%app_entry%}
{%config%}
{%scripts%}
{%renderer%}
</body>
</html>"""


def create_app(cache: str | Path) -> Dash:
    """The dashboard over a cache folder or URL; raises `lookup.manifest.DamagedCache` or `environment.BadSetting`."""
    store = Store.at(cache)
    app = Dash(
        "dashboard",
        assets_folder=str(ASSETS),
        assets_path_ignore=["head"],
        index_string=INDEX,
        title=escape(f"{store.build.shop} · {wording.BRAND}"),
        update_title="",
        description=wording.TAGLINE,
        meta_tags=[{"name": "viewport", "content": "width=device-width, initial-scale=1"}],
        suppress_callback_exceptions=True,
        serve_locally=True,
        enable_mcp=False,
    )
    app.server.config["store"] = store
    app.server.url_map.merge_slashes = False
    app.server.url_map.converters["rest"] = Rest
    app.layout = lambda: shell(current_build())
    add_router(app, PAGES, not_found_404.PAGE, _failed)
    for routes in (api, openapi, health, maps, thumbnails):
        routes.add_routes(app.server)
    add_addresses(app, PAGES)
    # In this order, so that what the limits turn away is logged, counted and protected too.
    add_telemetry(app.server, metrics=environment.switch("METRICS"))
    add_security(app)
    add_limits(app.server, Limits.from_environment(), asked.reader(app, PAGES))
    add_updates(app)
    return app


def create_server() -> Flask:
    """What gunicorn runs: the app over ``CACHE_DIR``, a folder or URL; ends the process with one line where that can't be."""
    configure_logging()
    try:
        return create_app(os.environ.get("CACHE_DIR") or "cache").server
    except (DamagedCache, BadSetting) as error:
        sys.exit(str(error))


def _failed(error: Exception) -> View:
    said = (wording.DAMAGED, wording.DAMAGED_HINT) if isinstance(error, DamagedCache) else (wording.FAILED, wording.FAILED_HINT)
    return View(said[0], empty_state(*said, whole_page=True))
