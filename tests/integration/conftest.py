"""The planted shop, built once for all tests that look at it."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

import pytest
from rich.console import Console

from lookup.reader import Cache
from precompute.build import build
from precompute.report import Report
from precompute.settings import read_settings
from precompute.shop import Shop
from tests.planted_shop import write_planted_shop


def quiet() -> Report:
    return Report(Console(file=io.StringIO(), quiet=True))


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
    shop, _ = build(read_settings(shop_toml), folder / "cache", folder / "work", quiet())
    return PlantedBuild(shop_toml, shop, folder / "cache", Cache.open(folder / "cache"))
