"""The live lookup tables: opened, verified, replaced when a new build appears; and the columns kept in memory."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import floor, isnan, log10
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from flask import current_app, g, has_request_context
from numpy.typing import NDArray

from dashboard import wording
from dashboard.examples import example_queries
from dashboard.remote import Remote
from dashboard.spelling import Speller
from lookup import schema
from lookup.bucket import is_url
from lookup.manifest import DamagedCache, Manifest
from lookup.reader import Cache, readable, stamp

log = logging.getLogger(__name__)

Sort = Literal["popular", "rating", "price", "price-down", "title"]
FEW = 4
"""Where fewer than one of so many titles are looked at, they are taken out first, which costs less than to look at all."""
PRICE_SHARES = (0.2, 0.4, 0.6, 0.8)
"""A step of the price ranges lies near each of these quantiles, so that each range holds about as many products."""
CHECK_SECONDS = 1.0
RETRY_SECONDS = 30.0
"""How long to wait before a build with a damaged file is opened anew: that reads all of it."""


class Product(NamedTuple):
    """What a card shows of a product. `title` is the product's id where the shop names no title."""

    row: int
    id: str
    title: str
    category: str | None
    price: float | None
    rating: float | None
    n_reviews: int
    n_orders: int
    cluster: int | None
    has_picture: bool


