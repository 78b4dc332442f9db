"""How a picture meets the network: decoding, and the encoder that turns a picture into its vectors.

Precompute and the dashboard both go through here, so a product's picture and an uploaded copy of it get the same vectors.
"""

from __future__ import annotations

import contextlib
import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

# The formats of shop photos. Pillow knows some forty more; each would be another decoder for hostile files to try, and one
# of them (EPS) starts a program.
FORMATS = ("JPEG", "PNG", "WEBP", "AVIF", "GIF", "BMP", "TIFF")
MAX_BYTES = 64_000_000
MAX_PIXELS = 64_000_000
"""A phone's largest photos have 50 million pixels; decoded, this many take 192 MB."""
LARGEST_GREY = 1e38
"""A difference of two still fits into single precision."""
ENOUGH_PIXELS = 512
"""A large picture is made smaller by a whole factor, as long as both sides keep this many pixels."""

MAPS = "maps_of_"
"""Begins the names of the outputs that are no vectors but show what a block of the network sees: ``maps_of_block1``."""

EMPTY = "picture file is empty"
TOO_MANY_BYTES = "picture file is too large"
NOT_A_PICTURE = "not a picture of a known format"
TOO_MANY_PIXELS = "picture has too many pixels"
DAMAGED = "picture is cut off or damaged"


class UnreadablePicture(Exception):
    """A file can't be used as a picture.

    Attributes
    ----------
    reason
        One of the fixed sentences of this module, so that it can be counted.
    detail
        What was found, for people to read; may be empty.
    """

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason} ({detail})" if detail else reason)
        self.reason = reason
        self.detail = detail


