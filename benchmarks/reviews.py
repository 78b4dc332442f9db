"""Reviews from a shop's files to neighbours and clusters: the full size, beside scikit-learn's way, and how the cost grows."""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray
from scipy import sparse

from benchmarks.full_shop import write_shop
from benchmarks.processes import GaveUp, Ran, run
from benchmarks.results import Page, console
from benchmarks.review_ways import LABELS, MATRIX, WAYS

MOST_SECONDS, MOST_BYTES = 360, 6e9
LEAST_SPEEDUP, STEEPEST = 5, 1.15
SHORT = 60
"""Seconds; what takes less is measured `REPETITIONS` times, and the median is reported."""
REPETITIONS = 3
SIZES = (0.01, 0.1, 1.0)
BUILD_PATIENCE = 3_600


@dataclass(frozen=True)
class Limits:
    """What scikit-learn's way may take."""

    seconds: float
    memory: float


@dataclass(frozen=True)
class Side:
    """One way on one slice: its seconds, the bytes it took, and the inertia of its clusters."""

    seconds: float
    peak: int
    inertia: float


def measure_reviews(products: int, reviews: int, slices: Sequence[int], limits: Limits, command: str) -> None:
    """Measure, and write ``results/reviews.md``.

    Parameters
    ----------
    products, reviews
        Of the full size.
    slices
        What parts of it both ways get, as divisors, rising in size.
    """
    page = Page("reviews", "Reviews at full size", command)
    page.text(
        "Every shop is drawn from a seed, as by `python -m benchmarks shop`. *Peak MB* is the resident memory of all processes."
    )
    with tempfile.TemporaryDirectory() as folder:
        _write_sides(page, Path(folder), products, reviews, slices, limits)
        _write_builds(page, Path(folder), products, reviews)
    page.write()


def _write_builds(page: Page, folder: Path, products: int, reviews: int) -> None:
    """The full size by stage, and how the cost grows up to it."""
    growing = [(round(products * size), round(reviews * size)) for size in SIZES]
    fixed = [(products, round(reviews * size)) for size in SIZES[:-1]]
    built = {size: _build(folder, *size) for size in [*fixed, *growing]}
    largest, ran = built[products, reviews]
    page.text(f"## {reviews:,} reviews of {products:,} products", "`python -m precompute build`, from files to tables written.")
    memory = largest["peak_mb"]
    rows = [(name, f"{seconds:,.1f}", f"{memory[name]:,.0f}") for name, seconds in largest["seconds"].items()]
    page.table(("<stage", "seconds", "peak MB"), rows)
    page.goal(f"the whole command takes {ran.seconds:,.0f} s, at most {MOST_SECONDS}", ran.seconds <= MOST_SECONDS)
    page.goal(f"and {ran.peak / 1e9:.1f} GB, at most {MOST_BYTES / 1e9:.0f}", ran.peak <= MOST_BYTES)
    page.text(
        "## How the cost grows",
        "The same command; the exponent is the slope of a line through the logarithms of reviews and seconds.",
    )
    rows = [(f"{n:,}", f"{m:,}", f"{one.seconds:,.1f}", f"{one.peak / 1e6:,.0f}") for (n, m), (_, one) in built.items()]
    page.table(("products", "reviews", "seconds", "peak MB"), rows)
    for what, sizes in (("the same products", [*fixed, (products, reviews)]), ("as many products more", growing)):
        steep = exponent([m for _, m in sizes], [built[size][1].seconds for size in sizes])
        page.goal(f"with more reviews of {what}, the exponent is {steep:.2f}, at most {STEEPEST}", steep <= STEEPEST)


def _build(folder: Path, products: int, reviews: int) -> tuple[dict[str, Any], Ran]:
    """What a build says of itself, and what it took."""
    console.print(f"build of {reviews:,} reviews of {products:,} products ...")
    with tempfile.TemporaryDirectory(dir=folder) as drawn:
        write_shop(Path(drawn), products, reviews, lines=0)
        files = (f"{drawn}/shop.toml", "--cache", f"{drawn}/cache", "--work", f"{drawn}/work", "--quiet", "--json")
        build = [sys.executable, "-m", "precompute", "build", *files]
        ran = run(build, seconds=BUILD_PATIENCE, memory=np.inf)
    return json.loads(ran.output), ran


