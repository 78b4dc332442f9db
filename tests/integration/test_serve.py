"""``python -m precompute serve``: which network a picture is shown to."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest

from dashboard.wording import en
from lookup import schema
from lookup.encoder import decode, to_input
from lookup.packed import vectors_in
from lookup.reader import Cache
from precompute.build import build
from precompute.settings import read_settings
from tests.hostile.callbacks import body_of
from tests.hostile.wire import UPDATE
from tests.integration.conftest import PlantedBuild
from tests.serving import running
from tests.tiny_shop import quiet_report

pytestmark = pytest.mark.slow


def test_the_full_network_gives_the_catalogues_vectors_and_does_not_travel(planted: PlantedBuild, tmp_path: Path) -> None:
    shop, manifest = build(read_settings(planted.shop_toml), tmp_path, planted.shop.work, quiet_report())
    full, deployed = shop.work / schema.FULL_ENCODER, tmp_path / manifest.folder / schema.ENCODER
    assert schema.FULL_ENCODER not in manifest.files
    assert [computes_in_8_bits(model) for model in (full, deployed)] == [False, True]
    cache = Cache.open(tmp_path, full)
    assert cache.has_full_encoder
    assert shop.pictures is not None
    for row, content in enumerate(shop.pictures.content):
        if content is not None:
            picture = decode(shop.pictures.paths[content].read_bytes())
            found = cache.encoder.encode(to_input(picture, cache.encoder.size)[None])
            for signal in ("visual", "style"):
                stored = vectors_in(cache.table(schema.vectors_path(signal)).row(row))
                assert np.allclose(found[signal], stored, atol=0.005), "as near as the tables hold them"


def computes_in_8_bits(model: Path) -> bool:
    return any(node.op_type == "QLinearConv" for node in onnx.load(model).graph.node)


@pytest.mark.parametrize("belongs", [True, False])
def test_a_picture_meets_the_full_network_where_that_is_the_builds(planted: PlantedBuild, tmp_path: Path, belongs: bool) -> None:
    work, cache = tmp_path / "work", tmp_path / "cache"
    shop, _ = build(read_settings(planted.shop_toml), cache, planted.shop.work, quiet_report())
    full = (shop.work / schema.FULL_ENCODER).read_bytes()
    work.mkdir()
    (work / schema.FULL_ENCODER).write_bytes(full if belongs else full[:-1])
    assert shop.pictures is not None
    ids = shop.products.column("product_id").to_pylist()
    product = next(one for one, content in zip(ids, shop.pictures.content, strict=True) if content is not None)
    options = ["--cache", str(cache), "--work", str(work)]
    command = [sys.executable, "-m", "precompute", "serve", str(planted.shop_toml), *options]
    with running(cache, workers=1, command=command) as app:
        status, answer = app.ask(UPDATE, body_of("picture-seen", {"product": product}))
        warned = [line["message"] for line in app.log() if line["level"] == "warning"]
    assert status == 200
    said = json.loads(answer)["response"]["picture-seen"]["children"]
    assert en.NETWORKS_ASKED["float32" if belongs else "int8"] in json.dumps(said)
    assert len(warned) == (0 if belongs else 1)
    assert all("full network" in message and str(work / schema.FULL_ENCODER) in message for message in warned)
