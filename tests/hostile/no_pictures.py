"""What some program takes for a picture, or calls one, and Aisle never does."""

from __future__ import annotations

import io
import random

from PIL import Image

UNUSUAL = ("ICO", "PPM", "TGA", "PCX", "JPEG2000", "DDS", "SGI", "MSP")
"""Formats that Pillow writes and no shop has."""


def no_pictures() -> dict[str, bytes]:
    """Name to content."""
    return {
        "SVG": b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><image href="file:///etc/passwd"/></svg>',
        "SVG with entities of entities": b'<!DOCTYPE s [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><svg>&b;</svg>',
        "HTML": b"<!doctype html><html><body onload=alert(1)><script>alert(1)</script></html>",
        "PDF": b"%PDF-1.7\n1 0 obj<</OpenAction<</S/JavaScript/JS(app.alert(1))>>>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF",
        "PostScript": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n(/etc/passwd) (r) file run\nshowpage\n",
        "ImageMagick's language": b'push graphic-context\nfill \'url(https://example.org/x"|id")\'\nimage over 0,0 0,0 "|id"\n',
        "zip": b"PK\x03\x04" + b"\0" * 100,
        "ELF": b"\x7fELF\2\1\1" + b"\0" * 200,
        "Parquet": b"PAR1" + b"\0" * 60 + b"PAR1",
        "ONNX": b"\x08\x0a\x12\x07planted",
        "JSON": b'{"__proto__": {}}',
        "playlist": b"#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:0\nfile:///etc/passwd\n",
        "Photoshop's PSD": b"8BPS\0\1" + b"\0" * 60,
        "HEIC": b"\0\0\0\x18ftypheic\0\0\0\0mif1heic",
        "MP4": b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom",
        "JPEG 2000 without pixels": b"\0\0\0\x0cjP  \r\n\x87\n" + b"\0" * 60,
        "noise": random.Random(10).randbytes(5_000),
        "noughts": b"\0" * 5_000,
        "text": "Kein Bild verfügbar".encode(),
        **{kind: _drawn_as(kind) for kind in UNUSUAL},
    }


def _drawn_as(kind: str) -> bytes:
    image = Image.linear_gradient("L").resize((40, 30)).convert("1" if kind == "MSP" else "RGB")
    stream = io.BytesIO()
    image.save(stream, kind)
    return stream.getvalue()
