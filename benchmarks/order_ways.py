"""Ways from order lines to lists of products: ``python -m benchmarks.order_ways WAY LINES PRODUCTS OUT REPETITIONS``.

Each is a process of its own, so that its memory can be told from the others'. It prints its seconds and bytes, and writes into
`OUT` the falling scores of each product's list, in which equal ones are interchangeable.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from benchmarks.processes import peak_memory
from precompute.settings import Basket
from precompute.signals.basket import bought_together, order_matrix, similar_company

K = 10
WARM_UP = 1_000
"""Lines of a first run that isn't measured: it compiles, and imports what is imported late."""

Ints = NDArray[np.int32]
Scores = NDArray[np.float32]


def aisle_cosine(order: Ints, product: Ints, products: int) -> Scores:
    """*Bought together* as `implicit` defines it: the cosine of two products' orders, of all pairs."""
    return bought_together(order_matrix(order, product, products), Basket(k=K, score="cosine", min_orders=1)).score


def implicit_cosine(order: Ints, product: Ints, products: int) -> Scores:
    """`implicit`'s CosineRecommender, on all cores; a product is the first on its own list."""
    from implicit.nearest_neighbours import CosineRecommender

    orders = sparse.csr_matrix((np.ones(len(order)), (order, product)), shape=(order[-1] + 1, products))
    recommender = CosineRecommender(K=K + 1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns of its own way to lay a matrix out
        recommender.fit(orders, show_progress=False)
    found = recommender.similarity
    rows = np.repeat(np.arange(products), np.diff(found.indptr))
    others = rows != found.indices
    ranked = np.lexsort((-found.data[others], rows[others]))
    rows, scores = rows[others][ranked], found.data[others][ranked]
    place = np.arange(len(rows)) - np.searchsorted(rows, np.arange(products))[rows]
    lists = np.zeros((products, K), np.float32)
    lists[rows[place < K], place[place < K]] = scores[place < K]
    return lists


def aisle_company(order: Ints, product: Ints, products: int) -> Scores:
    """*Similar company* as the tutorial defines it: of all pairs."""
    return similar_company(order_matrix(order, product, products), Basket(k=K, min_orders=1)).score


def tutorial(order: Ints, product: Ints, products: int) -> Scores:
    """The sales-history tutorial's way: a dense pivot of orders and products, its dot product, and the cosine of its rows."""
    from sklearn.metrics.pairwise import cosine_similarity

    lines = pd.DataFrame({"order": order, "product": product, "quantity": 1})
    pivot = lines.pivot_table(index="order", columns="product", values="quantity", aggfunc="sum", fill_value=0)
    together = pivot.T.dot(pivot)
    counts = together.to_numpy(copy=True)
    np.fill_diagonal(counts, 0)
    alike = pd.DataFrame(cosine_similarity(counts), index=together.index, columns=together.columns)
    lists = np.zeros((products, K), np.float32)
    for bought in alike.index:
        best = alike.loc[bought].drop(bought).nlargest(K).to_numpy()
        lists[bought, : len(best)] = best
    return lists


def default_together(order: Ints, product: Ints, products: int) -> Scores:
    """*Bought together* with the settings of a shop that sets none."""
    return bought_together(order_matrix(order, product, products), Basket(k=K)).score


def default_company(order: Ints, product: Ints, products: int) -> Scores:
    """*Similar company* likewise."""
    return similar_company(order_matrix(order, product, products), Basket(k=K)).score


Way = Callable[[Ints, Ints, int], Scores]
WAYS: dict[str, Way] = {
    way.__name__: way for way in (aisle_cosine, implicit_cosine, aisle_company, tutorial, default_together, default_company)
}


def measure(way: Way, order: Ints, product: Ints, products: int, repetitions: int) -> tuple[float, int, Scores]:
    """The median of the seconds, the most bytes above those before, and the scores.

    Parameters
    ----------
    order, product
        int32 [lines]: one row per line, by order.
    """
    way(order[:WARM_UP], product[:WARM_UP], products)
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the peak so far is forgotten
    before = peak_memory()
    took = []
    for _ in range(repetitions):
        started = time.perf_counter()
        scores = way(order, product, products)
        took.append(time.perf_counter() - started)
    return statistics.median(took), peak_memory() - before, scores


if __name__ == "__main__":
    name, lines, count, out, times = sys.argv[1:]
    seconds, peak, found = measure(WAYS[name], *np.load(lines), int(count), int(times))
    np.save(out, found)
    print(json.dumps({"seconds": seconds, "peak": peak}))
