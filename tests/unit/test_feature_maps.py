"""What the network sees, drawn."""

from __future__ import annotations

import base64
import io

import numpy as np
from PIL import Image, ImageColor

from dashboard import wording
from dashboard.components.feature_maps import BRIGHT, COARSE, DARK, MIDDLE, coloured, embedded, feature_maps
from tests.drawn import of_class, of_type, text_of


def test_a_map_goes_from_dark_for_zero_to_bright_for_its_highest() -> None:
    drawn = coloured(np.array([[0, 2], [4, 4]], np.float32))
    expected = [ImageColor.getrgb(colour) for colour in (DARK, MIDDLE, BRIGHT, BRIGHT)]
    assert np.abs(np.asarray(drawn).reshape(4, 3).astype(int) - expected).max() <= 2


def test_a_map_that_nothing_answered_in_is_dark() -> None:
    assert set(coloured(np.zeros((2, 2), np.float32)).get_flattened_data()) == {ImageColor.getrgb(DARK)}


def test_an_embedded_picture_holds_its_pixels_and_its_size() -> None:
    image = embedded(Image.new("RGB", (6, 4), (200, 40, 90)), "A swatch", exact=True)
    kind, _, encoded = image.src.partition(";base64,")
    decoded = Image.open(io.BytesIO(base64.b64decode(encoded)))
    assert (kind, decoded.format, decoded.size, (image.width, image.height)) == ("data:image/webp", "WEBP", (6, 4), (6, 4))
    assert set(decoded.convert("RGB").get_flattened_data()) == {(200, 40, 90)}


def test_each_block_is_a_row_of_named_pictures() -> None:
    drawn = feature_maps([np.ones((3, COARSE, COARSE), np.float32), np.ones((2, 4, 4), np.float32)])
    blocks = of_class(drawn, "block")
    assert [text_of(of_type(block, "Figcaption")) for block in blocks] == [wording.network_block(1), wording.network_block(2)]
    assert [len(of_class(block, "feature-map")) for block in blocks] == [3, 2]
    assert [image.alt for image in of_class(blocks[1], "coarse")] == [wording.feature_map(2, 1), wording.feature_map(2, 2)]
    assert not of_class(blocks[0], "coarse")
