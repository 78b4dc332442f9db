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
        "can be tried",
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


IMAGES = '[images]\nfolder = "images"\n'
TWO_CATEGORIES: dict[str, str | bytes] = {"images/chairs/1.png": _png(), "images/lamps/2.png": _png()}
TOP, NO_TOP = (f"vgg16_weights_tf_dim_ordering_tf_kernels{rest}.h5" for rest in ("", "_notop"))


@pytest.mark.parametrize(
    ("toml", "message"),
    [
        ('[signals.visual]\nlayer = "fc3"\n', r'\[signals.visual\] names "fc3".*did you mean "fc2"'),
        ('[signals.style]\nlayers = ["block1_conv9"]\n', r'\[signals.style\] names "block1_conv9"'),
        ('[signals.visual]\nweights = "no.h5"\n', r"no.h5: not found; \[signals.visual\] weights names it"),
        ('[signals.style]\nweights = "images"\n', r"images: not found; \[signals.style\] weights names it"),
        pytest.param(
            '[signals.style]\nnetwork = "MobileNet"\nlayers = ["conv1_rellu"]\n',
            r'\[signals.style\] names "conv1_rellu", which is no layer of MobileNet .*"conv1_relu"',
            marks=pytest.mark.slow,
        ),
    ],
    ids=["visual layer", "style layer", "visual weights", "style weights", "another network's layer"],
)
def test_check_refuses_a_network_that_a_build_would_refuse_late(tmp_path, toml, message):
    settings = write_shop(tmp_path, IMAGES + toml, TWO_CATEGORIES)
    with pytest.raises(BadInput, match=message):
        check_shop(settings, quiet_report())


@pytest.mark.parametrize(
    ("toml", "kept", "expected"),
    [
        ("", [], ["528 MB"]),
        ("", [TOP], []),
        ("", [NO_TOP], ["528 MB"]),
        ('[signals.visual]\nlayer = "block5_pool"\n', [], ["56 MB"]),
        ('[signals.visual]\nlayer = "block5_pool"\n', [NO_TOP], []),
        ("[signals.visual]\nenabled = false\n", [], ["56 MB"]),
        ('[signals.visual]\nweights = "untrained"\n', [], ["56 MB"]),
        ('[signals.visual]\nweights = "untrained"\n[signals.style]\nweights = "untrained"\n', [], []),
        ('[signals.visual]\nnetwork = "MobileNetV2"\n[signals.style]\nnetwork = "MobileNetV2"\n', [], ["9 MB"]),
        ('[signals.visual]\nnetwork = "VGG19"\n', [], ["548 MB", "56 MB"]),
    ],
)
def test_check_warns_of_a_download(tmp_path, monkeypatch, toml, kept, expected):
    models = tmp_path / "keras/models"
    models.mkdir(parents=True)
    for file in kept:
        (models / file).write_bytes(b"x")
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    result = check_shop(write_shop(tmp_path, IMAGES + toml, TWO_CATEGORIES), quiet_report())
    downloads = [warning.rpartition("downloaded, ")[2] for warning in result.warnings if "downloaded" in warning]
    assert downloads == expected

    stream = io.StringIO()
    print_check(result, Console(file=stream, width=60))
    assert stream.getvalue().count("will be downloaded") == len(expected)


@pytest.mark.parametrize(
    ("toml", "warned"),
    [
        ("", True),
        ('[signals.visual]\nlayer = "fc1"\n', True),
        ('[signals.visual]\nweights = "untrained"\nlayer = "fc2"\n', True),
        ('[signals.visual]\nlayer = "block5_pool"\n', False),
        ('[signals.visual]\nweights = "untrained"\n', False),
        ('[signals.visual]\nnetwork = "MobileNetV2"\n[signals.style]\nnetwork = "MobileNetV2"\n', False),
        ("[signals.visual]\nenabled = false\n", False),
    ],
)
def test_check_warns_of_an_encoder_that_is_too_large_to_deploy(tmp_path, toml, warned):
    warnings = check_shop(write_shop(tmp_path, IMAGES + toml, TWO_CATEGORIES), quiet_report()).warnings
    assert sum('layer = "block5_pool" makes it small enough' in warning for warning in warnings) == warned


def test_pictures_of_no_product_need_no_network(tmp_path):
    toml = '[products]\npath = "p.csv"\nid = "id"\n' + IMAGES + '[signals.visual]\nlayer = "fc3"\n'
    result = check_shop(write_shop(tmp_path, toml, {"p.csv": "id\nother\n", "images/1.png": _png()}), quiet_report())
    assert result.signals["visual"] is not None
    assert result.warnings == []


def test_a_shop_without_pictures_needs_no_network(tmp_path):
    toml = '[orders]\npath = "orders.csv"\nlayout = "baskets"\n[signals.visual]\nweights = "no.h5"\nlayer = "fc3"\n'
    result = check_shop(write_shop(tmp_path, toml, {"orders.csv": "a,b\na\n"}), quiet_report())
    assert result.warnings == []
