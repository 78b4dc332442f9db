"""What people write about the products: sentences by category, material and family, as good or bad as the product is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from random import Random
from typing import Any, Final, TypeAlias

from demo.catalogue import Product
from demo.orders import DAYS, START, Customer
from demo.phrases import CATEGORIES, FAMILY, FORMS, GENERAL, HEADLINES, MATERIALS, NAMED, OPENERS, PEOPLE, SYNONYMS, Talk

REVIEWS: Final = 6000
DUPLICATES: Final = 45
"""Reviews that stand in the file twice, word for word."""

Row: TypeAlias = dict[str, Any]

LENGTHS: Final = (14, 30, 30, 17, 9)
"""How many reviews of a hundred have 1, 2, ... 5 sentences."""


def make_reviews(
    random: Random, products: Sequence[Product], customers: Sequence[Customer], without_reviews: Product
) -> tuple[list[Row], Counter[str]]:
    """The rows of ``reviews.jsonl.gz`` in order of time, and how much dirt of each kind is among them."""
    reviewed = [product for product in products if product is not without_reviews]
    share = REVIEWS / sum(product.popularity for product in reviewed)
    fans = {
        name: random.choices(customers, [customer.taste[name] for customer in customers], k=800)
        for name in sorted({product.look.family.name for product in products})
    }
    rows = [
        _review(random, product, random.choice(fans[product.look.family.name]))
        for product in reviewed
        for _ in range(max(4, round(product.popularity * share)))
    ]
    rows.sort(key=lambda row: (row["date"], row["sku"], row["customer"]))
    dirt = Counter(reviews=len(rows), duplicate_reviews=DUPLICATES)
    for row in random.sample(rows, 60):
        row["review"] = row["review"].replace("'", "&#39;").replace(" and ", " &amp; ", 1)
        dirt["reviews_with_entities"] += "&" in row["review"]
    for row in random.sample(rows, DUPLICATES):
        rows.insert(random.randrange(len(rows)), dict(row))
    return rows, dirt


def _review(random: Random, product: Product, customer: Customer) -> Row:
    stars = min(5, max(1, round(random.gauss(2.2 + 3.0 * product.quality, 0.95))))
    words = _words(random, product)
    date = START + timedelta(days=int(DAYS * random.random() ** 0.8))
    return {
        "sku": product.sku,
        "stars": stars,
        "headline": _filled(random.choice(HEADLINES[stars]), words),
        "review": " ".join(_filled(sentence, words) for sentence in _sentences(random, product, stars)),
        "date": f"{date:%Y-%m-%d}",
        "customer": customer.id,
    }


def _sentences(random: Random, product: Product, stars: int) -> list[str]:
    """One to five sentences, no two alike: first about the thing itself, then its material and looks, then the rest."""
    length = random.choices(range(1, 6), LENGTHS)[0]
    category, family = CATEGORIES[product.category.name], product.look.family.name
    form = Talk(good=FORMS[product.form.name], bad=category.bad)
    materials = MATERIALS[product.category.material]
    topics = [random.choice((category, category, form)), random.choice((materials, FAMILY)), category, FAMILY, GENERAL]
    sentences: list[str] = []
    for topic in topics[:length]:
        praise = random.random() < (0.06, 0.22, 0.55, 0.88, 0.99)[stars - 1]
        if topic is FAMILY and praise and random.random() < 0.3:
            choice = random.choice(NAMED[family])
        else:
            choice = random.choice(topic.good if praise else topic.bad)
        if choice not in sentences:
            sentences.append(choice)
    if stars != 3 and random.random() < 0.3:
        sentences.insert(0, random.choice(OPENERS[stars >= 4]))
    return sentences[:5]


def _words(random: Random, product: Product) -> dict[str, str]:
    family = product.look.family
    return {
        "noun": product.category.noun,
        "use": random.choice(CATEGORIES[product.category.name].uses),
        "material": product.material,
        "pattern": family.pattern,
        "colour": product.look.colourway.name,
        "mood": family.mood,
        "family": family.name,
        "who": random.choice(PEOPLE),
    } | {word: random.choice(choices) for word, choices in SYNONYMS.items()}


def _filled(sentence: str, words: dict[str, str]) -> str:
    filled = sentence.format_map(words)
    return filled[0].upper() + filled[1:]
