"""Product ids in URLs, and the ids of the components that more than one module names."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote, unquote

from werkzeug.routing import BaseConverter

PAGE = "page"
NAVIGATION = "navigation"
"""A store: the path and query that the browser shows; every navigation writes it, and the router answers."""
ADDRESS = "address"
"""A store: a page that keeps its state in the URL writes here what `navigation.address` gives."""
LIST = "list"
"""In the query of a product's page: the catalogue's query whose results the visitor goes through."""

_DOTS = re.compile(r"~*\.{1,2}")
_MARKED_DOTS = re.compile(r"~+\.{1,2}")


def to_segment(product_id: str) -> str:
    """A product id as one segment of a URL path; `from_segment` turns it back.

    Everything is percent-encoded but ``.`` and ``..``: browsers take these for folders however they are encoded, so a ``~`` goes
    before them (and before what would then be mistaken for them).

    >>> to_segment("a/b c"), to_segment("..")
    ('a%2Fb%20c', '~..')
    """
    return "~" + product_id if _DOTS.fullmatch(product_id) else quote(product_id, safe="")


def from_segment(segment: str) -> str:
    """The product id that a segment of a URL path names."""
    product_id = unquote(segment)
    return product_id[1:] if _MARKED_DOTS.fullmatch(product_id) else product_id


def item_href(product_id: str) -> str:
    """The URL of a product's page."""
    return f"/item/{to_segment(product_id)}"


def thumbnail_href(build: str, product_id: str) -> str:
    """The URL of a product's picture; it names the build, so that a browser may keep it for ever."""
    return f"/thumbnails/{build}/{to_segment(product_id)}.webp"


class Rest(BaseConverter):
    """Matches the rest of a URL path, whatever stands there: an id may begin with a slash, or hold several."""

    regex = r"[\s\S]+"
    part_isolating = False


def raw_path(environ: dict[str, Any], path: str) -> str:
    """A request's path as the browser's address shows it, still encoded; `path`, decoded, stands in as in `raw_segments`."""
    raw = environ.get("RAW_URI", "").partition("?")[0]
    return raw if raw.startswith("/") else quote(path)


def raw_segments(environ: dict[str, Any], prefix: str, rest: str) -> list[str]:
    """The segments of a request's path below a prefix, still encoded, for `from_segment`.

    WSGI hands a path over with ``%2F`` already turned into a slash. The server's raw URI still tells one from the other; `rest`
    stands in where a server has none.
    """
    raw = environ.get("RAW_URI", "").partition("?")[0]
    return (raw.removeprefix(prefix) if raw.startswith(prefix) else quote(rest)).split("/")