def decode(content: bytes, max_pixels: int = MAX_PIXELS, *, small: bool = False) -> Image.Image:
    """Decode a picture file of any of `FORMATS`, upright and in RGB, 8 bits a channel.

    EXIF orientation is applied, transparency is laid on white, of an animation the first frame is taken, 16 bits are
    reduced to 8. A JPEG is decoded at a half, a quarter or an eighth of its size, as far as `ENOUGH_PIXELS` remain. Raises
    `UnreadablePicture`.

    With `small`, every format is made as small as that before it is turned into RGB, and `max_pixels` counts those that are held
    in memory: a JPEG may have up to `MAX_PIXELS` where it is decoded at a part of its size. A progressive one may not: its
    coefficients are all held, whatever its size will be.
    """
    if not content:
        raise UnreadablePicture(EMPTY)
    if len(content) > MAX_BYTES:
        raise UnreadablePicture(TOO_MANY_BYTES, f"{len(content):,} bytes, at most {MAX_BYTES:,}")
    try:
        image = Image.open(io.BytesIO(content), formats=FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise UnreadablePicture(TOO_MANY_PIXELS, str(error)) from None
    except UnidentifiedImageError:
        raise UnreadablePicture(NOT_A_PICTURE) from None
    except Exception as error:  # decoders meet hostile bytes with errors of every kind, not only OSError
        raise UnreadablePicture(DAMAGED, str(error)) from None
    too_many = UnreadablePicture(TOO_MANY_PIXELS, f"{image.width} x {image.height}, at most {max_pixels:,}")
    if image.width * image.height > (MAX_PIXELS if small and "progressive" not in image.info else max_pixels):
        raise too_many
    try:
        image.draft(None, (ENOUGH_PIXELS, ENOUGH_PIXELS))
        if image.width * image.height <= max_pixels:
            image.load()
            _turn_upright(image)
            return _rgb(image, small=small)
    except Exception as error:
        raise UnreadablePicture(DAMAGED, str(error)) from None
    raise too_many


def to_input(image: Image.Image, size: int) -> NDArray[np.uint8]:
    """What the encoder takes: uint8 [size, size, 3], stretched to the square.

    Stretched, not cut, as ``keras.utils.load_img(target_size=..., interpolation="bilinear")`` does; its default, nearest,
    would turn a fine weave into noise.
    """
    return np.asarray(image.resize((size, size), Image.Resampling.BILINEAR))


class Encoder:
    """A network in an ONNX file that takes pictures and gives vectors. Safe to share between threads.

    Parameters
    ----------
    model
        The file or its content.
    threads
        For one call of `encode`; results don't depend on it beyond float rounding.
    lean
        Run the network as it is written, in as little memory as that takes. Otherwise it is rearranged to be quicker, weights
        that are stored in half precision are widened once, and the memory of one call is kept for the next.

    Attributes
    ----------
    size
        Pixels per side of the pictures it takes.
    outputs
        Names of the vectors it gives: ``"visual"``, ``"style"`` or both.
    maps
        Names of the feature maps it gives when asked for them: ``"maps_of_block1"`` and so on, first block first.
    metadata
        What precompute wrote into the model: ``network``, ``untrained`` (``"true"`` or ``"false"``), layers.
    """

    def __init__(self, model: Path | bytes, threads: int = 1, *, lean: bool = False) -> None:
        self._session = _open_session(model, threads, lean)
        self.size: int = self._session.get_inputs()[0].shape[1]
        names = [output.name for output in self._session.get_outputs()]
        self.outputs: list[str] = [name for name in names if not name.startswith(MAPS)]
        self.maps: list[str] = [name for name in names if name.startswith(MAPS)]
        self.metadata: dict[str, str] = self._session.get_modelmeta().custom_metadata_map

    @property
    def untrained(self) -> bool:
        """True where the network's weights are random."""
        return self.metadata["untrained"] == "true"

    def encode(self, pictures: NDArray[np.uint8], *, with_maps: bool = False) -> dict[str, NDArray[np.float32]]:
        """The vectors of some pictures, and what the network saw on the way where that is asked for.

        Parameters
        ----------
        pictures
            uint8 [n, size, size, 3], RGB, from `to_input`.
        with_maps
            Give `maps` too.

        Returns
        -------
        dict
            By output name: of `outputs` float32 [n, d]; of `maps` float32 [n, m, s, s], the m feature maps of the highest mean,
            strongest first, none of whose numbers is negative.
        """
        wanted = [*self.outputs, *self.maps] if with_maps else self.outputs
        return dict(zip(wanted, self._session.run(wanted, {"picture": pictures}), strict=True))


def _turn_upright(image: Image.Image) -> None:
    # Unreadable EXIF says nothing about the pixels, which are all there.
    with contextlib.suppress(Exception):
        ImageOps.exif_transpose(image, in_place=True)


def _rgb(image: Image.Image, *, small: bool) -> Image.Image:
    if image.mode in ("I", "F") or image.mode.startswith("I;16"):
        image = _eight_bits(image)
    transparent = image.has_transparency_data
    image = _converted(image, "RGBA" if transparent else "RGB")
    if small and (factor := min(image.size) // ENOUGH_PIXELS) > 1:
        image = image.reduce(factor)
    if transparent:
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    return _converted(image, "RGB")


def _converted(image: Image.Image, mode: str) -> Image.Image:
    """Without the copy that Pillow makes of a picture that has the mode already."""
    return image if image.mode == mode else image.convert(mode)


def _eight_bits(image: Image.Image) -> Image.Image:
    """Grey of 16 or 32 bits, which Pillow itself would clip at 255. Only 16 bits have a fixed white; the rest is stretched."""
    # In single precision but for 32 bits: 12 million pixels in double precision would take 100 MB.
    grey: NDArray[Any] = np.array(image, np.float64 if image.mode == "I" else np.float32)
    if image.mode == "F":  # a TIFF may hold what is no grey at all
        np.clip(np.nan_to_num(grey, copy=False), -LARGEST_GREY, LARGEST_GREY, out=grey)
    low, high = (0, 65_535) if image.mode.startswith("I;16") else (float(grey.min()), float(grey.max()))
    grey -= low
    grey *= 255 / max(high - low, 1e-9)
    return Image.fromarray(np.rint(grey, out=grey).astype(np.uint8))


def _open_session(model: Path | bytes, threads: int, lean: bool) -> InferenceSession:
    import onnxruntime  # some 30 MB of memory that a dashboard without an encoder needn't pay

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = not lean  # the arena keeps its peak for ever; a dyno has 512 MB
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # waiting threads leave the cores to others
    options.use_deterministic_compute = True
    if lean:
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = 3
    source = model if isinstance(model, bytes) else str(model)
    return onnxruntime.InferenceSession(source, options, providers=["CPUExecutionProvider"])
