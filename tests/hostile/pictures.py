"""Pictures: cut off, flipped, far larger than they look, of another kind than they say, or no pictures at all."""

from __future__ import annotations

import io
import random
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image

from lookup.encoder import DAMAGED, EMPTY, NOT_A_PICTURE, TOO_MANY_BYTES, TOO_MANY_PIXELS
from tests.hostile.no_pictures import no_pictures

READ = "read"
EITHER = "either"


@dataclass(frozen=True)
class Picture:
    """One hostile picture.

    Attributes
    ----------
    name
        What is wrong with it; no two have the same.
    content
        The file.
    ending
        Of its name.
    ends
        ``read``, the reason why it is rejected, or ``either`` where its bytes are damaged by chance.
    """

    name: str
    content: bytes
    ending: str
    ends: str


def pictures() -> Iterator[Picture]:
    """All of them."""
    yield from _no_pictures()
    yield from _damaged()
    yield from _bombs()
    yield from _rare_kinds()
    yield from _exif()
    yield from _tiff()


def _drawn(width: int = 40, height: int = 30) -> Image.Image:
    rng = np.random.default_rng(9)
    return Image.fromarray(rng.integers(0, 256, (height, width, 3), np.uint8))


def _encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def _no_pictures() -> Iterator[Picture]:
    png = _encoded(_drawn(), "PNG")
    yield Picture("empty", b"", "jpg", EMPTY)
    yield Picture("one byte", b"\xff", "jpg", NOT_A_PICTURE)
    for name, content in no_pictures().items():
        yield Picture(f"{name} for a picture", content, "jpg", NOT_A_PICTURE)
    yield Picture("65 MB", png + b"\0" * 65_000_000, "png", TOO_MANY_BYTES)
    for kind, ending in (
        ("PNG", "jpg"),
        ("JPEG", "gif"),
        ("GIF", "webp"),
        ("WEBP", "png"),
        ("BMP", "tif"),
        ("TIFF", "bmp"),
        ("AVIF", "jpeg"),
    ):
        yield Picture(f"{kind} called .{ending}", _encoded(_drawn(), kind), ending, READ)
    yield Picture("PNG with a script behind it", png + b"<script>alert(1)</script>" * 100, "png", READ)


def _damaged() -> Iterator[Picture]:
    rng = random.Random(11)
    cut_ends = {"BMP": DAMAGED, "PNG": DAMAGED, "JPEG": DAMAGED}
    for kind in ("PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF", "AVIF"):
        content, ending = _encoded(_drawn(), kind), kind.lower()
        yield Picture(f"{kind} cut after 8 bytes", content[:8], ending, EITHER)
        for share in (0.1, 0.5, 0.9):
            cut = int(len(content) * share)
            yield Picture(
                f"{kind} cut after {cut} bytes", content[:cut], ending, cut_ends.get(kind, EITHER) if share > 0.4 else EITHER
            )
        for place in sorted(rng.sample(range(12, min(len(content), 400)), 4)):
            flipped = content[:place] + bytes([content[place] ^ 1 << rng.randrange(8)]) + content[place + 1 :]
            yield Picture(f"{kind} with a bit flipped in byte {place}", flipped, ending, EITHER)
        noise = content[:30] + rng.randbytes(len(content) - 30)
        yield Picture(f"{kind} of noise behind its head", noise, ending, EITHER)


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def _png(width: int, height: int, *chunks: bytes, depth: int = 8, colour: int = 2) -> bytes:
    """A PNG put together by hand."""
    head = _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(chunks) + _chunk(b"IEND", b"")


