"""Hostile input, generated: each module yields named cases and says how each must end."""
