"""Vases, mugs, bowls and planters."""

from __future__ import annotations

from demo.draw import LIGHT, SHADE, Colour, Picture, Point, Shape, box, colour, curve, ellipse, mix, moved, rotated, turned
from demo.families import Look
from demo.furniture import FLOOR, corner, floor_shadow
from demo.motifs import leaf_shape

LEAF = colour("#5C8A62")
LEAF_DARK = colour("#3F6B50")
LEAF_PALE = colour("#8FB07C")


def _mouth(picture: Picture, look: Look, cy: float, rx: float, ry: float, cx: float = 240, depth: float = 0.55) -> None:
    """The opening of a vessel: a bright lip around a dark inside."""
    picture.fill(ellipse(cx, cy, rx, ry), mix(look.ground, LIGHT, 0.35))
    picture.fill(ellipse(cx, cy + 1, rx - 4, ry - 2.5), mix(mix(look.ground, look.ink, 0.45), SHADE, depth))


def _banded(picture: Picture, look: Look, body: Shape, top: float, bottom: float) -> None:
    """A plain body with a band of the family's pattern."""
    picture.fill(body, mix(look.ground, look.ink, 0.10))
    picture.fill(box(0, top, 480, bottom), look.pattern(0.85), within=body)
    for y in (top, bottom):
        picture.fill(box(0, y - 3, 480, y + 3), look.ink, within=body)


def _round_light(picture: Picture, body: Shape, depth: float) -> None:
    """Light and shade of a turned body."""
    picture.fill(body, SHADE, opacity=0.09, outside=moved(body, -depth * 1.7))
    picture.fill(body, SHADE, opacity=0.13, outside=moved(body, -depth * 0.75))
    picture.fill(body, LIGHT, opacity=0.20, outside=moved(body, depth * 0.5))
    picture.edge(body)


# Vases


def _branch(picture: Picture, foot: Point, tip: Point, bend: float, leaves: int, paint: Colour, size: float = 44) -> None:
    """A stem from foot to tip with leaves to both sides."""
    (x0, y0), (x1, y1) = foot, tip
    stem = curve(foot, ((x0 + x1) / 2 + bend, (y0 + y1) / 2), tip)
    picture.line(stem, mix(paint, SHADE, 0.25), 3.6)
    for i in range(leaves):
        x, y = stem[round(len(stem) * (0.40 + 0.56 * i / leaves))]
        side = 1 if i % 2 else -1
        picture.fill(leaf_shape(x, y, size * (1 - 0.05 * i), side * 58, 0.42), paint if i % 2 else mix(paint, LIGHT, 0.16))
    picture.fill(leaf_shape(x1, y1 + 4, size * 0.8, bend * 0.4, 0.42), paint)


def bottle_vase(picture: Picture, look: Look) -> None:
    floor_shadow(picture, 92)
    _branch(picture, (240, 170), (206, 42), -14, 5, LEAF, 36)
    _branch(picture, (242, 170), (276, 62), 12, 4, LEAF_DARK, 34)
    body = turned(240, (22, 142), (17, 160), (19, 196), (50, 244), (88, 306), (84, 366), (58, 404), (54, 410))
    picture.fill(body, look.pattern(0.95))
    _round_light(picture, body, 24)
    _mouth(picture, look, 143, 22, 6)


def amphora(picture: Picture, look: Look) -> None:
    floor_shadow(picture, 96)
    for side in (-1, 1):
        handle = curve((240 + side * 40, 138), (240 + side * 92, 150), (240 + side * 98, 196), (240 + side * 78, 238))
        picture.line(handle, mix(look.ground, look.ink, 0.55 if side < 0 else 0.7), 15)
    body = turned(240, (48, 96), (38, 116), (40, 152), (84, 208), (106, 264), (92, 334), (60, 390), (54, 410))
    _banded(picture, look, body, 212, 322)
    _round_light(picture, body, 26)
    _mouth(picture, look, 98, 48, 11)


def cylinder_vase(picture: Picture, look: Look) -> None:
    floor_shadow(picture, 84)
    for x, tip, bend in ((226, (168, 78), -8), (240, (236, 40), 4), (256, (310, 84), 10)):
        picture.line(curve((x, 210), ((x + tip[0]) / 2 + bend, 140), tip), LEAF_DARK, 3.6)
        for degrees in range(0, 360, 60):
            picture.fill(
                leaf_shape(tip[0], tip[1], 25, degrees, 0.62), look.accent if tip[1] > 50 else mix(look.accent, LIGHT, 0.35)
            )
        picture.fill(ellipse(*tip, 8), mix(look.ink, LIGHT, 0.2))
    body = turned(240, (66, 196), (67, 216), (66, 300), (66, 390), (60, 409))
    picture.fill(body, look.pattern(0.95))
    _round_light(picture, body, 22)
    _mouth(picture, look, 197, 66, 15)


