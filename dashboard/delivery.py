"""How answers travel: compressed, and our own stylesheets and scripts as one file each.

Most of what a first visit waits for is the way there and back, of which each file needs one, and Dash's scripts, which are text.
Flask-Compress would compress the same file again for every visitor.
"""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from flask import Flask, Response, g, request

from dashboard import wording
from dashboard.thumbnails import FOR_EVER

TEXTS = ("text/", "application/json", "application/javascript", "image/svg+xml")
PACKET = 1_400
"""Bytes that travel at once: less is not worth compressing."""
FILES = ("/_dash-component-suites/", "/assets/")
"""What stands below these paths is the same for everyone, and is compressed once."""
APART = ("head", "map")
"""Folders whose files are asked for by themselves: before anything is shown, and by a page with a map."""
QUICKLY, WELL = 1, 6
"""gzip's levels. For an answer the lowest: the higher ones take three times as long to save a fifth."""


@dataclass(frozen=True)
class Bundle:
    """Several text files as one, at an address that changes with what they hold."""

    name: str
    href: str
    content: bytes
    mimetype: str


def stylesheets(assets: Path) -> Bundle:
    """Bootstrap, then our own stylesheets by name."""
    return _bundle([*assets.glob("head/*.css"), *_own(assets, "css")], "styles", "css", "text/css")


def scripts(assets: Path) -> Bundle:
    """Our own scripts by name."""
    return _bundle(_own(assets, "js"), "scripts", "js", "text/javascript")


def _own(assets: Path, suffix: str) -> list[Path]:
    """Those of the folder itself come before those of its folders."""
    found = [path for path in assets.rglob(f"*.{suffix}") if path.parent.name not in APART]
    return sorted(found, key=lambda path: (path.parent, path.name))


def _bundle(files: list[Path], name: str, suffix: str, mimetype: str) -> Bundle:
    content = b"\n".join(path.read_bytes() for path in files)
    fingerprint = hashlib.sha256(content).hexdigest()[:12]
    # In the folder of the files themselves, because a stylesheet names its pictures relative to where it stands.
    return Bundle(name, f"/assets/{name}-{fingerprint}.{suffix}", content, mimetype)


def add_delivery(server: Flask, bundles: Iterable[Bundle]) -> None:
    """Serve the bundles, compress every text for who can read that, and keep languages apart."""
    for bundle in bundles:
        server.add_url_rule(bundle.href, bundle.name, _sender(bundle))
    kept: dict[bytes, bytes] = {}

    def compress(response: Response) -> Response:
        if not _worth_compressing(response):
            return response
        response.vary.add("Accept-Encoding")
        if not request.accept_encodings.quality("gzip"):
            return response
        response.direct_passthrough = False
        if response.status_code == 200 and request.path.startswith(FILES):
            # By what they hold: Dash answers one file at any number of addresses. Two threads may do the same work. Not a page
            # that says there is no such file: it names the address, of which there are any number too.
            known = hashlib.blake2b(response.get_data(), digest_size=16).digest()
            content = kept.get(known) or kept.setdefault(known, gzip.compress(response.get_data(), WELL, mtime=0))
        else:
            content = gzip.compress(response.get_data(), QUICKLY, mtime=0)
        response.set_data(content)
        response.headers["Content-Encoding"] = "gzip"
        if (tag := response.get_etag()[0]) is not None:
            response.set_etag(tag, weak=True)  # the same file in other bytes
        return response

    server.after_request(compress)
    server.after_request(_apart_by_language)


def _apart_by_language(response: Response) -> Response:
    """What is said in a visitor's language is no answer for another's, and is asked for each time: a build may go live."""
    if "language" in g and not request.path.startswith(wording.FOR_PROGRAMS):
        response.vary.update(("Accept-Language", "Cookie"))
        response.headers.setdefault("Cache-Control", "no-cache")
    return response


def _worth_compressing(response: Response) -> bool:
    """Whether a whole text is sent, as it is; what comes piece by piece is left alone."""
    plain = response.status_code in (200, 404) and "Content-Encoding" not in response.headers and request.method == "GET"
    posted = request.method == "POST" and response.status_code == 200
    long = (response.content_length or 0) > PACKET
    return (plain or posted) and long and (response.mimetype or "").startswith(TEXTS)


def _sender(bundle: Bundle) -> Callable[[], Response]:
    def send() -> Response:
        return Response(bundle.content, mimetype=bundle.mimetype, headers={"Cache-Control": FOR_EVER})

    return send
