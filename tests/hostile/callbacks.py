"""The questions that the pages ask Dash, for every callback of the app, and the same with each part of them mangled."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from functools import cache
from typing import Any

from dash import Dash

from dashboard.app import PAGES, _failed
from dashboard.navigation import Router, add_router
from dashboard.pages import not_found_404
from tests.hostile.uploads import PLAIN, data_url
from tests.hostile.wire import Case, question

REAL: dict[str, list[tuple[Any, ...]]] = {
    "catalogue-results": [("lamp", "Lamps", 2, "20-50", ["reviews"], "price")],
    "product-rows": [("=Tables", None, 250.5, {"id": "item-001", "all": "style"})],
    "map-choices": [({"search": "?map=look&colour=price&category=Mugs&q=mug&item=item-001&signal=style"},)],
    "map-in-area": [({"ids": ["item-001", "item-010"], "total": 41},)],
    "describe-results": [("soft wool",)],
    "picture-seen": [(data_url(PLAIN),), ({"product": "item-001"},)],
    "picture-matches": [({"signal": "style", "vector": [0.1] * 48, "category": "Mugs", "product": "item-001"}, "one:Lamps")],
    "page": [({"path": "/describe", "search": "?q=wool", "visit": 1},)],
}
"""What a page really sends to the callback that fills a component: the values of its inputs, then of its state."""

JUNK: tuple[Any, ...] = (
    None,
    True,
    -1,
    1e308,
    10**400,
    "",
    "\ud800",
    "__class__",
    "x" * 10_000,
    [],
    [[]],
    [None] * 1000,
    {},
    {"id": {"__proto__": []}},
)
"""Stands in turn at every place of a question."""
MISSING = object()
"""Stands for a place that is left out."""


@cache
def callbacks() -> dict[str, dict[str, Any]]:
    """Every callback that the server answers, by the first component that it fills; no lookup tables are needed for that."""
    app = Dash("hostile")
    add_router(app, Router(PAGES, not_found_404.PAGE, _failed))
    answered = ((output, callback) for output, callback in app.callback_map.items() if "callback" in callback)
    return {output.strip(".").partition(".")[0]: callback | {"id": output} for output, callback in answered}


def body_of(fills: str, *values: Any) -> dict[str, Any]:
    """The question to the callback that fills a component, as Dash's script writes it when its first input has changed."""
    callback = callbacks()[fills]
    places = [*callback["inputs"], *callback["state"]]
    sent = [{**place, "value": value} for place, value in zip(places, values, strict=True)]
    inputs, state = sent[: len(callback["inputs"])], sent[len(callback["inputs"]) :]
    output: str = callback["id"]
    outputs = [dict(zip(("id", "property"), part.rsplit(".", 1), strict=True)) for part in output.strip(".").split("...")]
    return {
        "output": output,
        "outputs": outputs if output.startswith("..") else outputs[0],
        "inputs": inputs,
        "changedPropIds": [f"{inputs[0]['id']}.{inputs[0]['property']}"],
        "state": state,
    }


def real_questions() -> list[Case]:
    """Each callback as a page asks it."""
    return [question(f"real: {fills}, {i}", body, 200, 204) for fills, i, body in _real()]


@cache
def mangled_questions() -> dict[str, list[Case]]:
    """By callback and place: the question with junk at that place, and without it.

    The callback copes with any value; everything else has to be as it is.
    """
    found: dict[str, list[Case]] = {}
    for fills, i, body in _real():
        for place in _places(body):
            junk = [other for other in (*JUNK, MISSING) if not _same(other, _at(body, place))]
            name = f"{fills}, {i}: {'.'.join(map(str, place))}"
            found[name] = [question(name, _mangled(body, place, other), *_statuses(place, other)) for other in junk]
    return found


def _real() -> Iterator[tuple[str, int, dict[str, Any]]]:
    assert REAL.keys() == callbacks().keys(), "a callback has no real question to mangle"
    for fills, questions in REAL.items():
        for i, values in enumerate(questions):
            yield fills, i, body_of(fills, *values)


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path to every part of a question; of a long list, to its first."""
    parts: list[tuple[Any, Any]] = []
    if isinstance(value, dict):
        parts = list(value.items())
    elif isinstance(value, list):
        parts = list(enumerate(value))[: 1 if path[-1] == "vector" else None]
    for key, part in parts:
        yield (*path, key)
        yield from _places(part, (*path, key))


def _at(body: Any, place: tuple[Any, ...]) -> Any:
    for key in place:
        body = body[key]
    return body


def _mangled(body: dict[str, Any], place: tuple[Any, ...], other: Any) -> dict[str, Any]:
    mangled = copy.deepcopy(body)
    holder = _at(mangled, place[:-1])
    if other is MISSING:
        del holder[place[-1]]
    else:
        holder[place[-1]] = other
    return mangled


def _same(one: Any, other: Any) -> bool:
    return type(one) is type(other) and one == other


def _statuses(place: tuple[Any, ...], other: Any) -> tuple[int, ...]:
    if "value" in place:
        return 200, 204
    # Nothing may have changed, and no state may be said where there is none.
    harmless = place[0] in ("changedPropIds", "state") and (other is MISSING or other == [])
    return (200, 204, 400) if harmless else (400,)
