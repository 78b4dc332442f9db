from __future__ import annotations

import hashlib
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from PIL import Image

from lookup.encoder import DAMAGED, NOT_A_PICTURE, decode
from lookup.manifest import Manifest
from lookup.schema import THUMBNAILS, THUMBNAILS_SCHEMA, rows_per_group
from lookup.writer import CacheWriter
from precompute.pictures import CANT_BE_OPENED, SIDE, Pictures, read_pictures, why_no_pictures
from precompute.shop import Shop
from tests.unit.made_pictures import encoded, patterned, picture_shop, quiet_report, shop_with_pictures

LARGE = 1_000_000
"""Bytes of a thumbnail that would be missed in no sum."""


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
    none, small, wide = shop.pictures.thumbnails().read_all().column("webp").to_pylist()
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
    first = thumbnails_of(shop)
    kept = sorted((tmp_path / "work").rglob("*.webp"))
    written = [path.stat().st_mtime_ns for path in kept]
    assert len(kept) == 4
    assert thumbnails_of(shop).equals(first)
    assert [path.stat().st_mtime_ns for path in kept] == written
    assert thumbnails_of(picture_shop(tmp_path / "elsewhere", files)).equals(first)


def thumbnails_of(shop: Shop) -> pa.Table:
    return read_pictures(shop, quiet_report()).thumbnails().read_all()


def test_every_picture_has_its_turn_however_few_are_let_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("precompute.pictures.WAITING", 3)
    files = {f"{number}.png": encoded(patterned(number)) for number in range(7)}
    shop = shop_with_pictures(tmp_path, files | {"3.png": b"broken", "5.png": None})
    assert shop.pictures is not None
    digests = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    assert shop.pictures.content == [digests[name] if name not in ("3.png", "5.png") else None for name in sorted(files)]
    assert shop.rejects.counts == {f"pictures: {NOT_A_PICTURE}": 1}


def test_reading_pictures_holds_none_of_their_thumbnails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("precompute.pictures.MAX_BYTES", 10_000)  # as much is asked for before a file is read, on every core
    shop = shop_with_pictures(tmp_path, {f"{number}.png": encoded(patterned(number)) for number in range(16)})
    for kept in (tmp_path / "work").rglob("*.webp"):
        kept.write_bytes(bytes(LARGE))
    tracemalloc.start()
    try:
        pictures = read_pictures(shop, quiet_report())
        assert tracemalloc.get_traced_memory()[1] < LARGE
    finally:
        tracemalloc.stop()
    assert [len(webp.as_py()) for webp in pictures.thumbnails().read_all().column("webp")] == [LARGE] * 16


def test_thumbnails_are_written_a_row_group_at_a_time_as_one_table_would_be(tmp_path: Path) -> None:
    pictures = many_pictures(tmp_path, groups=20)
    table = pictures.thumbnails().read_all()
    size, before = table.nbytes / 20, pa.total_allocated_bytes()
    held = []

    def watched() -> Iterator[pa.RecordBatch]:
        for batch in pictures.thumbnails():
            held.append(pa.total_allocated_bytes() - before)
            yield batch

    with CacheWriter(tmp_path / "streamed") as writer:
        writer.write_table(THUMBNAILS, pa.RecordBatchReader.from_batches(THUMBNAILS_SCHEMA, watched()))
        streamed = writer.publish(Manifest(shop={}))
    assert len(held) == 20
    assert max(held) < 6 * size, "a batch, the one before it, and what Parquet makes of one"
    with CacheWriter(tmp_path / "whole") as writer:
        writer.write_table(THUMBNAILS, table)
        assert writer.publish(Manifest(shop={})).files == streamed.files
    assert streamed.files[THUMBNAILS].rows == len(pictures.content)


def many_pictures(folder: Path, groups: int) -> Pictures:
    """Three thumbnails of 4 kB, and none, in turn; the last row group is short of two rows."""
    rng = np.random.default_rng(0)
    contents: list[str | None] = [None]
    for letter in "abc":
        content = letter * 64
        (folder / content[:2]).mkdir()
        (folder / content[:2] / f"{content}.webp").write_bytes(rng.bytes(4_000))
        contents.append(content)
    n = groups * rows_per_group(THUMBNAILS) - 2
    return Pictures([contents[row % 4] for row in range(n)], {}, folder)


def test_a_thumbnail_that_is_gone_when_the_table_is_written_is_named(tmp_path: Path) -> None:
    pictures = many_pictures(tmp_path, groups=3)
    gone = tmp_path / "bb" / f"{'b' * 64}.webp"
    gone.unlink()
    with CacheWriter(tmp_path / "cache") as writer, pytest.raises(FileNotFoundError) as error:
        writer.write_tables({THUMBNAILS: pictures.thumbnails()})
    assert error.value.filename == str(gone)
    assert [path.name for path in (tmp_path / "cache").iterdir()] == [".lock"]


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
