"""Chairs, tables and shelves."""

from __future__ import annotations

from demo.draw import LIGHT, SHADE, Picture, Shape, box, colour, curve, ellipse, mirrored, mix, moved, taper, turned
from demo.families import Look
from demo.motifs import leaf_shape

FLOOR = 408.0
LEAF = colour("#4F8160")


def floor_shadow(picture: Picture, half: float, y: float = FLOOR, cx: float = 246) -> None:
    picture.fill(ellipse(cx, y, half, max(7, half * 0.085)), SHADE, opacity=0.13)
    picture.fill(ellipse(cx - 4, y, half * 0.8, max(5, half * 0.055)), SHADE, opacity=0.10)


def leg(
    picture: Picture, look: Look, x: float, top: float, foot: float, width: float, bottom: float = FLOOR, back: bool = False
) -> None:
    """One leg from (x, top) to (foot, bottom), as the family makes them; legs at the back stand in the shade."""
    paint = mix(look.frame, SHADE, 0.30 if back else 0.0)
    match look.family.legs:
        case "tapered":
            shape = taper((x, top), (foot, bottom), width, width * 0.5)
        case "splayed":
            lean = (foot - x) * 0.9 + (6 if foot >= x else -6)
            shape = taper((x, top), (x + lean, bottom), width * 1.05, width * 0.45)
        case "turned":
            height = bottom - top
            profile = ((0.40, 0.0), (0.62, 0.44), (0.36, 0.62), (0.50, 0.90), (0.30, 1.0))
            spindle = turned(0, *((width * half, top + height * down) for half, down in profile))
            shape = [(px + x + (foot - x) * (py - top) / (bottom - top), py) for px, py in spindle]
        case "block":
            shape = taper((x, top), (x + (foot - x) * 0.25, bottom), width * 1.35, width * 1.25)
        case "rod":
            shape = taper((x, top), (foot, bottom), width * 0.55, width * 0.55)
        case "hairpin":
            picture.line([(x - width * 0.6, top), (foot, bottom - 3), (x + width * 0.6, top)], paint, width * 0.28)
            return
    if back:
        picture.fill(shape, paint)
    else:
        picture.solid(shape, paint, width * 0.5)


def four_legs(
    picture: Picture, look: Look, half: float, top: float, *, splay: float = 14, width: float = 17, bottom: float = FLOOR
) -> None:
    """Two legs at the back, two in front, around the middle."""
    for side in (-1, 1):
        leg(
            picture,
            look,
            240 + side * (half * 0.62),
            top - 6,
            240 + side * (half * 0.62 + splay * 0.6),
            width * 0.8,
            bottom - 16,
            back=True,
        )
    for side in (-1, 1):
        leg(picture, look, 240 + side * half, top, 240 + side * (half + splay), width, bottom)


def corner(look: Look, most: float) -> float:
    """The family's corner radius where the roundest is `most`."""
    return max(3.0, most * look.family.roundness)


# Chairs


def dining_chair(picture: Picture, look: Look) -> None:
    floor_shadow(picture, 118)
    four_legs(picture, look, 74, 286)
    for side in (-1, 1):
        picture.solid(taper((240 + side * 62, 292), (240 + side * 65, 150), 15, 12), mix(look.frame, SHADE, 0.12), 6)
    back = box(160, 84, 320, 206, 12 + corner(look, 56))
    picture.solid(back, look.pattern(), 16)
    seat = curve((150, 292), (158, 256), (240, 248), (322, 256), (330, 292), (322, 306), (240, 312), (158, 306), closed=True)
    picture.solid(moved(seat, 0, 12), look.frame, 14)
    picture.solid(seat, look.pattern(0.8), 16)
    picture.fill(ellipse(240, 264, 66, 8), LIGHT, opacity=0.18)


def spindle_chair(picture: Picture, look: Look) -> None:
    floor_shadow(picture, 124)
    four_legs(picture, look, 78, 292, splay=22)
    rail = mix(look.frame, SHADE, 0.10)
    for i in range(-3, 4):
        picture.line([(240 + i * 19, 286), (240 + i * 23, 102 + abs(i) * 7)], rail, 5.5)
    hoop = curve((162, 290), (152, 180), (180, 104), (240, 86), (300, 104), (328, 180), (318, 290))
    picture.line(moved(hoop, 3, 1), mix(look.frame, SHADE, 0.3), 13)
    picture.line(hoop, look.frame, 12)
    picture.line(moved(hoop, -2, -1), LIGHT, 2.5, opacity=0.35)
    seat = curve((144, 298), (156, 276), (240, 268), (324, 276), (336, 298), (318, 314), (240, 320), (162, 314), closed=True)
    picture.solid(seat, look.frame, 16)
    pad = curve((158, 284), (170, 262), (240, 256), (310, 262), (322, 284), (306, 296), (240, 300), (174, 296), closed=True)
    picture.solid(pad, look.pattern(0.75), 14)


