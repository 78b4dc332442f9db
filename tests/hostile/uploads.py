"""Hostile pictures, as the page sends them: a data URL with a file in it."""

from __future__ import annotations

import base64
import io
import random
import struct
import zlib
from collections.abc import Iterator
from functools import cache
from typing import Any

from PIL import Image

from tests.hostile.no_pictures import no_pictures

SEED = 20260
ACCEPTED, REFUSED, EITHER = True, False, None
Upload = tuple[str, Any, bool | None]
"""A name, what is sent, and whether it is taken as a picture; where that is the decoder's to say, `EITHER`."""


@cache
def uploads() -> list[Upload]:
    return [*urls(), *files(), *cut_off(), *flipped(), *bombs(), *polyglots(), *other_kinds(), *odd_pictures()]


def data_url(content: bytes, kind: str = "image/png") -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def urls() -> Iterator[Upload]:
    encoded = base64.b64encode(PLAIN).decode()
    yield "URL: nothing after the comma", "data:image/png;base64,", REFUSED
    yield "URL: only a scheme", "data:", REFUSED
    yield "URL: no comma", "data:image/png;base64", REFUSED
    yield "URL: no base64", "data:image/png," + encoded, REFUSED
    yield "URL: base64 in capitals", "data:image/png;BASE64," + encoded, REFUSED
    yield "URL: percent-encoded", "data:image/png," + "".join(f"%{byte:02x}" for byte in PLAIN), REFUSED
    yield "URL: no scheme", "image/png;base64," + encoded, ACCEPTED
    yield "URL: no kind", "data:;base64," + encoded, ACCEPTED
    yield "URL: a kind of text", data_url(PLAIN, "text/html"), ACCEPTED
    yield "URL: another picture's kind", data_url(PLAIN, "image/jpeg"), ACCEPTED
    yield "URL: parameters", data_url(PLAIN, "image/png;charset=utf-7;name=../../etc/passwd"), ACCEPTED
    yield "URL: a kind of 100,000 letters", data_url(PLAIN, "image/" + "x" * 100_000), ACCEPTED
    yield "URL: two commas", "data:image/png;base64,," + encoded, REFUSED
    yield "URL: twice", data_url(PLAIN) + data_url(PLAIN), REFUSED
    yield "URL: a URL in a URL", data_url(data_url(PLAIN).encode()), REFUSED
    yield "URL: of the web", "https://example.org/picture.png", REFUSED
    yield "URL: of a file", "file:///etc/passwd", REFUSED
    yield "URL: a path", "/etc/passwd", REFUSED
    yield "base64: padding missing", "data:;base64," + encoded + "AA", REFUSED
    yield "base64: too much padding", "data:;base64," + encoded + "====", EITHER
    yield "base64: only padding", "data:;base64,====", REFUSED
    yield "base64: one letter", "data:;base64,A", REFUSED
    yield "base64: line breaks", "data:;base64," + encoded[:60] + "\r\n" + encoded[60:], REFUSED
    yield "base64: a space", "data:;base64, " + encoded, REFUSED
    yield "base64: the alphabet for URLs", "data:;base64,_-_-", REFUSED
    yield "base64: full-width letters", "data:;base64,ＡＡＡＡ", REFUSED
    yield "base64: half a surrogate pair", "data:;base64,\ud800AAA", REFUSED
    yield "base64: NUL", "data:;base64,AA\0A", REFUSED
    for name, value in {"number": 7, "truth": True, "list": [data_url(PLAIN)], "object": {"contents": 1}, "text": "wool"}.items():
        yield f"no URL: a {name}", value, REFUSED


def files() -> Iterator[Upload]:
    yield "file: one byte", data_url(b"\x89"), REFUSED
    yield "file: as large as a picture may be, and no picture", data_url(b"\xff\xd8\xff" + b"\0" * 7_999_000), REFUSED
    yield "file: larger than a picture may be", data_url(b"\xff\xd8\xff" + b"\0" * 8_000_010), REFUSED


