"""What no callback touches goes to the browser as HTML, not as components.

Dash's script wraps every component in several of React's, which on a phone takes a second for a page of cards. A list of cards is
one component here, which the browser reads as it reads any page. Pages and tests know nothing of it: `in_html` goes over what
they drew when it is sent.
"""

from __future__ import annotations

from typing import Any

from dash.development.base_component import Component

from dashboard.first_look import HTML, NO_ATTRIBUTES, VOID, to_html


class Markup(Component):
    """An element with finished HTML in it; ``assets/markup.js`` is what the browser makes of it.

    Parameters
    ----------
    tag, attributes
        The element itself, its attributes named as React does.
    html
        What stands in it: from `to_html`, which escapes every text.
    """

    _namespace = "aisle"
    _type = "Markup"
    _base_nodes: tuple[str, ...] = ()
    _children_props: tuple[str, ...] = ()
    _prop_names = ("tag", "attributes", "html")
    _valid_wildcard_attributes: tuple[str, ...] = ()
    available_properties = _prop_names
    available_wildcard_properties: tuple[str, ...] = ()


def in_html(part: Any) -> Any:
    """A component, or whatever a callback answers, with every part in it that nothing can change as `Markup`.

    What has an id may be a callback's, and stays a component.
    """
    if isinstance(part, list | tuple):
        return type(part)(in_html(one) for one in part)
    if not isinstance(part, Component):
        return part
    described = part.to_plotly_json()
    tag = described["type"].lower()
    if _is_finished(part) and tag not in VOID:
        attributes = {name: value for name, value in described["props"].items() if name not in NO_ATTRIBUTES}
        return Markup(tag=tag, attributes=attributes, html=to_html(getattr(part, "children", None)))
    if getattr(part, "children", None) is not None:
        part.children = in_html(part.children)
    return part


def _is_finished(part: Any) -> bool:
    """Whether a part is plain HTML through and through."""
    if isinstance(part, list | tuple):
        return all(map(_is_finished, part))
    if not isinstance(part, Component):
        return True
    is_element = part._namespace == HTML and getattr(part, "id", None) is None
    return is_element and _is_finished(getattr(part, "children", None))
