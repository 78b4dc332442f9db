"""Every word, number and date that a reader of the dashboard sees: one module of this package is one language.

``wording.SIGNALS`` and its like are the words of whoever asks, so they are looked up when they are used, never when a module is
loaded. docs/translate.md says how a language is added.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from flask import g, has_request_context, request

from dashboard.wording import de, en
from dashboard.wording.common import ALL_PRODUCTS as ALL_PRODUCTS
from dashboard.wording.common import BRAND as BRAND
from dashboard.wording.common import EVALUATE_COMMAND as EVALUATE_COMMAND
from dashboard.wording.common import PERCENT_SIGNALS as PERCENT_SIGNALS
from dashboard.wording.common import Metric as Metric
from dashboard.wording.common import capitalised as capitalised
from dashboard.wording.common import shortened as shortened

if TYPE_CHECKING:
    from dashboard.wording.en import *  # noqa: F403

LANGUAGES = {"en": en, "de": de}
"""By the tag that browsers know a language by. The first is for who reads none of them, and for programs."""
COOKIE = "language"
"""What ``assets/language.js`` remembers a choice in."""
FOR_PROGRAMS = ("/api/", "/export/")
"""What stands below these paths says the same to everyone."""


def language() -> str:
    """The tag of the language of whoever asks: the one chosen, else the best of those that the browser names."""
    usual = next(iter(LANGUAGES))
    if not has_request_context():
        return usual
    if "language" not in g:
        chosen = request.cookies.get(COOKIE)
        if request.path.startswith(FOR_PROGRAMS):
            g.language = usual
        elif chosen in LANGUAGES:
            g.language = chosen
        else:
            g.language = request.accept_languages.best_match(LANGUAGES, usual)
    return g.language


@contextmanager
def for_programs() -> Iterator[None]:
    """While a request shows what programs are told, in the words that they are told it in."""
    asked, g.language = language(), next(iter(LANGUAGES))
    try:
        yield
    finally:
        g.language = asked


def __getattr__(name: str) -> Any:
    return getattr(LANGUAGES[language()], name)
