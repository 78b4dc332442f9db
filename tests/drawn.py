"""Looking into what a page drew, without a browser."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dash.development.base_component import Component


def parts(drawn: Any) -> Iterator[Any]:
    """The component itself and everything inside it, texts included, in reading order."""
    if isinstance(drawn, (list, tuple)):
        for one in drawn:
            yield from parts(one)
    elif drawn is not None:
        yield drawn
        if isinstance(drawn, Component):
            yield from parts(getattr(drawn, "children", None))


def text_of(drawn: Any) -> str:
    """All its texts, joined by spaces."""
    return " ".join(str(part) for part in parts(drawn) if not isinstance(part, Component))


def links_of(drawn: Any) -> dict[str, str]:
    """The text of each link to its URL."""
    return {text_of(part.children): part.href for part in parts(drawn) if getattr(part, "href", None) is not None}


def of_class(drawn: Any, class_name: str) -> list[Any]:
    """The components that have a class, in reading order."""
    return [part for part in parts(drawn) if class_name in str(getattr(part, "className", "")).split()]


def of_type(drawn: Any, name: str) -> list[Any]:
    """The components of a type, e.g. ``"Graph"``, in reading order."""
    return [part for part in parts(drawn) if isinstance(part, Component) and part._type == name]


def hrefs(drawn: Any) -> list[str]:
    """The URL of every link, in reading order."""
    return [part.href for part in parts(drawn) if getattr(part, "href", None) is not None]
