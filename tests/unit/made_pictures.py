"""Pictures that tests draw, and a shop of them."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from PIL import Image
from rich.console import Console

from precompute.pictures import read_pictures
from precompute.rejects import Rejects
from precompute.report import Report
from precompute.settings import Settings
from precompute.shop import PRODUCTS_SCHEMA, Shop

SMALL = {
    "visual": {"weights": "untrained", "layer": "block1_pool"},
    "style": {"weights": "untrained", "layers": ["block1_conv1"]},
    "encoder": {"precision": "float32"},
}
"""Settings of the picture signals that are quick to compute."""


def quiet_report() -> Report:
    return Report(Console(quiet=True))


def patterned(seed: int, size: int = 48) -> Image.Image:
    """Stripes of two colours: the seed chooses colours, width and direction."""
    rng = np.random.default_rng(seed)
    light, dark = rng.integers(0, 256, (2, 3), np.uint8)
    across, width = rng.integers(0, 2), rng.integers(2, 9)
    stripes = (np.arange(size) // width % 2).astype(bool)
    mask = np.broadcast_to(stripes[None, :] if across else stripes[:, None], (size, size))
    return Image.fromarray(np.where(mask[:, :, None], light, dark).astype(np.uint8))


def encoded(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    content = io.BytesIO()
    image.save(content, kind, **options)
    return content.getvalue()


def picture_shop(
    folder: Path, files: dict[str, bytes | None], categories: dict[str, str] | None = None, signals: dict | None = None
) -> Shop:
    """A shop of one product per file name (None: a product without a file), its pictures not read yet."""
    pictures = folder / "pictures"
    pictures.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        if content is not None:
            (pictures / name).write_bytes(content)
    names = sorted(files)
    columns: dict[str, list] = {field.name: [None] * len(names) for field in PRODUCTS_SCHEMA}
    columns["product_id"] = names
    columns["picture"] = [str(pictures / name) if files[name] is not None else None for name in names]
    columns["category"] = [(categories or {}).get(name) for name in names]
    settings = {"shop": {"name": "Made"}, "images": {"folder": pictures}, "signals": signals or SMALL}
    return Shop(
        settings=Settings.model_validate(settings),
        products=pa.table(columns, schema=PRODUCTS_SCHEMA),
        reviews=None,
        orders=None,
        rejects=Rejects(),
        counts={"products": len(names)},
        inputs=[],
        work=folder / "work",
    )


def shop_with_pictures(*arguments: Any, **options: Any) -> Shop:
    """As `picture_shop`, with its pictures read."""
    shop = picture_shop(*arguments, **options)
    shop.pictures = read_pictures(shop, quiet_report())
    return shop
