from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from precompute import features as features_module
from precompute.errors import BadInput
from precompute.features import Features, features
from precompute.network import VISUAL_FEATURES, Network
from precompute.pictures import read_pictures
from precompute.shop import Shop
from tests.unit.made_pictures import encoded, patterned, quiet_report, shop_with_pictures

NETWORK = Network("untrained", 0, True, "block1_pool", ("block1_conv1",), size=32)
FILES = {f"{number}.png": encoded(patterned(number)) for number in range(6)}


def computed(shop: Shop) -> tuple[Features, int]:
    """The features, and how many pictures the network had to run on."""
    report = quiet_report()
    found = features(shop, NETWORK, report)
    return found, sum(stage.rows for stage in report.stages if stage.name == "picture features")


def visual(found: Features) -> np.ndarray:
    return found.vectors(VISUAL_FEATURES, lambda rows: rows)


@pytest.fixture
def small_shards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(features_module, "SHARD", 2)
    monkeypatch.setattr(features_module, "BATCH", 2)


@pytest.mark.slow
@pytest.mark.usefixtures("small_shards")
def test_only_new_pictures_are_computed(tmp_path: Path) -> None:
    shop = shop_with_pictures(tmp_path, FILES)
    first, n = computed(shop)
    assert (n, len(first.shards)) == (6, 3)
    assert computed(shop)[1] == 0

    (tmp_path / "pictures" / "3.png").write_bytes(encoded(patterned(99)))
    shop.pictures = read_pictures(shop, quiet_report())
    second, n = computed(shop)
    assert n == 1
    unchanged = [content for content in first.contents if content in second.contents]
    assert len(unchanged) == 5
    rows = [first.contents.index(content) for content in unchanged], [second.contents.index(content) for content in unchanged]
    assert np.array_equal(visual(first)[rows[0]], visual(second)[rows[1]])


@pytest.mark.usefixtures("small_shards")
def test_a_damaged_or_lost_shard_is_computed_again(tmp_path: Path) -> None:
    shop = shop_with_pictures(tmp_path, FILES)
    before, _ = computed(shop)
    lost, damaged, cut = sorted(before.shards)
    expected = visual(before)
    lost.unlink()
    content = bytearray(damaged.read_bytes())
    content[len(content) // 2] ^= 1
    damaged.write_bytes(content)
    cut.write_bytes(cut.read_bytes()[:-30])
    after, n = computed(shop)
    assert n == 6
    assert np.array_equal(visual(after), expected)


def test_what_a_killed_build_left_half_written_is_ignored(tmp_path: Path) -> None:
    shop = shop_with_pictures(tmp_path, FILES)
    folder = tmp_path / "work" / "features" / NETWORK.key
    folder.mkdir(parents=True)
    (folder / "network.onnx.1-ab.partial").write_bytes(b"half")
    (folder / "network.onnx").write_bytes(b"\xffnot a model")
    assert computed(shop)[1] == 6


def test_equal_pictures_are_computed_once(tmp_path: Path) -> None:
    same = encoded(patterned(1))
    found, n = computed(shop_with_pictures(tmp_path, {"a.png": same, "b.png": same, "c.png": encoded(patterned(2))}))
    assert n == len(found.contents) == 2


@pytest.mark.usefixtures("small_shards")
def test_samples_are_bounded_seeded_and_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found, _ = computed(shop_with_pictures(tmp_path, FILES))
    assert np.array_equal(found.sample(VISUAL_FEATURES), visual(found))
    monkeypatch.setattr(features_module, "SAMPLE", 4)
    sample = found.sample(VISUAL_FEATURES, seed=3)
    assert np.array_equal(sample, found.sample(VISUAL_FEATURES, seed=3))
    places = [int(np.flatnonzero((visual(found) == row).all(axis=1))[0]) for row in sample]
    assert len(places) == 4
    assert places == sorted(places)


def test_a_picture_that_changes_under_the_build_is_an_error(tmp_path: Path) -> None:
    shop = shop_with_pictures(tmp_path, FILES)
    (tmp_path / "pictures" / "2.png").write_bytes(encoded(patterned(77)))
    with pytest.raises(BadInput, match=r"2\.png: changed while"):
        computed(shop)
