"""A whole build: the same twice, from any subset of the files, and safe to kill."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from lookup import schema
from lookup.reader import Cache
from precompute.build import NOTHING_IN_COMMON, build
from precompute.settings import read_settings
from tests.integration.conftest import PlantedBuild
from tests.planted_shop import IDS, NOTHING
from tests.tiny_shop import quiet_report


def files_of(cache_dir: Path) -> dict[str, bytes]:
    """Content by name; of the manifest, without the time of the build."""
    contents = {str(path.relative_to(cache_dir)): path.read_bytes() for path in cache_dir.rglob("*") if path.is_file()}
    manifest = json.loads(contents[schema.MANIFEST])
    del manifest["built_at"]
    return contents | {schema.MANIFEST: json.dumps(manifest).encode()}


def test_two_builds_of_the_same_input_are_byte_identical(planted: PlantedBuild, tmp_path: Path) -> None:
    build(read_settings(planted.shop_toml), tmp_path / "cache", tmp_path / "work", quiet_report())
    first, second = files_of(planted.cache_dir), files_of(tmp_path / "cache")
    assert first.keys() == second.keys()
    assert [name for name in first if first[name] != second[name]] == []


def test_a_cache_holds_every_table_of_the_design(planted: PlantedBuild) -> None:
    expected = {schema.PRODUCTS, schema.CLUSTERS, schema.TERMS, schema.POSTINGS, schema.COMMON_WORDS}
    expected |= {schema.THUMBNAILS, schema.ENCODER}
    expected |= {schema.map_path(name) for name in ("look", "style", "reviews")}
    expected |= {schema.vectors_path(name) for name in ("visual", "style")}
    expected |= {schema.neighbours_path(name) for name in planted.cache.manifest.signals}
    assert set(planted.cache.manifest.files) == expected
    assert planted.cache.ids.to_pylist() == IDS


def only(shop_toml: Path, sections: set[str], target: Path) -> Path:
    """The planted shop's settings with some of its files alone."""
    parts = re.split(r"\n(?=\[)", shop_toml.read_text())
    inputs = {"products", "images", "reviews", "orders"}
    kept = [part for part in parts if part.strip().split("]")[0].lstrip("[") not in inputs - sections]
    text = (
        "\n".join(kept)
        .replace('path = "', f'path = "{shop_toml.parent}/')
        .replace('folder = "', f'folder = "{shop_toml.parent}/')
    )
    target.write_text(text.replace('pairs = [["chair", "table"]]', ""))
    return target


@pytest.mark.parametrize(
    ("sections", "signals"),
    [
        ({"orders"}, {"bought_together", "similar_company", "blend"}),
        ({"reviews"}, {"reviews"}),
        ({"images"}, {"visual"}),
        ({"products"}, set()),
        ({"products", "images"}, {"visual", "style", "blend"}),
        ({"reviews", "orders"}, {"reviews", "bought_together", "similar_company", "blend"}),
    ],
)
def test_any_subset_of_the_files_works(planted: PlantedBuild, tmp_path: Path, sections: set[str], signals: set[str]) -> None:
    shop_toml = only(planted.shop_toml, sections, tmp_path / "shop.toml")
    shop, manifest = build(read_settings(shop_toml), tmp_path / "cache", planted.shop.work, quiet_report())
    assert set(manifest.signals) == signals
    named = {"visual", "style", "reviews", "bought_together", "similar_company", "blend"}
    assert set(manifest.missing) == named - signals
    assert all(manifest.missing.values())
    expected = IDS if "products" in sections else [product_id for product_id in IDS if product_id != NOTHING]
    assert Cache.open(tmp_path / "cache").ids.to_pylist() == expected
    assert len(shop) == len(expected)


STAGES = ["clean tables", "network", "picture features", "best of all", "maps"]


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_build_killed_after_any_stage_leaves_the_old_tables_and_the_next_finishes(
    planted: PlantedBuild, tmp_path: Path
) -> None:
    old = only(planted.shop_toml, {"orders"}, tmp_path / "old.toml")
    cache_dir, work = tmp_path / "cache", tmp_path / "work"
    _, manifest = build(read_settings(old), cache_dir, tmp_path / "other", quiet_report())
    command = [
        sys.executable,
        "-m",
        "precompute",
        "build",
        str(planted.shop_toml),
        "--cache",
        str(cache_dir),
        "--work",
        str(work),
    ]
    for stage in STAGES:
        kill_after(command, stage)
        assert Cache.open(cache_dir).manifest == manifest, stage
    finished = subprocess.run([*command, "--json"], capture_output=True, text=True, check=True)
    assert json.loads(finished.stdout)["signals"]["blend"] == len(IDS) - 1
    assert "picture features" not in finished.stderr  # the killed builds had finished them
    assert files_of(cache_dir) == files_of(planted.cache_dir)


def kill_after(command: list[str], stage: str) -> None:
    """Start a build and kill it when its log says that a stage is over, so that the next one is running."""
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if line.startswith(f"{stage}: "):
                process.kill()
                return
    pytest.fail(f"the build ended without the stage {stage!r}")


def test_orders_too_large_to_count_are_named(planted: PlantedBuild, tmp_path: Path) -> None:
    shop_toml = only(planted.shop_toml, {"orders"}, tmp_path / "shop.toml")
    shop_toml.write_text(shop_toml.read_text().replace("[signals.basket]", "[signals.basket]\nlargest_order = 1"))
    _, manifest = build(read_settings(shop_toml), tmp_path / "cache", planted.shop.work, quiet_report())
    note = "orders.csv: order of over 1 products, not counted in what is bought together"
    assert manifest.mended == {note: 480}
    assert manifest.missing["bought_together"] == NOTHING_IN_COMMON
