"""Carry finished lookup tables to where others use them."""
