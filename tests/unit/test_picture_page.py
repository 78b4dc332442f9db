"""Picture: what an upload finds, and what is refused."""

from __future__ import annotations

import base64
import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from PIL import Image

from dashboard import wording
from dashboard.app import create_app
from dashboard.navigation import Location
from dashboard.pages import picture
from dashboard.pages.picture import (
    ALL_OTHERS,
    MAX_BYTES,
    ONE,
    Question,
    Refused,
    Subject,
    answer,
    network_link,
    other_categories,
    read_upload,
    samples,
)
from dashboard.store import Build
from lookup import schema
from lookup.encoder import decode
from tests.drawn import hrefs, of_class, of_type, text_of
from tests.planted_cache import write_planted_cache
from tests.planted_encoder import DIMENSIONS, SIZE, add_encoder, encoder
from tests.republish import republish


@pytest.fixture(scope="module")
def encoding(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("encoding")
    write_planted_cache(folder)
    add_encoder(folder)
    return folder


@pytest.fixture(scope="module")
def build(encoding: Path) -> Build:
    return Build.open(encoding)


def picture_of(build: Build, product_id: str) -> Image.Image:
    row = build.cache.row_of(product_id)
    content = build.cache.thumbnail(row) if row is not None else None
    assert content is not None
    return decode(content)


def data_url(content: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(content).decode()


def png(size: tuple[int, int]) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, "teal").save(file, "PNG")
    return file.getvalue()


def categories(drawn: Any) -> list[str]:
    return [text_of(card) for card in of_class(drawn, "card-kicker")]


def test_an_upload_is_decoded() -> None:
    assert read_upload(data_url(png((30, 20)))).size == (30, 20)


@pytest.mark.parametrize(
    ("contents", "said"),
    [
        (data_url(b"%PDF-1.7 not a picture"), "not a picture"),
        (data_url(b""), "empty"),
        (data_url(png((30, 20))[:60]), "can't be used"),
        ("data:image/png;base64,@@@", "did not arrive"),
        ("data:image/png;base64,ü", "did not arrive"),
        (data_url(b"x" * (MAX_BYTES + 3)), "too large"),
        ("no data url", "empty"),
        (42, "empty"),
        (["data:image/png;base64,"], "empty"),
    ],
)
def test_what_is_no_picture_is_refused_with_a_reason(contents: Any, said: str) -> None:
    with pytest.raises(Refused, match=said):
        read_upload(contents)


def test_too_many_pixels_are_refused() -> None:
    with pytest.raises(Refused, match="too large in pixels") as refusal:
        read_upload(data_url(png((4001, 3000))))
    assert "JPEG" not in str(refusal.value), "another format may be no help"


def test_an_uploads_pixels_are_few_before_anything_is_done_with_them() -> None:
    assert read_upload(data_url(png((4000, 3000)))).size == (800, 600)


def test_a_copy_of_a_products_picture_finds_it_and_its_kind(build: Build) -> None:
    question, seen = answer(build, Subject(picture_of(build, "item-009")))
    assert "/item/item-009" in hrefs(seen)
    assert question is not None
    product = build.catalogue.product(build.cache.row_of("item-009") or 0)
    assert question.category == product.category
    assert text_of(of_class(seen, "label-warn"))


def test_beside_the_picture_stands_what_the_network_sees(build: Build) -> None:
    _, seen = answer(build, Subject(picture_of(build, "item-009")))
    assert [len(of_class(block, "feature-map")) for block in of_class(seen, "block")] == [3, 3]
    assert wording.blocks_needed(2, 5) in text_of(seen)


def test_an_encoder_without_maps_still_finds(tmp_path: Path) -> None:
    write_planted_cache(tmp_path)
    add_encoder(tmp_path)
    republish(tmp_path, files={schema.ENCODER: without_maps()})
    build = Build.open(tmp_path)
    question, seen = answer(build, Subject(picture_of(build, "item-009")))
    assert question is not None
    assert "/item/item-009" in hrefs(seen)
    assert of_class(seen, "seen")
    assert not of_class(seen, "block")
    assert wording.NETWORK_SEES not in text_of(seen)


def test_the_form_that_was_asked_is_named_without_maps_too(tmp_path: Path) -> None:
    manifest = write_planted_cache(tmp_path)
    add_encoder(tmp_path)
    chosen = {"signals": {"encoder": {"precision": "int8"}}}
    republish(tmp_path, files={schema.ENCODER: without_maps()}, settings=chosen)
    assert wording.NETWORKS_ASKED["int8"] in caption_of(tmp_path)
    visual = replace(manifest.signals["visual"], details={"encoder_precision": "float16"})
    republish(tmp_path, signals=manifest.signals | {"visual": visual})
    assert wording.NETWORKS_ASKED["float16"] in caption_of(tmp_path), "what it was chosen to be is not what it is"
    assert wording.NETWORKS_ASKED["int8"] not in caption_of(tmp_path)


def caption_of(folder: Path) -> str:
    """What stands below an uploaded picture."""
    build = Build.open(folder)
    return text_of(of_type(answer(build, Subject(picture_of(build, "item-009")))[1], "Figcaption"))


def without_maps() -> bytes:
    """The planted encoder, as one of another network than VGG's."""
    model = onnx.load_from_string(encoder())
    del model.graph.output[2:]
    return model.SerializeToString()


def test_a_product_is_not_found_by_its_own_picture(build: Build) -> None:
    row = build.cache.row_of("item-009")
    assert row is not None
    product = build.catalogue.product(row)
    image = picture_of(build, "item-009")
    question, seen = answer(build, Subject(image, product))
    assert question is not None
    assert question.category == product.category
    assert hrefs(of_class(seen, "seen")) == ["/item/item-009"]
    assert wording.read_from(*image.size, SIZE) in text_of(of_class(seen, "seen"))
    found = hrefs(of_class(seen, "card-grid"))
    assert found
    assert "/item/item-009" not in found
    own = other_categories(build, question, ONE + str(product.category))
    assert hrefs(own)
    assert "/item/item-009" not in hrefs(own)


def test_matches_are_of_other_categories_and_not_all_of_one(build: Build) -> None:
    question, _ = answer(build, Subject(picture_of(build, "item-009")))
    assert question is not None
    found = categories(other_categories(build, question, ALL_OTHERS))
    assert found
    assert question.category not in found
    assert max(found.count(category) for category in found) <= picture.PER_CATEGORY


def test_matches_of_one_category(build: Build) -> None:
    question, _ = answer(build, Subject(picture_of(build, "item-009")))
    assert question is not None
    assert set(categories(other_categories(build, question, ONE + "Lamps"))) == {"Lamps"}


@pytest.mark.parametrize("chosen", [None, 3, "Lamps", ONE + "no such category", ["one:Lamps"]])
def test_an_odd_choice_means_all_others(build: Build, chosen: Any) -> None:
    question, _ = answer(build, Subject(picture_of(build, "item-009")))
    assert question is not None
    assert hrefs(other_categories(build, question, chosen)) == hrefs(other_categories(build, question, ALL_OTHERS))


def test_a_question_comes_back_from_the_browser(build: Build) -> None:
    question, _ = answer(build, Subject(picture_of(build, "item-009")))
    assert question is not None
    returned = Question.from_json(build, question.to_json())
    assert returned is not None
    assert (returned.signal, returned.category, returned.product) == (question.signal, question.category, None)
    np.testing.assert_allclose(returned.vector, question.vector, atol=1e-4)


GOOD = {"signal": "style", "vector": [0.1] * DIMENSIONS, "category": None, "product": None}


@pytest.mark.parametrize(
    "sent",
    [
        None,
        [],
        "style",
        {},
        GOOD | {"signal": "../products"},
        GOOD | {"signal": 3},
        GOOD | {"vector": [0.1] * (DIMENSIONS - 1)},
        GOOD | {"vector": "0.1" * DIMENSIONS},
        GOOD | {"vector": [None] * DIMENSIONS},
        GOOD | {"vector": [float("inf")] * DIMENSIONS},
        GOOD | {"vector": [float("nan")] * DIMENSIONS},
        GOOD | {"vector": [10**400] * DIMENSIONS},
        GOOD | {"vector": [[0.1]] * DIMENSIONS},
    ],
)
def test_a_mangled_question_is_none(build: Build, sent: Any) -> None:
    assert Question.from_json(build, GOOD) is not None
    assert Question.from_json(build, sent) is None


@pytest.mark.parametrize("product", ["no such product", "\ud800", 7, ["item-009"], {}])
def test_a_question_about_an_odd_product_is_one_about_a_picture(build: Build, product: Any) -> None:
    question, plain = (Question.from_json(build, GOOD | {"product": asked}) for asked in (product, None))
    assert question is not None
    assert plain is not None
    assert hrefs(other_categories(build, question, ALL_OTHERS)) == hrefs(other_categories(build, plain, ALL_OTHERS))


def test_only_a_picture_that_can_be_read_is_linked(encoding: Path, planted: Path) -> None:
    build = Build.open(encoding)
    pictured, bare = (
        build.catalogue.product(int(np.flatnonzero(build.catalogue.has_picture == has)[0])) for has in (True, False)
    )
    link = network_link(build, pictured)
    assert link is not None
    assert link.href == f"/picture?product={pictured.id}#picture-seen"
    assert network_link(build, bare) is None
    assert network_link(Build.open(planted), pictured) is None


def test_samples_are_of_different_categories(build: Build) -> None:
    chosen = samples(build.catalogue)
    assert len({build.catalogue.product(row).category for row in chosen}) == len(chosen) == picture.SAMPLES
    assert all(build.catalogue.product(row).has_picture for row in chosen)


def test_the_page_with_and_without_an_encoder(encoding: Path, planted: Path) -> None:
    with create_app(encoding).server.test_request_context():
        body = picture.layout(Location("/picture", {})).body
    assert len(of_class(body, "sample")) == picture.SAMPLES
    assert all(link.href.startswith("/picture?product=") for link in of_class(body, "sample"))
    assert of_type(body, "Upload")
    with create_app(planted).server.test_request_context():
        body = picture.layout(Location("/picture", {})).body
    assert wording.NO_ENCODER in text_of(of_class(body, "empty-state"))


def test_an_encoder_left_out_says_why(tmp_path: Path) -> None:
    manifest = write_planted_cache(tmp_path)
    style = replace(manifest.signals["style"], details={"encoder": "left out: 500 MB, more than fits"})
    republish(tmp_path, signals=manifest.signals | {"style": style})
    with create_app(tmp_path).server.test_request_context():
        said = text_of(of_class(picture.layout(Location("/picture", {})).body, "empty-state"))
    assert "Left out: 500 MB, more than fits." in said
    assert "again" not in said
