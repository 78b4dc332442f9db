"""The JSON API. Its answers are described as types, which `dashboard.openapi` publishes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any, TypedDict

from flask import Flask, request
from werkzeug import Response as AnyResponse
from werkzeug.exceptions import HTTPException

from dashboard import wording
from dashboard.ids import from_segment, item_href, raw_segments, thumbnail_href, to_segment
from dashboard.recommendations import Recommendation, recommendations
from dashboard.store import Build, Product, current_build

PREFIX = "/api/products/"
DESCRIPTION = "/api/openapi.json"
NAMED_CATEGORIES = 50
"""An error names so many of the shop's categories."""
Answer = tuple[Mapping[str, Any], int]


class ProductAnswer(TypedDict):
    """A product."""

    product_id: str
    title: Annotated[str, "The product's id where the shop names no title."]
    category: str | None
    price: float | None
    currency: Annotated[str | None, "As the shop writes it, usually a code such as EUR."]
    rating: Annotated[float | None, "The mean of its reviews' ratings, at most 5."]
    n_reviews: int
    n_orders: Annotated[int, "How many orders it stands in."]
    cluster: Annotated[int | None, "The number of its cluster, where the shop has texts."]
    signals: Annotated[list[str], "What recommendations can be asked for."]
    page: Annotated[str, "The path of its page."]
    picture: Annotated[str | None, "The path of its picture, a WebP file."]


class RecommendationAnswer(TypedDict):
    """A recommended product, and why."""

    rank: Annotated[int, "From 1, in the whole list: a filter by category leaves gaps."]
    product_id: str
    title: str
    category: str | None
    score: Annotated[float, "Comparable inside a signal only."]
    reason: Annotated[str, "Why it is recommended, in words."]
    fallback: Annotated[bool, "A popular product that stands in, because the signal has nothing, or nothing more, for this one."]


class RecommendationsAnswer(TypedDict):
    """The neighbours of a product in one signal, best first."""

    product: Annotated[str, "The id that was asked for."]
    signal: str
    untrained: Annotated[bool, "Made with a network of random weights: a demonstration, not quality."]
    recommendations: list[RecommendationAnswer]


class ErrorAnswer(TypedDict):
    """What went wrong."""

    error: Annotated[str, "One sentence, which says what is allowed."]


def product_href(product_id: str) -> str:
    """The path of a product's answer; below it, ``/recommendations``."""
    return PREFIX + to_segment(product_id)


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
    return _recommendations(build, row) if what else (product_answer(build, build.catalogue.product(row)), 200)


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
    return recommendations_answer(build, row, signal, int(k), category), 200


def recommendations_answer(build: Build, row: int, signal: str, k: int, category: str | None = None) -> RecommendationsAnswer:
    """What is answered for a product's row and what the build is known to have."""
    return {
        "product": build.cache.id_of(row),
        "signal": signal,
        "untrained": build.manifest.signals[signal].untrained,
        "recommendations": [_recommended(one) for one in recommendations(build, row, signal, k, category)],
    }


def _recommended(one: Recommendation) -> RecommendationAnswer:
    return {
        "rank": one.rank,
        "product_id": one.product.id,
        "title": one.product.title,
        "category": one.product.category,
        "score": round(one.score, 6),
        "reason": one.reason,
        "fallback": one.fallback,
    }


def product_answer(build: Build, product: Product) -> ProductAnswer:
    """What is answered of a product."""
    return {
        "product_id": product.id,
        "title": product.title,
        "category": product.category,
        "price": product.price,
        "currency": build.currency or None,
        "rating": round(product.rating, 4) if product.rating is not None else None,
        "n_reviews": product.n_reviews,
        "n_orders": product.n_orders,
        "cluster": product.cluster,
        "signals": list(build.manifest.signals),
        "page": item_href(product.id),
        "picture": thumbnail_href(build.name, product.id) if product.has_picture else None,
    }


def _unknown(**_: str) -> Answer:
    return _error(404, f"unknown address; {DESCRIPTION} describes the known ones")


def _in_json(error: HTTPException) -> AnyResponse:
    """What Flask itself refuses, as JSON below ``/api``: another method than GET, or a failure of this program."""
    answer = error.get_response()
    if f"{request.path}/".startswith("/api/"):
        answer.data = json.dumps({"error": error.description})
        answer.content_type = "application/json"
    return answer


def _error(status: int, message: str) -> Answer:
    answer: ErrorAnswer = {"error": message}
    return answer, status
