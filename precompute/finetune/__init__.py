"""Learn the shop's taste: what its orders, or rooms, say about which products go together."""
