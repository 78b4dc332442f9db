"""Searching the catalogue, and taking over a new build."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from dashboard.store import Build, Catalogue, Sort, Store
from lookup import schema
from lookup.manifest import DamagedCache, Manifest
from tests.planted_cache import CATEGORIES, write_planted_cache
from tests.republish import republish


@pytest.fixture(scope="module")
def catalogue(planted: Path) -> Catalogue:
    return Build.open(planted).catalogue


@pytest.fixture
def cache_dir(tmp_path: Path) -> Path:
    write_planted_cache(tmp_path, n=40)
    return tmp_path


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 2.0
        return self.now


@pytest.mark.parametrize("word", ["a", "LAMP", "стол", "СТОЛ", "椅", "100%", "<script>", ".*", "(", "no such thing"])
@pytest.mark.parametrize("share", [1.0, 0.5, 0.1, 0.0])
def test_a_word_stands_in_title_category_or_id_of_the_products_looked_at(catalogue: Catalogue, word: str, share: float) -> None:
    among = np.arange(len(catalogue)) < share * len(catalogue)
    products = catalogue.products(np.flatnonzero(among))
    said = [[product.title.lower(), (product.category or "").lower(), product.id.lower()] for product in products]
    expected = [product.row for product, texts in zip(products, said, strict=True) if any(word.lower() in text for text in texts)]
    assert np.flatnonzero(catalogue.matching(word, among)).tolist() == expected


@pytest.mark.parametrize(
    ("prices", "steps"),
    [
        ([3, 7, 18, 45, 90, 260], [5, 20, 50, 100]),
        ([9.5, 9.6, 9.7, 9.8], []),
        ([0, 0, 0, 0, 12], [2]),
        ([0, 0, 0, 0, 0], []),
        ([0.15, 0.3, 0.6, 1.2], [0.2, 0.5, 1.0]),
        ([None, None], []),
        ([], []),
    ],
)
def test_prices_are_cut_at_round_numbers_that_part_them(prices: list[float | None], steps: list[float]) -> None:
    catalogue = object.__new__(Catalogue)
    catalogue.price = np.array(prices, np.float64)
    assert catalogue.price_steps.tolist() == pytest.approx(steps)


@pytest.mark.parametrize(
    ("sort", "column", "sign"),
    [("price", "price", 1), ("price-down", "price", -1), ("rating", "rating", -1), ("popular", "n_orders", -1)],
)
def test_sorted_with_the_unknown_last_and_ties_by_row(catalogue: Catalogue, sort: Sort, column: str, sign: int) -> None:
    order = catalogue.order(sort)
    values = sign * getattr(catalogue, column)[order].astype(float)
    known = values[~np.isnan(values)]
    assert (np.diff(known) >= 0).all()
    assert np.isnan(values[len(known) :]).all()
    assert sorted(order.tolist()) == list(range(60))


def test_titles_are_sorted_in_any_case_and_no_title_comes_last(catalogue: Catalogue) -> None:
    titles = catalogue.titles.take(catalogue.order("title")).to_pylist()
    assert titles[-1] is None
    assert titles[:-1] == sorted(titles[:-1], key=str.lower)


def test_a_product_without_data_says_so(catalogue: Catalogue, planted: Path) -> None:
    row = Build.open(planted).cache.row_of("item-005")
    assert row is not None
    product = catalogue.product(row)
    assert product.title == "item-005"
    assert (product.category, product.price, product.rating, product.cluster, product.has_picture) == (
        None,
        None,
        None,
        None,
        False,
    )


def test_products_come_in_the_order_asked_for_as_the_table_has_them(catalogue: Catalogue, planted: Path) -> None:
    stored = Build.open(planted).cache.table(schema.PRODUCTS).read().to_pylist()
    rows = [*range(len(stored)), 5, 0, 5]
    found = catalogue.products(np.array(rows, np.int32))
    assert [product.row for product in found] == rows
    for row, product in zip(rows, found, strict=True):
        known = stored[row]
        assert (product.id, product.title) == (known["product_id"], known["title"] or known["product_id"])
        for name in ("category", "price", "rating", "n_reviews", "n_orders", "cluster", "has_picture"):
            assert getattr(product, name) == known[name]
    assert catalogue.products([]) == []


def test_categories_are_the_planted_ones(catalogue: Catalogue) -> None:
    assert sorted(catalogue.category_names) == sorted(CATEGORIES)


def test_a_new_build_is_taken_over(cache_dir: Path) -> None:
    store = Store(cache_dir, Clock())
    old = store.build
    write_planted_cache(cache_dir, n=45)
    store.refresh()
    assert len(store.build.cache) == len(store.build.catalogue) == 45
    assert len(old.cache) == 40, "a request that began with the old build ends with it"
    assert old.cache.thumbnail(0) is not None
    assert store.error is None


def test_nothing_new_keeps_the_build(cache_dir: Path) -> None:
    store = Store(cache_dir, Clock())
    build = store.build
    store.refresh()
    assert store.build is build


def test_the_manifest_is_looked_at_once_a_second(cache_dir: Path) -> None:
    store = Store(cache_dir, clock=lambda: 7.0)
    write_planted_cache(cache_dir, n=45)
    store.refresh()
    assert len(store.build.cache) == 40


def test_a_damaged_build_is_refused_until_a_whole_one_comes(cache_dir: Path) -> None:
    store = Store(cache_dir, Clock())
    name = store.build.name
    manifest = write_planted_cache(cache_dir, n=45)
    (cache_dir / manifest.folder / "products.parquet").write_bytes(b"PAR1 no")
    store.refresh()
    assert store.build.name == name
    assert store.error is not None
    assert "products.parquet" in store.error
    store.refresh()
    assert store.error is not None, "it stays known"
    write_planted_cache(cache_dir, n=50)
    store.refresh()
    assert (len(store.build.cache), store.error) == (50, None)


def test_a_removed_cache_keeps_the_build_open(cache_dir: Path) -> None:
    store = Store(cache_dir, Clock())
    shutil.rmtree(cache_dir)
    store.refresh()
    assert store.error is not None
    assert store.build.cache.thumbnail(0) is not None


@pytest.mark.parametrize(("column", "rows"), [("category", 20), ("product_id", 20)])
def test_a_table_without_its_columns_is_a_damaged_cache(cache_dir: Path, column: str, rows: int) -> None:
    products = Build.open(cache_dir).cache.table(schema.PRODUCTS).read().slice(0, rows)
    republish(cache_dir, tables={schema.PRODUCTS: products.drop_columns(column)})
    with pytest.raises(DamagedCache, match=rf"products\.parquet: .*{column}") as error:
        Build.open(cache_dir)
    assert "\n" not in str(error.value)


def test_a_file_that_cannot_be_read_is_a_damaged_cache(cache_dir: Path) -> None:
    manifest = Manifest.read(cache_dir)
    path = cache_dir / manifest.folder / schema.METRICS
    path.unlink()
    path.symlink_to(path)
    with pytest.raises(DamagedCache, match=r"metrics\.parquet: can't be read"):
        Build.open(cache_dir)


def test_no_cache_is_an_error_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(DamagedCache, match=r"manifest\.json: not found") as error:
        Store(tmp_path)
    assert "\n" not in str(error.value)


def test_the_manifest_names_the_shop(cache_dir: Path) -> None:
    build = Build.open(cache_dir)
    assert (build.shop, build.currency, build.name) == ("Planted & <i>Sons</i>", "EUR", Manifest.read(cache_dir).folder)
