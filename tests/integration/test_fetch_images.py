"""``fetch-images`` from the command line, against a server on this machine."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from precompute.__main__ import app
from precompute.fetch.download import Limits
from tests.misbehaving_server import Misbehaving, Request, answer, misbehaving, never
from tests.tiny_shop import write_shop
from tests.unit.made_pictures import encoded, patterned

PNG = encoded(patterned(1))
TOML = """
[products]
path = "products.csv"
id = "sku"
image_url = "photo"
[images]
folder = "pictures"
"""
runner = CliRunner()


@pytest.fixture
def server() -> Iterator[Misbehaving]:
    with misbehaving() as server:
        yield server


@pytest.fixture
def shop_toml(tmp_path: Path, server: Misbehaving) -> Path:
    rows = "".join(f"{name},{server.url}/{name}\n" for name in "abc")
    write_shop(tmp_path, TOML, {"products.csv": f"sku,photo\n{rows}d,\n"})
    return tmp_path / "shop.toml"


def test_what_comes_is_found_by_the_next_command(shop_toml: Path, server: Misbehaving, tmp_path: Path) -> None:
    server.manners |= {"/a": answer(200, PNG), "/b": answer(200, PNG)}
    work = tmp_path / "work"
    result = runner.invoke(app, ["fetch-images", str(shop_toml), "--allow-private", "--work", str(work), "--json"])
    assert result.exit_code == 0
    fetched = json.loads(result.stdout)
    assert fetched.pop("seconds").keys() == fetched.pop("peak_mb").keys() == {"read products", "fetch pictures", "total"}
    assert fetched == {
        "products": 4,
        "without_url": 1,
        "there": 0,
        "fetched": 2,
        "bytes": 2 * len(PNG),
        "failed": {"server answers 404": 1},
    }
    assert "server answers 404" in result.stderr
    rejects = pq.read_table(work / "fetch-rejects.parquet").to_pylist()
    assert rejects == [{"file": "products.csv", "line": None, "reason": "server answers 404", "detail": f"c; {server.url}/c"}]
    checked = json.loads(runner.invoke(app, ["check", str(shop_toml), "--json", "--quiet"]).stdout)
    assert checked["pictures"] == {"found": 2, "missing": 2, "unreadable": 0}


def test_private_addresses_need_a_word(shop_toml: Path, server: Misbehaving, tmp_path: Path) -> None:
    result = runner.invoke(app, ["fetch-images", str(shop_toml), "--work", str(tmp_path / "work")])
    assert result.exit_code == 1
    assert "none of its 3 pictures could be fetched: 3 x address is not public" in result.stderr
    assert not server.asked


def test_another_folder_may_be_named(shop_toml: Path, server: Misbehaving, tmp_path: Path) -> None:
    server.manners["/a"] = answer(200, PNG)
    out = ["--out", str(tmp_path / "elsewhere"), "--work", str(tmp_path / "work"), "--quiet"]
    result = runner.invoke(app, ["fetch-images", str(shop_toml), "--allow-private", *out])
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "")
    assert (tmp_path / "elsewhere" / "a.png").read_bytes() == PNG
    assert not (tmp_path / "pictures").exists()


def test_a_host_is_asked_by_no_more_than_a_run_has_in_hand(shop_toml: Path, server: Misbehaving, tmp_path: Path) -> None:
    server.manners["/a"] = answer(200, PNG)
    command = ["fetch-images", str(shop_toml), "--allow-private", "--work", str(tmp_path / "work"), "--per-host"]
    assert runner.invoke(app, [*command, str(Limits().at_once + 1)]).exit_code == 2
    assert not server.asked
    assert runner.invoke(app, [*command, str(Limits().at_once)]).exit_code == 0


@pytest.mark.slow
def test_a_killed_run_leaves_whole_pictures_and_the_next_goes_on(shop_toml: Path, server: Misbehaving, tmp_path: Path) -> None:
    arrived = threading.Event()

    def hang(request: Request) -> None:
        arrived.set()
        never(request)

    server.manners |= {"/a": answer(200, PNG), "/b": hang}
    command = ["fetch-images", str(shop_toml), "--allow-private", "--per-host", "1", "--work", str(tmp_path / "work")]
    with subprocess.Popen([sys.executable, "-m", "precompute", *command]) as process:
        assert arrived.wait(60)
        process.kill()
    assert {path.name for path in (tmp_path / "pictures").iterdir()} == {"a.png", ".lock"}
    server.manners |= {"/b": answer(200, PNG), "/c": answer(200, PNG)}
    result = runner.invoke(app, [*command, "--json"])
    assert result.exit_code == 0
    assert (server.asked["/a"], server.asked["/b"], server.asked["/c"]) == (1, 2, 1)
    assert {path.name for path in (tmp_path / "pictures").iterdir()} == {"a.png", "b.png", "c.png", ".lock"}
