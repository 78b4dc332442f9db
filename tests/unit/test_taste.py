from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from lookup import schema
from lookup.encoder import Encoder, decode, to_input
from precompute.errors import BadInput
from precompute.features import features
from precompute.finetune.taste import Parts, Taste
from precompute.network import VISUAL_FEATURES, gram_of, network_of
from precompute.shop import Shop
from precompute.signals.style import StyleSignal, picture_blocks
from tests.unit.made_pictures import SMALL, encoded, patterned, quiet_report, shop_with_pictures

CATEGORIES = {"chair0.png": "chair", "chair1.png": "chair", "rug0.png": "rug", "rug1.png": "rug", "rug2.png": "rug"}
TITLES = ["oak chair", "red wool chair", "oak rug", "red wool rug", None]


def shop_of_pictures(folder: Path, projection: Path | None = None) -> Shop:
    """The last product has a picture and no words, the first one words and no picture."""
    files = {name: encoded(patterned(int(name[-5]))) for name in CATEGORIES} | {"chair0.png": None}
    style = SMALL["style"] | ({"projection": str(projection)} if projection else {})
    shop = shop_with_pictures(folder, files, CATEGORIES, SMALL | {"style": style, "reviews": {"max_share": 1.0}})
    titles = pa.array(TITLES, pa.string())
    shop.products = shop.products.set_column(shop.products.schema.get_field_index("title"), "title", titles)
    return shop


def a_taste(shop: Shop) -> Taste:
    """Any directions do: what is tested is how they are applied."""
    signals = shop.settings.signals
    network = network_of(signals, "style")
    found = features(shop, network, quiet_report())
    parts = Parts.fit(shop, network.key, picture_blocks(found, signals), seed=0)
    d = parts.vectors(shop, found).shape[1]
    axes = np.random.default_rng(0).standard_normal((d, 4)).astype(np.float16).astype(np.float32)
    return Taste(parts, axes, {"orders": 7, "strength": 1.0})


def test_what_is_written_is_what_is_read(tmp_path: Path) -> None:
    shop = shop_of_pictures(tmp_path)
    taste = a_taste(shop)
    taste.save(tmp_path / "taste.npz")
    again = Taste.load(tmp_path / "taste.npz")
    found = features(shop, network_of(shop.settings.signals, "style"), quiet_report())
    assert list(again.parts.blocks) == [gram_of("block1_conv1"), VISUAL_FEATURES]
    assert again.parts.terms.equals(taste.parts.terms)
    assert again.learned == taste.learned
    assert np.array_equal(again.vectors(shop, found), taste.vectors(shop, found))


def test_a_word_that_was_not_there_counts_nothing_and_others_keep_their_place(tmp_path: Path) -> None:
    shop = shop_of_pictures(tmp_path)
    taste = a_taste(shop)
    found = features(shop, network_of(shop.settings.signals, "style"), quiet_report())
    before = taste.parts.vectors(shop, found)
    assert taste.parts.terms.to_pylist() == ["chair", "oak", "red", "rug", "wool"]
    known = shop.products
    titles = pa.array(["zebra aardvark oak chair", "red wool chair", "oak rug", "red wool rug", "zebra aardvark"], pa.string())
    shop.products = known.set_column(known.schema.get_field_index("title"), "title", titles)
    after = taste.parts.vectors(shop, found)
    pictures = taste.parts.picture_dimensions
    assert np.array_equal(after[:, :pictures], before[:, :pictures])
    assert not after[4, pictures:].any()
    of_oak = before[[0, 2], pictures:] * after[[0, 2], pictures:]
    assert (of_oak.sum(axis=1) > 0.98).all(), "only how common words are has changed"


@pytest.mark.slow
def test_a_build_applies_it_and_an_upload_gets_what_the_picture_alone_says(tmp_path: Path) -> None:
    path = tmp_path / "taste.npz"
    taste = a_taste(shop_of_pictures(tmp_path))
    taste.save(path)
    shop = shop_of_pictures(tmp_path, path)
    built = StyleSignal().build(shop, quiet_report(), {})
    assert built.neighbours["style"].details["taste"] == {"orders": 7, "strength": 1.0}
    assert (built.neighbours["style"].index[0] >= 0).any(), "words alone place a product, too"
    encoder = Encoder(built.files[schema.ENCODER])
    assert encoder.outputs == ["visual", "style"]
    wordless = shop.products.column("picture")[4].as_py()
    upload = encoder.encode(to_input(decode(Path(wordless).read_bytes()), encoder.size)[None])
    assert np.allclose(upload["style"][0], built.vectors["style"][4], atol=1e-4)
    assert np.allclose(np.linalg.norm(built.vectors["style"], axis=1), 1, atol=1e-5)


def test_a_taste_of_other_features_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "taste.npz"
    taste = a_taste(shop_of_pictures(tmp_path))
    replace(taste, parts=replace(taste.parts, network="another")).save(path)
    with pytest.raises(BadInput, match="run finetune again"):
        StyleSignal().build(shop_of_pictures(tmp_path, path), quiet_report(), {})


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 cut off", None])
def test_a_file_that_is_no_taste_is_refused(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "taste.npz"
    if content is None:
        np.savez(path, axes=np.zeros(3))
    else:
        path.write_bytes(content)
    with pytest.raises(BadInput, match=r"taste\.npz: is no taste that finetune wrote"):
        Taste.load(path)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"taste\.npz: not found; `python -m precompute finetune projection` writes it"):
        Taste.load(tmp_path / "taste.npz")