def exponent(sizes: Sequence[float], seconds: Sequence[float]) -> float:
    """The slope of the line through the logarithms: 1 where twice the size takes twice as long."""
    return float(np.polynomial.Polynomial.fit(np.log(sizes), np.log(seconds), 1).convert().coef[1])


def _write_sides(page: Page, folder: Path, products: int, reviews: int, slices: Sequence[int], limits: Limits) -> None:
    """Both ways, slice by slice, as far as scikit-learn's gets."""
    page.text(
        "## Beside scikit-learn",
        "From files to clusters, as many as there are categories. The other way: pandas joins each product's reviews to one "
        "text, then one pipeline of `TfidfVectorizer`, with the same words, and `KMeans`. *Inertia* is that of either's clusters "
        "in all dimensions of the other way's own TF-IDF.",
    )
    rows, finished = [], None
    for divisor in slices:
        size = products // divisor, reviews // divisor
        try:
            sides = _compare(folder, *size, limits)
        except GaveUp as reason:
            rows.append((*(f"{n:,}" for n in size), "scikit-learn", str(reason), "", ""))
            break
        finished = size[1], sides
        rows += [
            (*(f"{n:,}" for n in size), way, f"{side.seconds:,.1f}", f"{side.peak / 1e6:,.0f}", f"{side.inertia:,.0f}")
            for way, side in sides.items()
        ]
    page.table(("products", "reviews", "<way", "seconds", "peak MB", "inertia"), rows)
    if finished is not None:
        n, (ours, theirs) = finished[0], finished[1].values()
        faster = theirs.seconds / ours.seconds
        page.goal(f"with {n:,} reviews {faster:.1f} times as fast, at least {LEAST_SPEEDUP}", faster >= LEAST_SPEEDUP)
        page.goal(f"with an inertia of {ours.inertia / theirs.inertia:.3f} of its, at most 1", ours.inertia <= theirs.inertia)


def _compare(folder: Path, products: int, reviews: int, limits: Limits) -> dict[str, Side]:
    """Both ways on a drawn shop; raises `GaveUp` where scikit-learn's takes too much."""
    with tempfile.TemporaryDirectory(dir=folder) as drawn:
        write_shop(Path(drawn), products, reviews, lines=0)
        ran = {}
        for way in WAYS:
            console.print(f"{way}: clusters of {reviews:,} reviews of {products:,} products ...")
            (Path(drawn) / way).mkdir()
            ran[way] = _repeated(way, Path(drawn), limits)
        matrix = sparse.csr_array(sparse.load_npz(Path(drawn) / "scikit-learn" / MATRIX))
        labels = [pq.read_table(Path(drawn) / way / LABELS).sort_by("asin").column("cluster").to_numpy() for way in WAYS]
    inertias = (inertia(matrix, cluster) for cluster in labels)
    return {way: Side(*ran[way], found) for way, found in zip(WAYS, inertias, strict=True)}


def _repeated(way: str, drawn: Path, limits: Limits) -> tuple[float, int]:
    """The median of a way's seconds, and the most bytes it took."""
    command = [sys.executable, "-m", "benchmarks.review_ways", way, str(drawn), str(drawn / way)]
    seconds, peak = [], 0
    while not seconds or (len(seconds) < REPETITIONS and seconds[0] < SHORT):
        ran = run(command, seconds=limits.seconds, memory=limits.memory)
        seconds.append(json.loads(ran.output))
        peak = max(peak, ran.peak)
    return statistics.median(seconds), peak


def inertia(matrix: sparse.csr_array, cluster: NDArray[np.int32]) -> float:
    """The sum of the squared distances of a matrix's rows to the mean of their cluster, rows without one (-1) left out."""
    rows = np.flatnonzero(cluster >= 0)
    own = cluster[rows]
    sums = sparse.csr_array((np.ones(len(rows)), (own, rows)), shape=(own.max() + 1, matrix.shape[0])) @ matrix
    sizes = np.maximum(np.bincount(own), 1)
    return float(matrix[rows].power(2).sum() - (sums.power(2).sum(axis=1) / sizes).sum())
