"""The documentation names every setting and every command."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from precompute.settings import Settings

ROOT = Path(__file__).resolve().parents[2]


def keys(model: type[BaseModel]) -> list[tuple[str, str]]:
    """Every section and key of shop.toml."""
    found = []
    for name, field in model.model_fields.items():
        candidates = [field.annotation, *getattr(field.annotation, "__args__", ())]
        sections = [one for one in candidates if isinstance(one, type) and issubclass(one, BaseModel)]
        found += [pair for section in sections for pair in keys(section)] if sections else [(model.__name__, name)]
    return found


@pytest.mark.parametrize(("section", "key"), keys(Settings))
def test_every_key_of_shop_toml_is_documented(section: str, key: str) -> None:
    assert f"`{key}`" in (ROOT / "docs" / "shop-toml.md").read_text(encoding="utf-8"), f"{section}.{key}"


def test_the_readme_shows_commands_that_exist() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = {line.split("make ")[1].split()[0] for line in readme.splitlines() if line.startswith("make ")}
    assert {"run", "test"} <= targets
    assert all(f"\n{target}:" in makefile for target in targets)


def test_every_environment_variable_is_documented() -> None:
    code = [*(ROOT / "dashboard").rglob("*.py"), ROOT / "gunicorn.conf.py"]
    reads = r'(?:whole_number\(|switch\(|_number\(|os\.environ\.get\(|os\.environ\[)"([A-Z_]+)"'
    read = {name for path in code for name in re.findall(reads, path.read_text(encoding="utf-8"))}
    ours = read - {"PROMETHEUS_MULTIPROC_DIR"}  # gunicorn.conf.py tells the workers
    assert {"PORT", "CACHE_DIR", "CACHE_HOME", "METRICS", "WEB_CONCURRENCY", "RATE_LIMIT_QUERY"} <= ours
    operations = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    assert {name for name in ours if f"| `{name}` |" not in operations} == set()