def armchair(picture: Picture, look: Look) -> None:
    floor_shadow(picture, 150)
    four_legs(picture, look, 96, 352, splay=12, width=18)
    radius = 20 + corner(look, 60)
    back = box(136, 112, 344, 330, radius)
    picture.solid(back, look.pattern(1.1), 18)
    picture.fill(box(136, 268, 344, 330), SHADE, opacity=0.14, within=back)
    for side in (-1, 1):
        arm = box(104, 214, 152, 366, 12 + corner(look, 12))
        picture.solid(arm if side < 0 else mirrored(arm), mix(look.ground, look.ink, 0.35), 14)
    picture.solid(box(146, 318, 334, 366, 8), mix(look.ground, look.ink, 0.45), 12)
    cushion = box(146, 274, 334, 328, 16 + corner(look, 10))
    picture.solid(cushion, mix(look.ground, look.ink, 0.18), 14)
    picture.fill(box(168, 281, 312, 287, 3), LIGHT, opacity=0.3)


def stool(picture: Picture, look: Look) -> None:
    floor_shadow(picture, 104)
    four_legs(picture, look, 62, 236, splay=30, width=18)
    picture.line([(240 - 74, 336), (240 + 74, 336)], mix(look.frame, SHADE, 0.18), 8)
    picture.solid(box(152, 222, 328, 246, 12), look.frame, 14)
    seat = curve((146, 212), (158, 184), (240, 174), (322, 184), (334, 212), (320, 228), (240, 234), (160, 228), closed=True)
    picture.solid(seat, look.pattern(0.85), 18)
    picture.fill(ellipse(226, 190, 58, 7), LIGHT, opacity=0.2)


# Tables


def _round_top(picture: Picture, look: Look, cy: float, rx: float, ry: float, thick: float) -> None:
    """A round table top seen from a little above, its pattern laid in."""
    edge = ellipse(240, cy + thick, rx, ry)
    picture.fill(edge, mix(look.frame, SHADE, 0.32))
    picture.fill(box(240 - rx, cy, 240 + rx, cy + thick), mix(look.frame, SHADE, 0.32))
    picture.fill(ellipse(240, cy, rx, ry), look.frame)
    inlay = ellipse(240, cy, rx * 0.88, ry * 0.86)
    picture.fill(inlay, look.pattern(0.9))
    picture.fill(
        curve((240 - rx, cy - ry), (240 - rx * 0.1, cy - ry), (240 - rx * 0.5, cy + ry), (240 - rx, cy + ry), closed=True),
        LIGHT,
        opacity=0.16,
        within=inlay,
    )


def side_table(picture: Picture, look: Look) -> None:
    floor_shadow(picture, 108)
    four_legs(picture, look, 74, 214, splay=18, width=17)
    _round_top(picture, look, 196, 132, 40, 13)


def pedestal_table(picture: Picture, look: Look) -> None:
    floor_shadow(picture, 112)
    foot = turned(240, (12, 210), (13, 290), (22, 352), (78, 392), (92, 402), (90, 410))
    picture.solid(foot, look.frame, 20)
    _round_top(picture, look, 186, 158, 44, 12)


def dining_table(picture: Picture, look: Look) -> None:
    floor_shadow(picture, 178)
    four_legs(picture, look, 148, 246, splay=10, width=19)
    picture.solid(box(98, 232, 382, 262, 3), mix(look.frame, SHADE, 0.22), 12)
    top = [(104, 172), (376, 172), (424, 228), (56, 228)]
    picture.fill(top, look.frame)
    runner = [(172, 172), (308, 172), (330, 228), (150, 228)]
    picture.fill(runner, look.pattern(0.8))
    picture.solid(box(150, 228, 330, 274), look.pattern(0.8), 10)
    picture.fill(box(150, 228, 330, 232), SHADE, opacity=0.12)
    for x0, x1 in ((56, 150), (330, 424)):
        picture.fill(box(x0, 228, x1, 241), mix(look.frame, SHADE, 0.30))
    picture.fill([(104, 172), (172, 172), (150, 228), (56, 228)], LIGHT, opacity=0.14)


def coffee_table(picture: Picture, look: Look) -> None:
    floor_shadow(picture, 164)
    four_legs(picture, look, 122, 286, splay=16, width=18)
    picture.fill(ellipse(240, 362, 112, 18), mix(look.frame, SHADE, 0.24))
    picture.fill(ellipse(240, 358, 112, 18), mix(look.frame, SHADE, 0.08))
    _round_top(picture, look, 268, 184, 52, 14)


# Shelves


def _books(picture: Picture, look: Look, x: float, base: float, heights: tuple[float, ...]) -> float:
    """Books standing on `base` from `x` on; returns where they end."""
    paints = (look.ink, look.accent, mix(look.ground, look.ink, 0.3), look.ground, look.accent, look.ink)
    for i, height in enumerate(heights):
        width = 13 + (i * 5) % 8
        picture.solid(box(x, base - height, x + width, base, 1.5), paints[i % len(paints)], 4)
        picture.fill(box(x + 3, base - height + 9, x + width - 3, base - height + 12), LIGHT, opacity=0.5)
        x += width + 1
    return x


