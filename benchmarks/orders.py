"""Orders to recommendations: beside `implicit` and the sales-history tutorial's code, and how the cost grows."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.processes import GaveUp, run
from benchmarks.results import Page, console

PRODUCTS = (2_000, 50_000)
TUTORIAL_PRODUCTS, TUTORIAL_ORDERS = 2_000, (1_000, 10_000, 100_000)
REPETITIONS = 3
LEAST_SPEEDUP, LEAST_TUTORIAL_SPEEDUP, LEAST_TUTORIAL_SAVING, STEEPEST = 1.2, 100, 15, 1.15
GROWTH = 100
"""The exponent is fitted over this range of lines, up to the most."""

MEAN_BASKET, LARGEST_BASKET = 7, 30
CATEGORY, WITHIN = 200, 0.7
"""Products of a category, and how many of an order's lines come from its category."""
SKEW = 5
"""A product's rank in popularity is a uniform number to this power: Zipf's law with the exponent 1 - 1 / SKEW."""

HOW = """Orders are drawn from a seed: seven products each on average, most of them of one category, as popular as Zipf's law with
an exponent of 0.8 says. Every way is a process of its own that starts with the order lines in memory and ends with lists of ten;
compiling and importing are not counted, a first run of 1,000 lines does both. *MB* is the most resident memory above that before
the run. Scores of the lists are compared, so that what scores the same may stand in any order."""
SAR = """Microsoft recommenders' SAR is not among them: recommenders 1.2.1 asks for pandas below 3, which pip can't install beside
Aisle's, and brings some 180 packages into an environment of its own."""


@dataclass(frozen=True)
class Measured:
    """Median seconds, bytes, and float32 [products, k] scores; or why there are none."""

    seconds: float
    peak: int
    scores: NDArray[np.float32]


@dataclass(frozen=True)
class Limits:
    """What one run of a way may take: seconds, with its repetitions, and bytes."""

    seconds: float
    memory: float