def _bombs() -> Iterator[Picture]:
    noughts = _chunk(b"IDAT", zlib.compress(bytes(100_000)))
    yield Picture("PNG of 60,000 x 60,000, it says", _png(60_000, 60_000, noughts), "png", TOO_MANY_PIXELS)
    yield Picture("PNG of 1 x 2,147,483,647, it says", _png(1, 2**31 - 1, noughts), "png", TOO_MANY_PIXELS)
    yield Picture("PNG without width", _png(0, 10, noughts), "png", NOT_A_PICTURE)
    yield Picture("PNG of nearly too many pixels, and few there", _png(8_000, 7_999, noughts), "png", DAMAGED)
    yield Picture("PNG of 64 million pixels in 64 kB", _encoded(Image.new("1", (8_000, 8_000)), "PNG"), "png", READ)
    yield Picture(
        "PNG with 64 MB of text",
        _png(10, 10, _chunk(b"zTXt", b"x\0\0" + zlib.compress(bytes(64_000_000))), noughts),
        "png",
        EITHER,
    )
    yield Picture(
        "PNG with 64 MB of colour profile",
        _png(10, 10, _chunk(b"iCCP", b"x\0\0" + zlib.compress(bytes(64_000_000))), noughts),
        "png",
        EITHER,
    )
    yield Picture(
        "PNG with 5,000 notes",
        _png(10, 10, _chunk(b"tEXt", b"x\0y") * 5_000, _chunk(b"IDAT", zlib.compress(bytes(310)))),
        "png",
        EITHER,
    )
    yield Picture("PNG without pixels", _png(10, 10), "png", DAMAGED)
    yield Picture("PNG of an unknown depth", _png(10, 10, noughts, depth=7), "png", NOT_A_PICTURE)
    yield Picture("PNG chunk of 4 GB, it says", _png(10, 10)[:33] + b"\xff\xff\xff\xffIDAT" + b"\0" * 100, "png", DAMAGED)
    yield Picture("GIF of 65,535 x 65,535, it says", _gif(65_535, 65_535, 1, 1), "gif", TOO_MANY_PIXELS)
    yield Picture("GIF whose frame is larger than itself", _gif(10, 10, 65_535, 65_535), "gif", EITHER)
    frames = [Image.new("P", (60, 60), index % 250) for index in range(500)]
    yield Picture("GIF of 500 frames", _encoded(frames[0], "GIF", save_all=True, append_images=frames[1:]), "gif", READ)
    yield Picture("BMP of 2 billion lines, it says", _bmp(10, 2**31 - 1), "bmp", TOO_MANY_PIXELS)
    yield Picture("BMP of fewer than no columns", _bmp(-10, 10), "bmp", EITHER)
    yield Picture("BMP upside down, and cut", _bmp(10, -10), "bmp", EITHER)
    jpeg = bytearray(_encoded(_drawn(), "JPEG"))
    frame = jpeg.index(b"\xff\xc0")
    struct.pack_into(">HH", jpeg, frame + 5, 65_535, 65_535)
    yield Picture("JPEG of 65,535 x 65,535, it says", bytes(jpeg), "jpg", TOO_MANY_PIXELS)
    struct.pack_into(">HH", jpeg, frame + 5, 7_000, 7_000)
    yield Picture("JPEG of 49 million pixels, and few there", bytes(jpeg), "jpg", READ)
    webp = bytearray(_encoded(_drawn(), "WEBP", lossless=True))
    struct.pack_into("<I", webp, 21, 0x0FFFFFFF)
    yield Picture("WebP of 16,384 x 16,384, it says", bytes(webp), "webp", EITHER)
    yield Picture(
        "TIFF of 4 billion strips, it says", _tiff_of([(256, 4, 1, 10), (257, 4, 1, 10), (273, 4, 2**32 - 1, 8)]), "tif", EITHER
    )


def _gif(width: int, height: int, frame_width: int, frame_height: int) -> bytes:
    palette = b"\0\0\0\xff\xff\xff"
    frame = b"\x2c" + struct.pack("<HHHHB", 0, 0, frame_width, frame_height, 0) + b"\x02\x02\x4c\x01\0"
    return b"GIF89a" + struct.pack("<HHBBB", width, height, 0x80, 0, 0) + palette + frame + b"\x3b"


def _bmp(width: int, height: int) -> bytes:
    return b"BM" + struct.pack("<IIIIiiHHIIIIII", 154, 0, 54, 40, width, height, 1, 24, 0, 100, 0, 0, 0, 0) + bytes(100)


