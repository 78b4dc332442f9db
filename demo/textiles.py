"""Rugs, cushions and blankets."""

from __future__ import annotations

from demo.draw import LIGHT, SHADE, Picture, Shape, box, curve, ellipse, mix, moved, rotated
from demo.families import Look


def _drop_shadow(picture: Picture, shape: Shape) -> None:
    """What lies flat on the ground or hangs on a wall throws a short shadow to the lower right."""
    picture.fill(moved(shape, 7, 9), SHADE, opacity=0.13)


def _fringe(picture: Picture, look: Look, x0: float, x1: float, y: float, length: float) -> None:
    strands = round((x1 - x0) / 9)
    for i in range(strands + 1):
        x = x0 + (x1 - x0) * i / strands
        picture.line([(x, y), (x + (2 if i % 2 else -2), y + length)], look.deep, 3)


# Rugs


def woven_rug(picture: Picture, look: Look) -> None:
    field = box(118, 78, 362, 402, 3)
    _drop_shadow(picture, box(118, 64, 362, 416, 3))
    _fringe(picture, look, 123, 357, 80, -20)
    _fringe(picture, look, 123, 357, 400, 20)
    picture.fill(field, look.ink)
    picture.fill(box(128, 88, 352, 392), look.ground)
    picture.fill(box(136, 96, 344, 384), look.pattern(1.15))
    picture.fill(field, SHADE, opacity=0.07, outside=moved(field, -10, -4))


def round_rug(picture: Picture, look: Look) -> None:
    _drop_shadow(picture, ellipse(240, 240, 172))
    for radius, paint in ((172, look.accent), (162, look.ground), (154, look.ink), (138, look.ground)):
        picture.fill(ellipse(240, 240, radius), paint)
    field = ellipse(240, 240, 130)
    picture.fill(field, look.pattern(1.1))
    picture.fill(ellipse(240, 240, 172), SHADE, opacity=0.06, outside=ellipse(230, 234, 172))


def runner(picture: Picture, look: Look) -> None:
    shape = box(164, 46, 316, 434, 3)
    _drop_shadow(picture, box(164, 34, 316, 446, 3))
    _fringe(picture, look, 168, 312, 48, -16)
    _fringe(picture, look, 168, 312, 432, 16)
    picture.fill(shape, look.pattern(1.1))
    for y in (46, 384):
        picture.fill(box(164, y, 316, y + 50), look.ink)
        picture.fill(box(164, y + 12, 316, y + 20), look.ground)
        picture.fill(box(164, y + 30, 316, y + 38), look.accent)
    picture.fill(shape, SHADE, opacity=0.07, outside=moved(shape, -9, -4))


def oval_rug(picture: Picture, look: Look) -> None:
    _drop_shadow(picture, ellipse(240, 240, 194, 132))
    picture.fill(ellipse(240, 240, 194, 132), look.ink)
    picture.fill(ellipse(240, 240, 184, 122), look.ground)
    picture.fill(ellipse(240, 240, 176, 114), look.pattern(1.1))
    picture.fill(ellipse(240, 240, 104, 62), look.ink)
    picture.fill(ellipse(240, 240, 96, 55), look.ground)
    picture.fill(ellipse(240, 240, 82, 43), look.accent)
    picture.fill(ellipse(240, 240, 194, 132), SHADE, opacity=0.06, outside=ellipse(230, 235, 194, 132))


# Cushions


def _pillow(half: float, tall: float, puff: float) -> Shape:
    """A stuffed cushion: pointed corners, sides drawn in a little at the corners and full in the middle."""
    x, y = half, tall
    return curve(
        (240 - x, 240 - y), (240 - x * 0.5, 240 - y + puff), (240 + x * 0.5, 240 - y + puff), (240 + x, 240 - y),
        (240 + x - puff, 240 - y * 0.5), (240 + x - puff, 240 + y * 0.5), (240 + x, 240 + y),
        (240 + x * 0.5, 240 + y - puff), (240 - x * 0.5, 240 + y - puff), (240 - x, 240 + y),
        (240 - x + puff, 240 + y * 0.5), (240 - x + puff, 240 - y * 0.5), closed=True,
    )  # fmt: skip


