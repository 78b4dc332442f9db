from __future__ import annotations

import struct
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from lookup.encoder import (
    DAMAGED,
    EMPTY,
    MAX_BYTES,
    NOT_A_PICTURE,
    TOO_MANY_BYTES,
    TOO_MANY_PIXELS,
    UnreadablePicture,
    decode,
    to_input,
)
from tests.unit.made_pictures import encoded, patterned

RED, BLUE, WHITE = (255, 0, 0), (0, 0, 255), (255, 255, 255)


def reason_of(content: bytes, **options: int) -> str:
    with pytest.raises(UnreadablePicture) as caught:
        decode(content, **options)
    return caught.value.reason


@pytest.mark.parametrize("kind", ["PNG", "BMP", "TIFF", "GIF"])
def test_lossless_formats_keep_every_pixel(kind: str) -> None:
    image = patterned(1)
    assert np.array_equal(np.asarray(decode(encoded(image, kind))), np.asarray(image))


@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "AVIF"])
def test_lossy_formats_keep_the_colour(kind: str) -> None:
    decoded = decode(encoded(Image.new("RGB", (32, 24), RED), kind, quality=95))
    assert decoded.mode == "RGB"
    assert decoded.size == (32, 24)
    assert np.abs(np.asarray(decoded).astype(int) - RED).max() <= 6


@pytest.mark.parametrize(("mode", "colour"), [("L", 128), ("1", 1), ("P", 3), ("CMYK", (0, 255, 255, 0)), ("LA", (90, 255))])
def test_every_mode_becomes_rgb(mode: str, colour: int | tuple[int, ...]) -> None:
    image = Image.new(mode, (4, 4), colour)
    if mode == "P":
        image.putpalette([channel for entry in ((0, 0, 0), WHITE, BLUE, RED) for channel in entry])
    expected = {"L": (128,) * 3, "1": WHITE, "P": RED, "CMYK": RED, "LA": (90,) * 3}[mode]
    decoded = decode(encoded(image, "TIFF" if mode == "CMYK" else "PNG"))
    assert decoded.mode == "RGB"
    assert decoded.getpixel((1, 1)) == expected


def test_exif_orientation_turns_the_picture_upright() -> None:
    image = Image.new("RGB", (2, 1))
    image.putpixel((0, 0), RED)
    image.putpixel((1, 0), BLUE)
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned: the first column is the top row
    decoded = decode(encoded(image, "PNG", exif=exif))
    assert decoded.size == (1, 2)
    assert (decoded.getpixel((0, 0)), decoded.getpixel((0, 1))) == (RED, BLUE)


def test_broken_exif_costs_nothing_but_the_orientation() -> None:
    assert decode(encoded(Image.new("RGB", (3, 2), RED), "PNG", exif=b"Exif\0\0II*\0\xff\xff\xff\xff")).size == (3, 2)


def test_transparency_is_laid_on_white() -> None:
    image = Image.new("RGBA", (2, 1), (0, 0, 0, 0))
    image.putpixel((1, 0), (0, 0, 0, 51))
    decoded = decode(encoded(image))
    assert decoded.getpixel((0, 0)) == WHITE
    assert decoded.getpixel((1, 0)) == (204, 204, 204)  # 20 % black on white


def test_a_transparent_palette_entry_is_laid_on_white() -> None:
    image = Image.new("P", (2, 1), 0)
    image.putpalette([0, 0, 0, *RED])
    image.putpixel((1, 0), 1)
    decoded = decode(encoded(image, "PNG", transparency=0))
    assert (decoded.getpixel((0, 0)), decoded.getpixel((1, 0))) == (WHITE, RED)


def test_16_bit_grey_is_scaled_not_clipped() -> None:
    image = Image.fromarray(np.array([[0, 32_896, 65_535]], np.uint16))
    assert [pixel[0] for pixel in np.asarray(decode(encoded(image)))[0]] == [0, 128, 255]


def test_float_pictures_are_stretched_over_their_own_range() -> None:
    image = Image.fromarray(np.array([[-1.0, 0.0, 1.0]], np.float32))
    assert [pixel[0] for pixel in np.asarray(decode(encoded(image, "TIFF")))[0]] == [0, 128, 255]