def cut_off() -> Iterator[Upload]:
    """Each format's file, ended early: in its magic number, its header and its pixels."""
    for kind in ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF"):
        whole = encoded_as(kind)
        for part in (4, 16, len(whole) // 4, len(whole) // 2):
            yield f"cut off: {kind} after {part} bytes", data_url(whole[:part]), REFUSED


def flipped() -> Iterator[Upload]:
    """Each format's file with some bits changed behind its magic number; whether it can still be read, the decoder says."""
    draw = random.Random(SEED)
    for kind in ("PNG", "JPEG", "WEBP", "GIF", "TIFF"):
        for i in range(3):
            content = bytearray(encoded_as(kind))
            for _ in range(6):
                content[draw.randrange(12, len(content))] ^= 1 << draw.randrange(8)
            yield f"flipped: {kind}, {i}", data_url(bytes(content)), EITHER


def bombs() -> Iterator[Upload]:
    yield "bomb: a PNG that claims 60,000 x 60,000", data_url(png(60_000, 60_000, b"")), REFUSED
    yield "bomb: a PNG that claims as much as can be said", data_url(png(2**31 - 1, 2**31 - 1, b"")), REFUSED
    yield "bomb: a PNG of 16 million pixels in 50 kB", data_url(png(4000, 4000, _zeros(4000 * 12_001))), REFUSED
    yield "bomb: a PNG whose pixels never end", data_url(png(16, 16, _zeros(50_000_000))), EITHER
    yield "bomb: a PNG whose text is 50 MB", data_url(_with_chunk(b"zTXt", b"x\0\0" + _zeros(50_000_000))), EITHER
    yield "bomb: a PNG whose colour profile is 50 MB", data_url(_with_chunk(b"iCCP", b"x\0\0" + _zeros(50_000_000))), EITHER
    yield "bomb: a GIF that claims 65,535 x 65,535", data_url(b"GIF89a\xff\xff\xff\xff\0\0\0;"), REFUSED
    yield "bomb: a BMP that claims 100,000 x 100,000", data_url(_bmp(100_000, 100_000)), REFUSED
    yield "bomb: a BMP below zero", data_url(_bmp(-5, -5)), REFUSED
    large = Image.new("L", (4000, 4000))
    for kind in ("WEBP", "GIF", "TIFF"):
        options = {"lossless": True, "method": 0} if kind == "WEBP" else {"compression": "tiff_lzw"} if kind == "TIFF" else {}
        yield f"bomb: a {kind} of 16 million grey pixels", data_url(_saved(large, kind, **options)), REFUSED
    yield "bomb: a progressive JPEG of 16 million pixels", data_url(_saved(large, "JPEG", progressive=True)), REFUSED
    yield "bomb: a JPEG of 16 million pixels, which can be read small", data_url(_saved(large, "JPEG")), ACCEPTED


def polyglots() -> Iterator[Upload]:
    script = b"<script>alert(1)</script>"
    yield "polyglot: PNG and zip", data_url(PLAIN + b"PK\3\4" + b"\0" * 100), ACCEPTED
    yield "polyglot: PNG and script", data_url(PLAIN + script), ACCEPTED
    yield "polyglot: PNG with a script for its name", data_url(_with_chunk(b"tEXt", b"Title\0" + script)), ACCEPTED
    yield "polyglot: GIF and script", data_url(encoded_as("GIF") + b"=1;alert(1)//"), ACCEPTED
    yield "polyglot: JPEG with a script for a comment", data_url(_saved(_gradient(), "JPEG", comment=script)), ACCEPTED
    yield "polyglot: JPEG and PHP", data_url(encoded_as("JPEG") + b"<?php system('id') ?>"), ACCEPTED
    yield "polyglot: two pictures", data_url(encoded_as("JPEG") + PLAIN), ACCEPTED
    yield "polyglot: a script that begins as a GIF", data_url(b"GIF89a/*" + script + b"*/"), REFUSED
    yield "polyglot: markup before a PNG", data_url(script + PLAIN), REFUSED


def other_kinds() -> Iterator[Upload]:
    for name, content in no_pictures().items():
        yield f"kind: {name}", data_url(content), REFUSED


def odd_pictures() -> Iterator[Upload]:
    picture = _gradient()
    yield "odd: one pixel", data_url(_saved(Image.new("RGB", (1, 1)), "PNG")), ACCEPTED
    yield "odd: one row of 60,000", data_url(_saved(Image.new("RGB", (60_000, 1)), "PNG")), ACCEPTED
    yield "odd: one column of 60,000", data_url(_saved(Image.new("RGB", (1, 60_000)), "PNG")), ACCEPTED
    yield "odd: no pixel", data_url(png(0, 0, _zeros(1))), REFUSED
    yield "odd: all transparent", data_url(_saved(Image.new("RGBA", (40, 40)), "PNG")), ACCEPTED
    yield "odd: a palette with transparency", data_url(_saved(picture.convert("P"), "PNG", transparency=0)), ACCEPTED
    yield "odd: one bit", data_url(_saved(picture.convert("1"), "PNG")), ACCEPTED
    yield "odd: 16 bits", data_url(_saved(Image.new("I;16", (40, 40), 40_000), "PNG")), ACCEPTED
    yield "odd: CMYK", data_url(_saved(picture.convert("CMYK"), "JPEG")), ACCEPTED
    yield "odd: Lab", data_url(_saved(picture.convert("LAB"), "TIFF")), ACCEPTED
    yield "odd: floating point", data_url(_saved(picture.convert("F"), "TIFF")), EITHER
    yield (
        "odd: 255 frames",
        data_url(_saved(picture, "GIF", save_all=True, append_images=[Image.new("P", (96, 96), i) for i in range(254)])),
        ACCEPTED,
    )
    yield "odd: an orientation that doesn't exist", data_url(_saved(picture, "JPEG", exif=_exif(99))), ACCEPTED
    yield "odd: EXIF of noise", data_url(_saved(picture, "JPEG", exif=b"Exif\0\0" + random.Random(SEED).randbytes(200))), ACCEPTED
    yield (
        "odd: a colour profile of noise",
        data_url(_saved(picture, "PNG", icc_profile=random.Random(SEED).randbytes(200))),
        ACCEPTED,
    )
    yield "odd: a TIFF that points to itself", data_url(b"II*\0\x08\0\0\0\0\0\x08\0\0\0"), REFUSED


@cache
def encoded_as(kind: str) -> bytes:
    return _saved(_gradient(), kind)


def png(width: int, height: int, pixels: bytes) -> bytes:
    """A PNG that says what it likes about its size."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", pixels) + _chunk(b"IEND", b"")


def _gradient() -> Image.Image:
    return Image.merge("RGB", [Image.linear_gradient("L").rotate(turn).resize((96, 96)) for turn in (0, 90, 180)])


def _saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def _exif(orientation: int) -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return exif


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def _with_chunk(kind: bytes, content: bytes) -> bytes:
    """A PNG with another chunk behind its header."""
    return PLAIN[:33] + _chunk(kind, content) + PLAIN[33:]


@cache
def _zeros(length: int) -> bytes:
    """So many zeros, compressed."""
    return zlib.compress(bytes(length), 9)


def _bmp(width: int, height: int) -> bytes:
    return b"BM" + struct.pack("<IHHIIiiHHIIiiII", 54, 0, 0, 54, 40, width, height, 1, 24, 0, 0, 0, 0, 0, 0)


PLAIN = _saved(_gradient(), "PNG")
"""A picture as any."""
