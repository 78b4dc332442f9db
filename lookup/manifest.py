"""The manifest: what a build was made from, what it holds, and the fingerprint of every file."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

from lookup.schema import MANIFEST, SCHEMA_VERSION

MEND = "Copy the lookup tables again, or build them again."


class DamagedCache(Exception):
    """A lookup folder can't be used; the message names the file, what is wrong with it and what to do, in one line."""

    @classmethod
    def at(cls, path: Path, wrong: str) -> Self:
        """The error of a file that was whole when it was built."""
        return cls(f"{path}: {wrong}. {MEND}")


@dataclass(frozen=True)
class FileEntry:
    """One file of a build: its size in bytes, its sha256 and, for a table, its rows."""

    bytes: int
    sha256: str
    rows: int | None = None


@dataclass(frozen=True)
class SignalEntry:
    """One table of neighbours.

    Attributes
    ----------
    k
        Neighbours per product.
    products
        Products that have neighbours of their own in this signal.
    fallbacks
        Products for which popular products alone stand in.
    evidence, evidence_width
        What the integers beside each neighbour mean (`lookup.schema.Evidence`), and how many there are.
    untrained
        True where the network behind it has random weights.
    details
        What the signal found or chose, for people to read, e.g. the weights of a blend.
    """

    k: int
    products: int
    fallbacks: int
    evidence: str | None = None
    evidence_width: int = 0
    untrained: bool = False
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Manifest:
    """What stands in ``manifest.json``.

    Attributes
    ----------
    shop
        ``name`` and ``currency``.
    inputs
        One object per input file: ``section``, ``file``, ``bytes``, ``sha256``.
    settings
        ``shop.toml`` as it was understood, every default filled in.
    counts
        ``products``, ``reviews``, ``orders``, ``order_lines``, ``pictures``.
    rejects
        ``"<file>: <reason>"`` to the number of rows left out, pictures included.
    mended
        ``"<file>: <what>"`` to the number of rows that were mended while they were read.
    signals
        The tables of neighbours, in the order in which a page shows them.
    missing
        Signals that could not be built, and why.
    built_at
        UTC time of the build, ISO 8601. Alone in the manifest, it differs between two builds of the same input.
    folder
        The folder beside ``manifest.json`` that holds the tables, named after their content.
    files
        Every file in that folder. These three are filled in by `lookup.writer.CacheWriter.publish`.
    full_encoder
        The encoder in float32, which stays in the build's work folder; None where the build has none.
    """

    shop: dict[str, str]
    inputs: list[dict[str, Any]] = field(default_factory=list)
    settings: dict[str, Any] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    rejects: dict[str, int] = field(default_factory=dict)
    mended: dict[str, int] = field(default_factory=dict)
    signals: dict[str, SignalEntry] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)
    built_at: str = ""
    folder: str = ""
    files: dict[str, FileEntry] = field(default_factory=dict)
    full_encoder: FileEntry | None = None
    schema_version: int = SCHEMA_VERSION

    def to_json(self) -> str:
        return json.dumps(asdict(self), indent=1, ensure_ascii=False) + "\n"

    @classmethod
    def read(cls, cache_dir: Path) -> Self:
        """Read and check ``manifest.json``; raises `DamagedCache`."""
        path = cache_dir / MANIFEST
        try:
            content = json.loads(path.read_bytes())
        except FileNotFoundError:
            build = f"python -m precompute build SHOP.TOML --cache {cache_dir}"
            raise DamagedCache(f"{path}: not found. Build the lookup tables first: {build}") from None
        except (OSError, ValueError) as error:
            raise DamagedCache.at(path, f"can't be read as JSON ({error})") from None
        version = content.get("schema_version") if isinstance(content, dict) else None
        if version != SCHEMA_VERSION:
            raise DamagedCache(f"{path}: has schema version {version}, not {SCHEMA_VERSION}. Run precompute again.")
        try:
            content["signals"] = {name: SignalEntry(**entry) for name, entry in content["signals"].items()}
            content["files"] = {name: FileEntry(**entry) for name, entry in content["files"].items()}
            if content.get("full_encoder") is not None:
                content["full_encoder"] = FileEntry(**content["full_encoder"])
            manifest = cls(**content)
            if not (manifest.folder and manifest.files):
                raise KeyError("folder or files")
        except (KeyError, TypeError, AttributeError) as error:
            raise DamagedCache.at(path, f"is not a manifest of this program ({error})") from None
        return manifest


def fingerprint(path: Path) -> str:
    """The sha256 of a file's content, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def verify(cache_dir: Path, manifest: Manifest) -> None:
    """Check every file's presence, size and sha256 against the manifest; raises `DamagedCache` for the first that differs."""
    for name, entry in manifest.files.items():
        verify_file(cache_dir / manifest.folder / name, entry)


def verify_file(path: Path, entry: FileEntry) -> None:
    """Check one file's presence, size and sha256; raises `DamagedCache`."""
    try:
        size = path.stat().st_size
        if size != entry.bytes:
            raise DamagedCache.at(path, f"has {size:,} bytes, the manifest says {entry.bytes:,}")
        if fingerprint(path) != entry.sha256:
            raise DamagedCache.at(path, "its content is not what was built (sha256 differs)")
    except FileNotFoundError:
        raise DamagedCache.at(path, "is missing") from None
    except OSError as error:
        raise DamagedCache.at(path, f"can't be read ({error.strerror})") from None
