"""Offline metrics: every signal beside chance and popularity, with intervals, on orders that nothing was built from."""