def _soft_light(picture: Picture, shape: Shape, half: float, tall: float) -> None:
    """Light along the upper left, shade along the lower edge."""
    picture.fill(shape, LIGHT, opacity=0.14, outside=moved(shape, half * 0.12, tall * 0.14))
    picture.fill(shape, SHADE, opacity=0.08, outside=moved(shape, 0, -tall * 0.16))


def square_cushion(picture: Picture, look: Look) -> None:
    shape = rotated(_pillow(146, 146, 14), -6)
    picture.fill(ellipse(250, 396, 132, 13), SHADE, opacity=0.14)
    picture.solid(shape, look.pattern(1.15, -6), 26)
    _soft_light(picture, shape, 146, 146)
    picture.line([*shape, shape[0]], look.deep, 4.5)


def lumbar_cushion(picture: Picture, look: Look) -> None:
    shape = _pillow(186, 100, 10)
    picture.fill(ellipse(250, 352, 170, 12), SHADE, opacity=0.14)
    picture.solid(shape, mix(look.ink, look.ground, 0.12), 26)
    picture.fill(box(140, 120, 340, 360), look.pattern(1.05), within=shape)
    for x in (136, 340):
        picture.fill(box(x, 120, x + 5, 360), look.accent, within=shape)
    picture.fill(shape, SHADE, opacity=0.12, outside=moved(shape, -22, -8))
    _soft_light(picture, shape, 186, 100)


def round_cushion(picture: Picture, look: Look) -> None:
    shape = ellipse(240, 244, 154, 146)
    picture.fill(ellipse(250, 394, 126, 12), SHADE, opacity=0.14)
    picture.solid(shape, look.pattern(1.1), 28)
    _soft_light(picture, shape, 154, 146)
    picture.line(ellipse(240, 244, 146, 138), look.deep, 3.5)
    for degrees in range(0, 360, 45):
        fold = rotated([(240, 222), (240, 176)], degrees, 240, 244)
        picture.line(fold, SHADE, 3, opacity=0.18)
    picture.solid(ellipse(240, 244, 17), look.deep, 8)


def tasselled_cushion(picture: Picture, look: Look) -> None:
    shape = _pillow(138, 138, 11)
    picture.fill(ellipse(248, 392, 130, 12), SHADE, opacity=0.14)
    for x, y, degrees in ((102, 102, 135), (378, 102, 225), (102, 378, 45), (378, 378, 315)):
        for spread in (-16, -5, 6, 17):
            picture.line(rotated([(x, y), (x, y + 36)], degrees + spread, x, y), look.deep, 3.4)
        picture.fill(ellipse(x, y, 9), look.accent)
    picture.solid(shape, mix(look.ground, look.ink, 0.16), 24)
    band = [(240 - 200, 240 - 46), (240 + 200, 240 - 46), (240 + 200, 240 + 46), (240 - 200, 240 + 46)]
    picture.fill(band, look.pattern(0.95), within=shape)
    for y in (186, 288):
        picture.fill(box(60, y, 420, y + 6), look.ink, within=shape)
    picture.fill(shape, SHADE, opacity=0.12, outside=moved(shape, -20, -8))
    _soft_light(picture, shape, 138, 138)


# Blankets


def folded_blanket(picture: Picture, look: Look) -> None:
    """Four layers, their folds at the left, and the end with its fringes hanging over the front."""
    picture.fill(ellipse(250, 374, 172, 14), SHADE, opacity=0.15)
    plain = mix(look.ground, look.ink, 0.35)
    for i, y in enumerate((330, 294, 258, 222)):
        layer = box(84 + (i * 5) % 8, y, 396 - (i * 7) % 9, y + 44, 17)
        picture.solid(layer, plain if i % 2 else mix(plain, look.ground, 0.45), 10)
        picture.fill(box(84, y + 32, 396, y + 44), SHADE, opacity=0.13, within=layer)
    top = box(86, 158, 394, 232, 26)
    picture.solid(top, look.pattern(1.05), 16)
    picture.fill(box(86, 210, 394, 232), SHADE, opacity=0.12, within=top)
    flap = [*curve((176, 158), (174, 200), (178, 250), (174, 306)), *curve((316, 306), (312, 250), (316, 200), (314, 158))]
    _fringe(picture, look, 178, 313, 304, 24)
    picture.fill(moved(flap, 7, 4), SHADE, opacity=0.13)
    picture.solid(flap, look.pattern(1.05), 12)
    picture.fill(box(150, 284, 340, 292), look.ink, within=flap)
    picture.fill(box(114, 166, 366, 174, 4), LIGHT, opacity=0.26)


