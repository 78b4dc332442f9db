"""What a built cache holds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from lookup.manifest import Manifest, verify

SLUG_BUDGET_MB = 500
"""Our own limit for code, packages and tables together; Heroku itself has allowed 1 GB since March 2026."""


def inspect_cache(cache_dir: Path) -> dict[str, Any]:
    """Verify a cache and list its content; raises `lookup.manifest.DamagedCache`."""
    manifest = Manifest.read(cache_dir)
    verify(cache_dir, manifest)
    return {
        "shop": manifest.shop,
        "built_at": manifest.built_at,
        "counts": manifest.counts,
        "signals": {name: entry.products for name, entry in manifest.signals.items()},
        "missing": manifest.missing,
        "files": {name: {"rows": entry.rows, "bytes": entry.bytes} for name, entry in manifest.files.items()},
        "cache_bytes": sum(entry.bytes for entry in manifest.files.values()),
        "slug_budget_bytes": SLUG_BUDGET_MB * 1_000_000,
    }


def print_inspection(inspection: dict[str, Any], console: Console) -> None:
    console.print(f"[bold]{inspection['shop']['name']}[/], built {inspection['built_at']}", highlight=False)
    table = Table("table", "rows", "kB", box=None, header_style="bold", pad_edge=False)
    for column in table.columns[1:]:
        column.justify = "right"
    for name, entry in inspection["files"].items():
        rows = f"{entry['rows']:,}" if entry["rows"] is not None else ""
        table.add_row(name, rows, f"{entry['bytes'] / 1e3:,.1f}")
    total, budget = inspection["cache_bytes"], inspection["slug_budget_bytes"]
    table.add_row("total", "", f"{total / 1e3:,.1f}", style="bold")
    console.print(table)
    console.print(
        f"{total / budget:.1%} of the {budget / 1e6:,.0f} MB that code, packages and tables may take together.", highlight=False
    )
    for name, reason in inspection["missing"].items():
        console.print(f"[dim]missing:[/] {name}: {escape(reason)}", highlight=False, soft_wrap=True)
