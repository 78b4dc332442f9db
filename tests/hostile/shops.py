"""What a hostile shop is, and how reading it may end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

KEPT_WITHOUT = "(row kept without it)"
"""How the reasons end that cost a value, not a row."""


@dataclass(frozen=True)
class Read:
    """The shop is read: so many rows of its files are kept (so many products, where it is built), the rest is told by reason."""

    kept: int
    rejects: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Refused:
    """One clear message that holds these words."""

    words: str


@dataclass(frozen=True)
class Either:
    """Read or refused: the bytes are damaged by chance, and what is left of them is not for us to say."""


Ending = Read | Refused | Either


def _nothing(_: Path) -> None:
    """Most shops are plain files."""


@dataclass(frozen=True)
class Case:
    """One hostile shop.

    Attributes
    ----------
    name
        What is wrong with it; each group's names differ.
    toml
        ``shop.toml``.
    files
        Content by path, all of them beside ``shop.toml``.
    ends
        How reading it must end.
    place
        Puts into the folder what is no plain file.
    command
        ``check`` reads the shop; ``build`` also runs every signal on it.
    """

    name: str
    toml: str | bytes
    files: Mapping[str, bytes]
    ends: Ending
    place: Callable[[Path], None] = _nothing
    command: str = "check"

    def write(self, folder: Path) -> Path:
        """Write the shop into a new folder; returns the path of its ``shop.toml``."""
        folder.mkdir(parents=True)
        shop_toml = folder / "shop.toml"
        shop_toml.write_bytes(self.toml if isinstance(self.toml, bytes) else self.toml.encode())
        for name, content in self.files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        self.place(folder)
        return shop_toml


def toml_of(section: str, **keys: str) -> str:
    """A ``shop.toml`` of one section of texts."""
    lines = (f"{key} = {_quoted(value)}" for key, value in keys.items())
    return "\n".join(['[shop]\nname = "Hostile"', f"[{section}]", *lines, ""])


def _quoted(value: str) -> str:
    return '"' + "".join(char if char.isalnum() or char in "./_-" else f"\\U{ord(char):08x}" for char in value) + '"'
