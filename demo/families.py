"""The eight design families: what the eye sees (palette, pattern, line) and what people call it (materials, colours)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal, TypeAlias

from PIL import Image

from demo import motifs
from demo.draw import Colour, Picture, colour

Motif: TypeAlias = Callable[[Picture, Colour, Colour, float], None]
Legs: TypeAlias = Literal["tapered", "splayed", "turned", "block", "rod", "hairpin"]


@dataclass(frozen=True)
class Colourway:
    """One colouring of a family's pattern, and its name in a shop."""

    name: str
    ground: Colour
    ink: Colour
    accent: Colour


@dataclass(frozen=True)
class Family:
    """A design family.

    Attributes
    ----------
    frame
        The colour of its wood or metal.
    roundness
        0 where its corners are sharp, 1 where they are as round as can be.
    unit
        The period of its pattern, in picture units.
    wood, clay, cloth
        What its furniture, its pottery and its textiles are made of.
    pattern
        What people call its pattern.
    price
        Times what such a thing costs on average.
    """

    name: str
    motif: Motif
    unit: float
    colourways: tuple[Colourway, Colourway, Colourway]
    frame: Colour
    tint: Colour
    legs: Legs
    roundness: float
    wood: str
    clay: str
    cloth: str
    pattern: str
    mood: str
    price: float


@dataclass(frozen=True)
class Look:
    """A family in one of its colourways: what a drawing function paints with."""

    family: Family
    colourway: Colourway

    @property
    def ground(self) -> Colour:
        return self.colourway.ground

    @property
    def ink(self) -> Colour:
        return self.colourway.ink

    @property
    def accent(self) -> Colour:
        return self.colourway.accent

    @property
    def deep(self) -> Colour:
        """The darkest of the three, for piping, fringes and the hands of clocks."""
        return min(self.ground, self.ink, self.accent, key=sum)

    @property
    def frame(self) -> Colour:
        return self.family.frame

    def pattern(self, scale: float = 1, degrees: float = 0) -> Image.Image:
        """The family's pattern in this colourway, as a texture turned clockwise."""
        return _texture(self.family.motif, self.family.unit * scale, self.colourway, degrees)


@lru_cache(maxsize=32)
def _texture(motif: Motif, unit: float, colourway: Colourway, degrees: float) -> Image.Image:
    tile = Picture(colourway.ground)
    motif(tile, colourway.ink, colourway.accent, unit)
    return tile.image.rotate(-degrees, Image.Resampling.BICUBIC, fillcolor=colourway.ground)


def _way(name: str, ground: str, ink: str, accent: str) -> Colourway:
    return Colourway(name, colour(ground), colour(ink), colour(accent))


