"""What the network sees in a picture: the feature maps that answer most strongly, block by block, as small pictures."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from dash import html
from dash.development.base_component import Component
from numpy.typing import NDArray

from dashboard import wording

if TYPE_CHECKING:
    from PIL.Image import Image

DARK, MIDDLE, BRIGHT = "#14211f", "#2f8577", "#fbf3df"
"""The colours of a map's zero, its half and its highest number: of one hue with the accent, and alike in both themes."""

COARSE = 56


def embedded(image: Image, alt: str, class_name: str | None = None, *, exact: bool = False) -> Component:
    """A picture that travels inside the page, because it is kept nowhere that an address could name."""
    file = io.BytesIO()
    image.save(file, "WEBP", quality=80, lossless=exact)
    source = "data:image/webp;base64," + base64.b64encode(file.getvalue()).decode()
    return html.Img(src=source, alt=alt, width=image.width, height=image.height, className=class_name)


def feature_maps(maps: Sequence[NDArray[np.float32]]) -> Component:
    """Each block's maps, float32 [m, s, s] and none below 0, in a row."""
    return html.Div([_block(number, block) for number, block in enumerate(maps, start=1)], className="blocks")


def coloured(cells: NDArray[np.float32]) -> Image:
    """A map, float32 [s, s], as a picture of as many pixels, from dark for 0 to bright for its highest number."""
    from PIL import Image, ImageOps  # only a dashboard with an encoder needs it

    grey = Image.fromarray(np.rint(cells * (255 / max(float(cells.max()), 1e-9))).astype(np.uint8))
    return ImageOps.colorize(grey, DARK, BRIGHT, MIDDLE)


def _block(number: int, maps: NDArray[np.float32]) -> Component:
    coarse = maps.shape[-1] < COARSE
    class_name = "feature-map coarse" if coarse else "feature-map"
    drawn = [
        embedded(coloured(cells), wording.feature_map(number, place), class_name, exact=coarse)
        for place, cells in enumerate(maps, start=1)
    ]
    return html.Figure(
        [html.Figcaption(wording.network_block(number)), html.Div(drawn, className="feature-maps")], className="block"
    )
