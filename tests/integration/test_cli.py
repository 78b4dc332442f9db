"""The command line: what it prints for people and for machines, and how it ends."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from lookup import schema
from lookup.reader import Cache
from precompute.__main__ import app
from tests.integration.conftest import PlantedBuild
from tests.planted_shop import CATEGORIES

runner = CliRunner()
COMMANDS = ["build", "check", "evaluate", "fetch-images", "inspect", "publish", "push", "serve", "slug"]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command: str) -> None:
    result = runner.invoke(app, [command, "--help"])
    assert result.exit_code == 0
    assert "Usage" in result.stdout
    assert command in runner.invoke(app, ["--help"]).stdout


@pytest.mark.parametrize("arguments", [["bild"], ["build"], ["build", "shop.toml", "--wrk", "x"], ["serve", "--port", "0"]])
def test_a_command_that_is_not_understood_ends_with_2(arguments: list[str]) -> None:
    assert runner.invoke(app, arguments).exit_code == 2


def test_build_ends_with_one_json_object(planted: PlantedBuild, tmp_path: Path) -> None:
    arguments = ["build", str(planted.shop_toml), "--cache", str(tmp_path), "--work", str(planted.shop.work), "--json", "--quiet"]
    result = runner.invoke(app, arguments)
    assert (result.exit_code, result.stderr) == (0, "")
    built = json.loads(result.stdout)
    assert {name: built[name] for name in ("products", "reviews", "orders", "pictures")} == {
        "products": 25,
        "reviews": 24,
        "orders": 480,
        "pictures": 24,
    }
    assert built["rejects"] == {"no picture found": 1}
    assert built["signals"] == dict.fromkeys(planted.cache.manifest.signals, 24)
    assert built["seconds"].keys() == built["peak_mb"].keys()
    assert built["seconds"]["total"] > 0
    assert built["cache_bytes"] == sum(entry.bytes for entry in Cache.open(tmp_path).manifest.files.values())


def test_build_says_why_no_encoder_is_deployed(planted: PlantedBuild, tmp_path: Path) -> None:
    shop_toml = planted.shop_toml.with_name("two-networks.toml")
    shop_toml.write_text(planted.shop_toml.read_text().replace("[signals.style]\n", "[signals.style]\nseed = 1\n"))
    result = runner.invoke(app, ["build", str(shop_toml), "--cache", str(tmp_path / "cache"), "--work", str(tmp_path / "work")])
    assert result.exit_code == 0
    assert result.stderr.count("encoder: left out: visual uses another network") == 1


def test_evaluate_adds_metrics_and_keeps_everything_else(planted: PlantedBuild, tmp_path: Path) -> None:
    work = ["--work", str(planted.shop.work), "--cache", str(tmp_path)]
    assert runner.invoke(app, ["build", str(planted.shop_toml), *work]).exit_code == 0
    built = Cache.open(tmp_path)
    before = built.manifest
    judged = tmp_path / "judged.csv"
    recommended = built.id_of(int(built.neighbours(0, "reviews").rows[0]))
    judged.write_text(f"product_id,signal,recommended_id,verdict\n{built.id_of(0)},reviews,{recommended},good\nnobody,,,\n")
    result = runner.invoke(app, ["evaluate", str(planted.shop_toml), *work, "--feedback", str(judged), "--json"])
    assert result.exit_code == 0
    after = Cache.open(tmp_path)
    measured = {schema.METRICS, schema.SWEEP, schema.WORST}
    assert {name: entry for name, entry in after.manifest.files.items() if name not in measured} == before.files
    metrics = json.loads(result.stdout)
    assert metrics == after.table(schema.METRICS).read().to_pylist()
    assert set(metrics[0]) == {"signal", "metric", "k", "slice", "value", "low", "high", "n"}
    hit_rates = {row["signal"]: row for row in metrics if (row["metric"], row["k"], row["slice"]) == ("hit_rate", 3, "all")}
    # Each test order is a pair of companions, of which bought_together lists four with equal scores.
    assert hit_rates["bought_together"]["value"] > 0.6
    assert hit_rates["bought_together"]["low"] > hit_rates["popularity"]["high"]
    assert hit_rates["chance"]["value"] == pytest.approx(3 / 24)
    # Companions are of other categories, products described alike of the same one.
    shares = {(row["signal"], row["slice"]): row["value"] for row in metrics if (row["metric"], row["k"]) == ("same_category", 3)}
    for part in ("all", *(f"category: {name}" for name in CATEGORIES)):
        assert shares["bought_together", part] == 0
        assert shares["reviews", part] == 1
    # Three categories of six products and one of seven: each product has five or six of the 24 others.
    assert shares["chance", "all"] == pytest.approx((18 * 5 + 7 * 6) / (25 * 24))
    clusters = {(row["signal"], row["metric"]): row["value"] for row in metrics if row["k"] == schema.NO_LIST}
    assert (clusters["reviews", "purity"], clusters["reviews", "nmi"]) == (1, pytest.approx(1))
    assert clusters["chance", "purity"] < 0.7
    # Popularity lists the first three for all products but those three, who get the fourth in their place.
    spread = {(row["signal"], row["metric"]): row["value"] for row in metrics if row["k"] == 3 and row["slice"] == "all"}
    assert spread["popularity", "coverage"] == 4 / 25
    assert spread["chance", "coverage"] == pytest.approx(1 - (21 / 24) ** 24)
    assert spread["chance", "concentration"] < spread["popularity", "concentration"]
    # Most products share three orders of training with each companion, none shares twenty.
    tried = after.table(schema.SWEEP).read().to_pylist()
    coverage = {row["min_orders"]: row["value"] for row in tried if (row["metric"], row["min_score"]) == ("coverage", 0)}
    assert coverage[2] == 24 / 25
    assert coverage[20] == 0
    assert [row["min_orders"] for row in tried if row["in_force"] and row["metric"] == "hit_rate"] == [2]
    # Reviews never find a companion: all that they recommend is of the product's own category, and nothing bought with it is.
    category = after.table(schema.PRODUCTS).read(["category"]).column(0).to_pylist()
    worst = [row for row in after.table(schema.WORST).read().to_pylist() if row["signal"] == "reviews"]
    assert worst
    for row in worst:
        assert {category[one] for one in row["recommended"]} == {category[row["product"]]}
        assert category[row["product"]] not in {category[one] for one in row["bought"]}
    assert "bought_together on validation orders" in result.stderr
    [found_good] = [row for row in metrics if row["metric"] == "judged_precision"]
    assert (found_good["signal"], found_good["value"], found_good["n"]) == ("reviews", 1, 1)
    assert "judged.csv: judgements counted 1, rows left out 1" in result.stderr
    assert "line 3: column verdict is neither good nor bad" in result.stderr


def test_evaluate_refuses_a_cache_of_another_shop(planted: PlantedBuild, tmp_path: Path) -> None:
    other = planted.shop_toml.with_name("other.toml")
    other.write_text('[shop]\nname = "Other"\n[orders]\npath = "orders.csv"\norder = "order"\nproduct = "time"\n')
    result = runner.invoke(app, ["evaluate", str(other), "--cache", str(planted.cache_dir), "--work", str(tmp_path)])
    assert result.exit_code == 1
    assert "run build first" in result.stderr


def test_inspect_names_every_table_and_the_budget(planted: PlantedBuild) -> None:
    result = runner.invoke(app, ["inspect", str(planted.cache_dir)])
    assert result.exit_code == 0
    assert all(name in result.stdout for name in planted.cache.manifest.files)
    assert "500 MB" in result.stdout
    as_json = json.loads(runner.invoke(app, ["inspect", str(planted.cache_dir), "--json"]).stdout)
    assert as_json["files"].keys() == planted.cache.manifest.files.keys()


def test_inspect_names_a_damaged_file(planted: PlantedBuild, tmp_path: Path) -> None:
    runner.invoke(app, ["build", str(planted.shop_toml), "--cache", str(tmp_path), "--work", str(planted.shop.work)])
    next(tmp_path.rglob(schema.TERMS)).write_bytes(b"")
    result = runner.invoke(app, ["inspect", str(tmp_path)])
    assert result.exit_code == 1
    assert schema.TERMS in result.stderr


@pytest.mark.parametrize(
    ("shop_toml", "said"),
    [
        (None, "not found"),
        ("[shop\n", "not valid TOML"),
        ('[shop]\nname = "x"\n[ordres]\npath = "o.csv"', '"ordres"; did you mean "orders"?'),
        ('[shop]\nname = "x"\n[orders]\npath = "no.csv"\norder = "a"\nproduct = "b"', "no.csv"),
        ('[shop]\nname = "x"\n[orders]\npath = "o.csv"\norder = "ordr"\nproduct = "item"', 'did you mean "order"'),
    ],
)
def test_bad_input_ends_with_1_and_one_clear_message(tmp_path: Path, shop_toml: str | None, said: str) -> None:
    (tmp_path / "o.csv").write_text("order,item\n1,a\n1,b\n")
    if shop_toml is not None:
        (tmp_path / "shop.toml").write_text(shop_toml)
    for command in (["build", "--cache", str(tmp_path / "cache"), "--work", str(tmp_path / "work")], ["check"]):
        result = runner.invoke(app, [command[0], str(tmp_path / "shop.toml"), *command[1:], "--quiet"])
        assert result.exit_code == 1
        assert said in result.stderr
        assert result.stderr.count("error:") == 1
        assert "Traceback" not in result.output
    assert not (tmp_path / "cache").exists() or not list((tmp_path / "cache").iterdir())
