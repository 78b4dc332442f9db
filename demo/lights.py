"""Lamps, and what hangs on the wall: clocks and mirrors."""

from __future__ import annotations

from demo.draw import LIGHT, SHADE, Picture, Shape, box, colour, curve, ellipse, mix, moved, rotated, taper, turned
from demo.families import Look
from demo.furniture import FLOOR, corner, floor_shadow

GLOW = colour("#FFE7AE")
GLASS = colour("#CFDEE4")
FACE = colour("#FBF8F1")


def _glow(picture: Picture, cx: float, cy: float, rx: float, ry: float) -> None:
    picture.fill(ellipse(cx, cy, rx, ry), GLOW, opacity=0.30)
    picture.fill(ellipse(cx, cy, rx * 0.66, ry * 0.66), GLOW, opacity=0.34)


def _shade(top: float, bottom: float, half_top: float, half_bottom: float, cx: float = 240) -> Shape:
    """A lampshade, its lower rim bowed as seen from a little above."""
    rim = ellipse(cx, bottom, half_bottom, 9, 0, 180)
    return [(cx - half_top, top), (cx + half_top, top), *rim]


# Lamps


def table_lamp(picture: Picture, look: Look) -> None:
    floor_shadow(picture, 84)
    _glow(picture, 240, 244, 118, 50)
    base = turned(240, (12, 226), (14, 252), (46, 286), (66, 334), (50, 384), (42, 408))
    picture.solid(base, mix(look.ground, look.ink, 0.7), 20)
    picture.fill(ellipse(216, 322, 9, 28), LIGHT, opacity=0.3)
    picture.solid(box(226, 210, 254, 238, 4), look.frame, 8)
    shade = _shade(86, 218, 74 + 20 * look.family.roundness, 122)
    picture.solid(shade, look.pattern(), 24)
    picture.solid(box(232, 72, 248, 88, 5), look.frame, 5)


def floor_lamp(picture: Picture, look: Look) -> None:
    floor_shadow(picture, 98)
    _glow(picture, 240, 178, 112, 44)
    picture.solid(taper((240, 190), (240, FLOOR - 12), 8, 8), mix(look.frame, SHADE, 0.3), 3)
    for side in (-1, 1):
        picture.solid(taper((240 + side * 6, 196), (240 + side * 84, FLOOR), 12, 8), look.frame, 5)
    picture.line([(196, 306), (284, 306)], mix(look.frame, SHADE, 0.2), 6)
    shade = _shade(50, 168, 84, 112)
    picture.solid(shade, look.pattern(), 22)
    picture.solid(box(226, 178, 254, 200, 6), look.frame, 8)


def pendant_lamp(picture: Picture, look: Look) -> None:
    picture.line([(240, 10), (240, 150)], mix(look.frame, SHADE, 0.25), 4)
    picture.solid(box(210, 4, 270, 22, 8), look.frame, 8)
    _glow(picture, 240, 330, 168, 84)
    picture.solid(box(222, 128, 258, 172, 8), look.frame, 8)
    dome = [*ellipse(240, 312, 158, 152, 180, 360), *ellipse(240, 312, 158, 15, 0, 180)]
    picture.solid(dome, look.pattern(1.1), 26)
    inside = ellipse(240, 312, 150, 11)
    picture.fill(inside, mix(look.ink, SHADE, 0.35))
    picture.fill(ellipse(240, 318, 92, 14), GLOW, opacity=0.5, within=inside)
    picture.fill(ellipse(240, 320, 48, 12), GLOW, within=inside)


def mushroom_lamp(picture: Picture, look: Look) -> None:
    floor_shadow(picture, 92)
    _glow(picture, 240, 262, 130, 48)
    stem = turned(240, (30, 226), (24, 264), (30, 330), (62, 386), (72, 408))
    picture.solid(stem, look.frame, 18)
    cap = [*ellipse(240, 232, 148, 138, 180, 360), *ellipse(240, 232, 148, 22, 0, 180)]
    picture.solid(cap, look.pattern(1.05), 26)


# Clocks


def _hands(picture: Picture, look: Look, cy: float, length: float, hours: float, minutes: float) -> None:
    for reach, degrees, width in ((0.62, hours, 9), (0.92, minutes, 6)):
        hand = rotated([(240, cy + length * 0.14), (240, cy - length * reach)], degrees, 240, cy)
        picture.line(moved(hand, 2, 3), SHADE, width, opacity=0.14)
        picture.line(hand, mix(look.deep, SHADE, 0.35), width)
    picture.fill(ellipse(240, cy, 10), look.accent)
    picture.fill(ellipse(240, cy, 4), FACE)


def _hours(picture: Picture, look: Look, cy: float, radius: float) -> None:
    for hour in range(12):
        length = 16 if hour % 3 == 0 else 9
        tick = rotated([(240, cy - radius), (240, cy - radius + length)], hour * 30, 240, cy)
        picture.line(tick, mix(look.deep, SHADE, 0.25), 5 if hour % 3 == 0 else 3)


