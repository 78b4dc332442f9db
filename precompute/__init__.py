"""The offline stage: a shop's own files in, lookup tables out. Never deployed."""
