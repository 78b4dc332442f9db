"""Pieces that several pages are made of. Each is a plain function from data to a component."""
