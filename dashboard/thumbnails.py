"""Pictures of products, straight from the lookup table."""

from __future__ import annotations

from flask import Flask, Response, abort, request
from werkzeug import Response as AnyResponse

from dashboard.ids import from_segment, raw_segments
from dashboard.store import current_build

FOR_EVER = "public, max-age=31536000, immutable"
SHORTLY = "public, max-age=60"


def add_routes(server: Flask) -> None:
    """``/thumbnails/<build>/<product id>.webp``"""
    server.add_url_rule("/thumbnails/<rest:rest>", "thumbnails", _thumbnail)


def _thumbnail(rest: str) -> AnyResponse:
    build = current_build()
    segments = raw_segments(request.environ, "/thumbnails/", rest)
    if len(segments) != 2 or not segments[1].endswith(".webp"):
        abort(404)
    row = build.cache.row_of(from_segment(segments[1].removesuffix(".webp")))
    content = build.cache.thumbnail(row) if row is not None else None
    if content is None:
        abort(404)
    response = Response(content, mimetype="image/webp")
    # A page drawn before a new build went live may ask with the old name: it gets the new picture, but not for ever.
    response.headers["Cache-Control"] = FOR_EVER if segments[0] == build.name else SHORTLY
    response.add_etag()
    return response.make_conditional(request)
