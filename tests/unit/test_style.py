from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lookup import schema
from lookup.encoder import Encoder, decode, to_input
from lookup.schema import NO_NEIGHBOUR, Evidence
from precompute.shop import Shop
from precompute.signals.base import Built
from precompute.signals.style import StyleSignal
from tests.unit.made_pictures import SMALL, encoded, patterned, picture_shop, quiet_report, shop_with_pictures

STYLES = 3
CATEGORIES = ("chair", "rug", "vase")


def planted_files() -> dict[str, bytes | None]:
    """Each category crops the same three patterns at another place: equal style, other picture."""
    files: dict[str, bytes | None] = {}
    for place, category in enumerate(CATEGORIES):
        for style in range(STYLES):
            whole = patterned(style, size=96)
            files[f"{category}{style}.png"] = encoded(whole.crop((place * 7, place * 5, place * 7 + 64, place * 5 + 64)))
    return files | {"unknown.png": encoded(patterned(0)), "blank.png": None}


def categories_of(files: dict[str, bytes | None]) -> dict[str, str]:
    return {name: name.rstrip("0123456789.png") for name in files if name[-5].isdigit()} | {"blank.png": "rug"}


def planted_shop(folder: Path, signals: dict | None = None) -> Shop:
    files = planted_files()
    return shop_with_pictures(folder, files, categories_of(files), signals)


def built(shop: Shop) -> Built:
    return StyleSignal().build(shop, quiet_report(), {})


@pytest.mark.parametrize("metric", ["cosine", "l2"])
def test_the_nearest_are_of_the_same_style_in_the_other_categories(tmp_path: Path, metric: str) -> None:
    signals = SMALL | {"style": SMALL["style"] | {"metric": metric, "per_category": 2}}
    shop = planted_shop(tmp_path, signals)
    names = shop.products.column("product_id").to_pylist()
    found = built(shop).neighbours["style"]
    for row, name in enumerate(names):
        neighbours = [names[place] for place in found.index[row] if place >= 0]
        if name in ("unknown.png", "blank.png"):
            assert neighbours == []
            continue
        category, style = name[:-5], name[-5]
        assert {one[:-5] for one in neighbours[:2]} == set(CATEGORIES) - {category}
        assert {one[-5] for one in neighbours[:2]} == {style}
        assert len(neighbours) == 4, "two from each of the two other categories"


def test_scores_fall_and_details_name_what_was_chosen(tmp_path: Path) -> None:
    found = built(planted_shop(tmp_path)).neighbours["style"]
    assert (np.diff(np.where(found.index >= 0, found.score, -2), axis=1) <= 0).all()
    assert found.untrained
    assert found.evidence is not None
    assert not found.evidence.any()
    chosen = {"network": "VGG16", "weights": "untrained", "layers": ["block1_conv1"], "metric": "cosine", "dimensions": 8}
    assert found.details == chosen


def test_one_photo_in_several_categories_is_listed_once_and_flagged(tmp_path: Path) -> None:
    shared, other = encoded(patterned(1)), encoded(patterned(2))
    files = {"chair.png": shared, "rug0.png": shared, "rug1.png": shared, "vase0.png": shared, "vase1.png": other}
    shop = shop_with_pictures(tmp_path, files, {name: name.rstrip("01.png") for name in files})
    found = built(shop).neighbours["style"]
    assert found.evidence_kind == Evidence.SAME_PHOTO
    assert found.evidence is not None
    names = sorted(files)
    assert [[names[row] for row in rows if row != NO_NEIGHBOUR] for rows in found.index] == [
        ["rug0.png", "vase1.png"],
        ["chair.png", "vase1.png"],
        ["chair.png", "vase1.png"],
        ["chair.png"],
        ["chair.png"],
    ]
    assert found.evidence[:, :2, 0].tolist() == [[1, 0], [1, 0], [1, 0], [1, 0], [0, 0]]


@pytest.mark.slow
def test_a_placeholder_in_every_category_takes_one_place(tmp_path: Path) -> None:
    nothing, kinds = encoded(Image.new("RGB", (64, 64), "white")), "abcde"
    files = {f"{kind}0.png": nothing for kind in kinds} | {f"{kind}1.png": encoded(patterned(ord(kind))) for kind in kinds}
    signals = SMALL | {"style": SMALL["style"] | {"per_category": 1}}
    shop = shop_with_pictures(tmp_path, files, {name: name[0] for name in files}, signals)
    found = built(shop).neighbours["style"]
    assert found.evidence is not None
    names = sorted(files)
    for name, rows, flags in zip(names, found.index, found.evidence[:, :, 0], strict=True):
        listed = [names[row] for row in rows if row != NO_NEIGHBOUR]
        placeholders = [one for one in listed if one[1] == "0"]
        assert len(placeholders) <= 1
        assert len(listed) >= len(kinds) - 2, "of the other categories one at most has nothing else"
        assert flags.sum() == (len(placeholders) if name[1] == "0" else 0)
        assert placeholders or name[1] == "1", "it is nearest to itself"


@pytest.mark.slow
@pytest.mark.parametrize("metric", ["cosine", "l2"])
def test_the_joint_encoder_gives_both_vectors_of_every_picture(tmp_path: Path, metric: str) -> None:
    signals = SMALL | {"style": SMALL["style"] | {"metric": metric, "layers": ["block1_conv1", "block1_conv2"], "dimensions": 7}}
    shop = planted_shop(tmp_path, signals)
    result = built(shop)
    encoder = Encoder(result.files[schema.ENCODER])
    assert encoder.outputs == ["visual", "style"]
    assert result.vectors["style"].shape == (len(shop), 7)
    for row, path in enumerate(shop.products.column("picture").to_pylist()):
        if path is not None:
            query = encoder.encode(to_input(decode(Path(path).read_bytes()), encoder.size)[None])
            assert np.allclose(query["style"][0], result.vectors["style"][row], atol=1e-4)


def test_an_encoder_of_style_alone_where_visual_is_switched_off(tmp_path: Path) -> None:
    result = built(planted_shop(tmp_path, SMALL | {"visual": {"enabled": False}}))
    assert Encoder(result.files[schema.ENCODER]).outputs == ["style"]


def test_no_joint_encoder_where_visual_has_another_network(tmp_path: Path) -> None:
    result = built(planted_shop(tmp_path, SMALL | {"visual": SMALL["visual"] | {"seed": 1}}))
    assert result.files == {}
    assert "another seed" in result.neighbours["style"].details["encoder"]


@pytest.mark.slow
def test_two_builds_are_equal_byte_for_byte(tmp_path: Path) -> None:
    one, other = (built(planted_shop(tmp_path / name)) for name in ("one", "other"))
    assert one.files == other.files
    assert one.tables == other.tables


def test_style_needs_two_categories(tmp_path: Path) -> None:
    picture = encoded(Image.new("RGB", (8, 8)))
    one = picture_shop(tmp_path, {"a.png": picture, "b.png": picture}, {"a.png": "rug"})
    assert StyleSignal().missing(one) == "no second category: style recommends products of other categories"
    two = picture_shop(tmp_path, {"a.png": picture, "b.png": picture}, {"a.png": "rug", "b.png": "vase"})
    assert StyleSignal().missing(two) is None
