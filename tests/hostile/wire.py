"""A request as the bytes that go over the wire, and how it may be answered."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

UPDATE = "/_dash-update-component"


@dataclass(frozen=True)
class Case:
    """A request and the statuses that it may be answered with."""

    name: str
    sent: bytes
    statuses: frozenset[int]

    @property
    def below_api(self) -> bool:
        return self.sent.partition(b" ")[2].startswith(b"/api/")


def case(
    name: str,
    target: str | bytes,
    *statuses: int,
    method: str = "GET",
    headers: tuple[tuple[str, str], ...] = (),
    body: bytes = b"",
) -> Case:
    """A request whose first line and headers are sent just as they stand here; its length is said where nothing else is."""
    lines = {"Host": "localhost", "Connection": "close"} | ({"Content-Length": str(len(body))} if body else {}) | dict(headers)
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items() if value).encode("latin-1")
    raw = target.encode() if isinstance(target, str) else target
    return Case(name, b"%s %s HTTP/1.1\r\n%s\r\n" % (method.encode(), raw, head) + body, frozenset(statuses))


def question(name: str, body: Any, *statuses: int) -> Case:
    """A question to Dash: JSON, or bytes that claim to be."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return case(name, UPDATE, *statuses, method="POST", headers=(("Content-Type", "application/json"),), body=content)