def moon_vase(picture: Picture, look: Look) -> None:
    floor_shadow(picture, 100)
    body = turned(240, (30, 128), (26, 148), (52, 166), (112, 216), (134, 280), (112, 352), (64, 396), (56, 410))
    picture.fill(body, mix(look.ground, look.ink, 0.08))
    picture.fill(body, look.pattern(1.0), outside=box(0, 0, 480, 262))
    picture.fill(box(0, 258, 480, 266), look.ink, within=body)
    _round_light(picture, body, 30)
    picture.fill(rotated(ellipse(182, 216, 13, 34), 34, 182, 216), LIGHT, opacity=0.35)
    _mouth(picture, look, 129, 31, 8)


# Mugs


def _handle(picture: Picture, look: Look, x: float, top: float, bottom: float, reach: float, width: float) -> None:
    middle = (top + bottom) / 2
    ear = curve((x - 6, top), (x + reach * 0.75, top + 2), (x + reach, middle), (x + reach * 0.7, bottom), (x - 10, bottom + 2))
    picture.line(ear, mix(mix(look.ground, look.ink, 0.30), SHADE, 0.10), width)
    picture.line(moved(ear, -2, -2), LIGHT, width * 0.25, opacity=0.4)


def _drink(picture: Picture, look: Look, cx: float, cy: float, rx: float, ry: float) -> None:
    _mouth(picture, look, cy, rx, ry, cx, 0.2)
    picture.fill(ellipse(cx, cy + ry * 0.28, rx - 9, ry * 0.62), colour("#6B4632"))
    picture.fill(ellipse(cx - rx * 0.2, cy + ry * 0.28, rx * 0.4, ry * 0.26), colour("#8A6048"))


def tall_mug(picture: Picture, look: Look) -> None:
    floor_shadow(picture, 112, 396)
    _handle(picture, look, 306, 176, 320, 72, 20)
    body = turned(222, (92, 116), (91, 140), (88, 260), (84, 372), (74, 396))
    picture.fill(body, look.pattern())
    _round_light(picture, body, 24)
    _drink(picture, look, 222, 117, 92, 21)


def round_mug(picture: Picture, look: Look) -> None:
    floor_shadow(picture, 108, 388)
    _handle(picture, look, 330, 200, 314, 62, 21)
    body = turned(222, (92, 148), (109, 190), (119, 244), (117, 300), (101, 348), (80, 378), (68, 389))
    _banded(picture, look, body, 206, 316)
    _round_light(picture, body, 28)
    _drink(picture, look, 222, 149, 92, 20)


def espresso_cup(picture: Picture, look: Look) -> None:
    floor_shadow(picture, 168, 378)
    picture.fill(ellipse(236, 368, 172, 30), mix(look.ink, SHADE, 0.25))
    picture.fill(ellipse(236, 360, 172, 30), mix(look.ground, look.ink, 0.25))
    picture.fill(ellipse(236, 357, 140, 21), mix(look.ground, LIGHT, 0.3))
    picture.fill(ellipse(250, 360, 82, 13), SHADE, opacity=0.18)
    _handle(picture, look, 312, 228, 306, 54, 16)
    body = turned(228, (96, 192), (95, 216), (88, 280), (62, 344), (54, 360))
    picture.fill(body, look.pattern(0.9))
    _round_light(picture, body, 24)
    _drink(picture, look, 228, 193, 96, 20)


def footed_mug(picture: Picture, look: Look) -> None:
    floor_shadow(picture, 98, 400)
    _handle(picture, look, 300, 166, 268, 66, 17)
    foot = turned(224, (26, 330), (22, 352), (50, 388), (60, 400))
    picture.solid(foot, mix(look.ground, look.ink, 0.55), 14)
    body = turned(224, (94, 110), (93, 140), (86, 220), (68, 300), (26, 346))
    picture.fill(body, look.pattern(0.95))
    _round_light(picture, body, 24)
    _drink(picture, look, 224, 111, 94, 21)


# Bowls


