from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lookup.encoder import DAMAGED, NOT_A_PICTURE, decode
from precompute.pictures import CANT_BE_OPENED, SIDE, read_pictures, why_no_pictures
from tests.unit.made_pictures import encoded, patterned, picture_shop, quiet_report, shop_with_pictures


def test_pictures_are_known_by_their_content(tmp_path: Path) -> None:
    same, other = encoded(patterned(1)), encoded(patterned(2))
    shop = shop_with_pictures(tmp_path, {"a.png": same, "b.png": other, "c.png": same, "d.png": None})
    assert shop.pictures is not None
    digests = [hashlib.sha256(content).hexdigest() for content in (same, other)]
    assert shop.pictures.content == [digests[0], digests[1], digests[0], None]
    assert list(shop.pictures.paths) == sorted(digests)
    assert shop.pictures.count == 3
    assert len(shop.rejects) == 0


def test_thumbnails_keep_the_shape_and_fit_the_square(tmp_path: Path) -> None:
    shop = shop_with_pictures(
        tmp_path,
        {
            "none.png": None,
            "small.png": encoded(Image.new("RGB", (30, 20), "red")),
            "wide.png": encoded(Image.new("RGB", (1024, 512))),
        },
    )
    assert shop.pictures is not None
    none, small, wide = shop.pictures.thumbnails.column("webp").to_pylist()
    assert none is None
    assert decode(small).size == (30, 20)
    assert np.abs(np.asarray(decode(small)).astype(int) - (255, 0, 0)).max() < 12
    assert decode(wide).size == (SIDE, SIDE // 2)


def test_unreadable_pictures_are_noted_and_stop_nothing(tmp_path: Path) -> None:
    whole = encoded(Image.effect_noise((64, 64), 80), "JPEG")
    shop = picture_shop(
        tmp_path, {"cut.jpg": whole[: len(whole) // 2], "gone.jpg": whole, "good.jpg": whole, "text.jpg": b"no picture at all"}
    )
    (tmp_path / "pictures" / "gone.jpg").unlink()
    shop.pictures = read_pictures(shop, quiet_report())
    assert [content is not None for content in shop.pictures.content] == [False, False, True, False]
    assert shop.rejects.counts == {f"pictures: {reason}": 1 for reason in (DAMAGED, CANT_BE_OPENED, NOT_A_PICTURE)}


def test_reading_again_gives_the_same_bytes_and_decodes_nothing(tmp_path: Path) -> None:
    files = {f"{number}.png": encoded(patterned(number)) for number in range(4)}
    shop = picture_shop(tmp_path, files)
    first = read_pictures(shop, quiet_report())
    kept = sorted((tmp_path / "work").rglob("*.webp"))
    written = [path.stat().st_mtime_ns for path in kept]
    assert len(kept) == 4
    assert read_pictures(shop, quiet_report()).thumbnails.equals(first.thumbnails)
    assert [path.stat().st_mtime_ns for path in kept] == written
    fresh = picture_shop(tmp_path / "elsewhere", files)
    assert read_pictures(fresh, quiet_report()).thumbnails.equals(first.thumbnails)


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({"a.png": None}, "no pictures: no product has one in pictures"),
        ({"a.png": b"broken"}, "no pictures: not one of them can be read"),
        ({"a.png": encoded(patterned(1))}, None),
    ],
)
def test_why_there_are_no_pictures(tmp_path: Path, files: dict[str, bytes | None], reason: str | None) -> None:
    assert why_no_pictures(shop_with_pictures(tmp_path, files)) == reason


def test_without_a_folder_of_pictures_the_section_is_named(tmp_path: Path) -> None:
    shop = picture_shop(tmp_path, {"a.png": None})
    settings = shop.settings.model_copy(update={"images": None})
    assert why_no_pictures(type(shop)(**{**shop.__dict__, "settings": settings})) == "no pictures: shop.toml has no [images]"
