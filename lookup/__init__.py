"""The contract between precompute and the dashboard: what the lookup tables hold, how they are written and how they are read."""