def _bowl_inside(picture: Picture, look: Look, cy: float, rx: float, ry: float) -> None:
    picture.fill(ellipse(240, cy, rx, ry), mix(look.ground, LIGHT, 0.30))
    inside = ellipse(240, cy + 2, rx - 8, ry - 5)
    paint = mix(look.ground, look.ink, 0.35)
    picture.fill(inside, mix(paint, SHADE, 0.16))
    picture.fill(inside, mix(paint, LIGHT, 0.10), outside=ellipse(226, cy - 10, rx - 8, ry - 5))


def _round_body(cx: float, top: float, bottom: float, rx: float) -> Shape:
    """The body of a bowl: round as a ball below its rim, cut off for it to stand."""
    steps = [i / 8 for i in range(9)]
    return turned(cx, *((rx * (1 - 0.84 * u**2.2) ** 0.5, top + (bottom - top) * u) for u in steps))


def wide_bowl(picture: Picture, look: Look) -> None:
    floor_shadow(picture, 120, 366)
    body = _round_body(240, 210, 366, 180)
    picture.fill(body, look.pattern())
    _round_light(picture, body, 30)
    _bowl_inside(picture, look, 210, 180, 44)


def footed_bowl(picture: Picture, look: Look) -> None:
    floor_shadow(picture, 104, 398)
    picture.solid(turned(240, (34, 318), (28, 346), (66, 388), (76, 398)), mix(look.ground, look.ink, 0.6), 14)
    body = _round_body(240, 182, 334, 162)
    _banded(picture, look, body, 214, 280)
    _round_light(picture, body, 28)
    _bowl_inside(picture, look, 182, 162, 40)


def fruit_bowl(picture: Picture, look: Look) -> None:
    floor_shadow(picture, 124, 372)
    picture.fill(ellipse(240, 232, 176, 40), mix(look.ground, look.ink, 0.5))
    for x, y, r, paint in (
        (176, 206, 44, "#D98B4A"),
        (300, 204, 46, "#B9544A"),
        (238, 180, 50, "#E3B14F"),
        (258, 222, 42, "#9DAE5C"),
        (196, 226, 38, "#D98B4A"),
    ):
        fruit = ellipse(x, y, r)
        picture.solid(fruit, colour(paint), 14)
        picture.line([(x, y - r + 6), (x + 4, y - r - 5)], colour("#6B4A32"), 4)
    rim = ellipse(240, 232, 176, 34, 180, 0)
    body = [*rim, *[point for point in _round_body(240, 232, 372, 176) if point[1] > 240]]
    picture.fill(body, look.pattern())
    _round_light(picture, body, 28)
    picture.line(rim, mix(look.ground, LIGHT, 0.35), 7)


def nested_bowls(picture: Picture, look: Look) -> None:
    floor_shadow(picture, 122, 388)
    paints = (mix(look.ground, look.ink, 0.75), mix(look.ground, look.accent, 0.7))
    for top, rx, paint in ((252, 166, paints[0]), (212, 144, paints[1])):
        body = _round_body(240, top, top + 136, rx)
        picture.fill(body, paint)
        _round_light(picture, body, 26)
        picture.fill(ellipse(240, top, rx, rx * 0.24), mix(paint, LIGHT, 0.35))
        picture.fill(ellipse(240, top + 2, rx - 7, rx * 0.24 - 5), mix(paint, SHADE, 0.25))
    body = _round_body(240, 164, 286, 124)
    picture.fill(body, look.pattern(0.85))
    _round_light(picture, body, 22)
    _bowl_inside(picture, look, 164, 124, 32)


# Planters


def _snake_plant(picture: Picture, x: float, y: float) -> None:
    for dx, height, lean, paint in (
        (-40, 150, -14, LEAF_DARK),
        (38, 160, 13, LEAF_DARK),
        (-16, 205, -5, LEAF),
        (20, 188, 6, LEAF),
        (2, 150, 1, LEAF_PALE),
    ):
        leaf = rotated(
            curve(
                (x + dx - 13, y),
                (x + dx - 16, y - height * 0.55),
                (x + dx, y - height),
                (x + dx + 16, y - height * 0.55),
                (x + dx + 13, y),
                closed=True,
            ),
            lean,
            x + dx,
            y,
        )
        picture.solid(leaf, paint, 7)
        picture.line(rotated([(x + dx, y - 8), (x + dx, y - height * 0.86)], lean, x + dx, y), mix(paint, LIGHT, 0.35), 3)