def test_float_pictures_may_hold_what_is_no_grey() -> None:
    image = Image.fromarray(np.array([[np.nan, 3e38], [-np.inf, np.inf]], np.float32))
    assert np.asarray(decode(encoded(image, "TIFF")))[..., 0].tolist() == [[128, 255], [0, 255]]


def test_the_first_frame_stands_for_an_animation() -> None:
    frames = [Image.new("RGB", (4, 4), colour) for colour in (RED, BLUE)]
    assert decode(encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])).getpixel((0, 0)) == RED


def test_a_large_jpeg_is_decoded_smaller_but_never_below_what_the_network_sees() -> None:
    assert decode(encoded(Image.new("RGB", (2400, 1200), RED), "JPEG")).size == (1200, 600)


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P", "L", "LA", "1", "I;16"])
def test_small_means_small_whatever_the_mode(mode: str) -> None:
    decoded = decode(encoded(Image.new(mode, (2000, 1100)), "PNG"), small=True)
    assert (decoded.mode, decoded.size) == ("RGB", (1000, 550))


def test_a_small_picture_is_the_large_one_averaged() -> None:
    image = Image.fromarray(np.indices((1200, 1200)).sum(axis=0).astype(np.uint8) % 2 * 200).convert("RGB")
    assert set(np.asarray(decode(encoded(image), small=True)).ravel().tolist()) == {100}


def test_small_and_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    assert decode(encoded(Image.new("RGB", (1400, 1100)), "PNG", exif=exif), small=True).size == (550, 700)


def test_small_lets_pixels_pass_that_are_never_held_in_memory() -> None:
    image = Image.new("RGB", (1600, 1200), RED)
    assert decode(encoded(image, "JPEG"), max_pixels=600_000, small=True).size == (800, 600)
    assert reason_of(encoded(image, "JPEG"), max_pixels=600_000) == TOO_MANY_PIXELS
    for content in (encoded(image, "JPEG", progressive=True), encoded(image), encoded(image, "WEBP")):
        assert reason_of(content, max_pixels=600_000, small=True) == TOO_MANY_PIXELS


def test_refusals_say_why() -> None:
    whole = encoded(Image.effect_noise((64, 64), 80), "JPEG")
    assert reason_of(b"") == EMPTY
    assert reason_of(b"<svg xmlns='http://www.w3.org/2000/svg'/>") == NOT_A_PICTURE
    assert reason_of(whole[:20]) in (NOT_A_PICTURE, DAMAGED)
    assert reason_of(whole[: len(whole) // 2]) == DAMAGED
    assert reason_of(b"\0" * (MAX_BYTES + 1)) == TOO_MANY_BYTES
    assert reason_of(encoded(Image.new("L", (11, 10))), max_pixels=109) == TOO_MANY_PIXELS


def test_a_decompression_bomb_is_refused_by_its_header() -> None:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    for side in (10_000, 60_000):
        header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
        bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")
        assert reason_of(bomb) == TOO_MANY_PIXELS


def test_an_eps_file_is_not_run() -> None:
    assert reason_of(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\nshowpage\n") == NOT_A_PICTURE


@given(kind=st.sampled_from(["PNG", "JPEG", "GIF", "WEBP", "TIFF", "BMP"]), data=st.data())
@pytest.mark.filterwarnings("ignore")
def test_a_file_with_changed_bytes_is_decoded_or_refused(kind: str, data: st.DataObject) -> None:
    content = bytearray(encoded(patterned(2, size=16), kind))
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        outcome = decode(bytes(content), max_pixels=1_000_000).mode
    except UnreadablePicture as error:
        outcome = error.reason
    assert outcome in ("RGB", DAMAGED, NOT_A_PICTURE, TOO_MANY_PIXELS)


def test_the_input_is_a_square_of_bytes() -> None:
    image = Image.new("RGB", (10, 4), BLUE)
    pixels = to_input(image, 8)
    assert pixels.shape == (8, 8, 3)
    assert pixels.dtype == np.uint8
    assert (pixels == BLUE).all()
