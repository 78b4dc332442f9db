"""The signals there are, in the order in which they are built."""

from __future__ import annotations

from precompute.signals.base import Signal
from precompute.signals.basket import BasketSignal
from precompute.signals.blend import BlendSignal
from precompute.signals.reviews import ReviewSignal
from precompute.signals.style import StyleSignal
from precompute.signals.visual import VisualSignal

SIGNALS: tuple[Signal, ...] = (VisualSignal(), StyleSignal(), ReviewSignal(), BasketSignal(), BlendSignal())
"""Blend comes last, because it fuses the others."""
