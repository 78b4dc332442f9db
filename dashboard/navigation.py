"""Which page answers which URL.

The browser's address is the one place where a page's state lives. ``assets/navigation.js`` writes the store `ids.NAVIGATION`
whenever someone follows a link (any ``html.A`` to a path of this app) or goes Back; the router then draws the page. A page that
changes its own state as someone types writes `ids.ADDRESS`, which changes the address without drawing the page again, so that the
focus stays where it is. (Dash's own pages draw the whole page again on any change of the query.)
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode

from dash import ClientsideFunction, Dash, Input, Output, dcc
from dash.development.base_component import Component

from dashboard import ids
from lookup.manifest import DamagedCache

log = logging.getLogger(__name__)

LONGEST_ADDRESS = 4_000
LONGEST_QUERY = 100_000
"""Characters that are read of a query: more than any link of ours has; a body of twelve megabytes holds millions of keys."""


def readable(value: Any) -> str:
    """Whatever a browser sent, as text that can be encoded: JSON may bring half a character."""
    return str(value).encode("utf-8", "replace").decode()


@dataclass(frozen=True)
class Location:
    """What the browser's address asks for: the path, still percent-encoded, and the query."""

    path: str = "/"
    query: dict[str, str] = field(default_factory=dict)

    @classmethod
    def parse(cls, path: Any, search: Any) -> Location:
        """From what a browser sent: anything but text counts as nothing, the first of repeated keys wins."""
        pairs = parse_qsl(readable(search[:LONGEST_QUERY]).removeprefix("?")) if isinstance(search, str) else []
        return cls(readable(path) if isinstance(path, str) else "/", dict(reversed(pairs)))

    def number(self, key: str) -> int | None:
        """A whole number from the query, from 0 to nine digits; None where there is none."""
        text = self.query.get(key, "")
        return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else None


@dataclass(frozen=True)
class View:
    """A drawn page: its title for the browser's tab, and what stands in it."""

    title: str
    body: Component


@dataclass(frozen=True)
class Page:
    """A page: its path, how it is drawn and, where it has any, its callbacks.

    A path that ends in ``/`` takes every path below it; what stands there `exists` or not.
    """

    path: str
    layout: Callable[[Location], View]
    callbacks: Callable[[Dash], None] | None = None
    exists: Callable[[str], bool] = lambda _: True

    def answers(self, path: str) -> bool:
        below = len(self.path) > 1 and self.path.endswith("/") and path.startswith(self.path) and len(path) > len(self.path)
        return below or path.rstrip("/") == self.path.rstrip("/")


def href(path: str, query: Mapping[str, object]) -> str:
    """A path with the parts of the query that say something."""
    said = urlencode({key: value for key, value in query.items() if value not in (None, "")})
    return f"{path}?{said}" if said else path


def is_shareable(address: str) -> bool:
    """Whether an address still works where it is opened anew: gunicorn takes a request's first line up to 4,094 bytes."""
    return len(address) <= LONGEST_ADDRESS


def address(path: str, query: Mapping[str, object], *, is_step: bool = False) -> dict[str, Any]:
    """What a callback puts into `ids.ADDRESS` to show a page's new state; ignored if the page was left meanwhile.

    Back undoes a step, such as a filter that was chosen; typing is none, or Back would go letter by letter.
    """
    return {"path": path, "href": href(path, query), "isStep": is_step}


@dataclass(frozen=True)
class Router:
    """All pages, what stands where none is, and what is said of one that can't be drawn."""

    pages: Sequence[Page]
    not_found: Page
    failed: Callable[[Exception], View]

    def page_at(self, path: str) -> Page:
        return next((page for page in self.pages if page.answers(path)), self.not_found)

    def draw(self, location: Location) -> View:
        """The page that an address asks for; whatever goes wrong, there is something to show."""
        try:
            return self.page_at(location.path).layout(location)
        except DamagedCache as error:
            log.error("The page %s can't be shown: %s", location.path, error)
            return self.failed(error)
        except Exception as error:
            log.exception("The page %s failed", location.path)
            return self.failed(error)


def add_router(app: Dash, router: Router) -> None:
    """Draw the page that the address asks for, and register the callbacks of all pages."""
    for page in router.pages:
        if page.callbacks is not None:
            page.callbacks(app)

    def draw(navigation: Any) -> tuple[list[Component], dict[str, str]]:
        asked = navigation if isinstance(navigation, dict) else {}
        location = Location.parse(asked.get("path"), asked.get("search"))
        view = router.draw(location)
        # The store comes with each page: a page's callback whose outputs are all new isn't run when the page is drawn.
        return [view.body, dcc.Store(id=ids.ADDRESS)], {"title": view.title, "path": location.path}

    app.callback(Output(ids.PAGE, "children"), Output("drawn", "data"), Input(ids.NAVIGATION, "data"), prevent_initial_call=True)(
        draw
    )
    app.clientside_callback(ClientsideFunction("aisle", "start"), Output(ids.NAVIGATION, "data"), Input(ids.PAGE, "id"))
    app.clientside_callback(
        ClientsideFunction("aisle", "arrive"), Output("arrived", "data"), Input("drawn", "data"), prevent_initial_call=True
    )
    app.clientside_callback(
        ClientsideFunction("aisle", "write_address"),
        Output("written", "data"),
        Input(ids.ADDRESS, "data"),
        prevent_initial_call=True,
    )
