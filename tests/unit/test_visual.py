from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest

from lookup import schema
from lookup.encoder import Encoder, decode, to_input
from lookup.packed import vectors_in
from lookup.schema import NO_NEIGHBOUR, Evidence
from precompute.shop import Shop
from precompute.signals import visual as visual_module
from precompute.signals.base import Built
from precompute.signals.visual import VisualSignal
from tests.unit.made_pictures import SMALL, encoded, patterned, quiet_report, shop_with_pictures

FILES: dict[str, bytes | None] = {
    "0.png": encoded(patterned(1)),
    "1.png": encoded(patterned(2)),
    "2.png": encoded(patterned(3)),
    "3.png": encoded(patterned(1)),  # the same file as 0
    "4.png": None,
    "5.png": encoded(patterned(1).resize((50, 50))),  # nearly the same as 0
    "6.png": b"broken",
}


def built(shop: Shop) -> Built:
    return VisualSignal().build(shop, quiet_report(), {})


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    return shop_with_pictures(tmp_path_factory.mktemp("visual"), FILES)


@pytest.fixture(scope="module")
def result(shop: Shop) -> Built:
    return built(shop)


def test_the_same_photo_comes_first_and_is_flagged(result: Built) -> None:
    found = result.neighbours["visual"]
    assert found.index[0, :2].tolist() == [3, 5]
    assert found.index[3, :2].tolist() == [0, 5]
    assert found.index[5, 0] == 0
    assert 3 not in found.index[5], "a photo is listed once, by the first product that has it"
    assert found.score[0, 0] == pytest.approx(1, abs=1e-4)
    assert found.evidence_kind == Evidence.SAME_PHOTO
    assert found.evidence is not None
    assert found.evidence.shape == (7, 20, 1)
    assert found.evidence[0, :3, 0].tolist() == [1, 0, 0]
    assert np.argwhere(found.evidence[:, :, 0]).tolist() == [[0, 0], [3, 0]]


def test_products_without_a_readable_picture_neither_get_nor_are_neighbours(result: Built) -> None:
    found = result.neighbours["visual"]
    assert found.known.tolist() == [True, True, True, True, False, True, False]
    assert not np.isin(found.index, [4, 6]).any()
    assert np.count_nonzero(found.index != NO_NEIGHBOUR, axis=1).tolist() == [4, 3, 3, 4, 0, 3, 0]
    assert not result.vectors["look"][[4, 6]].any()


def test_untrained_weights_are_named_as_such(result: Built) -> None:
    found = result.neighbours["visual"]
    assert found.untrained
    named = {"network": "VGG16", "weights": "untrained", "layer": "block1_pool"}
    assert found.details == named | {"dimensions": 3, "search": "exact"}


@pytest.mark.slow
def test_weights_go_by_their_name_of_today(tmp_path: Path) -> None:
    weights = tmp_path / "first.h5"
    write_weights(weights)
    settings = {"visual": {"weights": str(weights), "layer": "block1_pool"}, "style": {"enabled": False}}
    shop = shop_with_pictures(tmp_path, FILES, signals=settings)
    first = built(shop)
    kept = sorted((shop.work / "features").rglob("*.npz"))
    renamed = weights.rename(tmp_path / "second.h5")
    settings["visual"]["weights"] = str(renamed)
    second = built(shop_with_pictures(tmp_path, FILES, signals=settings))
    assert [one.neighbours["visual"].details["weights"] for one in (first, second)] == ["first.h5", "second.h5"]
    assert second.files == first.files
    assert sorted((shop.work / "features").rglob("*.npz")) == kept, "nothing is computed again"


def write_weights(path: Path) -> None:
    """Those of VGG16's first block, under the names that they were published with."""
    rng = np.random.default_rng(1)
    with h5py.File(path, "w") as file:
        for layer, channels in (("block1_conv1", 3), ("block1_conv2", 64)):
            file[f"{layer}/{layer}_W_1:0"] = rng.normal(size=(3, 3, channels, 64), scale=0.1).astype(np.float32)
            file[f"{layer}/{layer}_b_1:0"] = np.zeros(64, np.float32)


def test_an_uploaded_copy_of_a_picture_finds_its_product_first(shop: Shop, result: Built) -> None:
    encoder = Encoder(result.files[schema.ENCODER])
    vectors = vectors_in(result.tables[schema.vectors_path("visual")])
    for row in (0, 1, 2, 5):
        content = FILES[f"{row}.png"]
        assert content is not None
        query = encoder.encode(to_input(decode(content), encoder.size)[None])["visual"][0]
        assert np.allclose(query, result.vectors["look"][row], atol=1e-4)
        scores = vectors @ query
        assert np.argmax(scores) == row
        assert np.abs(scores - result.vectors["look"] @ query).max() < 0.01
    assert len(shop) == 7


def test_two_builds_are_equal_byte_for_byte(tmp_path: Path, result: Built) -> None:
    again = built(shop_with_pictures(tmp_path, FILES))
    assert again.files == result.files
    assert again.tables == result.tables
    assert np.array_equal(again.neighbours["visual"].score, result.neighbours["visual"].score)


def test_an_encoder_that_is_too_large_is_left_out_with_a_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(visual_module, "MAX_ENCODER_BYTES", 1000)
    found = built(shop_with_pictures(tmp_path, FILES, signals=SMALL | {"style": {"enabled": False}}))
    assert found.files == {}
    assert "block5_pool" in found.neighbours["visual"].details["encoder"]


def test_one_picture_alone_has_no_neighbours(tmp_path: Path) -> None:
    found = built(shop_with_pictures(tmp_path, {"0.png": FILES["0.png"], "1.png": None}))
    assert not found.neighbours["visual"].known.any()
