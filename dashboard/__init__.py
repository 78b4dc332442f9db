"""The Dash app that serves the lookup tables."""

__version__ = "0.1.0"
