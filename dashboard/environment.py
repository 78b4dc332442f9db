"""Settings from environment variables. docs/operations.md lists them all."""

from __future__ import annotations

import os


class BadSetting(Exception):
    """An environment variable can't be used; the message is one line that names it."""


def whole_number(name: str, default: int, least: int = 0) -> int:
    """A whole number from the environment; raises `BadSetting`."""
    text = os.environ.get(name) or str(default)
    if not (text.isascii() and text.isdigit() and len(text) <= 10 and int(text) >= least):
        raise BadSetting(f"{name} must be a whole number, {least} or more, not {text!r}")
    return int(text)


def workers() -> int:
    """``WEB_CONCURRENCY``, the number of worker processes; raises `BadSetting`.

    gunicorn reads it as it is imported, before any code of ours, and answers what is no number with a traceback. So whoever comes
    before gunicorn asks here: ``python -m dashboard`` and Heroku's release phase.
    """
    return whole_number("WEB_CONCURRENCY", 2, least=1)


def switch(name: str) -> bool:
    """Whether a flag is ``1`` (and not ``0``, the default); raises `BadSetting`."""
    text = os.environ.get(name) or "0"
    if text not in ("0", "1"):
        raise BadSetting(f"{name} must be 0 or 1, not {text!r}")
    return text == "1"
