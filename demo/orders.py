"""Who buys what together: customers with a taste, rooms they furnish, and the dirt of a real order table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any, Final, TypeAlias

from demo.catalogue import Product
from demo.families import FAMILIES

ORDERS: Final = 4000
CUSTOMERS: Final = 1600
START: Final = datetime(2024, 3, 1)
DAYS: Final = 730

ROOMS: Final = {
    "dining": {"chairs", "tables", "bowls", "mugs", "vases"},
    "reading": {"chairs", "lamps", "blankets", "cushions", "rugs", "shelves"},
    "hall": {"mirrors", "clocks", "shelves", "rugs"},
    "window": {"planters", "vases", "lamps", "tables"},
}
"""Categories that are bought for one room."""

SIZES: Final = (28, 25, 18, 12, 7, 5, 3, 2)
"""How many orders of a hundred have 1, 2, ... 8 products."""

SETS: Final = {"chairs": (1, 2, 2, 4, 4, 6), "mugs": (1, 2, 2, 4, 6), "cushions": (1, 1, 2, 2, 4)}
"""Quantities in which people buy what they need several of."""

POSTAGE: Final = "POST"
GONE: Final = ("9001", "9017")
"""Products that are in no product list any more."""

Row: TypeAlias = dict[str, Any]


@dataclass(frozen=True)
class Customer:
    """A person; `taste` holds a weight per family name."""

    id: str
    taste: dict[str, float]


def make_customers(random: Random) -> list[Customer]:
    """Everyone likes one family best, and one or two others well."""
    customers = []
    for number in random.sample(range(10_000, 20_000), CUSTOMERS):
        taste = {family.name: 0.5 for family in FAMILIES}
        first, *others = random.sample(sorted(taste), random.choice((2, 3)))
        taste |= {first: 2.5} | dict.fromkeys(others, 1.2)
        customers.append(Customer(str(number), taste))
    return customers


def make_orders(
    random: Random, products: Sequence[Product], customers: Sequence[Customer], without_orders: Product
) -> tuple[list[Row], Counter[str]]:
    """The rows of ``orders.csv`` in order of time, and how much dirt of each kind is among them."""
    on_sale = [product for product in products if product is not without_orders]
    dirt: Counter[str] = Counter()
    rows: list[Row] = []
    times = sorted(START + timedelta(minutes=random.randrange(DAYS * 24 * 60)) for _ in range(ORDERS))
    for number, time in enumerate(times, start=536_365):
        customer = random.choice(customers)
        order = [_line(random, str(number), product, time, customer) for product in _basket(random, customer, on_sale)]
        rows += order
        if random.random() < 0.05:
            rows.append(_odd_line(order[0], POSTAGE, "Postage", 4.9))
            dirt["postage_lines"] += 1
        if random.random() < 0.004:
            rows.append(_odd_line(order[0], random.choice(GONE), "Discontinued item", 12.0))
            dirt["unknown_product_lines"] += 1
        if random.random() < 0.008:
            order[-1]["Quantity"] = random.choice((0, -1, -2))
            dirt["non_positive_quantities"] += 1
        elif random.random() < 0.012:
            rows += _cancellation(order)
            dirt["cancelled_orders"] += 1
    return rows, dirt


def _basket(random: Random, customer: Customer, on_sale: Sequence[Product]) -> list[Product]:
    """Products for one order: each further one follows from one that is in it already."""
    size = random.choices(range(1, 9), SIZES)[0]
    basket = [_pick(random, customer, on_sale)]
    for _ in range(4 * size):
        if len(basket) == size:
            break
        pick = _pick(random, customer, _candidates(random, random.choice(basket), on_sale))
        if pick not in basket:
            basket.append(pick)
    return basket


def _candidates(random: Random, lead: Product, on_sale: Sequence[Product]) -> Sequence[Product]:
    """What may follow `lead`: its companions, its room in its family, its room in any family, or anything."""
    family, category = lead.place
    room = set().union(*(room for room in ROOMS.values() if category in room)) - {category}
    roll = random.random()
    if roll < 0.42:
        found = [product for product in lead.companions if product in on_sale]
    elif roll < 0.62:
        found = [product for product in on_sale if product.category.name in room and product.look.family.name == family]
    elif roll < 0.86:
        found = [product for product in on_sale if product.category.name in room]
    else:
        found = []
    return found or on_sale


def _pick(random: Random, customer: Customer, products: Sequence[Product]) -> Product:
    weights = [product.popularity * (0.4 + product.quality) * customer.taste[product.look.family.name] for product in products]
    return random.choices(products, weights)[0]


def _line(random: Random, order: str, product: Product, time: datetime, customer: Customer) -> Row:
    return {
        "InvoiceNo": order,
        "StockCode": product.sku,
        "Description": product.name.upper(),
        "Quantity": random.choice(SETS.get(product.category.name, (1, 1, 1, 1, 1, 2))),
        "InvoiceDate": f"{time:%Y-%m-%d %H:%M}",
        "UnitPrice": f"{product.price:.2f}",
        "CustomerID": customer.id,
    }


def _odd_line(like: Row, code: str, description: str, price: float) -> Row:
    return like | {"StockCode": code, "Description": description.upper(), "Quantity": 1, "UnitPrice": f"{price:.2f}"}


def _cancellation(order: list[Row]) -> list[Row]:
    """The same lines booked back under an id that starts with C."""
    return [line | {"InvoiceNo": f"C{line['InvoiceNo']}", "Quantity": -line["Quantity"]} for line in order]
