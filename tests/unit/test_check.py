"""``check``: what a build would find, without building."""

from __future__ import annotations

import io
import json

import pytest
from PIL import Image
from rich.console import Console

from precompute.check import FileCheck, PictureCheck, check_shop, print_check
from precompute.errors import BadInput
from tests.tiny_shop import quiet_report, write_shop


def _png() -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (4, 4)).save(stream, "PNG")
    return stream.getvalue()


def test_check_counts_rows_pictures_and_signals(tmp_path):
    settings = write_shop(
        tmp_path,
        '[products]\npath = "products [new].csv"\nid = "id"\ntitle = "name"\ncategory = "kind"\n[images]\nfolder = "images"\n'
        "[signals.reviews]\nenabled = false\n",
        {
            "products [new].csv": "id,name,kind\n1,Salt &amp; pepper,x\n2,b,x\n3,c,y\n3,c,y\n",
            "images/1.png": _png(),
            "images/2.png": b"no picture",
        },
    )
    before = sorted(path.name for path in tmp_path.rglob("*"))
    result = check_shop(settings, quiet_report())
    assert result.files == [FileCheck("products", "products [new].csv", rows=4, kept=3)]
    assert result.counts == {"products": 3, "reviews": 0, "orders": 0, "order_lines": 0, "pictures": 2}
    assert result.pictures == PictureCheck(found=2, missing=1, unreadable=1)
    assert result.rejects == {
        "products [new].csv: product id repeats": 1,
        "images: no picture found": 1,
        "images: picture can't be opened": 1,
    }
    assert result.mended == {"products [new].csv: HTML entities unescaped in title": 1}
    assert result.signals["visual"] is None
    assert result.signals["style"] is None
    assert result.signals["reviews"] == "switched off: [signals.reviews] enabled = false"
    assert result.signals["basket"] is not None
    assert sorted(path.name for path in tmp_path.rglob("*")) == before
    assert json.loads(json.dumps(result.to_json()))["pictures"] == {"found": 2, "missing": 1, "unreadable": 1}

    stream = io.StringIO()
    print_check(result, Console(file=stream, width=200))
    printed = stream.getvalue()
    for words in (
        "products [new].csv",
        "product id repeats",
        "HTML entities unescaped",
        "unreadable",
        "can be built",
        "switched off",
    ):
        assert words in printed


def test_check_of_orders_alone_says_what_is_missing(tmp_path):
    toml = '[orders]\npath = "orders.csv"\nlayout = "baskets"\n'
    result = check_shop(write_shop(tmp_path, toml, {"orders.csv": "a,b\na\n"}), quiet_report())
    assert result.files == [FileCheck("orders", "orders.csv", rows=3, kept=3)]
    assert result.pictures is None
    assert result.signals["basket"] is None
    assert all(result.signals[name] for name in ("visual", "style", "reviews"))


def test_check_stops_where_a_build_would(tmp_path):
    settings = write_shop(tmp_path, '[orders]\npath = "orders.csv"\nlayout = "baskets"\n', {})
    with pytest.raises(BadInput, match="not found"):
        check_shop(settings, quiet_report())
