"""Every word, number and date that a reader of the dashboard sees: one module of this package is one language.

``wording.SIGNALS`` and its like are looked up when they are used, never when a module is loaded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dashboard.wording import en

if TYPE_CHECKING:
    from dashboard.wording.en import *  # noqa: F403


def __getattr__(name: str) -> Any:
    return getattr(en, name)