def wall_clock(picture: Picture, look: Look) -> None:
    picture.fill(ellipse(248, 250, 166), SHADE, opacity=0.13)
    picture.solid(ellipse(240, 240, 166), look.frame, 12)
    picture.fill(ellipse(240, 240, 152), look.pattern(0.95))
    picture.fill(ellipse(240, 240, 106), FACE)
    picture.fill(ellipse(240, 240, 106), SHADE, opacity=0.08, outside=ellipse(246, 249, 106))
    _hours(picture, look, 240, 98)
    _hands(picture, look, 240, 86, 305, 60)


def sunburst_clock(picture: Picture, look: Look) -> None:
    for ray in range(24):
        long = ray % 2 == 0
        bar = taper((240, 150), (240, 52 if long else 84), 15, 5)
        paint = look.frame if long else look.deep
        picture.fill(moved(rotated(bar, ray * 15, 240, 240), 4, 6), SHADE, opacity=0.10)
        picture.fill(rotated(bar, ray * 15, 240, 240), paint)
    picture.solid(ellipse(240, 240, 112), look.pattern(0.8), 14)
    picture.fill(ellipse(240, 240, 84), FACE)
    _hours(picture, look, 240, 78)
    _hands(picture, look, 240, 68, 300, 54)


def square_clock(picture: Picture, look: Look) -> None:
    radius = corner(look, 60)
    picture.fill(moved(box(88, 88, 392, 392, radius), 8, 10), SHADE, opacity=0.13)
    picture.solid(box(88, 88, 392, 392, radius), look.frame, 12)
    picture.fill(box(102, 102, 378, 378, radius * 0.85), look.pattern())
    picture.fill(ellipse(240, 240, 104), FACE)
    _hours(picture, look, 240, 94)
    _hands(picture, look, 240, 84, 62, 180)


def mantel_clock(picture: Picture, look: Look) -> None:
    floor_shadow(picture, 142, 390)
    body = [*ellipse(240, 226, 124, 130, 180, 360), (376, 372), (104, 372)]
    picture.solid(body, look.frame, 18)
    picture.solid(box(92, 364, 388, 390, corner(look, 10)), mix(look.frame, SHADE, 0.18), 12)
    panel = [*ellipse(240, 226, 108, 114, 180, 360), (352, 352), (128, 352)]
    picture.fill(panel, look.pattern(0.9))
    picture.fill(ellipse(240, 230, 86), FACE)
    _hours(picture, look, 230, 78)
    _hands(picture, look, 230, 68, 300, 60)


# Mirrors


def _glass(picture: Picture, shape: Shape) -> None:
    """Glass with two slanting gleams."""
    picture.fill(shape, GLASS)
    for x, width in ((150, 62), (238, 20)):
        gleam = [(x + 120, 0), (x + 120 + width, 0), (x - 120 + width, 480), (x - 120, 480)]
        picture.fill(gleam, LIGHT, opacity=0.42, within=shape)
    picture.fill(shape, SHADE, opacity=0.13, outside=moved(shape, 7, 9))


def round_mirror(picture: Picture, look: Look) -> None:
    picture.fill(ellipse(248, 250, 170), SHADE, opacity=0.13)
    picture.solid(ellipse(240, 240, 170), look.pattern(), 14)
    picture.line(ellipse(240, 240, 166), look.frame, 7)
    picture.fill(ellipse(240, 240, 124), look.frame)
    _glass(picture, ellipse(240, 240, 117))


def arched_mirror(picture: Picture, look: Look) -> None:
    def arch(inset: float) -> Shape:
        return [*ellipse(240, 196, 122 - inset, 138 - inset, 180, 360), (362 - inset, 420 - inset), (118 + inset, 420 - inset)]

    picture.fill(moved(arch(0), 8, 9), SHADE, opacity=0.13)
    picture.solid(arch(0), look.frame, 12)
    picture.fill(arch(8), look.pattern(0.9))
    picture.fill(arch(40), look.frame)
    _glass(picture, arch(46))


def oval_mirror(picture: Picture, look: Look) -> None:
    picture.line(curve((196, 96), (240, 22), (284, 96)), mix(look.frame, SHADE, 0.15), 5)
    picture.solid(ellipse(240, 22, 8), look.frame, 4)
    picture.fill(ellipse(248, 260, 134, 180), SHADE, opacity=0.13)
    picture.solid(ellipse(240, 252, 134, 180), look.pattern(0.95), 14)
    picture.line(ellipse(240, 252, 131, 177), look.frame, 7)
    picture.fill(ellipse(240, 252, 96, 142), look.frame)
    _glass(picture, ellipse(240, 252, 90, 136))


def standing_mirror(picture: Picture, look: Look) -> None:
    floor_shadow(picture, 116)
    for side in (-1, 1):
        picture.solid(taper((240 + side * 104, 214), (240 + side * 128, FLOOR), 13, 13), mix(look.frame, SHADE, 0.18), 5)
    frame = box(134, 50, 346, 388, 8 + corner(look, 90))
    picture.solid(frame, look.frame, 12)
    picture.fill(box(142, 58, 338, 380, 6 + corner(look, 84)), look.pattern(0.9))
    glass = box(168, 84, 312, 354, 4 + corner(look, 62))
    picture.fill(box(163, 79, 317, 359, 6 + corner(look, 66)), look.frame)
    _glass(picture, glass)
    for side in (-1, 1):
        picture.solid(ellipse(240 + side * 108, 216, 9), look.accent, 4)