def draw_lines(products: int, orders: int, seed: int = 0) -> NDArray[np.int32]:
    """int32 [2, lines]: order and product of each line, by order; no order holds a product twice; `CATEGORY` products or more."""
    rng = np.random.default_rng(seed)
    sizes = (1 + rng.geometric(1 / (MEAN_BASKET - 1), orders)).clip(max=LARGEST_BASKET)
    order = np.repeat(np.arange(orders), sizes)
    first = np.repeat(CATEGORY * rng.integers(0, products // CATEGORY, orders), sizes)
    rank = rng.random(len(order)) ** SKEW
    anywhere = rng.permutation(products)[(rank * products).astype(np.int64)]
    product = np.where(rng.random(len(order)) < WITHIN, first + (rank * CATEGORY).astype(np.int64), anywhere)
    lines = np.unique(order * products + product)
    return np.stack(np.divmod(lines, products)).astype(np.int32)


def measure_orders(sizes: Sequence[int], limits: Limits, command: str) -> None:
    """Measure, and write ``results/orders.md``.

    Parameters
    ----------
    sizes
        How many order lines, about; rising.
    limits
        For each way.
    """
    page = Page("orders", "Orders", command)
    page.text(HOW, SAR)
    with tempfile.TemporaryDirectory() as folder:
        files = {
            (products, lines): _drawn(Path(folder), products, lines // MEAN_BASKET) for products in PRODUCTS for lines in sizes
        }
        _write_implicit(page, files, limits)
        _write_growth(page, files, limits)
        _write_tutorial(page, Path(folder), limits)
    page.write()


def _drawn(folder: Path, products: int, orders: int) -> Path:
    path = folder / f"{products}-{orders}.npy"
    np.save(path, draw_lines(products, orders))
    return path


def _measure(way: str, lines: Path, products: int, limits: Limits, repetitions: int = REPETITIONS) -> Measured:
    console.print(f"{way}, {products:,} products, {_lines(lines):,} lines ...")
    out = lines.with_suffix(f".{way}.npy")
    command = [sys.executable, "-m", "benchmarks.order_ways", way, str(lines), str(products), str(out), str(repetitions)]
    found = json.loads(run(command, seconds=limits.seconds, memory=limits.memory).output)
    return Measured(found["seconds"], found["peak"], np.load(out))


def _lines(path: Path) -> int:
    return int(np.load(path, mmap_mode="r").shape[1])


def _alike(ours: Measured, theirs: Measured) -> bool:
    return bool(np.allclose(ours.scores, theirs.scores, rtol=1e-5, atol=1e-6))


def _write_implicit(page: Page, files: dict[tuple[int, int], Path], limits: Limits) -> None:
    page.text("## Bought together, beside `implicit`", 'The cosine of two products\' orders, of all pairs (`score = "cosine"`).')
    rows, speedups, alike = [], [], []
    for (products, _), lines in files.items():
        ours, theirs = (_measure(way, lines, products, limits) for way in ("aisle_cosine", "implicit_cosine"))
        speedups.append(theirs.seconds / ours.seconds)
        alike.append(_alike(ours, theirs))
        sides = (text for side in (ours, theirs) for text in _cells(side))
        rows.append((f"{products:,}", f"{_lines(lines):,}", *sides, f"{speedups[-1]:.2f}", "yes" if alike[-1] else "**no**"))
    page.table(
        ("products", "order lines", "Aisle, s", "MB", "implicit, s", "MB", "times as fast", "<the same lists"),
        rows,
    )
    page.goal(
        f"at least {LEAST_SPEEDUP} times as fast as `implicit` at every size (least: {min(speedups):.2f})",
        min(speedups) >= LEAST_SPEEDUP,
    )
    page.goal("the same lists", all(alike))


def _write_growth(page: Page, files: dict[tuple[int, int], Path], limits: Limits) -> None:
    page.text(
        "## How the cost grows",
        f"With the settings of a shop that sets none. The exponent is fitted over the last {GROWTH}-fold of order lines.",
    )
    rows, exponents = [], []
    for way, reading in (("default_together", "bought together"), ("default_company", "similar company")):
        for products in PRODUCTS:
            lines, seconds = [], []
            for (of, _), path in files.items():
                if of == products:
                    size = (reading, f"{products:,}", f"{_lines(path):,}")
                    try:
                        ours = _measure(way, path, products, limits)
                    except GaveUp as reason:
                        rows.append((*size, str(reason), ""))
                        continue
                    lines.append(_lines(path))
                    seconds.append(ours.seconds)
                    rows.append((*size, *_cells(ours)))
            exponents.append((f"{reading}, {products:,} products", _exponent(lines, seconds)))
    page.table(("<reading", "products", "order lines", "seconds", "MB"), rows)
    for name, exponent in exponents:
        page.goal(f"{name}: exponent of at most {STEEPEST} ({exponent:.2f})", exponent <= STEEPEST)


def _exponent(lines: Sequence[int], seconds: Sequence[float]) -> float:
    """Of seconds = a · lines^x the x, over the last `GROWTH`-fold of lines."""
    within = np.array(lines) >= lines[-1] / GROWTH * 0.9
    return float(np.polyfit(np.log(np.array(lines)[within]), np.log(np.array(seconds)[within]), 1)[0])


def _write_tutorial(page: Page, folder: Path, limits: Limits) -> None:
    page.text(
        "## Similar company, beside the tutorial's code",
        "pandas' dense pivot of orders and products, its dot product, and scikit-learn's cosine of the rows, of all pairs.",
    )
    page.table(
        (
            "products",
            "orders",
            "order lines",
            "Aisle, s",
            "MB",
            "tutorial, s",
            "MB",
            "times as fast",
            "of the memory",
            "<the same lists",
        ),
        list(_beside_tutorial(page_goals := [], folder, limits)),
    )
    for said, met in page_goals:
        page.goal(said, met)


def _beside_tutorial(goals: list[tuple[str, bool]], folder: Path, limits: Limits) -> Iterator[tuple[str, ...]]:
    """A row for each number of orders; the last one's goals are added to `goals`."""
    for orders in TUTORIAL_ORDERS:
        path = _drawn(folder, TUTORIAL_PRODUCTS, orders)
        size = (f"{TUTORIAL_PRODUCTS:,}", f"{orders:,}", f"{_lines(path):,}")
        ours = _measure("aisle_company", path, TUTORIAL_PRODUCTS, limits)
        try:
            theirs = _measure("tutorial", path, TUTORIAL_PRODUCTS, limits)
        except GaveUp as reason:
            yield (*size, *_cells(ours), str(reason), "", "", "", "")
            continue
        faster, smaller = theirs.seconds / ours.seconds, theirs.peak / max(ours.peak, 1)
        same = _alike(ours, theirs)
        yield (*size, *_cells(ours), *_cells(theirs), f"{faster:,.0f}", f"1/{smaller:,.0f}", "yes" if same else "**no**")
        if orders == TUTORIAL_ORDERS[-1]:
            where = f"than the tutorial's code at {TUTORIAL_PRODUCTS:,} products and {orders:,} orders"
            goals += [
                (f"at least {LEAST_TUTORIAL_SPEEDUP} times faster {where} ({faster:,.0f})", faster >= LEAST_TUTORIAL_SPEEDUP),
                (
                    f"at least {LEAST_TUTORIAL_SAVING} times less memory {where} ({smaller:,.0f})",
                    smaller >= LEAST_TUTORIAL_SAVING,
                ),
                ("the same lists", same),
            ]


def _cells(side: Measured) -> tuple[str, str]:
    return f"{side.seconds:,.3f}", f"{side.peak / 1e6:,.0f}"