def _pot_on_shelf(picture: Picture, look: Look, x: float, base: float, size: float = 1) -> None:
    for degrees in (-56, -28, 0, 28, 56):
        picture.fill(leaf_shape(x, base - 20 * size, 42 * size, degrees, 0.36), mix(LEAF, LIGHT, 0.16 if degrees % 8 else 0))
    picture.solid(
        turned(x, (15 * size, base - 28 * size), (14 * size, base - 12 * size), (10 * size, base)), look.accent, 8 * size
    )


def _vase_on_shelf(picture: Picture, look: Look, x: float, base: float, size: float = 1) -> None:
    profile = ((6, 56), (5, 44), (18, 20), (11, 0))
    vase = turned(x, *((half * size, base - height * size) for half, height in profile))
    picture.solid(vase, look.accent, 9 * size)
    picture.fill(box(x - 30, base - 26 * size, x + 30, base - 20 * size), look.ground, within=vase)


def wall_shelf(picture: Picture, look: Look) -> None:
    boards = (216, 364)
    for y in boards:
        picture.fill(box(84, y + 16, 410, y + 28, 4), SHADE, opacity=0.10)
        for x in (120, 360):
            picture.fill([(x - 8, y + 12), (x + 8, y + 12), (x + 3, y + 46), (x - 3, y + 46)], mix(look.frame, SHADE, 0.35))
    end = _books(picture, look, 92, boards[0], (104, 118, 92, 110, 86))
    _vase_on_shelf(picture, look, end + 48, boards[0], 1.5)
    picture.solid(box(306, 140, 386, 216, 4), look.pattern(0.8), 10)
    _pot_on_shelf(picture, look, 128, boards[1], 1.7)
    picture.solid(box(188, 304, 256, 364, 4), look.pattern(0.8), 10)
    _books(picture, look, 284, boards[1], (96, 112, 88, 104, 78))
    for y in boards:
        picture.solid(box(72, y, 408, y + 16, corner(look, 8)), look.frame, 10)


def bookcase(picture: Picture, look: Look) -> None:
    floor_shadow(picture, 132)
    four_legs(picture, look, 96, 376, splay=4, width=15)
    picture.solid(box(122, 70, 358, 384, corner(look, 18)), look.frame, 14)
    for i, top in enumerate((84, 184, 284)):
        back = box(136, top, 344, top + 86, corner(look, 8))
        picture.fill(back, look.pattern(0.9))
        picture.fill(back, look.ground, opacity=0.45)
        picture.fill(box(136, top, 344, top + 14), SHADE, opacity=0.16)
        picture.fill(box(136, top, 148, top + 86), SHADE, opacity=0.10)
        base = top + 86
        if i == 0:
            _books(picture, look, 150, base, (66, 58, 70, 62))
            _pot_on_shelf(picture, look, 300, base)
        elif i == 1:
            _vase_on_shelf(picture, look, 184, base)
            _books(picture, look, 262, base, (60, 70, 54, 64))
        else:
            _books(picture, look, 150, base, (58, 68, 60, 70, 52, 64))


def ladder_shelf(picture: Picture, look: Look) -> None:
    floor_shadow(picture, 118)
    for side in (-1, 1):
        picture.solid(taper((240 + side * 62, 64), (240 + side * 112, FLOOR), 11, 14), look.frame, 6)
    for y, half in ((140, 82), (222, 98), (304, 114)):
        picture.fill(
            [(240 - half + 6, y + 14), (240 + half - 6, y + 14), (240 + half - 16, y + 26), (240 - half + 16, y + 26)],
            SHADE,
            opacity=0.12,
        )
    _pot_on_shelf(picture, look, 210, 140)
    _books(picture, look, 246, 140, (46, 54, 40))
    _books(picture, look, 162, 222, (58, 50, 62))
    _vase_on_shelf(picture, look, 290, 222)
    picture.solid(box(150, 256, 226, 304, 6), look.pattern(0.7), 9)
    _books(picture, look, 258, 304, (54, 62, 48, 58))
    for y, half in ((140, 82), (222, 98), (304, 114)):
        picture.solid(box(240 - half, y, 240 + half, y + 14, corner(look, 7)), look.frame, 9)
    picture.solid(box(122, 372, 358, 384, corner(look, 6)), look.frame, 9)


def cube_shelf(picture: Picture, look: Look) -> None:
    floor_shadow(picture, 150)
    outer = box(94, 132, 386, 404, corner(look, 26))
    picture.solid(outer, look.frame, 12)
    cells: list[Shape] = [box(x, y, x + 128, y + 118, corner(look, 14)) for y in (146, 272) for x in (108, 244)]
    for i, cell in enumerate(cells):
        picture.fill(cell, look.pattern() if i in (1, 2) else mix(look.ground, SHADE, 0.06))
        picture.fill(cell, look.ground, opacity=0.35)
        picture.fill(cell, SHADE, opacity=0.14, outside=moved(cell, 8, 10))
    _books(picture, look, 122, 264, (84, 94, 76, 88, 70))
    _pot_on_shelf(picture, look, 308, 264)
    _vase_on_shelf(picture, look, 172, 390)
    _books(picture, look, 262, 390, (70, 86, 78, 60, 82))