FAMILIES: Final = (
    Family(
        name="Fjell",
        motif=motifs.stripes,
        unit=30,
        colourways=(
            _way("mist blue", "#F4EFE4", "#86A6BD", "#3C5A75"),
            _way("fjord blue", "#8FB0C6", "#F4EFE4", "#33516D"),
            _way("night blue", "#3A5874", "#A9C3D4", "#F0E4CC"),
        ),
        frame=colour("#DDB888"),
        tint=colour("#DCE6EC"),
        legs="tapered",
        roundness=0.35,
        wood="pale oak",
        clay="matt stoneware",
        cloth="washed cotton",
        pattern="striped",
        mood="calm",
        price=1.0,
    ),
    Family(
        name="Soleng",
        motif=motifs.half_moons,
        unit=36,
        colourways=(
            _way("mustard yellow", "#FBF0D5", "#E2A52A", "#CE5F2B"),
            _way("saffron yellow", "#E5AC34", "#FBF0D5", "#C6552A"),
            _way("paprika red", "#CF6330", "#F6D9A0", "#7E2F1C"),
        ),
        frame=colour("#A7663A"),
        tint=colour("#F3E6C6"),
        legs="splayed",
        roundness=0.8,
        wood="oiled teak",
        clay="glossy earthenware",
        cloth="brushed wool",
        pattern="half-moon",
        mood="sunny",
        price=1.15,
    ),
    Family(
        name="Skogen",
        motif=motifs.leaves,
        unit=34,
        colourways=(
            _way("fern green", "#F0F0DF", "#4B7A57", "#8CA45B"),
            _way("forest green", "#3E6B4F", "#DDE3C0", "#A9BE74"),
            _way("moss green", "#A8B77E", "#2C4F3A", "#F0F0DF"),
        ),
        frame=colour("#6F4A33"),
        tint=colour("#E0E8D8"),
        legs="turned",
        roundness=0.6,
        wood="dark walnut",
        clay="glazed porcelain",
        cloth="soft linen",
        pattern="leafy",
        mood="woodland",
        price=1.25,
    ),
    Family(
        name="Almar",
        motif=motifs.zigzag,
        unit=34,
        colourways=(
            _way("terracotta red", "#F5E2CB", "#C8643F", "#7F3827"),
            _way("brick red", "#CB6B47", "#F5E2CB", "#7F3827"),
            _way("warm sand", "#E4B98E", "#8A3F2B", "#FBF1E2"),
        ),
        frame=colour("#C4935F"),
        tint=colour("#F2E0D2"),
        legs="block",
        roundness=0.15,
        wood="chunky pine",
        clay="unglazed clay",
        cloth="handwoven jute",
        pattern="zigzag",
        mood="rustic",
        price=0.85,
    ),
    Family(
        name="Tessel",
        motif=motifs.terrazzo,
        unit=34,
        colourways=(
            _way("blush pink", "#FAEFEA", "#E29C92", "#3E8C86"),
            _way("rose pink", "#EDBDB2", "#FBF5F0", "#3C7F7B"),
            _way("lagoon green", "#7DB5AE", "#FBF1EC", "#E39487"),
        ),
        frame=colour("#C9A14A"),
        tint=colour("#F4E4DF"),
        legs="rod",
        roundness=1.0,
        wood="brushed brass",
        clay="cast terrazzo",
        cloth="crisp cotton canvas",
        pattern="speckled",
        mood="playful",
        price=1.2,
    ),
    Family(
        name="Nami",
        motif=motifs.waves,
        unit=34,
        colourways=(
            _way("indigo blue", "#F5F3EA", "#34528F", "#7F9FCB"),
            _way("midnight blue", "#2F4A85", "#F5F3EA", "#9BB8DD"),
            _way("sky blue", "#A9C3E2", "#2B4580", "#F5F3EA"),
        ),
        frame=colour("#9B5539"),
        tint=colour("#DFE4EF"),
        legs="tapered",
        roundness=0.9,
        wood="red cherry wood",
        clay="hand-painted porcelain",
        cloth="indigo-dyed cotton",
        pattern="wave",
        mood="serene",
        price=1.3,
    ),
    Family(
        name="Kontur",
        motif=motifs.checks,
        unit=32,
        colourways=(
            _way("chalk white", "#F7F5F0", "#3B3B3E", "#D43F2F"),
            _way("pearl grey", "#D9D7D2", "#2B2B2E", "#D43F2F"),
            _way("signal red", "#D64C3C", "#F9EFE6", "#2B2B2E"),
        ),
        frame=colour("#2E2E31"),
        tint=colour("#E6E4E0"),
        legs="hairpin",
        roundness=0.05,
        wood="black steel",
        clay="enamelled iron",
        cloth="felted wool",
        pattern="checked",
        mood="graphic",
        price=0.95,
    ),
    Family(
        name="Siv",
        motif=motifs.weave,
        unit=34,
        colourways=(
            _way("straw yellow", "#A97C42", "#E3BE84", "#EBCF9C"),
            _way("plum purple", "#4B2742", "#8A5276", "#A46F90"),
            _way("heather purple", "#8F6F8A", "#D9BDCB", "#EAD9DF"),
        ),
        frame=colour("#CFA062"),
        tint=colour("#EDE1E4"),
        legs="splayed",
        roundness=0.7,
        wood="honey rattan",
        clay="salt-glazed stoneware",
        cloth="chunky knitted wool",
        pattern="basket-weave",
        mood="cosy",
        price=1.05,
    ),
)
