"""The JSON API."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from flask import Flask, request
from werkzeug import Response as AnyResponse
from werkzeug.exceptions import HTTPException

from dashboard import wording
from dashboard.ids import from_segment, item_href, raw_segments, thumbnail_href
from dashboard.recommendations import recommendations
from dashboard.store import Build, Product, current_build

PREFIX = "/api/products/"
NAMED_CATEGORIES = 50
"""An error names so many of the shop's categories."""
Answer = tuple[dict[str, Any], int]


def add_routes(server: Flask) -> None:
    """``/api/products/<id>`` and ``/api/products/<id>/recommendations``"""
    server.add_url_rule(f"{PREFIX}<rest:rest>", "api", _answer)
    for rule in ("/api", "/api/", "/api/<rest:rest>"):
        server.add_url_rule(rule, "api-unknown", _unknown)
    server.register_error_handler(HTTPException, _in_json)


def _answer(rest: str) -> Answer:
    build = current_build()
    segment, *what = raw_segments(request.environ, PREFIX, rest)
    product_id = from_segment(segment)
    row = build.cache.row_of(product_id)
    if what not in ([], ["recommendations"]):
        return _unknown()
    if row is None:
        return _error(404, f"no product has the id {wording.shortened(product_id)!r}")
    return _recommendations(build, row) if what else (_described(build, build.catalogue.product(row)), 200)


def _recommendations(build: Build, row: int) -> Answer:
    signals, categories = list(build.manifest.signals), build.catalogue.category_names
    if not signals:
        return _error(400, "this shop has no signals")
    signal = request.args.get("signal", signals[0])
    if signal not in signals:
        return _error(400, f"signal must be one of {', '.join(signals)}; not {wording.shortened(signal)!r}")
    highest = build.manifest.signals[signal].k
    k = request.args.get("k", str(highest))
    if not (k.isascii() and k.isdigit() and len(k) < 9 and 1 <= int(k) <= highest):
        return _error(400, f"k must be a whole number from 1 to {highest}; not {wording.shortened(k)!r}")
    category = request.args.get("category")
    if category is not None and category not in categories:
        some = [wording.shortened(name) for name in sorted(categories)[:NAMED_CATEGORIES]]
        more = [wording.and_more(len(categories) - len(some))] if len(categories) > len(some) else []
        known = wording.listed([*some, *more])
        return _error(400, f"no product has the category {wording.shortened(category)!r}; categories: {known}")
    found = recommendations(build, row, signal, int(k), category)
    answer = {
        "product": build.cache.id_of(row),
        "signal": signal,
        "untrained": build.manifest.signals[signal].untrained,
        "recommendations": [
            {
                "rank": one.rank,
                "product_id": one.product.id,
                "title": one.product.title,
                "category": one.product.category,
                "score": round(one.score, 6),
                "reason": one.reason,
                "fallback": one.fallback,
            }
            for one in found
        ],
    }
    return answer, 200


def _described(build: Build, product: Product) -> dict[str, Any]:
    facts = asdict(product)
    del facts["row"], facts["has_picture"], facts["id"]
    links = {"page": item_href(product.id), "picture": thumbnail_href(build.name, product.id) if product.has_picture else None}
    return (
        {"product_id": product.id} | facts | {"currency": build.currency or None, "signals": list(build.manifest.signals)} | links
    )


def _unknown(**_: str) -> Answer:
    return _error(404, "unknown address; known: /api/products/<id> and /api/products/<id>/recommendations?signal=&k=&category=")


def _in_json(error: HTTPException) -> AnyResponse:
    """What Flask itself refuses, as JSON below ``/api``: another method than GET, or a failure of this program."""
    answer = error.get_response()
    if f"{request.path}/".startswith("/api/"):
        answer.data = json.dumps({"error": error.description})
        answer.content_type = "application/json"
    return answer


def _error(status: int, message: str) -> Answer:
    return {"error": message}, status
