"""The demo shop: what a seed draws, what is planted in it, and that the committed shop is what the seed draws."""

from __future__ import annotations

import csv
import gzip
import json
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

import pytest
from PIL import Image, ImageChops

from demo.catalogue import CATEGORIES, COMPANIONS, PRODUCTS, draw_product, make_products
from demo.draw import SIZE, Picture, box, curve, ellipse, mirrored, rotated, turned
from demo.families import FAMILIES
from demo.files import SEED, SHOP_NAME, encoded, write_shop
from demo.orders import GONE, ORDERS, POSTAGE
from precompute.settings import read_settings

SHOP = Path(__file__).parents[2] / "demo" / "shop"
TRUTH = SHOP.with_name("truth.json")


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def review_rows(path: Path) -> list[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


@pytest.fixture(scope="module")
def truth() -> dict[str, Any]:
    return json.loads(TRUTH.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def products() -> list[dict[str, str]]:
    return rows(SHOP / "products.csv")


@pytest.fixture(scope="module")
def reviews() -> list[dict[str, Any]]:
    return review_rows(SHOP / "reviews.jsonl.gz")


@pytest.fixture(scope="module")
def orders() -> list[dict[str, str]]:
    return rows(SHOP / "orders.csv")


def test_settings_name_the_columns_that_the_files_have(
    products: list[dict[str, str]], reviews: list[dict[str, Any]], orders: list[dict[str, str]]
) -> None:
    settings = read_settings(SHOP / "shop.toml")
    assert settings.shop.name == SHOP_NAME
    assert settings.signals.visual.weights == settings.signals.style.weights == "untrained"
    for section, row in ((settings.products, products[0]), (settings.reviews, reviews[0]), (settings.orders, orders[0])):
        assert section is not None
        assert section.path.is_file()
        named = {getattr(section, key) for key in section.columns} - {None}
        assert named <= set(row)
    known = {category.name for category in CATEGORIES}
    assert {name for pair in settings.evaluate.pairs for name in pair} <= known


def test_every_family_has_two_or_three_products_of_every_category() -> None:
    made = make_products(Random(1))
    counts = Counter(product.place for product in made)
    assert len(made) == len({product.sku for product in made}) == PRODUCTS
    assert set(counts) == {(family.name, category.name) for family in FAMILIES for category in CATEGORIES}
    assert set(counts.values()) == {2, 3}
    assert len({product.name for product in made}) == PRODUCTS


def test_companions_are_mutual_and_of_the_same_family() -> None:
    for product in make_products(Random(1)):
        family, category = product.place
        partners = {b if a == category else a for a, b in COMPANIONS if category in (a, b)}
        assert {companion.category.name for companion in product.companions} == partners
        for companion in product.companions:
            assert companion.look.family.name == family
            assert product in companion.companions


def test_the_truth_speaks_of_products_only(truth: dict[str, Any], products: list[dict[str, str]]) -> None:
    listed = {row["sku"] for row in products}
    assert set(truth["products"]) == listed
    assert len(listed) == PRODUCTS
    for row in products:
        planted = truth["products"][row["sku"]]
        assert planted["category"] == row["department"]
        assert planted["family"] in row["name"]
        assert set(planted["companions"]) <= listed - {row["sku"]}


def test_dirt_of_the_products(truth: dict[str, Any], products: list[dict[str, str]]) -> None:
    dirt = truth["dirt"]
    counts = Counter(row["sku"] for row in products)
    assert {sku for sku, n in counts.items() if n > 1} == {dirt["repeated_id"]}
    assert "0012" in counts
    assert sum(row["name"] != " ".join(row["name"].split()) for row in products) == dirt["stray_names"]
    assert sum("&" in row["text"] for row in products) == dirt["texts_with_entities"]
    assert [row["sku"] for row in products if not row["photo"]] == [dirt["without_picture"]]


def test_one_picture_is_broken_and_one_is_missing(truth: dict[str, Any]) -> None:
    dirt = truth["dirt"]
    pictures = {path.stem: path for path in (SHOP / "images").iterdir()}
    assert set(truth["products"]) - set(pictures) == {dirt["without_picture"]}
    for sku, path in pictures.items():
        if sku == dirt["broken_picture"]:
            with pytest.raises(OSError, match=r"."), Image.open(path) as picture:
                picture.load()
        else:
            with Image.open(path) as picture:
                assert (picture.size, picture.mode) == ((SIZE, SIZE), "RGB")


def test_dirt_of_the_reviews(truth: dict[str, Any], reviews: list[dict[str, Any]]) -> None:
    dirt = truth["dirt"]
    distinct = {json.dumps(row) for row in reviews}
    assert len(distinct) == dirt["reviews"] == pytest.approx(6000, rel=0.02)
    assert len(reviews) - len(distinct) == dirt["duplicate_reviews"]
    assert sum("&" in json.loads(row)["review"] for row in distinct) == dirt["reviews_with_entities"] > 0
    assert set(truth["products"]) - {row["sku"] for row in reviews} == {dirt["without_reviews"]}
    assert {row["stars"] for row in reviews} == {1, 2, 3, 4, 5}


def test_dirt_of_the_orders(truth: dict[str, Any], orders: list[dict[str, str]]) -> None:
    dirt = truth["dirt"]
    cancelled = [row for row in orders if row["InvoiceNo"].startswith("C")]
    kept = [row for row in orders if not row["InvoiceNo"].startswith("C")]
    assert len({row["InvoiceNo"] for row in kept}) == ORDERS
    assert len({row["InvoiceNo"] for row in cancelled}) == dirt["cancelled_orders"] > 0
    assert {row["InvoiceNo"][1:] for row in cancelled} <= {row["InvoiceNo"] for row in kept}
    assert sum(int(row["Quantity"]) <= 0 for row in kept) == dirt["non_positive_quantities"] > 0
    assert sum(row["StockCode"] == POSTAGE for row in kept) == dirt["postage_lines"] > 0
    assert sum(row["StockCode"] in GONE for row in kept) == dirt["unknown_product_lines"] > 0
    sold = {row["StockCode"] for row in orders} - {POSTAGE, *GONE}
    assert set(truth["products"]) - sold == {dirt["without_orders"]}
    sizes = Counter(row["InvoiceNo"] for row in kept if row["StockCode"] in truth["products"])
    assert set(sizes.values()) == set(range(1, 9))


def test_companions_share_more_orders_than_other_products(truth: dict[str, Any], orders: list[dict[str, str]]) -> None:
    """Lift over what their popularity alone would give, on average over all planted pairs and over all others."""
    baskets: dict[str, set[str]] = {}
    for row in orders:
        if row["StockCode"] in truth["products"] and not row["InvoiceNo"].startswith("C"):
            baskets.setdefault(row["InvoiceNo"], set()).add(row["StockCode"])
    single = Counter(sku for basket in baskets.values() for sku in basket)
    pairs = Counter((a, b) for basket in baskets.values() for a in basket for b in basket if a < b)
    found: dict[bool, list[float]] = {True: [], False: []}
    for a in single:
        for b in single:
            if a < b:
                planted = b in truth["products"][a]["companions"]
                found[planted].append(pairs[a, b] * len(baskets) / (single[a] * single[b]))
    mean = {planted: sum(lifts) / len(lifts) for planted, lifts in found.items()}
    assert mean[True] > 10 * mean[False]


def test_better_products_get_more_stars(truth: dict[str, Any], reviews: list[dict[str, Any]]) -> None:
    stars: dict[bool, list[int]] = {True: [], False: []}
    for row in reviews:
        quality = truth["products"][row["sku"]]["quality"]
        if abs(quality - 0.65) > 0.15:
            stars[quality > 0.65].append(row["stars"])
    assert sum(stars[True]) / len(stars[True]) > sum(stars[False]) / len(stars[False]) + 0.8


@pytest.mark.slow
def test_a_seed_draws_the_same_bytes_again() -> None:
    def pictures() -> list[bytes]:
        return [encoded(draw_product(product)) for product in make_products(Random(5))[:12]]

    first = pictures()
    assert pictures() == first
    assert len(set(first)) == len(first)


def test_a_shape_covers_the_pixels_inside_it() -> None:
    picture = Picture((255, 255, 255))
    picture.fill(box(100, 100, 200, 300), (0, 0, 0))
    picture.fill(box(0, 0, 480, 480), (200, 0, 0), within=box(100, 100, 200, 200), outside=box(0, 0, 150, 480))
    drawn = picture.finished()
    assert drawn.getpixel((120, 120)) == (0, 0, 0)
    assert drawn.getpixel((180, 120)) == (200, 0, 0)
    assert drawn.getpixel((180, 250)) == (0, 0, 0)
    assert drawn.getpixel((90, 120)) == (255, 255, 255)


def test_shapes_outside_the_picture_leave_it_as_it_is() -> None:
    picture = Picture((9, 9, 9))
    picture.fill(ellipse(-100, 700, 50), (0, 0, 0), opacity=0.5)
    picture.line([(600, 600), (700, 900)], (0, 0, 0), 8)
    assert picture.finished().getcolors() == [(SIZE * SIZE, (9, 9, 9))]


def test_shapes_are_where_they_should_be() -> None:
    assert rotated([(10, 0)], 90, 0, 0) == [(pytest.approx(0), pytest.approx(10))]
    assert mirrored([(1, 5)], cx=3) == [(5, 5)]
    line = curve((0, 0), (10, 5), (20, 0))
    assert line[0] == (0, 0)
    assert line[-1] == (20, 0)
    assert (10, 5) in line
    vase = turned(100, (10, 0), (40, 50), (20, 90))
    assert max(x for x, _ in vase) - 100 == pytest.approx(100 - min(x for x, _ in vase))


@pytest.mark.slow
def test_the_committed_shop_is_what_its_seed_draws(tmp_path: Path) -> None:
    """Texts to the byte. Pictures but for a few pixels: elsewhere a sine may end in another digit."""
    write_shop(tmp_path / "shop", SEED)
    assert (tmp_path / "truth.json").read_bytes() == TRUTH.read_bytes()
    for name in ("shop.toml", "products.csv", "orders.csv"):
        assert (tmp_path / "shop" / name).read_bytes() == (SHOP / name).read_bytes()
    assert review_rows(tmp_path / "shop" / "reviews.jsonl.gz") == review_rows(SHOP / "reviews.jsonl.gz")
    dirt = json.loads(TRUTH.read_bytes())["dirt"]
    drawn = {path.name: path for path in (tmp_path / "shop" / "images").iterdir()}
    assert set(drawn) == {path.name for path in (SHOP / "images").iterdir()}
    for name, path in drawn.items():
        if name != f"{dirt['broken_picture']}.webp":
            with Image.open(path) as fresh, Image.open(SHOP / "images" / name) as committed:
                difference = ImageChops.difference(fresh, committed).convert("L").histogram()
                assert sum(difference[8:]) <= 50, name
