"""What Heroku would make of the working tree: built here as its Python buildpack builds it, and weighed part by part."""

from __future__ import annotations

import csv
import gzip
import subprocess
import sys
import tarfile
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from importlib.metadata import distributions
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rich.console import Console
from rich.table import Table

from lookup.manifest import Manifest, verify
from lookup.schema import MANIFEST
from precompute.errors import BadInput
from precompute.inspect import SLUG_BUDGET_MB

PYTHON_BYTES = 40_000_000
"""The Python that the buildpack adds: an estimate, because only Heroku's own build can tell. CPython 3.11 without its tests
packs to 35 MB, pip to 4.5."""

GLIBC_MINOR = 39
"""Heroku-24 is Ubuntu 24.04, which has glibc 2.39 and runs the wheels of every older one."""

LARGEST_NAMED = 3

HINTS = {
    "packages": "leave it out of pyproject.toml, then run make lock",
    "tables": "keep the tables in a bucket (CACHE_DIR=s3://bucket/prefix), or switch the signal off in shop.toml",
    "code": "name what the web process doesn't need in .slugignore",
}


@dataclass(frozen=True)
class Part:
    """One package, lookup table or folder of code.

    Attributes
    ----------
    kind
        ``packages``, ``tables``, ``code`` or ``runtime``.
    bytes, slug_bytes
        On the dyno's disk; in the compressed slug.
    """

    kind: str
    name: str
    bytes: int
    slug_bytes: int


@dataclass(frozen=True)
class _File:
    """A file, where it will stand in the slug, and which part it belongs to."""

    kind: str
    part: str
    target: str
    source: Path


@dataclass(frozen=True)
class Slug:
    """A slug's parts; the largest of each kind first."""

    parts: list[Part]

    @property
    def slug_bytes(self) -> int:
        return sum(part.slug_bytes for part in self.parts)

    def to_json(self) -> dict[str, Any]:
        """The same, as JSON holds it."""
        total = {"slug_bytes": self.slug_bytes, "slug_budget_bytes": SLUG_BUDGET_MB * 1_000_000}
        return total | {"parts": [asdict(part) for part in self.parts]}


def build_slug(root: Path, cache_dir: Path, out: Path | None = None) -> Slug:
    """Build the slug of a working tree with the given lookup tables.

    Parameters
    ----------
    root
        A git work tree. What a commit of everything in it would hold is taken, less what ``.slugignore`` names.
    cache_dir
        The lookup tables; they stand at ``cache`` in the slug.
    out
        Where to keep the slug, a ``.tar.gz`` with all files under ``app``; it is thrown away by default.

    Raises
    ------
    BadInput
        The tree can't be listed, or its requirements can't be installed.
    lookup.manifest.DamagedCache
        The tables can't be used.
    """
    with TemporaryDirectory(prefix="aisle-slug-") as scratch:
        version = _read(root / ".python-version").strip()
        site = f".heroku/python/lib/python{version}/site-packages"
        code = list(_code(root))
        tables = list(_tables(cache_dir))
        packages = Path(scratch) / "packages"
        _install(root / "requirements.txt", packages, version)
        files = [*code, *tables, *_packages(packages, site)]
        parts = _pack(files, out or Path(scratch) / "slug.tar.gz")
    parts.sort(key=lambda part: (part.kind, -part.slug_bytes, part.name))
    return Slug([*parts, Part("runtime", f"Python {version} (estimate)", 0, PYTHON_BYTES)])


def check_budget(slug: Slug) -> None:
    """Raise `BadInput` for a slug over the budget, naming what to shrink."""
    over = slug.slug_bytes - SLUG_BUDGET_MB * 1_000_000
    if over <= 0:
        return
    ours = [part for part in slug.parts if part.kind in HINTS]
    largest = sorted(ours, key=lambda part: -part.slug_bytes)[:LARGEST_NAMED]
    named = "; ".join(f"{part.name} ({part.slug_bytes / 1e6:,.1f} MB): {HINTS[part.kind]}" for part in largest)
    raise BadInput(f"the slug is {over / 1e6:,.1f} MB over {SLUG_BUDGET_MB} MB. The largest parts: {named}")


def print_slug(slug: Slug, console: Console) -> None:
    """Print every part for people, and the total against the budget."""
    table = Table("kind", "part", "MB on disk", "MB in the slug", box=None, header_style="bold", pad_edge=False)
    for column in table.columns[2:]:
        column.justify = "right"
    for part in slug.parts:
        on_disk = f"{part.bytes / 1e6:,.2f}" if part.bytes else ""
        table.add_row(part.kind, part.name, on_disk, f"{part.slug_bytes / 1e6:,.2f}")
    table.add_row("total", "", "", f"{slug.slug_bytes / 1e6:,.2f}", style="bold")
    console.print(table)
    share = slug.slug_bytes / (SLUG_BUDGET_MB * 1e6)
    console.print(f"{share:.1%} of {SLUG_BUDGET_MB} MB, our own limit (Heroku's is 1 GB).", highlight=False)


