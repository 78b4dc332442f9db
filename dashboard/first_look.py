"""A page as plain HTML, to look at while Dash's scripts are on their way.

They take a phone some seconds; until then the page can be read, and its links lead on. Buttons and fields sleep. Then
`assets/first_look.js` puts the page that Dash draws in its place. Components of ``dash.html`` become their element; those of the
others that readers see become what the browser makes of them, as far as it takes room.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

from dash.development.base_component import Component

HTML = "dash_html_components"
"""The namespace of ``dash.html``."""
USED = {"button", "input", "select", "textarea", "summary"}
"""What somebody does something with."""
VOID = {"img", "input", "br", "hr", "source", "wbr"}
RENAMED = {"className": "class", "class_name": "class", "htmlFor": "for", "data-src": "src"}
"""Properties that have another name in HTML; others have theirs in small letters."""
NO_ATTRIBUTES = {"children", "key", "style", "n_clicks", "n_clicks_timestamp", "disable_n_clicks"}
OF_DASH = {"available_properties", "available_wildcard_properties"}
"""What each component has beside its properties, and beside what begins with an underscore."""
OF_FIELDS = ("type", "value", "placeholder", "name", "min", "max", "step", "rows", "maxlength", "maxLength")

Properties = Mapping[str, Any]


def to_html(part: Any, *, ids: bool = True, asleep: bool = False) -> str:
    """A component, a text, a number or several of them as HTML; what React shows nothing of is nothing.

    Without `ids`, no element has one: two in a document must not have the same. Buttons and fields that are `asleep` can't be
    used yet; links always can.
    """
    return Writer(ids, asleep).html(part)


def given_properties(part: Component) -> dict[str, Any]:
    """The properties that a component was given, by name.

    `Component.to_plotly_json` gives the same, but asks for each of the twenty that there might be: a page has thousands of parts.
    """
    return {name: value for name, value in vars(part).items() if name[0] != "_" and name not in OF_DASH}


@dataclass(frozen=True)
class Writer:
    """Writes components as HTML, as `to_html` says."""

    ids: bool
    asleep: bool

    def html(self, part: Any) -> str:
        if isinstance(part, list | tuple):
            return "".join(map(self.html, part))
        if part is None or isinstance(part, bool):
            return ""
        if not isinstance(part, Component):
            return escape(str(part), quote=False)
        properties = given_properties(part)
        if not self.ids:
            properties.pop("id", None)
        content = self.html(properties.get("children"))
        if part._namespace == HTML:
            return self._element_of_html(part._type.lower(), properties, content)
        return self._control(part._type, properties, content)

    def _element_of_html(self, tag: str, properties: Properties, content: str) -> str:
        attributes = {name: value for name, value in properties.items() if name not in NO_ATTRIBUTES}
        if "data-src" in properties:
            attributes["loading"] = "lazy"
        if tag in USED:
            attributes["inert"] = self.asleep
        return _element(tag, attributes, content)

    def _control(self, kind: str, properties: Properties, content: str) -> str:
        """A component of Dash or Bootstrap: a field, a choice, or whatever stands around its content."""
        around = {name: properties[name] for name in ("id", "className", "class_name", "hidden") if name in properties}
        given: dict[str, Any] = {name: properties[name] for name in OF_FIELDS if name in properties} | {"inert": self.asleep}
        match kind:
            case "Input":
                return _element("input", _classed(around, "form-control") | given)
            case "Textarea":
                text = str(given.pop("value", None) or "")
                return _element("textarea", _classed(around, "form-control") | given, escape(text))
            case "Select":
                options = [_option(one, one["value"] == properties.get("value")) for one in properties.get("options") or []]
                return _element("select", _classed(around, "form-select") | {"inert": self.asleep}, "".join(options))
            case "Checklist" | "RadioItems":
                return _element("div", around | {"inert": self.asleep}, "".join(self._boxes(kind, properties)))
            case "Store" | "Tooltip" | "Download" | "Interval":
                return ""
        return _element("div", around, content)

    def _boxes(self, kind: str, properties: Properties) -> Iterable[str]:
        """The lines of a list of boxes to tick."""
        value = properties.get("value")
        ticked = value if isinstance(value, list) else [value]
        look = {"type": "checkbox" if kind == "Checklist" else "radio", "class": "form-check-input"}
        line = {"class": "form-check form-check-inline" if properties.get("inline") else "form-check"}
        for option in properties.get("options") or []:
            box = _element("input", look | {"checked": option["value"] in ticked})
            label = _element("label", {"class": "form-check-label"}, self.html(option["label"]))
            yield _element("div", line, box + label)


def _option(option: Properties, chosen: bool) -> str:
    return _element("option", {"selected": chosen}, escape(str(option["label"])))


def _classed(attributes: Properties, own: str) -> dict[str, Any]:
    named = [own, *(str(attributes[name]) for name in ("className", "class_name") if attributes.get(name))]
    return {name: value for name, value in attributes.items() if name == "id"} | {"class": " ".join(named)}


def _element(tag: str, attributes: Properties, content: str = "") -> str:
    opened = f"<{tag}{''.join(map(_attribute, attributes, attributes.values()))}>"
    return opened if tag in VOID else f"{opened}{content}</{tag}>"


def _attribute(name: str, value: Any) -> str:
    named = RENAMED.get(name, name.lower())
    if isinstance(value, bool) and not named.startswith(("aria-", "data-")):
        return f" {named}" if value else ""
    if value is None or not isinstance(value, str | int | float):
        return ""  # such as an id that is a pattern
    return f' {named}="{escape(str(value).lower() if isinstance(value, bool) else str(value))}"'
