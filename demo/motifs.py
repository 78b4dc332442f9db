"""The patterns of the design families, each drawn over a whole picture so that any shape can be cut out of it."""

from __future__ import annotations

import math
from random import Random

from demo.draw import SIZE, Colour, Picture, Shape, box, curve, ellipse, mix, rotated


def stripes(tile: Picture, ink: Colour, accent: Colour, unit: float) -> None:
    """Broad and thin stripes in turn."""
    for i in range(math.ceil(SIZE / unit)):
        y = i * unit
        tile.fill(box(0, y + unit * 0.12, SIZE, y + unit * 0.50), ink)
        tile.fill(box(0, y + unit * 0.72, SIZE, y + unit * 0.82), accent)


def half_moons(tile: Picture, ink: Colour, accent: Colour, unit: float) -> None:
    """Rows of rising suns, every second row shifted by half a sun, each with a small sun inside."""
    radius = unit * 0.62
    for row in range(math.ceil(SIZE / (radius * 1.3)) + 1):
        for column in range(math.ceil(SIZE / (2.3 * radius)) + 1):
            x, y = (column + row % 2 / 2) * 2.3 * radius, (row + 0.9) * radius * 1.3
            outer, inner = (ink, accent) if (row + column) % 2 else (accent, ink)
            tile.fill(ellipse(x, y, radius, radius, 180, 360), outer)
            tile.fill(ellipse(x, y, radius * 0.42, radius * 0.42, 180, 360), inner)


def leaves(tile: Picture, ink: Colour, accent: Colour, unit: float) -> None:
    """Sprigs of paired leaves, row by row leaning left and right."""
    width, height = unit * 1.3, unit * 1.45
    for row in range(math.ceil(SIZE / height) + 1):
        for column in range(math.ceil(SIZE / width) + 2):
            x = (column - row % 2 / 2) * width
            y = row * height
            lean = 24 if (row + column) % 2 else -24
            _sprig(tile, ink if (row + column) % 3 else accent, x, y, unit, lean)


def _sprig(tile: Picture, ink: Colour, x: float, y: float, unit: float, lean: float) -> None:
    tile.line(rotated([(x, y - unit * 0.6), (x, y + unit * 0.7)], lean, x, y), ink, unit * 0.055)
    for step, size in ((-0.1, 0.44), (0.28, 0.48)):
        for side in (-1, 1):
            leaf = leaf_shape(x, y + unit * step, unit * size, side * 48)
            tile.fill(rotated(leaf, lean, x, y), ink)
    tile.fill(rotated(leaf_shape(x, y - unit * 0.3, unit * 0.46, 0), lean, x, y), ink)


def leaf_shape(x: float, y: float, length: float, degrees: float, breadth: float = 0.36) -> Shape:
    """A leaf growing from (x, y), upwards at 0 degrees."""
    half = length * breadth / 2
    leaf = curve((x, y), (x + half, y - length * 0.45), (x, y - length), (x - half, y - length * 0.45), closed=True)
    return rotated(leaf, degrees, x, y)


def zigzag(tile: Picture, ink: Colour, accent: Colour, unit: float) -> None:
    """Broad zigzags with a row of small diamonds between them."""
    rows = math.ceil(SIZE / (unit * 1.25)) + 1
    columns = math.ceil(SIZE / unit) + 1
    for row in range(rows):
        y = row * unit * 1.25
        points = [(i * unit / 2, y + (unit * 0.22 if i % 2 else -unit * 0.22)) for i in range(2 * columns)]
        tile.line(points, ink, unit * 0.26)
        for column in range(columns):
            x, below = column * unit, y + unit * 0.62
            r = unit * 0.15
            tile.fill([(x, below - r), (x + r, below), (x, below + r), (x - r, below)], accent)


def terrazzo(tile: Picture, ink: Colour, accent: Colour, unit: float) -> None:
    """Stone chips of several colours, no two closer than they should be."""
    random = Random(7)
    ochre = (217, 160, 58)
    colours = [ink, accent, ochre, mix(ink, accent, 0.35)]
    centres: list[tuple[float, float, float]] = []
    for _ in range(2500):
        x, y = random.uniform(-8, SIZE + 8), random.uniform(-8, SIZE + 8)
        radius = unit * random.choice((0.34, 0.26, 0.18, 0.11))
        if all(math.hypot(x - a, y - b) > radius + r + unit * 0.1 for a, b, r in centres):
            centres.append((x, y, radius))
            tile.fill(_chip(random, x, y, radius), random.choice(colours))


def _chip(random: Random, x: float, y: float, radius: float) -> Shape:
    corners = random.choice((4, 5, 5, 6))
    turn = random.uniform(0, 360)
    angles = [math.radians(turn + 360 / corners * (i + random.uniform(-0.28, 0.28))) for i in range(corners)]
    stretch = random.uniform(0.7, 1)
    return [(x + radius * math.cos(a), y + radius * stretch * math.sin(a)) for a in angles]


def waves(tile: Picture, ink: Colour, accent: Colour, unit: float) -> None:
    """Overlapping rows of concentric arcs, as on indigo cloth."""
    radius = unit * 0.72
    for row in range(math.ceil(SIZE / (radius / 2)) + 3):
        for column in range(math.ceil(SIZE / (2 * radius)) + 2):
            x = (2 * column - row % 2) * radius
            y = row * radius / 2
            for share, paint in (
                (1.0, tile.ground),
                (0.92, ink),
                (0.72, tile.ground),
                (0.60, accent),
                (0.42, tile.ground),
                (0.26, ink),
            ):
                tile.fill(ellipse(x, y, radius * share), paint)


def checks(tile: Picture, ink: Colour, accent: Colour, unit: float) -> None:
    """A gingham with a fine coloured line."""
    half = unit * 0.5
    for i in range(math.ceil(SIZE / unit) + 1):
        start = i * unit
        tile.fill(box(0, start, SIZE, start + half), ink, opacity=0.55)
        tile.fill(box(start, 0, start + half, SIZE), ink, opacity=0.55)
    for i in range(0, math.ceil(SIZE / unit) + 1, 3):
        middle = i * unit + unit * 0.75
        tile.fill(box(0, middle - unit * 0.06, SIZE, middle + unit * 0.06), accent)
        tile.fill(box(middle - unit * 0.06, 0, middle + unit * 0.06, SIZE), accent)


def weave(tile: Picture, ink: Colour, accent: Colour, unit: float) -> None:
    """Basket weave: bundles of three strands, over and under in turn."""
    side = unit * 0.8
    strand = side / 3
    for row in range(math.ceil(SIZE / side) + 1):
        for column in range(math.ceil(SIZE / side) + 1):
            x, y = column * side, row * side
            for i in range(3):
                at = i * strand
                inner = strand * 0.14
                if (row + column) % 2:
                    bar = box(x + inner / 2, y + at + inner, x + side - inner / 2, y + at + strand - inner, strand * 0.4)
                else:
                    bar = box(x + at + inner, y + inner / 2, x + at + strand - inner, y + side - inner / 2, strand * 0.4)
                tile.fill(bar, accent if (row + column) % 2 else ink)
