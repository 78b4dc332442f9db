"""The app: one cache folder in, one Dash app out. Importing this module reads nothing."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from dash import Dash
from flask import Flask

from dashboard import api, asked, chosen, environment, export, health, maps, openapi, thumbnails, wording
from dashboard.addresses import add_addresses
from dashboard.components.messages import empty_state
from dashboard.components.shell import page_loading, shell
from dashboard.delivery import add_delivery
from dashboard.environment import BadSetting
from dashboard.ids import Rest
from dashboard.index import Dashboard
from dashboard.limits import Limits, add_limits
from dashboard.markup import in_html
from dashboard.navigation import Page, Router, View, add_router
from dashboard.pages import about, catalogue, clusters, compare, describe, not_found_404, picture, product, quality, take_along
from dashboard.security import add_security
from dashboard.store import Store, current_build
from dashboard.telemetry import add_telemetry, configure_logging
from dashboard.updates import add_updates
from lookup.manifest import DamagedCache

ASSETS = Path(__file__).resolve().parent.parent / "assets"
PAGES: tuple[Page, ...] = (
    catalogue.PAGE,
    product.PAGE,
    compare.PAGE,
    clusters.PAGE,
    describe.PAGE,
    picture.PAGE,
    quality.PAGE,
    take_along.PAGE,
    about.PAGE,
)
"""A new page is one new module with one `Page`, listed here."""


def create_app(cache: str | Path, full_encoder: Path | None = None) -> Dash:
    """The dashboard over a cache folder or URL; raises `lookup.manifest.DamagedCache` or `environment.BadSetting`.

    A `full_encoder` that belongs to the cache's build is shown the pictures, see `lookup.reader.Cache`.
    """
    store = Store.at(cache, full_encoder)
    router = Router(PAGES, not_found_404.PAGE, _failed)
    app = Dashboard(
        ASSETS,
        router,
        update_title="",
        meta_tags=[{"name": "viewport", "content": "width=device-width, initial-scale=1"}],
        suppress_callback_exceptions=True,
        serve_locally=True,
        enable_mcp=False,
    )
    app.server.config["store"] = store
    app.server.url_map.merge_slashes = False
    app.server.url_map.converters["rest"] = Rest
    app.layout = lambda: in_html(shell(current_build(), page_loading()))
    add_router(app, router)
    for routes in (api, openapi, export, health, maps, chosen, thumbnails):
        routes.add_routes(app.server)
    add_addresses(app, PAGES)
    # In this order, so that what the limits turn away is logged, counted and protected too.
    add_telemetry(app.server, metrics=environment.switch("METRICS"))
    add_security(app)
    add_limits(app.server, Limits.from_environment(), asked.reader(app, PAGES))
    add_updates(app)
    add_delivery(app.server, app.bundles)
    # Dash would do this at the first request, and answer 404 to the scripts that are asked for meanwhile.
    with app.server.app_context():
        app._setup_server()
    return app


def create_server() -> Flask:
    """What gunicorn runs: the app over ``CACHE_DIR``, a folder or URL; ends the process with one line where that can't be."""
    configure_logging()
    full_encoder = os.environ.get("FULL_ENCODER")
    try:
        return create_app(os.environ.get("CACHE_DIR") or "cache", Path(full_encoder) if full_encoder else None).server
    except (DamagedCache, BadSetting) as error:
        sys.exit(str(error))


def _failed(error: Exception) -> View:
    said = (wording.DAMAGED, wording.DAMAGED_HINT) if isinstance(error, DamagedCache) else (wording.FAILED, wording.FAILED_HINT)
    return View(said[0], empty_state(*said, whole_page=True))
