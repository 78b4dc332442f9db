"""One module per recommender; each is clean tables -> neighbours. `precompute.signals.registry` lists them."""