def _rare_kinds() -> Iterator[Picture]:
    image = _drawn()
    alpha = image.convert("RGBA")
    alpha.putalpha(Image.linear_gradient("L").resize(alpha.size))
    frames = [Image.new("RGBA", (20, 20), (index * 20, 0, 0, 128)) for index in range(5)]
    yield Picture("JPEG in CMYK", _encoded(image.convert("CMYK"), "JPEG"), "jpg", READ)
    yield Picture(
        "JPEG in CMYK by Adobe, inverted", _encoded(image.convert("CMYK"), "JPEG", quality=95, subsampling=0), "jpg", READ
    )
    yield Picture("JPEG, progressive", _encoded(image, "JPEG", progressive=True), "jpg", READ)
    yield Picture("JPEG, grey", _encoded(image.convert("L"), "JPEG"), "jpg", READ)
    yield Picture("JPEG of one pixel", _encoded(Image.new("RGB", (1, 1)), "JPEG"), "jpg", READ)
    yield Picture("JPEG of one column and 60,000 lines", _encoded(Image.new("RGB", (1, 60_000)), "JPEG"), "jpg", READ)
    yield Picture("PNG of 60,000 columns and one line", _encoded(Image.new("L", (60_000, 1)), "PNG"), "png", READ)
    yield Picture("PNG in 16 bits", _encoded(Image.fromarray(np.full((9, 9), 40_000, np.uint16)), "PNG"), "png", READ)
    yield Picture("PNG in black and white", _encoded(image.convert("1"), "PNG"), "png", READ)
    yield Picture("PNG with alpha", _encoded(alpha, "PNG"), "png", READ)
    yield Picture("PNG in grey with alpha", _encoded(alpha.convert("LA"), "PNG"), "png", READ)
    yield Picture("PNG of which nothing can be seen", _encoded(Image.new("RGBA", (9, 9)), "PNG"), "png", READ)
    yield Picture("PNG palette with one clear colour", _encoded(image.convert("P"), "PNG", transparency=3), "png", READ)
    yield Picture("PNG palette with alpha", _encoded(image.convert("P"), "PNG", transparency=bytes(range(256))), "png", READ)
    pointing_out = _chunk(b"IDAT", zlib.compress((b"\0" + b"\xff" * 4) * 4))
    yield Picture(
        "PNG palette of one colour, and another used", _png(4, 4, _chunk(b"PLTE", b"\0\0\0"), pointing_out, colour=3), "png", READ
    )
    yield Picture("PNG palette that is missing", _png(4, 4, pointing_out, colour=3), "png", EITHER)
    yield Picture("PNG, animated", _encoded(frames[0], "PNG", save_all=True, append_images=frames[1:]), "png", READ)
    animated = _png(4, 4, _chunk(b"acTL", struct.pack(">II", 2**31, 0)), _chunk(b"IDAT", zlib.compress((b"\0" + bytes(12)) * 4)))
    yield Picture("PNG of 2 billion frames, it says", animated, "png", EITHER)
    yield Picture("WebP, animated", _encoded(frames[0], "WEBP", save_all=True, append_images=frames[1:]), "webp", READ)
    yield Picture("WebP with alpha", _encoded(alpha, "WEBP"), "webp", READ)
    yield Picture("AVIF, animated", _encoded(frames[0], "AVIF", save_all=True, append_images=frames[1:]), "avif", READ)
    yield Picture("GIF with a clear colour", _encoded(image.convert("P"), "GIF", transparency=0), "gif", READ)
    yield Picture("GIF without colours", b"GIF89a" + bytes(7) + b"\x3b", "gif", EITHER)
    yield Picture(
        "PNG with a colour profile of noise", _encoded(image, "PNG", icc_profile=random.Random(12).randbytes(500)), "png", READ
    )
    yield Picture(
        "JPEG with a colour profile of noise", _encoded(image, "JPEG", icc_profile=random.Random(13).randbytes(500)), "jpg", READ
    )


def _exif() -> Iterator[Picture]:
    for orientation in (0, 2, 5, 8, 9, 65_535):
        exif = Image.Exif()
        exif[0x0112] = orientation
        yield Picture(f"EXIF that turns it by {orientation}", _encoded(_drawn(), "JPEG", exif=exif.tobytes()), "jpg", READ)
    broken = {
        "of noise": b"Exif\0\0" + random.Random(14).randbytes(200),
        "without a directory": b"Exif\0\0II*\0",
        "pointing behind its end": b"Exif\0\0II*\0\xff\xff\xff\x7f",
        "of 65,535 tags that aren't there": b"Exif\0\0MM\0*\0\0\0\x08\xff\xff",
        "that turns it by a text": b"Exif\0\0" + _tiff_of([(0x0112, 2, 4, 0x41424344)]),
        "whose directory follows itself": b"Exif\0\0" + _tiff_of([(0x0112, 3, 1, 6)], following=8),
        "whose camera's directory is itself": b"Exif\0\0" + _tiff_of([(0x8769, 4, 1, 8), (0x8825, 4, 1, 8)]),
    }
    for name, exif in broken.items():
        yield Picture(f"EXIF {name}", _encoded(_drawn(), "JPEG", exif=exif), "jpg", READ)


