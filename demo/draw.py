"""A small drawing kit: a shape is a list of points, a picture fills shapes with a colour or a texture.

Coordinates run from 0 to `SIZE` in both directions, y downwards. Pictures are drawn `SCALE` times larger and reduced at the end,
which smooths every edge.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Final, TypeAlias

from PIL import Image, ImageChops, ImageDraw

SIZE: Final = 480
SCALE: Final = 3

Point: TypeAlias = tuple[float, float]
Shape: TypeAlias = list[Point]
Colour: TypeAlias = tuple[int, int, int]
Paint: TypeAlias = Colour | Image.Image
"""A colour, or a texture: an image as large as the picture's own, seen through the shape."""

SHADE: Final[Colour] = (38, 26, 48)
LIGHT: Final[Colour] = (255, 252, 244)


def colour(code: str) -> Colour:
    """``"#RRGGBB"`` as three bytes."""
    return int(code[1:3], 16), int(code[3:5], 16), int(code[5:7], 16)


def mix(a: Colour, b: Colour, share: float) -> Colour:
    """`a` with a `share` (0 to 1) of `b`."""
    red, green, blue = (round(x + (y - x) * share) for x, y in zip(a, b, strict=True))
    return red, green, blue


def box(x0: float, y0: float, x1: float, y1: float, radius: float = 0) -> Shape:
    """A rectangle, its corners rounded."""
    r = min(radius, (x1 - x0) / 2, (y1 - y0) / 2)
    if r <= 0:
        return [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]
    corners = [(x1 - r, y0 + r, 270), (x1 - r, y1 - r, 0), (x0 + r, y1 - r, 90), (x0 + r, y0 + r, 180)]
    return [point for cx, cy, start in corners for point in ellipse(cx, cy, r, r, start, start + 90)]


def ellipse(cx: float, cy: float, rx: float, ry: float | None = None, start: float = 0, end: float = 360) -> Shape:
    """An ellipse, or the part of it from `start` to `end` degrees, clockwise from the right."""
    ry = rx if ry is None else ry
    steps = max(8, int(abs(end - start) / 4))
    angles = [math.radians(start + (end - start) * i / steps) for i in range(steps + 1)]
    return [(cx + rx * math.cos(a), cy + ry * math.sin(a)) for a in angles]


def curve(*points: Point, closed: bool = False) -> Shape:
    """A smooth line through the points (a Catmull-Rom spline)."""
    knots = [points[-1], *points, points[0], points[1]] if closed else [points[0], *points, points[-1]]
    steps = [i / 12 for i in range(12)]
    line = [
        (_spline(a[0], b[0], c[0], d[0], t), _spline(a[1], b[1], c[1], d[1], t))
        for a, b, c, d in zip(knots, knots[1:], knots[2:], knots[3:], strict=False)
        for t in steps
    ]
    return line if closed else [*line, points[-1]]


def _spline(a: float, b: float, c: float, d: float, t: float) -> float:
    return 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)


def turned(cx: float, *profile: Point) -> Shape:
    """A body turned on a lathe: `profile` holds (half width, y) from top to bottom and is smoothed, then mirrored at `cx`."""
    right = [(cx + half, y) for half, y in curve(*profile)]
    return right + mirrored(right, cx)[::-1]


def taper(start: Point, end: Point, width: float, end_width: float) -> Shape:
    """A bar that is `width` wide at its start and `end_width` at its end."""
    (x0, y0), (x1, y1) = start, end
    length = math.hypot(x1 - x0, y1 - y0)
    nx, ny = (y0 - y1) / length / 2, (x1 - x0) / length / 2
    return [
        (x0 + nx * width, y0 + ny * width),
        (x1 + nx * end_width, y1 + ny * end_width),
        (x1 - nx * end_width, y1 - ny * end_width),
        (x0 - nx * width, y0 - ny * width),
    ]


def moved(shape: Shape, dx: float = 0, dy: float = 0) -> Shape:
    return [(x + dx, y + dy) for x, y in shape]


def mirrored(shape: Shape, cx: float = SIZE / 2) -> Shape:
    return [(2 * cx - x, y) for x, y in shape]


def rotated(shape: Shape, degrees: float, cx: float = SIZE / 2, cy: float = SIZE / 2) -> Shape:
    """Turned clockwise around (`cx`, `cy`)."""
    sin, cos = math.sin(math.radians(degrees)), math.cos(math.radians(degrees))
    return [(cx + (x - cx) * cos - (y - cy) * sin, cy + (x - cx) * sin + (y - cy) * cos) for x, y in shape]


