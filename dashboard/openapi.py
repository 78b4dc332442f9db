"""What programs may ask of the dashboard, as an OpenAPI 3.1 document: the answers' own types, and this build's own limits."""

from __future__ import annotations

from types import NoneType, UnionType
from typing import Annotated, Any, get_args, get_origin, get_type_hints, is_typeddict

from flask import Flask

from dashboard import __version__, api, export, wording
from dashboard.store import Build, current_build

Schema = dict[str, Any]

JSON_TYPES: dict[Any, str] = {str: "string", int: "integer", float: "number", bool: "boolean", NoneType: "null"}
SCHEMAS = "#/components/schemas/"
ANSWERS = (api.ProductAnswer, api.RecommendationAnswer, api.RecommendationsAnswer, api.ErrorAnswer)
OBJECT: Schema = {"type": "object"}
WEBP: Schema = {"image/webp": {}}
IN_HTML: Schema = {"text/html": {}}


def add_routes(server: Flask) -> None:
    """``/api/openapi.json``"""
    server.add_url_rule(api.DESCRIPTION, "openapi", lambda: document(current_build()))


def document(build: Build) -> dict[str, Any]:
    """The description of everything that a build answers to programs."""
    return {
        "openapi": "3.1.0",
        "info": {"title": f"{build.shop} · {wording.BRAND}", "version": __version__, "description": wording.API_LEAD},
        "paths": {
            f"{api.PREFIX}{{product_id}}": {"get": _product()},
            f"{api.PREFIX}{{product_id}}/recommendations": {"get": _recommendations(build)},
            "/thumbnails/{build}/{product_id}.webp": {"get": _thumbnail()},
            "/export/{name}.{suffix}": {"get": _whole_table(build)},
            "/healthz": {"get": _operation("healthz", "Is the process alive?", _json("It is.", OBJECT))},
            "/readyz": {"get": _readiness()},
        },
        "components": {"schemas": {_name(answer): schema_of(answer) for answer in ANSWERS}},
    }


def schema_of(answer: type) -> Schema:
    """The JSON Schema of a `TypedDict`: every key is required, no other allowed; its docstring and annotations describe it."""
    hints = get_type_hints(answer, include_extras=True)
    properties = {name: _schema(hint) for name, hint in hints.items()}
    return {
        "type": "object",
        "description": answer.__doc__,
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _schema(hint: Any) -> Schema:
    if get_origin(hint) is Annotated:
        inner, said = get_args(hint)
        return _schema(inner) | {"description": said}
    if get_origin(hint) is list:
        return {"type": "array", "items": _schema(*get_args(hint))}
    if isinstance(hint, UnionType):
        return {"type": [JSON_TYPES[part] for part in get_args(hint)]}
    return _reference(hint) if is_typeddict(hint) else {"type": JSON_TYPES[hint]}


def _reference(answer: type) -> Schema:
    return {"$ref": SCHEMAS + _name(answer)}


def _name(answer: type) -> str:
    return answer.__name__.removesuffix("Answer")


def _product() -> Schema:
    answers = _json("The product.", _reference(api.ProductAnswer)) | _error(404, "There is no such product.") | _damaged()
    return _operation("product", "What is known of a product", answers, _product_id())


def _recommendations(build: Build) -> Schema:
    signals = build.manifest.signals
    most = max((entry.k for entry in signals.values()), default=1)
    signal = {"type": "string", "enum": list(signals), "default": next(iter(signals))} if signals else {"type": "string"}
    parameters = (
        _product_id(),
        _parameter("signal", signal, "Why products are recommended together."),
        _parameter("k", {"type": "integer", "minimum": 1, "maximum": most}, "How many; as many as the signal has if not said."),
        _parameter("category", {"type": "string"}, "Only products of this category."),
    )
    answers = (
        _json("The recommendations, best first.", _reference(api.RecommendationsAnswer))
        | _error(400, "A parameter can't be used; the error says what it may be.")
        | _error(404, "There is no such product.")
        | _damaged()
    )
    return _operation("recommendations", "What to recommend with a product", answers, *parameters)


def _thumbnail() -> Schema:
    name = "Any build's name is taken; under the live one's, a browser may keep the picture for ever."
    answers = {
        "200": {"description": "The picture.", "content": WEBP},
        "404": {"description": "There is none.", "content": IN_HTML},
    }
    parameters = ({"name": "build", "in": "path", "required": True, "schema": _text(), "description": name}, _product_id())
    return _operation("thumbnail", "A product's picture", answers | _damaged(), *parameters)


def _whole_table(build: Build) -> Schema:
    """Sent as it is made; too many at once are put off."""
    name = {
        "type": "string",
        "enum": [export.RECOMMENDATIONS, *(name for name, file in export.MEASURED.items() if file in build.cache)],
    }
    parts = {"name": name, "suffix": {"type": "string", "enum": list(export.FORMATS)}}
    in_path = [{"name": part, "in": "path", "required": True, "schema": schema} for part, schema in parts.items()]
    signals = list(build.manifest.signals)
    signal = _parameter(
        "signal", {"type": "string", **({"enum": signals} if signals else {})}, "Only recommendations of this signal."
    )
    kinds: Schema = {one.mimetype: {} for one in export.FORMATS.values()}
    answers = {
        "200": {"description": "The table, row by row.", "content": kinds},
        "304": {"description": "It is what it was: If-None-Match named its ETag."},
        "400": {"description": "There is no such signal, or the table has none.", "content": IN_HTML},
        "404": {"description": "There is no such table.", "content": IN_HTML},
    } | _error(429, "Another table is being sent, or there were many; Retry-After says when to ask again.")
    return _operation("export", "A whole table as a file", answers | _damaged(), *in_path, signal)


def _readiness() -> Schema:
    answers = _json("It can; which build is live.", OBJECT) | {"503": _content("It can't, and why.", OBJECT)}
    return _operation("readyz", "Can it answer?", answers)


def _operation(name: str, summary: str, answers: Schema, *parameters: Schema) -> Schema:
    return {"operationId": name, "summary": summary, "parameters": list(parameters), "responses": answers}


def _product_id() -> Schema:
    said = "Percent-encoded, its slashes too; a ~ goes before ids of nothing but dots, which browsers take for folders."
    return {"name": "product_id", "in": "path", "required": True, "schema": _text(), "description": said}


def _parameter(name: str, schema: Schema, said: str) -> Schema:
    return {"name": name, "in": "query", "schema": schema, "description": said}


def _text() -> Schema:
    return {"type": "string", "minLength": 1}


def _json(said: str, schema: Schema) -> Schema:
    return {"200": _content(said, schema)}


def _error(status: int, said: str) -> Schema:
    return {str(status): _content(said, _reference(api.ErrorAnswer))}


def _damaged() -> Schema:
    return _error(503, "The lookup table that knows is damaged; other questions are answered.")


def _content(said: str, schema: Schema) -> Schema:
    return {"description": said, "content": {"application/json": {"schema": schema}}}