def _code(root: Path) -> Iterable[_File]:
    """The tree as git sees it. ``.slugignore`` has the format of ``.gitignore``, so git also says which files it drops."""
    everything = _git_files(root, "--cached", "--others", "--exclude-standard")
    ignored = _git_files(root, "--cached", "--others", "--ignored", "--exclude-from=.slugignore")
    for name in sorted(everything - ignored):
        top = name.split("/")[0] if "/" in name else "files at the top"
        # A file may be gone from the disk and still be known to git; the tables come from the folder that was asked for.
        if top != "cache" and (root / name).is_file():
            yield _File("code", top, name, root / name)


def _git_files(root: Path, *options: str) -> set[str]:
    try:
        listed = subprocess.run(["git", "ls-files", "-z", *options], cwd=root, capture_output=True, text=True, check=True)
    except FileNotFoundError:
        raise BadInput("git isn't installed, and a slug is made of what git tracks") from None
    except subprocess.CalledProcessError as error:
        raise BadInput(f"{root}: git can't list its files ({error.stderr.strip()})") from None
    return set(listed.stdout.split("\0")) - {""}


def _tables(cache_dir: Path) -> Iterable[_File]:
    manifest = Manifest.read(cache_dir)
    verify(cache_dir, manifest)
    yield _File("tables", MANIFEST, f"cache/{MANIFEST}", cache_dir / MANIFEST)
    for name in manifest.files:
        yield _File("tables", name, f"cache/{manifest.folder}/{name}", cache_dir / manifest.folder / name)


def _install(requirements: Path, target: Path, version: str) -> None:
    """Install what the dyno would get, whatever this machine is: Linux wheels for the Python of ``.python-version``."""
    platforms = [f"manylinux_2_{minor}_x86_64" for minor in range(GLIBC_MINOR, 4, -1)]
    platforms += ["manylinux2014_x86_64", "manylinux2010_x86_64", "manylinux1_x86_64"]
    options = ["--only-binary=:all:", "--python-version", version, *(f"--platform={name}" for name in platforms)]
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--target", str(target)]
    done = subprocess.run([*pip, *options, "-r", str(requirements)], capture_output=True, text=True, check=False)
    if done.returncode:
        errors = [line for line in done.stderr.splitlines() if line.startswith("ERROR:")] or ["pip failed"]
        raise BadInput(f"{requirements}: can't be installed for Heroku. {errors[-1].removeprefix('ERROR:').strip()}")


def _packages(installed: Path, site: str) -> Iterable[_File]:
    """Every installed file; each package's own list of files says whose it is."""
    owners = {}
    for package in distributions(path=[str(installed)]):
        # Scripts and data files stand beside the packages here, but are listed as if they stood above them; `package.files`
        # would leave them out once the importlib_metadata backport, which Dash brings, has been imported.
        for file, *_ in csv.reader((package.read_text("RECORD") or "").splitlines()):
            owners[file.replace("../", "")] = package.metadata["Name"]
    for path in sorted(path for path in installed.rglob("*") if path.is_file()):
        name = path.relative_to(installed).as_posix()
        yield _File("packages", owners.get(name, "files of no package"), f"{site}/{name}", path)


def _pack(files: list[_File], out: Path) -> list[Part]:
    """Write the slug, and see after each part how much longer it has become: so the parts add up to the whole."""
    parts = []
    with (
        out.open("wb") as raw,
        gzip.GzipFile(fileobj=raw, mode="wb", compresslevel=6, filename="", mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w", dereference=True) as archive,
    ):
        before = 0
        by_part = sorted(files, key=lambda file: (file.kind, file.part, file.target))
        for (kind, part), members in groupby(by_part, key=lambda file: (file.kind, file.part)):
            size = 0
            for file in members:
                archive.add(file.source, arcname=f"app/{file.target}", filter=_anonymous)
                size += file.source.stat().st_size
            packed.flush()
            parts.append(Part(kind, part, size, raw.tell() - before))
            before = raw.tell()
    return parts


def _anonymous(info: tarfile.TarInfo) -> tarfile.TarInfo:
    """Without who packed it and when, as far as the slug is concerned."""
    info.uid = info.gid = 0
    info.uname = info.gname = ""
    return info


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise BadInput(f"{path}: not found; Heroku's buildpack reads it") from None