def _tiff_of(tags: list[tuple[int, int, int, int]], following: int = 0, pixels: bytes = b"") -> bytes:
    """A TIFF put together by hand: tags of (number, type, count, value)."""
    entries = b"".join(struct.pack("<HHII", *tag) for tag in tags)
    return b"II*\0" + struct.pack("<IH", 8, len(tags)) + entries + struct.pack("<I", following) + pixels


def _tiff() -> Iterator[Picture]:
    start = 8 + 2 + 9 * 12 + 4
    tags = [
        (256, 4, 1, 4),
        (257, 4, 1, 4),
        (258, 3, 1, 8),
        (259, 3, 1, 1),
        (262, 3, 1, 1),
        (273, 4, 1, start),
        (277, 3, 1, 1),
        (278, 4, 1, 4),
        (279, 4, 1, 16),
    ]

    def changed(number: int, value: int) -> list[tuple[int, int, int, int]]:
        return [(tag, kind, count, value if tag == number else old) for tag, kind, count, old in tags]

    yield Picture("TIFF by hand", _tiff_of(tags, pixels=bytes(16)), "tif", READ)
    yield Picture("TIFF whose directory follows itself", _tiff_of(tags, following=8, pixels=bytes(16)), "tif", READ)
    yield Picture("TIFF whose next directory is nowhere", _tiff_of(tags, following=2**31, pixels=bytes(16)), "tif", READ)
    yield Picture("TIFF whose pixels are nowhere", _tiff_of(changed(273, 2**31), pixels=bytes(16)), "tif", DAMAGED)
    yield Picture(
        "TIFF of 4 billion columns, it says", _tiff_of(changed(256, 2**32 - 1), pixels=bytes(16)), "tif", TOO_MANY_PIXELS
    )
    yield Picture("TIFF without columns", _tiff_of(changed(256, 0), pixels=bytes(16)), "tif", NOT_A_PICTURE)
    yield Picture("TIFF of 1,000 bits", _tiff_of(changed(258, 1_000), pixels=bytes(16)), "tif", EITHER)
    yield Picture("TIFF of 0 channels", _tiff_of(changed(277, 0), pixels=bytes(16)), "tif", EITHER)
    yield Picture("TIFF of an unknown packing", _tiff_of(changed(259, 54_321), pixels=bytes(16)), "tif", EITHER)
    yield Picture("TIFF packed as JPEG, and isn't", _tiff_of(changed(259, 7), pixels=bytes(16)), "tif", EITHER)
    yield Picture("TIFF without tags", _tiff_of([]), "tif", EITHER)
    yield Picture("TIFF in CMYK", _encoded(_drawn().convert("CMYK"), "TIFF"), "tiff", READ)
    yield Picture(
        "TIFF in floats",
        _encoded(Image.fromarray(np.linspace(-1e30, 1e30, 81, dtype=np.float32).reshape(9, 9)), "TIFF"),
        "tiff",
        READ,
    )
    nothing = np.array([[np.nan, np.inf], [-np.inf, 0]], np.float32)
    yield Picture("TIFF in floats that are no numbers", _encoded(Image.fromarray(nothing), "TIFF"), "tiff", EITHER)
    yield Picture(
        "TIFF in 32 bits", _encoded(Image.fromarray(np.array([[0, 2**31 - 1], [-(2**31), 7]], np.int32)), "TIFF"), "tiff", READ
    )
    for packing in ("tiff_lzw", "tiff_deflate", "packbits", "jpeg", "zstd", "group4"):
        image = _drawn().convert("1") if packing == "group4" else _drawn()
        yield Picture(f"TIFF packed as {packing}", _encoded(image, "TIFF", compression=packing), "tif", READ)
    pages = [_drawn()] * 50
    yield Picture("TIFF of 50 pages", _encoded(pages[0], "TIFF", save_all=True, append_images=pages[1:]), "tif", READ)
    yield Picture("BigTIFF", _encoded(_drawn(), "TIFF", big_tiff=True), "tif", READ)
