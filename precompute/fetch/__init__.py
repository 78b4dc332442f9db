"""``fetch-images``: downloads the pictures whose URLs the product list names."""
