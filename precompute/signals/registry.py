"""The signals there are, in the order in which they are built."""

from __future__ import annotations

from precompute.signals.base import Signal
from precompute.signals.basket import BasketSignal
from precompute.signals.blend import BlendSignal
from precompute.signals.reviews import ReviewSignal
from precompute.signals.style import StyleSignal
from precompute.signals.visual import VisualSignal

_FROM_DATA: tuple[Signal, ...] = (VisualSignal(), StyleSignal(), ReviewSignal(), BasketSignal())
SIGNALS: tuple[Signal, ...] = (*_FROM_DATA, BlendSignal(_FROM_DATA))