def _rubber_plant(picture: Picture, x: float, y: float) -> None:
    picture.line(curve((x, y), (x - 4, y - 90), (x + 4, y - 190)), colour("#6E5138"), 7)
    for dy, degrees, length in (
        (50, -74, 92),
        (64, 70, 94),
        (98, -58, 96),
        (116, 56, 94),
        (150, -38, 88),
        (164, 36, 84),
        (186, 0, 80),
    ):
        leaf = leaf_shape(x, y - dy, length, degrees, 0.56)
        picture.solid(leaf, LEAF_DARK if degrees < 0 else LEAF, 9)
        tip = rotated([(x, y - dy), (x, y - dy - length * 0.86)], degrees, x, y - dy)
        picture.line(tip, LEAF_PALE, 2.4)


def _cactus(picture: Picture, x: float, y: float) -> None:
    for side, top, height in ((-1, 92, 60), (1, 116, 76)):
        picture.line(
            curve(
                (x + side * 20, y - 70),
                (x + side * 62, y - 74),
                (x + side * 68, y - top),
                (x + side * 68, y - top - height * 0.6),
            ),
            LEAF,
            30,
        )
    body = box(x - 34, y - 200, x + 34, y + 20, 34)
    picture.solid(body, LEAF, 14)
    for dx in (-17, 0, 17):
        picture.line([(x + dx, y - 176), (x + dx, y)], LEAF_PALE, 2.6)
    for dx, dy in ((0, 204), (-68, 134), (68, 168)):
        for degrees in (-50, 0, 50):
            picture.fill(leaf_shape(x + dx, y - dy + 8, 22, degrees, 0.6), colour("#E48B7C"))


def _trailing_plant(picture: Picture, x: float, y: float) -> None:
    for start, tip, bend in (
        (-44, (-120, 96), -46),
        (44, (124, 116), 48),
        (-18, (-84, 150), -52),
        (22, (72, 168), 40),
        (-60, (-150, 28), -20),
        (60, (152, 30), 22),
    ):
        stem = curve((x + start, y), (x + (start + tip[0]) / 2 + bend * 0.6, y + tip[1] * 0.25 - 26), (x + tip[0], y + tip[1]))
        picture.line(stem, LEAF_DARK, 3.4)
        for i in range(2, 12):
            px, py = stem[round((len(stem) - 1) * i / 11)]
            picture.fill(leaf_shape(px, py, 24, 70 if i % 2 else -70, 0.7), LEAF if i % 2 else LEAF_PALE)
    for degrees in (-64, -34, -6, 22, 52):
        picture.fill(leaf_shape(x, y + 6, 70, degrees, 0.42), LEAF if degrees % 4 else LEAF_DARK)


def classic_pot(picture: Picture, look: Look) -> None:
    floor_shadow(picture, 92)
    _rubber_plant(picture, 240, 272)
    body = turned(240, (86, 262), (82, 290), (72, 370), (64, 409))
    picture.fill(body, look.pattern(0.9))
    _round_light(picture, body, 22)
    picture.solid(box(146, 244, 334, 280, corner(look, 15)), mix(look.ground, look.ink, 0.45), 14)


def standing_planter(picture: Picture, look: Look) -> None:
    floor_shadow(picture, 100)
    _snake_plant(picture, 240, 244)
    for x, foot in ((158, 146), (322, 334)):
        picture.solid([(x - 6, 262), (x + 6, 262), (foot + 5, FLOOR), (foot - 5, FLOOR)], look.frame, 5)
    picture.line([(154, 344), (326, 344)], look.frame, 9)
    body = turned(240, (92, 232), (94, 258), (86, 310), (58, 340))
    picture.fill(body, look.pattern(0.9))
    _round_light(picture, body, 24)
    picture.fill(ellipse(240, 234, 92, 11), mix(look.ground, LIGHT, 0.2), outside=box(0, 0, 480, 234))


def bowl_planter(picture: Picture, look: Look) -> None:
    floor_shadow(picture, 110)
    _cactus(picture, 240, 264)
    body = turned(240, (116, 262), (124, 300), (104, 364), (66, 402), (60, 410))
    picture.fill(body, look.pattern(0.95))
    _round_light(picture, body, 28)
    picture.fill(box(120, 254, 360, 272, 9), mix(look.ground, look.ink, 0.4))


def hanging_planter(picture: Picture, look: Look) -> None:
    for x in (168, 312):
        picture.line([(240, 26), (x, 208)], look.frame, 4)
    picture.solid(ellipse(240, 28, 9), look.frame, 4)
    body = turned(240, (82, 202), (84, 232), (66, 292), (34, 322), (22, 326))
    picture.fill(body, look.pattern(0.85))
    _round_light(picture, body, 22)
    _trailing_plant(picture, 240, 208)
