"""``python -m benchmarks``: build and measure the shops of ``benchmarks/shops``, and write the tables of ``README.md`` beside it.

The real data stands outside the project, where the shops' settings name it; a shop whose files aren't there is passed over.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

HERE = Path(__file__).parent
README = HERE / "README.md"
TABLES_BEGIN = "<!-- everything below is written by `make bench` -->"
REPORTED_K = 10

console = Console(stderr=True)


def main(
    shops: Annotated[list[str] | None, typer.Argument(help="Names in benchmarks/shops; all of them by default.")] = None,
    repetitions: Annotated[int, typer.Option(min=1, help="Builds from an empty work folder; the median is reported.")] = 1,
) -> None:
    """Build and evaluate real shops, each in a process of its own."""
    wanted = sorted(path for path in (HERE / "shops").glob("*.toml") if not shops or path.stem in shops)
    measured = {path.stem: result for path in wanted if (result := measure(path, repetitions)) is not None}
    if not measured:
        console.print("[bold]no shop's files are here[/]; see the paths in benchmarks/shops/*.toml")
        raise typer.Exit(1)
    tables = "\n".join([build_table(measured), quality_table(measured)])
    text = README.read_text(encoding="utf-8").split(TABLES_BEGIN)[0]
    README.write_text(f"{text}{TABLES_BEGIN}\n\n{tables}", encoding="utf-8")
    console.print(f"written to {README}")


def measure(shop_toml: Path, repetitions: int) -> dict[str, Any] | None:
    """Builds (first and again), and metrics; None where the shop's files aren't there."""
    builds = []
    with tempfile.TemporaryDirectory() as folder:
        cache = Path(folder) / "cache"
        for repetition in range(repetitions):
            work = Path(folder) / f"work-{repetition}"
            first = _precompute("build", shop_toml, cache, work)
            if first is None:
                return None
            builds.append(first)
        again = _precompute("build", shop_toml, cache, work)
        metrics = _precompute("evaluate", shop_toml, cache, work)
    builds.sort(key=lambda build: build["seconds"]["total"])
    return {"build": builds[len(builds) // 2], "again": again, "metrics": metrics}


def build_table(measured: dict[str, Any]) -> str:
    """Rows, seconds, memory and bytes of each build."""
    lines = [
        "## Builds\n",
        "| shop | products | reviews | orders | pictures | left out or incomplete | seconds | again | peak MB | cache MB |",
        "| --- | ---: | ---: | ---: | ---: | --- | ---: | ---: | ---: | ---: |",
    ]
    for name, result in measured.items():
        build = result["build"]
        counts = " | ".join(f"{build[key]:,}" for key in ("products", "reviews", "orders", "pictures"))
        rejects = ", ".join(f"{reason}: {count:,}" for reason, count in build["rejects"].items()) or "nothing"
        lines.append(
            f"| {name} | {counts} | {rejects} | {build['seconds']['total']:,.1f} | {result['again']['seconds']['total']:,.1f} "
            f"| {build['peak_mb']['total']:,.0f} | {build['cache_bytes'] / 1e6:,.1f} |"
        )
    return "\n".join(lines) + "\n"


def quality_table(measured: dict[str, Any]) -> str:
    """Hit rate and NDCG of each signal, with its interval, beside chance and popularity."""
    lines = [
        f"## Quality at {REPORTED_K}\n",
        "| shop | slice | queries | signal | hit rate | NDCG |",
        "| --- | --- | ---: | --- | --- | --- |",
    ]
    for name, result in measured.items():
        rows: dict[tuple[str, str], dict[str, Any]] = {}
        for row in result["metrics"]:
            if row["k"] == REPORTED_K and row["metric"] in ("hit_rate", "ndcg"):
                rows.setdefault((row["slice"], row["signal"]), {})[row["metric"]] = row
        for (part, signal), values in rows.items():
            n = values["hit_rate"]["n"]
            lines.append(
                f"| {name} | {part} | {n:,} | {signal} | {_cell(values.get('hit_rate'))} | {_cell(values.get('ndcg'))} |"
            )
    return "\n".join(lines) + "\n"


def _cell(row: dict[str, Any] | None) -> str:
    if row is None:
        return ""
    interval = f" ({row['low']:.3f} to {row['high']:.3f})" if row["low"] is not None else ""
    return f"{row['value']:.3f}{interval}"


def _precompute(command: str, shop_toml: Path, cache: Path, work: Path) -> Any:
    console.print(f"{command} {shop_toml.stem} ...")
    arguments = [
        sys.executable,
        "-m",
        "precompute",
        command,
        str(shop_toml),
        "--cache",
        str(cache),
        "--work",
        str(work),
        "--json",
    ]
    done = subprocess.run(arguments, capture_output=True, text=True, check=False)
    if done.returncode == 1 and "not found" in done.stderr:
        console.print(f"  passed over: {done.stderr.strip().splitlines()[-1]}", highlight=False)
        return None
    if done.returncode:
        raise SystemExit(done.stderr)
    return json.loads(done.stdout)


if __name__ == "__main__":
    typer.run(main)
