"""Products with one and the same picture file: a list shows each photo once, and says where it is the product's own."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from lookup.schema import NO_NEIGHBOUR
from precompute.pictures import Pictures
from precompute.topk import Ranked


@dataclass(frozen=True)
class Shown:
    """One product for each photo, or for each photo in each category.

    Attributes
    ----------
    rows
        int64 [m], rising: of the products with a photo, the first. One without a picture stands for itself.
    place
        int64 [n]: where in `rows` the one stands that shows a product's photo.
    """

    rows: NDArray[np.int64]
    place: NDArray[np.int64]

    def spread(self, ranked: Ranked) -> Ranked:
        """Neighbours among `rows`, [m, k], as neighbours of all products, [n, k]."""
        index, score = ranked
        products = np.append(self.rows, NO_NEIGHBOUR)[index].astype(np.int32)
        return products[self.place], score[self.place]


@dataclass(frozen=True)
class Photos:
    """The photos of n products.

    Attributes
    ----------
    of_product
        int64 [n]: equal numbers are one picture file, counted by the first product that has it. A product without a picture has
        a number of its own.
    """

    of_product: NDArray[np.int64]

    @classmethod
    def of(cls, pictures: Pictures) -> Photos:
        kinds = [str(product) if content is None else content for product, content in enumerate(pictures.content)]
        return cls(pa.array(kinds, pa.string()).dictionary_encode().indices.to_numpy().astype(np.int64))

    def shown(self, categories: NDArray[np.int32] | None = None) -> Shown:
        """One product for each photo; with `categories`, int32 [n], one for each photo in each of them."""
        kinds = self.of_product
        if categories is not None:
            kinds = kinds * (len(categories) + 1) + categories
        _, first, kind = np.unique(kinds, return_index=True, return_inverse=True)
        rows = np.sort(first)
        return Shown(rows, np.searchsorted(rows, first[kind]))

    def listed(self, rows: NDArray[np.int64], categories: NDArray[np.int32]) -> NDArray[np.bool_]:
        """bool [m]: of `rows` of known categories, int64 and int32 [m], the first two with each photo.

        Where a photo is there once for each category, one of the two is of another category than any given product. So every
        photo can be listed for everyone, and one that stands for "no picture" in all categories takes no more than two places.
        """
        listed = categories >= 0
        known = np.flatnonzero(listed)
        order = known[np.argsort(self.of_product[rows[known]], kind="stable")]
        photo = self.of_product[rows[order]]
        listed[order[2:]] = photo[2:] != photo[:-2]
        return listed

    def enough(self, k: int, rows: NDArray[np.int64]) -> int:
        """So many of `rows`, int64 [m], in which no photo is there more than twice, show k different ones, whichever they are."""
        return k + min(k, len(rows) - len(np.unique(self.of_product[rows])))

    def following(self) -> NDArray[np.int64]:
        """int64 [n]: the next product with the same photo, after the last one the first; -1 where there is no other."""
        order = np.argsort(self.of_product, kind="stable")
        photo = self.of_product[order]
        is_last = np.append(photo[1:] != photo[:-1], np.ones(min(len(photo), 1), bool))
        following = np.empty_like(order)
        following[order] = np.where(is_last, order[np.searchsorted(photo, photo)], np.roll(order, -1))
        return np.where(following == np.arange(len(order)), NO_NEIGHBOUR, following)

    def flags(self, index: NDArray[np.int32]) -> NDArray[np.int32]:
        """int32 [n, k, 1]: 1 where a product and its neighbour, [n, k], have one and the same photo."""
        return ((self.of_product[index] == self.of_product[:, None]) & (index != NO_NEIGHBOUR)).astype(np.int32)[:, :, None]

    def with_own(self, ranked: Ranked) -> Ranked:
        """The product `following` goes in front of neighbours [n, k], as alike as can be; the last of them makes room.

        So each product with a shared photo is listed by one of the others, and all of them can be reached.
        """
        following = self.following()
        shares = np.flatnonzero(following != NO_NEIGHBOUR)
        index, score = ranked[0].copy(), ranked[1].copy()
        index[shares], score[shares] = np.roll(index[shares], 1, axis=1), np.roll(score[shares], 1, axis=1)
        index[shares, 0], score[shares, 0] = following[shares], 1
        return index, score

    def each_once(self, ranked: Ranked, k: int) -> Ranked:
        """Of neighbours [n, m] with one photo the first stays; then the first k, [n, k]."""
        index, score = ranked
        photo = np.where(index == NO_NEIGHBOUR, -1, self.of_product[index])
        order = np.argsort(photo, axis=1, kind="stable")
        by_photo = np.take_along_axis(photo, order, axis=1)
        repeated = np.zeros(index.shape, bool)
        np.put_along_axis(repeated, order[:, 1:], by_photo[:, 1:] == by_photo[:, :-1], axis=1)
        stay = np.argsort(repeated, axis=1, kind="stable")[:, :k]
        index, score = np.where(repeated, NO_NEIGHBOUR, index).astype(np.int32), np.where(repeated, np.float32(0), score)
        return np.take_along_axis(index, stay, axis=1), np.take_along_axis(score, stay, axis=1)
