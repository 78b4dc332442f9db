"""Teach a shop's orders to its features, and write what came of it to a file that ``shop.toml`` can name."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray
from scipy import sparse

from lookup.lock import locked
from precompute.errors import BadInput
from precompute.evaluate.holdout import kept_back, split_orders
from precompute.features import Features, features
from precompute.finetune.taste import Parts, Taste
from precompute.finetune.teach import Lesson, Trials, choose_strength, several
from precompute.network import network_of
from precompute.pictures import Pictures, read_pictures, why_no_pictures
from precompute.projection import unit_rows
from precompute.report import Report
from precompute.settings import Settings
from precompute.shop import Shop
from precompute.signals.basket import order_matrix
from precompute.signals.style import picture_blocks, taste_of
from precompute.sources import read_shop

FEWEST_FOLDS, MOST_FOLDS, FOLD_SIZE = 5, 20, 20
"""The smaller a part that is judged, the more orders are left to learn from, and the more often there is something to learn."""


@dataclass(frozen=True)
class Pupil:
    """All that a taste is learned from but the orders, of which it may be told some or all.

    Attributes
    ----------
    parts, vectors
        The fixed parts, and float32 [n, d], what they make of the shop's products.
    widths
        Of the parts in a vector.
    orders
        CSR [orders, n].
    categories
        int32 [n], -1 for none.
    dimensions, seed
        Of the taste, and of every draw.
    """

    parts: Parts
    vectors: NDArray[np.float32]
    widths: list[int]
    orders: sparse.csr_array
    categories: NDArray[np.int32]
    dimensions: int
    seed: int

    def learned(self, orders: sparse.csr_array, trials: Trials) -> Taste:
        """The taste that some of the orders teach. Raises `BadInput` where they are too few."""
        strength = choose_strength(self.vectors, self.widths, orders, self.categories, self.dimensions, self.seed, trials)
        axes = Lesson.of(self.vectors, self.widths, orders, self.categories).solve(strength, self.dimensions)
        return Taste(self.parts, axes, {"orders": several(orders).shape[0], "strength": strength})

    def scores_apart(self, asked: NDArray[np.int64]) -> NDArray[np.float32]:
        """float32 [asked, n]: how well each product goes with those asked for, by tastes that never saw an order of theirs.

        The products asked for are dealt into parts; each part is judged by a taste learned, and its strength chosen, on the
        orders alone that hold none of the part.
        """
        folds = min(max(FEWEST_FOLDS, len(asked) // FOLD_SIZE), MOST_FOLDS, len(asked))
        scores = np.empty((len(asked), len(self.vectors)), np.float32)
        fold = np.random.default_rng(self.seed).permutation(len(asked)) % folds
        for number in range(folds):
            of_fold = asked[fold == number]
            unseen = np.asarray(self.orders[:, of_fold].sum(axis=1)).ravel() == 0
            taste = unit_rows(self.vectors @ self.learned(self.orders[np.flatnonzero(unseen)], Trials()).axes)
            scores[fold == number] = taste[of_fold] @ taste.T
        return scores


def finetune_projection(settings: Settings, out: Path, work: Path, report: Report, *, words: bool = True) -> Taste:
    """Learn a taste from all orders but those that ``evaluate`` reports on, and write it.

    Raises
    ------
    BadInput
        Where there are no orders, no pictures, or too few of them to learn from.
    """
    work.mkdir(parents=True, exist_ok=True)
    with locked(work, f"{work}: a build is using this work folder; wait until it has ended, or name another with --work"):
        shop = read_shop(settings, work, report)
        if shop.orders is None:
            raise BadInput("there is nothing to learn from: shop.toml has no [orders]")
        pupil = prepare(shop, report, words=words)
        holdout = split_orders(shop.orders, len(shop), settings.evaluate)
        known = holdout.before_test
        with report.stage("taste", rows=known.shape[0]):
            shape = np.array([*pupil.widths, pupil.dimensions, pupil.seed])
            trials = Trials.kept_in(work / "finetune", pupil.vectors, shape, known.indptr, known.indices, pupil.categories)
            taste = pupil.learned(known, trials)
            taste = replace(taste, learned=taste.learned | {"kept_back": kept_back(holdout, settings.evaluate)})
            taste.save(out)
    return taste


def prepare(shop: Shop, report: Report, *, words: bool = True) -> Pupil:
    """Read the shop's pictures and texts; features that are in the work folder are not computed again."""
    found = picture_features(shop, report)
    style = shop.settings.signals.style
    with report.stage("style, look and words", rows=len(shop)):
        network = network_of(shop.settings.signals, "style")
        parts = Parts.fit(shop, network.key, picture_blocks(found, shop.settings.signals), style.seed, words=words)
        vectors = parts.vectors(shop, found)
    return Pupil(parts, vectors, parts.widths, orders_of(shop), shop.categories, style.dimensions, style.seed)


def pupil_again(shop: Shop, report: Report) -> Pupil:
    """What the taste that shop.toml names was learned on, for learning it again from other orders.

    Raises `BadInput` where the file can't be used with these settings.
    """
    found = picture_features(shop, report)
    taste = taste_of(shop.settings.signals)
    assert taste is not None, "shop.toml names one"
    vectors = taste.parts.vectors(shop, found)
    seed = shop.settings.signals.style.seed
    return Pupil(taste.parts, vectors, taste.parts.widths, orders_of(shop), shop.categories, taste.axes.shape[1], seed)


def picture_features(shop: Shop, report: Report) -> Features:
    """The features that the style is made of. Raises `BadInput` where there are no pictures."""
    pictures_of(shop, report)
    return features(shop, network_of(shop.settings.signals, "style"), report)


def pictures_of(shop: Shop, report: Report) -> Pictures:
    """Read the shop's pictures; raises `BadInput` where there are none."""
    reason = why_no_pictures(shop)
    if reason is None:
        shop.pictures = read_pictures(shop, report)
        reason = why_no_pictures(shop)
    if shop.pictures is None or reason is not None:
        raise BadInput(f"there is nothing to learn on: {reason}")
    return shop.pictures


def orders_of(shop: Shop) -> sparse.csr_array:
    """CSR [orders, n], 1 where an order holds a product."""
    assert shop.orders is not None, "only shops with orders teach"
    lines = pq.read_table(shop.orders, columns=["order", "product"])
    return order_matrix(lines.column("order").to_numpy(), lines.column("product").to_numpy(), len(shop))
