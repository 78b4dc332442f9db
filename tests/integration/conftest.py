"""The planted shop, built once for all tests that look at it, and planted lookup tables."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from lookup.reader import Cache
from precompute.build import build
from precompute.settings import read_settings
from precompute.shop import Shop
from tests.planted_cache import write_planted_cache
from tests.planted_shop import write_planted_shop
from tests.tiny_shop import quiet_report


@dataclass(frozen=True)
class PlantedBuild:
    shop_toml: Path
    shop: Shop
    cache_dir: Path
    cache: Cache


@pytest.fixture(scope="session")
def planted(tmp_path_factory: pytest.TempPathFactory) -> PlantedBuild:
    folder = tmp_path_factory.mktemp("planted")
    shop_toml = write_planted_shop(folder / "shop")
    shop, _ = build(read_settings(shop_toml), folder / "cache", folder / "work", quiet_report())
    return PlantedBuild(shop_toml, shop, folder / "cache", Cache.open(folder / "cache"))


@pytest.fixture
def cache_dir(tmp_path: Path) -> Path:
    folder = tmp_path / "cache"
    write_planted_cache(folder, n=40)
    return folder


@pytest.fixture(scope="session")
def caches(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Path]:
    """Caches by their number of products."""
    made = {n: tmp_path_factory.mktemp(f"cache-{n}") for n in (40, 45, 50)}
    for n, folder in made.items():
        write_planted_cache(folder, n=n)
    return made
