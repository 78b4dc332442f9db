"""The Dash app that serves the lookup tables."""
