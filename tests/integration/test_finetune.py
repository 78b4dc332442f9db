"""Both ways to learn a shop's taste, from the command line to the recommendations."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from demo.files import write_shop
from lookup import schema
from lookup.reader import Cache
from precompute.__main__ import app
from precompute.evaluate import metrics
from precompute.evaluate.holdout import queries, split_orders
from precompute.features import features
from precompute.finetune.run import pictures_of
from precompute.finetune.transfer import PROGRESS
from precompute.network import VISUAL_FEATURES, Network
from precompute.projection import Projection
from precompute.settings import read_settings
from precompute.shop import Shop
from precompute.signals.visual import spread
from precompute.sources import read_shop
from precompute.topk import dense_neighbours
from tests.planted_shop import write_planted_shop
from tests.unit.made_pictures import quiet_report

SIZE = 64
TINY = ["--size", str(SIZE), "--epochs", "8"]

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def command(*arguments: str | Path) -> dict:
    """What a command says with --json."""
    done = CliRunner().invoke(app, [*map(str, arguments), "--json", "--quiet"])
    assert done.exit_code == 0, done.stderr
    found: dict = json.loads(done.stdout)
    return found


def named(shop_toml: Path, section: str, line: str) -> Path:
    """The same shop with one more line in a section."""
    other = shop_toml.with_name("taught.toml")
    other.write_text(shop_toml.read_text().replace(f"{section}\n", f"{section}\n{line}\n"))
    return other


def style_hit_rates(shop_toml: Path, cache: Path, work: Path) -> dict[tuple[str, int], float]:
    command("build", shop_toml, "--cache", cache, "--work", work)
    command("evaluate", shop_toml, "--cache", cache, "--work", work)
    rows = Cache.open(cache).table(schema.METRICS).read().to_pylist()
    return {(row["slice"], row["k"]): row["value"] for row in rows if (row["signal"], row["metric"]) == ("style", "hit_rate")}


def test_a_taught_projection_recommends_what_is_bought_together(tmp_path: Path) -> None:
    shop_toml = write_planted_shop(tmp_path / "shop")
    work = tmp_path / "work"
    plain = style_hit_rates(shop_toml, tmp_path / "plain", work)
    learned = command("finetune", "projection", shop_toml, "--out", shop_toml.with_name("taste.npz"), "--work", work)
    assert learned["orders"] > 0
    taught_toml = named(shop_toml, "[signals.style]", 'projection = "taste.npz"')
    taught = style_hit_rates(taught_toml, tmp_path / "taught", work)
    assert taught["all", 1] >= plain["all", 1]
    assert taught["chair -> table", 3] == 1
    manifest = Cache.open(tmp_path / "taught").manifest
    assert manifest.signals["style"].details["taste"] == learned
    assert manifest.settings["signals"]["style"]["projection"] == "taste.npz"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo") / "shop"
    write_shop(folder)
    return folder / "shop.toml"


@pytest.fixture(scope="module")
def hit_rate(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[Network], float]:
    """HR@5 of look-alikes by a network's features, on orders that nothing was taught."""
    settings = read_settings(demo)
    work = tmp_path_factory.mktemp("work")
    shop: Shop = read_shop(settings, work, quiet_report())
    pictures = pictures_of(shop, quiet_report())
    assert shop.orders is not None
    held_out = split_orders(shop.orders, len(shop), settings.evaluate).test
    order, product = queries(held_out)

    def measure(network: Network) -> float:
        found = features(shop, network, quiet_report())
        projection = Projection.fit(found.sample(VISUAL_FEATURES), 64, whitened=network.untrained, unit_length=True)
        vectors = spread(found.vectors(VISUAL_FEATURES, projection.apply), found, pictures)
        index, _ = dense_neighbours(vectors, 5)
        return float(metrics.hits(index, order, product, held_out).any(axis=1).mean())

    return measure


def test_a_taught_network_finds_more_of_the_planted_families_than_the_untrained_one(
    demo: Path, hit_rate: Callable[[Network], float], tmp_path: Path
) -> None:
    weights = tmp_path / "taste.weights.h5"
    learned = command("finetune", "network", demo, "--out", weights, "--work", tmp_path / "work", *TINY)
    assert 1 <= learned["best"] <= learned["epochs"] <= 8
    untrained = hit_rate(Network("untrained", 0, True, "block5_pool", (), SIZE))
    taught = hit_rate(Network(str(weights), 0, True, None, (), SIZE))
    assert taught > 1.3 * untrained


def test_a_run_that_was_cut_short_goes_on_where_it_was(demo: Path, tmp_path: Path) -> None:
    def run(name: str, epochs: int) -> tuple[list[float], bytes]:
        work, out = tmp_path / f"work-{name}", tmp_path / f"{name}.weights.h5"
        command("finetune", "network", demo, "--out", out, "--work", work, "--size", "32", "--epochs", str(epochs), "--thaw", "1")
        (progress,) = (work / "finetune").glob(f"*/{PROGRESS}")
        return json.loads(progress.read_text()), out.read_bytes()

    whole, _ = run("whole", 3)
    cut, _ = run("cut", 1)
    assert cut == pytest.approx(whole[:1], rel=1e-3)
    resumed, _ = run("cut", 3)
    assert resumed[:1] == cut, "the first epoch was not run again"
    assert np.allclose(resumed, whole, rtol=0.02)


def test_without_orders_there_is_nothing_to_learn_from(tmp_path: Path) -> None:
    shop_toml = write_planted_shop(tmp_path / "shop")
    text = shop_toml.read_text()
    shop_toml.write_text(text[: text.index("[orders]")] + text[text.index("[signals.visual]") :])
    for kind in ("projection", "network"):
        done = CliRunner().invoke(app, ["finetune", kind, str(shop_toml), "--work", str(tmp_path / "work")])
        assert done.exit_code == 1
        assert "there is nothing to learn from: shop.toml has no [orders]" in done.stderr


def test_a_weights_file_needs_the_ending_that_keras_wants(tmp_path: Path) -> None:
    shop_toml = write_planted_shop(tmp_path / "shop")
    done = CliRunner().invoke(app, ["finetune", "network", str(shop_toml), "--out", "taste.h5"])
    assert done.exit_code == 1
    assert "must end in .weights.h5" in done.stderr
