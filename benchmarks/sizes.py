"""How large the lookup tables of a large shop are, and the slugs that hold them or the demo shop's."""

from __future__ import annotations

from pathlib import Path

from benchmarks.deployed import ROOT
from benchmarks.results import Page, console
from lookup.manifest import Manifest
from precompute.slug import Slug, build_slug

DEMO_GOAL_MB, LARGE_GOAL_MB = 190, 320
PICTURES = ("encoder.onnx", "thumbnails.parquet", "visual.parquet", "style.parquet", "look.parquet")
"""The tables that a shop without pictures doesn't have, by the end of their names."""


def write_sizes(manifest: Manifest, command: str) -> None:
    """Write the size of every table to ``results/cache.md``."""
    page = Page("cache", f"Lookup tables of {manifest.counts['products']:,} products", command)
    files = sorted(manifest.files.items(), key=lambda named: -named[1].bytes)
    products = manifest.counts["products"]
    rows = [
        (name, f"{entry.rows:,}" if entry.rows is not None else "", _megabytes(entry.bytes), f"{entry.bytes / products:,.0f}")
        for name, entry in files
    ]
    total = sum(entry.bytes for _, entry in files)
    without = sum(entry.bytes for name, entry in files if not name.endswith(PICTURES))
    rows += [
        (f"**{said}**", "", _megabytes(size), f"{size / products:,.0f}")
        for said, size in (("all", total), ("all but what pictures need", without))
    ]
    page.table(("<table", "rows", "MB", "bytes a product"), rows)
    page.write()


def measure_slugs(large: Path) -> None:
    """Build the slugs of the demo shop and of the large cache, and write ``results/slug.md``."""
    page = Page("slug", "Slugs", "python -m benchmarks slug")
    page.text("What `python -m precompute slug` builds: packages, code, tables with the picture encoder, and Python (estimated).")
    for name, cache, goal in (("the demo shop", ROOT / "cache", DEMO_GOAL_MB), ("the large cache", large, LARGE_GOAL_MB)):
        console.print(f"the slug of {name} ...")
        slug = build_slug(ROOT, cache)
        megabytes = slug.slug_bytes / 1e6
        page.text(f"## With the tables of {name}")
        page.goal(f"{megabytes:,.1f} MB (goal: under {goal})", megabytes < goal)
        page.table(("<part", "MB on disk", "MB in the slug"), _largest(slug))
    page.write()


def _largest(slug: Slug, shown: int = 16) -> list[tuple[str, str, str]]:
    """The largest parts, and what all others take together."""
    parts = sorted(slug.parts, key=lambda part: -part.slug_bytes)
    rows = [(part.name, _megabytes(part.bytes), _megabytes(part.slug_bytes)) for part in parts[:shown]]
    rest = parts[shown:]
    others = (_megabytes(sum(part.bytes for part in rest)), _megabytes(sum(part.slug_bytes for part in rest)))
    return [*rows, (f"{len(rest)} others", *others)]


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.1f}"