class Picture:
    """A square canvas; later shapes cover earlier ones."""

    def __init__(self, ground: Colour) -> None:
        self.ground = ground
        self.image = Image.new("RGB", (SIZE * SCALE, SIZE * SCALE), ground)

    def fill(
        self,
        shape: Sequence[Point],
        paint: Paint,
        *,
        opacity: float = 1,
        within: Shape | None = None,
        outside: Shape | None = None,
    ) -> None:
        """Fill a shape, or only its part `within` another shape or `outside` of one."""
        points = _scaled(shape)
        if isinstance(paint, tuple) and opacity == 1 and within is None and outside is None:
            ImageDraw.Draw(self.image).polygon(points, paint)
            return
        area = self._area(points, 1)
        mask = _mask(points, area)
        if within is not None:
            mask = ImageChops.multiply(mask, _mask(_scaled(within), area))
        if outside is not None:
            mask = ImageChops.subtract(mask, _mask(_scaled(outside), area))
        self._paint(paint, area, mask, opacity)

    def line(
        self, points: Sequence[Point], paint: Paint, width: float, *, opacity: float = 1, within: Shape | None = None
    ) -> None:
        """A line of even width with round joints and ends."""
        scaled = _scaled(points)
        area = self._area(scaled, width * SCALE)
        mask = Image.new("L", (area[2] - area[0], area[3] - area[1]))
        draw = ImageDraw.Draw(mask)
        local = [(x - area[0], y - area[1]) for x, y in scaled]
        radius = width * SCALE / 2
        for (x0, y0), (x1, y1) in pairwise(local):
            if (x0, y0) != (x1, y1):
                draw.polygon(taper((x0, y0), (x1, y1), 2 * radius, 2 * radius), 255)
        for x, y in local[1:-1]:
            draw.ellipse((x - radius + 1, y - radius + 1, x + radius - 1, y + radius - 1), 255)
        for x, y in (local[0], local[-1]):
            draw.polygon(ellipse(x, y, radius), 255)
        if within is not None:
            mask = ImageChops.multiply(mask, _mask(_scaled(within), area))
        self._paint(paint, area, mask, opacity)

    def solid(self, shape: Shape, paint: Paint, depth: float = 14) -> None:
        """A body lit from the upper left: its right edge falls into shade in two steps, its left edge catches light."""
        self.fill(shape, paint)
        self.fill(shape, SHADE, opacity=0.10, outside=moved(shape, -depth, -depth / 6))
        self.fill(shape, SHADE, opacity=0.12, outside=moved(shape, -depth / 2.6, -depth / 16))
        self.fill(shape, LIGHT, opacity=0.22, outside=moved(shape, depth / 3, depth / 10))
        self.edge(shape)

    def edge(self, shape: Shape) -> None:
        """A faint contour, so that pale things stand out from a pale ground."""
        self.line([*shape, shape[0]], SHADE, 3.2, opacity=0.20, within=shape)

    def finished(self) -> Image.Image:
        """The picture at `SIZE` pixels square."""
        return self.image.reduce(SCALE)

    def _area(self, points: Sequence[Point], margin: float) -> tuple[int, int, int, int]:
        """The pixels that the points and a margin around them touch; empty outside the picture."""
        xs, ys = [x for x, _ in points], [y for _, y in points]
        left, top, right, bottom = (
            min(SIZE * SCALE, max(0, round(edge)))
            for edge in (min(xs) - margin, min(ys) - margin, max(xs) + margin + 2, max(ys) + margin + 2)
        )
        return left, top, right, bottom

    def _paint(self, paint: Paint, area: tuple[int, int, int, int], mask: Image.Image, opacity: float) -> None:
        if opacity < 1:
            mask = mask.point(lambda value: round(value * opacity))
        self.image.paste(paint if isinstance(paint, tuple) else paint.crop(area), area, mask)


def _scaled(shape: Sequence[Point]) -> list[Point]:
    return [(x * SCALE, y * SCALE) for x, y in shape]


def _mask(points: Sequence[Point], area: tuple[int, int, int, int]) -> Image.Image:
    mask = Image.new("L", (area[2] - area[0], area[3] - area[1]))
    ImageDraw.Draw(mask).polygon([(x - area[0], y - area[1]) for x, y in points], 255)
    return mask