def draped_throw(picture: Picture, look: Look) -> None:
    picture.line([(86, 112), (394, 112)], look.frame, 14)
    for x in (86, 394):
        picture.solid(ellipse(x, 112, 12), look.frame, 6)
    _fringe(picture, look, 138, 346, 370, 26)
    cloth = curve(
        (132, 104),
        (180, 98),
        (240, 98),
        (300, 98),
        (352, 104),
        (350, 200),
        (354, 300),
        (348, 376),
        (300, 382),
        (240, 374),
        (180, 382),
        (134, 376),
        (128, 300),
        (132, 200),
        closed=True,
    )
    picture.fill(moved(cloth, 8, 8), SHADE, opacity=0.12)
    picture.solid(cloth, look.pattern(1.1), 18)
    for x in (186, 246, 304):
        fold = curve((x, 118), (x + 8, 210), (x - 4, 300), (x + 3, 378))
        picture.line(fold, SHADE, 9, opacity=0.10, within=cloth)
        picture.line(moved(fold, -9, 0), LIGHT, 5, opacity=0.16, within=cloth)
    picture.fill(box(120, 98, 360, 122), LIGHT, opacity=0.16, within=cloth)
    for y in (346, 358):
        picture.fill(box(120, y, 360, y + 5), look.ink, within=cloth)


def rolled_blanket(picture: Picture, look: Look) -> None:
    picture.fill(ellipse(250, 358, 176, 13), SHADE, opacity=0.15)
    roll = box(86, 172, 396, 352, 86)
    picture.solid(roll, look.pattern(1.05), 20)
    picture.fill(box(86, 300, 396, 352), SHADE, opacity=0.14, within=roll)
    picture.fill(box(150, 184, 340, 198, 7), LIGHT, opacity=0.22)
    for radius_x, radius_y, paint in ((62, 90, mix(look.ground, look.ink, 0.55)), (54, 80, look.ground)):
        picture.fill(ellipse(142, 262, radius_x, radius_y), paint)
    for share in (0.82, 0.58, 0.34, 0.12):
        picture.line(ellipse(142, 262, 54 * share, 80 * share), mix(look.ground, look.ink, 0.6), 5)
    for x in (236, 322):
        picture.fill(box(x, 172, x + 18, 352), look.frame)
        picture.fill(box(x + 12, 172, x + 18, 352), SHADE, opacity=0.2)
        picture.fill(box(x - 2, 246, x + 20, 276, 4), mix(look.frame, LIGHT, 0.5))


def fringed_throw(picture: Picture, look: Look) -> None:
    """Folded lengthwise, lying slantwise, with fringes at both ends."""
    picture.fill(rotated(moved(box(112, 70, 368, 410), 9, 10), 16), SHADE, opacity=0.12)
    for y, length in ((96, -34), (384, 34)):
        for i in range(27):
            x = 120 + i * 9.2
            strand = rotated([(x, y), (x + (3 if i % 2 else -3), y + length)], 16)
            picture.line(strand, look.deep, 3.4)
    cloth = rotated(box(114, 90, 366, 390, 5), 16)
    picture.fill(cloth, look.pattern(1.15, 16))
    picture.fill(rotated(box(114, 90, 240, 390), 16), LIGHT, opacity=0.14)
    picture.fill(rotated(box(240, 90, 252, 390), 16), SHADE, opacity=0.18)
    for y in (104, 366):
        picture.fill(rotated(box(114, y, 366, y + 10), 16), look.ink)
