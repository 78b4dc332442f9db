"""The JSON API."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Flask, request

from dashboard.ids import from_segment, item_href, raw_segments, thumbnail_href
from dashboard.recommendations import recommendations
from dashboard.store import Build, Product, current_build

PREFIX = "/api/products/"
Answer = tuple[dict[str, Any], int]


def add_routes(server: Flask) -> None:
    """``/api/products/<id>`` and ``/api/products/<id>/recommendations``"""
    server.add_url_rule(f"{PREFIX}<rest:rest>", "api", _answer)
    server.add_url_rule("/api/<rest:rest>", "api-unknown", _unknown)


def _answer(rest: str) -> Answer:
    build = current_build()
    segment, *what = raw_segments(request.environ, PREFIX, rest)
    product_id = from_segment(segment)
    row = build.cache.row_of(product_id)
    if what not in ([], ["recommendations"]):
        return _unknown()
    if row is None:
        return _error(404, f"no product has the id {product_id!r}")
    return _recommendations(build, row) if what else (_described(build, build.catalogue.product(row)), 200)


def _recommendations(build: Build, row: int) -> Answer:
    signals, categories = list(build.manifest.signals), build.catalogue.category_names
    if not signals:
        return _error(400, "this shop has no signals")
    signal = request.args.get("signal", signals[0])
    if signal not in signals:
        return _error(400, f"signal must be one of {', '.join(signals)}; not {signal!r}")
    highest = build.manifest.signals[signal].k
    k = request.args.get("k", str(highest))
    if not (k.isascii() and k.isdigit() and len(k) < 9 and 1 <= int(k) <= highest):
        return _error(400, f"k must be a whole number from 1 to {highest}; not {k!r}")
    category = request.args.get("category")
    if category is not None and category not in categories:
        return _error(400, f"no product has the category {category!r}; categories: {', '.join(sorted(categories))}")
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


def _error(status: int, message: str) -> Answer:
    return {"error": message}, status