class Catalogue:
    """The columns that every page needs, as Arrow and NumPy arrays in memory: some 40 bytes a product plus its id and title."""

    def __init__(self, cache: Cache) -> None:
        columns = [name for name in schema.PRODUCTS_SCHEMA.names if name not in ("product_id", "url", "image_url", "description")]
        table = cache.table(schema.PRODUCTS).read(columns)
        category = table.column("category").combine_chunks().dictionary_encode()
        self.ids = cache.ids
        self.titles: pa.StringArray = table.column("title").combine_chunks()
        self.category_names: list[str] = category.dictionary.to_pylist()
        self.category: NDArray[np.int32] = category.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int32)
        self.price = _numbers(table, "price", np.float64)
        self.rating = _numbers(table, "rating", np.float32)
        self.n_reviews = _numbers(table, "n_reviews", np.int32)
        self.n_orders = _numbers(table, "n_orders", np.int32)
        self.cluster: NDArray[np.int32] = table.column("cluster").fill_null(-1).to_numpy().astype(np.int32)
        self.has_picture: NDArray[np.bool_] = table.column("has_picture").to_numpy()
        self._orders: dict[Sort, NDArray[np.int32]] = {}

    def __len__(self) -> int:
        return len(self.ids)

    def product(self, row: int) -> Product:
        """What a card shows of the product in a row."""
        return self.products([row])[0]

    def products(self, rows: Sequence[int] | NDArray[np.integer]) -> list[Product]:
        """What cards show of the products in some rows, in their order."""
        at = np.asarray(rows, np.int32)
        listed = at.tolist()
        ids = [self.ids[row].as_py() for row in listed]  # `take` costs as much as twenty of them
        columns = (
            listed,
            ids,
            [self.titles[row].as_py() or product_id for row, product_id in zip(listed, ids, strict=True)],
            [self.category_names[number] if number >= 0 else None for number in self.category[at].tolist()],
            [None if isnan(price) else price for price in self.price[at].tolist()],
            [None if isnan(rating) else rating for rating in self.rating[at].tolist()],
            self.n_reviews[at].tolist(),
            self.n_orders[at].tolist(),
            [number if number >= 0 else None for number in self.cluster[at].tolist()],
            self.has_picture[at].tolist(),
        )
        return list(map(Product, *columns))

    def titles_of(self, rows: NDArray[np.int32]) -> list[str]:
        """What cards call the products in some rows."""
        wanted = pa.array(rows)
        titles, ids = self.titles.take(wanted).to_pylist(), self.ids.take(wanted).to_pylist()
        return [title or product_id for title, product_id in zip(titles, ids, strict=True)]

    def matching(self, word: str, among: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """bool [n]: the products, of those `among` which to look, whose title, category or id hold a word in any case."""
        in_category = _holds(pa.array(self.category_names, pa.string()), word)
        found = among & np.append(in_category, False)[self.category]
        rows = np.flatnonzero(among)
        if FEW * len(rows) < len(self):
            wanted = pa.array(rows)
            found[rows] |= _holds(self.titles.take(wanted), word) | _holds(self.ids.take(wanted), word)
            return found
        return found | (among & (_holds(self.titles, word) | _holds(self.ids, word)))

    @cached_property
    def price_steps(self) -> NDArray[np.float64]:
        """float64 [<= 4], rising: round numbers that cut the prices into ranges; none where all prices would lie in one."""
        known = self.price[~np.isnan(self.price)]
        near = np.quantile(known, PRICE_SHARES) if len(known) else known
        steps = np.unique([_round_number(step) for step in near.tolist() if step > 0])
        return steps[(steps > known.min()) & (steps <= known.max())] if len(known) else steps

    def order(self, sort: Sort) -> NDArray[np.int32]:
        """int32 [n]: all rows in an order; what is unknown comes last, ties stand in order of the ids."""
        if sort not in self._orders:
            self._orders[sort] = self._sorted(sort).astype(np.int32)
        return self._orders[sort]

    def _sorted(self, sort: Sort) -> NDArray:
        if sort == "title":
            return pc.sort_indices(pc.utf8_lower(self.titles)).to_numpy()
        keys: dict[Sort, tuple[NDArray, ...]] = {
            "popular": (-self.n_reviews, -self.n_orders),
            "rating": (-self.n_reviews, -self.rating),
            "price": (self.price,),
            "price-down": (-self.price,),
        }
        return np.lexsort(keys[sort])

    def category_number(self, name: str) -> int:
        """Where a category stands in `category_names`; -2 for one that no product has."""
        return self.category_names.index(name) if name in self.category_names else -2


@dataclass(frozen=True)
class Build:
    """One build of the lookup tables: what a request reads from first to last."""

    cache: Cache
    catalogue: Catalogue

    @classmethod
    def open(cls, cache_dir: Path, full_encoder: Path | None = None) -> Build:
        """Open and verify the live build of a cache folder, see `lookup.reader.Cache`; raises `DamagedCache`."""
        cache = Cache.open(cache_dir, full_encoder)
        with readable(cache.folder / schema.PRODUCTS):
            return cls(cache, Catalogue(cache))

    @property
    def manifest(self) -> Manifest:
        return self.cache.manifest

    @property
    def name(self) -> str:
        return self.manifest.folder

    @property
    def shop(self) -> str:
        return self.manifest.shop.get("name") or wording.BRAND

    @property
    def currency(self) -> str:
        return self.manifest.shop.get("currency", "")

    @cached_property
    def clusters(self) -> pa.Table | None:
        """``clusters.parquet``, or None where the shop has no texts."""
        return self.cache.table(schema.CLUSTERS).read() if schema.CLUSTERS in self.cache else None

    @cached_property
    def speller(self) -> Speller:
        """The words of the texts, to compare a misspelt one with; only asked for where there are some. Raises `DamagedCache`."""
        return Speller(self.cache.terms, self.term_documents, self.common_words)

    @cached_property
    def term_documents(self) -> NDArray[np.int32]:
        """int32 [t]: how many products use each term; only asked for where there are some. Raises `DamagedCache`."""
        return self.cache.table(schema.TERMS).read(["documents"]).column(0).to_numpy()

    @cached_property
    def common_words(self) -> frozenset[str]:
        """The words that say nothing, because too many products use them. Raises `DamagedCache`."""
        named = schema.COMMON_WORDS in self.cache
        return frozenset(self.cache.table(schema.COMMON_WORDS).read().column(0).to_pylist() if named else ())

    @cached_property
    def example_queries(self) -> list[str]:
        """Queries in a shopper's words; none where the shop has no texts. Raises `DamagedCache`."""
        if self.clusters is None:
            return []
        return example_queries(self.cache, self.clusters, self.catalogue.cluster, self.common_words)

    def cluster(self, number: int) -> dict[str, Any]:
        """A row of `clusters`: its label, terms and size."""
        assert self.clusters is not None, "clusters are only asked for where there are some"
        return self.clusters.slice(number, 1).to_pylist()[0]

    def cluster_title(self, number: int) -> str:
        """A cluster's name, wherever it is named."""
        return wording.cluster_title(number, self.cluster(number)["label"])


class Store:
    """Holds the live build of a cache folder, and notices when another takes its place.

    A new build is opened and verified before it is shown; a damaged one is refused, the old one stays, and `error` says why.
    The same goes for the live build when its files change: those that were removed or replaced are still open, and answer; those
    that were written to no longer do, and `damage` names them. Mended files, or another build, are taken over like a new one.

    Where the folder is a copy of a `remote` cache, requests also keep the copying awake, and never wait for it.
    """

    def __init__(
        self,
        cache_dir: Path,
        clock: Callable[[], float] = time.monotonic,
        remote: Remote | None = None,
        full_encoder: Path | None = None,
    ) -> None:
        self.cache_dir = cache_dir
        self._refused: str | None = None
        self._overwritten: str | None = None
        self._remote = remote
        self._full_encoder = full_encoder
        self._clock = clock
        self._checking = threading.Lock()
        self._checked = self._opened = clock()
        manifest = stamp(cache_dir / schema.MANIFEST)
        self.build = Build.open(cache_dir, full_encoder)
        self._seen = manifest, self.build.cache.stamps

    @classmethod
    def at(cls, location: str | Path, full_encoder: Path | None = None) -> Store:
        """The store of a cache folder, or of a URL such as ``s3://bucket/prefix``, copied first; raises `DamagedCache`."""
        if not is_url(location):
            return cls(Path(location), full_encoder=full_encoder)
        remote = Remote.from_environment(str(location))
        remote.start()
        return cls(remote.home, remote=remote, full_encoder=full_encoder)

    @property
    def error(self) -> str | None:
        """Why the build that stands in the folder, or in the bucket, is not live; None where it is."""
        return self._refused or (self._remote.error if self._remote else None)

    @property
    def damage(self) -> str | None:
        """What is wrong with a file of the live build, so that not all can be answered; None where all can."""
        return self._overwritten or self.build.cache.damage

    def refresh(self) -> None:
        """Take over a new build if there is one.

        Cheap: looks at the files' times at most once a second, on one thread at a time; the others go on with the old build.
        """
        if self._remote:
            # Never before gunicorn forks: the thread would stay behind in its master, and a worker that was forked while it
            # copied would hold the folder's lock for ever.
            self._remote.watch()
        if self._clock() - self._checked < CHECK_SECONDS or not self._checking.acquire(blocking=False):
            return
        try:
            self._checked = self._clock()
            manifest, files = stamp(self.cache_dir / schema.MANIFEST), self.build.cache.look()
            retry = self.damage is not None and self._checked - self._opened >= RETRY_SECONDS
            if (manifest, files) != self._seen or retry:
                self._opened = self._checked
                self._seen = manifest, self.build.cache.stamps if self._take_over() else files
        finally:
            self._checking.release()

    def _take_over(self) -> bool:
        try:
            self.build = Build.open(self.cache_dir, self._full_encoder)
        except DamagedCache as error:
            refused, self._refused = self._refused, str(error)
            self._overwritten = self.build.cache.overwritten()
            if self._refused != refused:
                log.error("What stands in the folder is refused, build %s stays: %s", self.build.name, error)
            if self._remote:
                self._remote.bring_again()
            return False
        self._refused = self._overwritten = None
        log.info("Build %s is live", self.build.name)
        return True


def current_store() -> Store:
    """The store of the app that answers this request."""
    return current_app.config["store"]


def current_build() -> Build:
    """The build that this request reads; it stays the same for the whole request, even when another goes live meanwhile."""
    if "build" not in g:
        store = current_store()
        if has_request_context():  # else it is Dash that is set up, in gunicorn's master: see `Store.refresh`
            store.refresh()
        g.build = store.build
    return g.build


def _round_number(value: float) -> float:
    """The nearest of 1, 2 and 5 and their tens, hundreds ... and tenths, by ratio."""
    power = floor(log10(value))
    return min((digit * 10.0**power for digit in (1, 2, 5, 10)), key=lambda number: abs(log10(value / number)))


def _numbers(table: pa.Table, name: str, dtype: type) -> NDArray:
    return table.column(name).to_numpy().astype(dtype, copy=False)


def _holds(texts: pa.StringArray, word: str) -> NDArray[np.bool_]:
    return pc.match_substring(texts, word, ignore_case=True).fill_null(False).to_numpy(zero_copy_only=False)
