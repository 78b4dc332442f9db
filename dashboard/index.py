"""The first answer to a visitor: the page that was asked for, to look at, and what loads everything else."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import wraps
from html import escape
from pathlib import Path
from typing import Any

from dash import Dash
from flask import request

from dashboard import wording
from dashboard.asked import Asked
from dashboard.components.shell import page_loading, shell
from dashboard.delivery import Bundle, scripts, stylesheets
from dashboard.first_look import to_html
from dashboard.ids import raw_path
from dashboard.limits import costly
from dashboard.markup import in_html
from dashboard.navigation import Location, Router
from dashboard.store import current_build

INDEX = """<!DOCTYPE html>
<html lang="{%lang%}">
<head>
{%metas%}
<meta name="description" content="{%description%}">
<title>{%title%}</title>
<link rel="icon" href="/assets/head/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="{%stylesheets%}">
<script src="/assets/head/theme.js"></script>
<script src="{%our_scripts%}" defer></script>
{%scripts%}
</head>
<body>
<noscript>{%no_script%}</noscript>
{%app_entry%}
{%config%}
{%renderer%}
</body>
</html>"""

ENTRY = '<div id="react-entry-point" hidden></div><div id="first-look">{}</div>'
"""Where Dash draws, and what is seen until it has."""
ENTRY_ALONE = '<div id="react-entry-point"></div>'
UNUSED = ("/polyfill@", "/dash_table/")
"""Scripts of Dash that this app does without: for browsers that no longer run its others, and for a component it has not."""


class Dashboard(Dash):
    """Dash over a folder of assets, which go out as one stylesheet and one script."""

    def __init__(self, assets: Path, router: Router, **settings: Any) -> None:
        super().__init__("dashboard", assets_folder=str(assets), include_assets_files=False, index_string=INDEX, **settings)
        self.bundles: tuple[Bundle, Bundle] = stylesheets(assets), scripts(assets)
        self.router = router

    def callback(self, *what: Any, **how: Any) -> Callable[..., Any]:
        """As Dash's, but what is answered goes out as HTML as far as it can."""
        register = super().callback(*what, **how)
        return lambda function: register(_answering_in_html(function))

    def interpolate_index(self, **parts: str) -> str:
        location = Location.parse(raw_path(request.environ, request.path), request.query_string.decode("latin-1"))
        title, entry = self._first_look(location)
        styles, ours = self.bundles
        texts = {
            "lang": wording.language(),
            "description": wording.TAGLINE,
            "no_script": wording.NO_SCRIPT,
            "stylesheets": styles.href,
            "our_scripts": ours.href,
        }
        parts |= {name: escape(text) for name, text in texts.items()}
        parts |= {"title": escape(title), "scripts": _deferred(parts["scripts"]), "renderer": _last(parts["renderer"])}
        # In one go: no text that is put in is looked through for more.
        return re.sub(r"{%(\w+)%}", lambda place: (parts | {"app_entry": entry})[place[1]], INDEX)

    def _first_look(self, location: Location) -> tuple[str, str]:
        """The title of the page asked for, and its place; empty where drawing it counts, as Dash will ask for it too."""
        build = current_build()
        page = self.router.page_at(location.path)
        if costly(Asked(f"page {page.path}", location=location)):
            return f"{build.shop} · {wording.BRAND}", ENTRY_ALONE
        view = self.router.draw(location)
        frame = to_html(shell(build, page_loading()), ids=False, asleep=True)
        return view.title, ENTRY.format(frame.replace(to_html(page_loading()), to_html(view.body, asleep=True), 1))


def _answering_in_html(function: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(function)
    def answer(*asked: Any, **named: Any) -> Any:
        return in_html(function(*asked, **named))

    return answer


def _deferred(scripts: str) -> str:
    """Dash's scripts, to run in their order once the page stands; what is seen first must not wait for them."""
    used = [line for line in scripts.splitlines() if not any(path in line for path in UNUSED)]
    return "\n".join(used).replace("<script src", "<script defer src")


def _last(renderer: str) -> str:
    """The line that starts Dash: a module runs after all deferred scripts, and may stand in the page itself."""
    return renderer.replace('type="application/javascript"', 'type="module"')
