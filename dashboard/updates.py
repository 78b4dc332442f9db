"""What is posted to Dash's update route, looked at before Dash does.

Dash takes a question apart trusting that its own script has written it, and fails on anything else. Here what isn't shaped as the
callback that it names is refused with 400, so that a 500 always means a fault of this program.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import Dash
from dash._utils import split_callback_id
from flask import request
from flask.json.provider import DefaultJSONProvider

from dashboard.asked import UPDATE

REFUSED = "This isn't a question that the page asks."


class Json(DefaultJSONProvider):
    """Flask's JSON, for which a text that is nested too deeply is no JSON either."""

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        try:
            return super().loads(s, **kwargs)
        except RecursionError:
            raise ValueError("nested too deeply") from None


def add_updates(app: Dash) -> None:
    """Answer 400 to what no page of the app would ask."""
    app.server.json = Json(app.server)

    def check() -> tuple[dict[str, Any], int] | None:
        if request.path != UPDATE or request.method != "POST" or asks(app.callback_map, request.get_json(silent=True)):
            return None
        return {"error": REFUSED}, 400

    app.server.before_request(check)


def asks(callbacks: Mapping[str, Any], body: Any) -> bool:
    """Whether a body asks one of the callbacks, Dash's `callback_map`, with the inputs, state and outputs that it has.

    What the values are is left to the callback.
    """
    match body:
        case {"output": str(output), "outputs": outputs, "inputs": list(inputs)} if output in callbacks:
            callback, state, changed = callbacks[output], body.get("state", []), body.get("changedPropIds", [])
            return (
                "callback" in callback  # otherwise it runs in the browser
                and outputs == split_callback_id(output)
                and _are(inputs, callback["inputs"])
                and _are(state, callback["state"])
                and isinstance(changed, list)
                and all(name in [f"{one['id']}.{one['property']}" for one in inputs] for name in changed)
            )
    return False


def _are(sent: Any, expected: list[dict[str, str]]) -> bool:
    if not isinstance(sent, list) or len(sent) != len(expected):
        return False
    return all(_is(one, other["id"], other["property"]) for one, other in zip(sent, expected, strict=True))


def _is(sent: Any, component: str, name: str) -> bool:
    """Whether a value is that of a component's property."""
    match sent:
        case {"id": str(found), "property": str(asked)}:
            return (found, asked) == (component, name)
    return False
