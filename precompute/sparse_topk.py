"""Exact nearest neighbours of sparse rows.

Nearly all of the work of comparing every row with every other goes into columns that many rows have, and these say the
least. So the columns are ranked by how many rows have them, and only a row's rarer ones are looked up in an index from
columns to rows. What the frequent ones may add is bounded: they are dealt to bands, and within a band two rows have at most
the product of their lengths there in common (Cauchy-Schwarz). Only rows whose bound reaches the k-th best score so far are
compared, in float64. Where the bound lets too many pass, more of a row's columns are looked up; where few, fewer.

The bounds are rounded upwards, so that none of this changes what is found. Nor do blocks and threads: a score is one sum, in
the order of the columns, whoever takes it.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy import sparse

from lookup.schema import NO_NEIGHBOUR
from precompute.topk import Advance, Ranked, unseen

TILE_ROWS = 32_768
"""Rows whose bounds are held at a time, 128 kB of them, so that they stay in the processor's cache; at most 65,536."""
QUERY_ROWS = 256
"""Rows that a thread searches for, tile by tile, before it takes others."""
CUTS = np.array([0, 32, 64, 128, 256, 512, 1024, 2048, 4096])
"""So many of the most frequent columns may be left to the bound."""
BANDS = 2
"""Bands between one cut and the next."""
TIGHT = 0.8
"""A row begins with the largest cut below which its part is no longer than this share of its k-th best score so far."""
SEED_SHARE = 16
"""A row's strongest columns are looked up first, as many as cost an n-th of comparing it with every row."""
LOOK_COST, BAND_COST = 300, 0.03
"""Comparing two rows, and adding a band to a bound, cost as much as so many additions of postings."""
STRIPE = 64
"""Bounds that are compared with a threshold at once; only where one of them reaches it, each is looked at."""
FULL_WEIGHT = np.float32(65535)
SMALLEST = np.float32(1e-37)

_LOWER_HALF = np.uint32(0xFFFF)
_HALF = np.uint32(16)


class _Index(NamedTuple):
    """All that a search needs to know of n rows and d columns.

    Attributes
    ----------
    indptr, columns, values
        int64, int32, float64: the rows as given, the columns of each in order.
    inverse
        float64 [n]: one by the length of each row, 0 for an empty one.
    frequency
        int64 [d]: how many rows have each column, most frequent first. A column's place here is its rank.
    ranks, weights
        int32, float32: the rows, of length one, the columns of each by rank.
    starts
        int32 [tiles, d + 1]: where the postings of each rank begin among those of a tile.
    postings
        uint32, those of a tile behind each other: a row, as its place in the tile, and in the lower half its weight, in units of
        1 / `FULL_WEIGHT`, rounded up.
    bands
        float32 [bands, n]: how long the part of each row in each band is, rounded up.
    """

    indptr: NDArray[np.int64]
    columns: NDArray[np.int32]
    values: NDArray[np.float64]
    inverse: NDArray[np.float64]
    frequency: NDArray[np.int64]
    ranks: NDArray[np.int32]
    weights: NDArray[np.float32]
    starts: NDArray[np.int32]
    postings: NDArray[np.uint32]
    bands: NDArray[np.float32]


class _Scratch(NamedTuple):
    """What one thread writes to.

    Attributes
    ----------
    bounds
        float32 [tile_rows]: the bounds of a row's cosines with a tile.
    head, wanted
        float32 [largest cut], float64 [d]: a row spread over the ranks, and over the columns; zeros between two uses.
    begins, ends
        int64 [d]: where the postings of a row's columns lie.
    """

    bounds: NDArray[np.float32]
    head: NDArray[np.float32]
    wanted: NDArray[np.float64]
    begins: NDArray[np.int64]
    ends: NDArray[np.int64]


class _Plan(NamedTuple):
    """How rows are searched for.

    Attributes
    ----------
    tails
        int64 [rows, cuts]: where the columns of a row begin that a cut doesn't leave to the bound.
    additions
        float64 [rows, cuts]: how many postings they have.
    cut, largest
        int64 [rows]: the cut in use, as a place in `CUTS`, and the largest that is worth another try.
    """

    tails: NDArray[np.int64]
    additions: NDArray[np.float64]
    cut: NDArray[np.int64]
    largest: NDArray[np.int64]


def sparse_cosine_neighbours(vectors: sparse.csr_array, k: int, advance: Advance = unseen) -> Ranked:
    """The k rows with the highest cosine to each row, itself left out; only positive cosines count.

    A cosine is summed in float64, in the order of the columns, and rounded to float32; equal ones are ordered by row. One under
    1e-15 may be taken for none.

    Parameters
    ----------
    vectors
        CSR [n, d], non-negative; empty rows have no neighbours.
    k
        How many.
    advance
        Is told how many rows are done, block by block.

    Returns
    -------
    index, score
        int32 and float32 [n, k], best first; `NO_NEIGHBOUR` and 0 behind the last.

    Raises
    ------
    ValueError
        An entry is negative.
    """
    if vectors.nnz and vectors.data.min() < 0:
        raise ValueError("negative entries: the bounds hold for non-negative ones only")
    n = vectors.shape[0]
    index = np.full((n, k), NO_NEIGHBOUR, np.int32)
    score = np.zeros((n, k), np.float32)
    # Compiled code lets go of the interpreter, so plain threads are enough.
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        searched = _index(vectors, pool)

        def search(start: int) -> int:
            stop = min(start + QUERY_ROWS, n)
            _search(searched, TILE_ROWS, start, index[start:stop], score[start:stop])
            return stop - start

        for done in pool.map(search, range(0, n if k else 0, QUERY_ROWS)):
            advance(done)
    return index, score


def _index(vectors: sparse.csr_array, pool: ThreadPoolExecutor) -> _Index:
    n, d = vectors.shape
    rows = sparse.csr_array(vectors, dtype=np.float64)
    if not rows.has_canonical_format:
        rows = rows.copy()
        rows.sum_duplicates()
    columns = rows.indices.astype(np.int32, copy=False)
    frequency = np.bincount(columns, minlength=d)
    by_frequency = np.argsort(-frequency, kind="stable")
    rank = np.empty(d, np.int32)
    rank[by_frequency] = np.arange(d, dtype=np.int32)
    tiles = -(-n // TILE_ROWS)
    searched = _Index(
        indptr=rows.indptr.astype(np.int64),
        columns=columns,
        values=rows.data,
        inverse=np.zeros(n),
        frequency=frequency[by_frequency],
        ranks=np.empty(rows.nnz, np.int32),
        weights=np.empty(rows.nnz, np.float32),
        starts=np.zeros((tiles, d + 1), np.int32),
        postings=np.empty(rows.nnz, np.uint32),
        bands=np.zeros((BANDS * (len(CUTS) - 1), n), np.float32),
    )
    list(pool.map(lambda tile: _index_tile(searched, rank, TILE_ROWS, tile), range(tiles)))
    return searched


@njit(cache=True, nogil=True)
def _index_tile(searched: _Index, rank: NDArray[np.int32], tile_rows: int, tile: int) -> None:
    indptr, values, inverse, starts = searched.indptr, searched.values, searched.inverse, searched.starts[tile]
    first, stop = tile * tile_rows, min(len(inverse), (tile + 1) * tile_rows)
    postings = searched.postings[indptr[first] : indptr[stop]]
    units = np.empty(len(postings), np.float32)
    for at in range(indptr[first], indptr[stop]):
        starts[rank[searched.columns[at]] + 1] += 1
    for place in range(1, len(starts)):
        starts[place] += starts[place - 1]
    free = starts[:-1].copy()
    for row in range(first, stop):
        squared = 0.0
        for at in range(indptr[row], indptr[row + 1]):
            squared += values[at] * values[at]
        if squared > 0:
            inverse[row] = 1 / np.sqrt(squared)
        for at in range(indptr[row], indptr[row + 1]):
            column = rank[searched.columns[at]]
            unit = np.float32(values[at] * inverse[row])
            weight = np.uint32(min(FULL_WEIGHT, np.ceil(unit * FULL_WEIGHT)))
            postings[free[column]] = (np.uint32(row - first) << _HALF) | weight
            units[free[column]] = unit
            free[column] += 1
    _rank_rows(searched, first, starts, postings, units)
    for band in range(len(searched.bands)):
        for row in range(first, stop):
            searched.bands[band, row] = np.sqrt(searched.bands[band, row]) * np.float32(1.0001)


@njit(cache=True, nogil=True)
def _rank_rows(
    searched: _Index,
    first: int,
    starts: NDArray[np.int32],
    postings: NDArray[np.uint32],
    units: NDArray[np.float32],
) -> None:
    """Fill the rows column by column, so that each one's columns come out by rank, and sum the squares of each band."""
    free = searched.indptr[first:].copy()
    step = 0
    for column in range(len(starts) - 1):
        while step < len(CUTS) - 1 and column >= CUTS[step + 1]:
            step += 1
        for at in range(starts[column], starts[column + 1]):
            place = postings[at] >> _HALF
            searched.ranks[free[place]] = column
            searched.weights[free[place]] = units[at]
            free[place] += 1
            if step < len(CUTS) - 1:
                searched.bands[step * BANDS + column % BANDS, first + place] += units[at] * units[at]


@njit(cache=True, nogil=True)
def _search(searched: _Index, tile_rows: int, first: int, index: NDArray[np.int32], score: NDArray[np.float32]) -> None:
    """Fill the lists of the rows from `first` on."""
    n, d, m = len(searched.inverse), len(searched.frequency), len(index)
    scratch = _Scratch(
        np.empty(tile_rows, np.float32), np.zeros(CUTS[-1], np.float32), np.zeros(d), np.empty(d, np.int64), np.empty(d, np.int64)
    )
    shape = (m, len(CUTS))
    plan = _Plan(np.empty(shape, np.int64), np.empty(shape), np.empty(m, np.int64), np.full(m, len(CUTS) - 1))
    for place in range(m):
        _measure_tails(searched, first + place, plan.tails[place], plan.additions[place])
        _seed(searched, first + place, tile_rows, scratch, index[place], score[place])
        plan.cut[place] = _first_cut(searched, first + place, score[place, -1])
    for tile in range(len(searched.starts)):
        share = min(tile_rows, n - tile * tile_rows) / n
        for place in range(m):
            cut = plan.cut[place]
            tail = plan.tails[place, cut]
            looks = _search_tile(searched, first + place, tile, cut, tail, scratch, index[place], score[place])
            _change_cut(plan, place, looks / share, BANDS * BAND_COST * n)


@njit(cache=True, nogil=True)
def _measure_tails(searched: _Index, row: int, tails: NDArray[np.int64], additions: NDArray[np.float64]) -> None:
    at, total = searched.indptr[row + 1], 0.0
    for cut in range(len(CUTS) - 1, -1, -1):
        while at > searched.indptr[row] and searched.ranks[at - 1] >= CUTS[cut]:
            at -= 1
            total += searched.frequency[searched.ranks[at]]
        tails[cut], additions[cut] = at, total


@njit(cache=True, nogil=True)
def _first_cut(searched: _Index, row: int, threshold: float) -> int:
    cut, squared, most = 0, 0.0, (TIGHT * threshold) ** 2
    while cut < len(CUTS) - 1:
        for band in range(cut * BANDS, (cut + 1) * BANDS):
            squared += searched.bands[band, row] ** 2
        if squared > most:
            break
        cut += 1
    return cut


@njit(cache=True, nogil=True)
def _change_cut(plan: _Plan, place: int, looks: float, bands: float) -> None:
    """Take the next cut where this one has cost more, or far less, than that one would.

    Parameters
    ----------
    looks
        How many rows would be compared if all tiles were like the last one.
    bands
        What the bands of one cut cost over all tiles.
    """
    cut, additions = plan.cut[place], plan.additions[place]
    if cut > 0 and looks * LOOK_COST > additions[cut - 1] - additions[cut] - bands:
        plan.cut[place] = plan.largest[place] = cut - 1
    elif cut < plan.largest[place] and looks * LOOK_COST * 4 < additions[cut] - additions[cut + 1] - bands:
        plan.cut[place] = cut + 1


@njit(cache=True, nogil=True)
def _seed(
    searched: _Index, row: int, tile_rows: int, scratch: _Scratch, index: NDArray[np.int32], score: NDArray[np.float32]
) -> None:
    """Begin a list with the rows that are most alike in the row's strongest columns: probably near, and so a high threshold."""
    n, k = len(searched.inverse), len(index)
    ranks, weights = _strongest_columns(searched, row)
    seeds, of_seeds = np.full(k, NO_NEIGHBOUR, np.int32), np.zeros(k, np.float32)
    for tile in range(len(searched.starts)):
        start = tile * tile_rows
        bounds = scratch.bounds[: min(tile_rows, n - start)]
        bounds[:] = 0
        _add_postings(searched, tile_rows, tile, ranks, weights, scratch, bounds)
        if 0 <= row - start < len(bounds):
            bounds[row - start] = 0
        for first in range(0, len(bounds), STRIPE):
            stripe = bounds[first : first + STRIPE]
            if _any_from(stripe, max(of_seeds[-1], SMALLEST)):
                for place in range(len(stripe)):
                    if stripe[place] > of_seeds[-1]:
                        _insert(start + first + place, stripe[place], seeds, of_seeds)
    _spread(searched, row, scratch.wanted)
    for seed in seeds:
        if seed != NO_NEIGHBOUR:
            _compare(searched, row, np.int64(seed), scratch.wanted, index, score)
    _clear(searched, row, scratch.wanted)


@njit(cache=True, nogil=True)
def _strongest_columns(searched: _Index, row: int) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """The ranks and weights of a row's columns of the largest weight, one at least, that `SEED_SHARE` allows for."""
    begin, stop = searched.indptr[row], searched.indptr[row + 1]
    remaining = searched.weights[begin:stop].copy()
    ranks, weights = np.empty(stop - begin, np.int32), np.empty(stop - begin, np.float32)
    count, cost = 0, 0.0
    while count < len(ranks):
        at = np.argmax(remaining)
        ranks[count], weights[count] = searched.ranks[begin + at], remaining[at]
        cost += searched.frequency[ranks[count]]
        if count > 0 and cost * SEED_SHARE > len(searched.inverse):
            break
        remaining[at] = -1
        count += 1
    return ranks[:count], weights[:count]


@njit(cache=True, nogil=True)
def _search_tile(
    searched: _Index,
    row: int,
    tile: int,
    cut: int,
    tail: int,
    scratch: _Scratch,
    index: NDArray[np.int32],
    score: NDArray[np.float32],
) -> int:
    """Put the rows of a tile into a row's list that belong there; how many had to be looked at."""
    tile_rows, begin, stop = len(scratch.bounds), searched.indptr[row], searched.indptr[row + 1]
    start = tile * tile_rows
    bounds = scratch.bounds[: min(tile_rows, len(searched.inverse) - start)]
    _add_bands(searched, row, start, cut * BANDS, bounds)
    _add_postings(searched, tile_rows, tile, searched.ranks[tail:stop], searched.weights[tail:stop], scratch, bounds)
    if 0 <= row - start < len(bounds):
        bounds[row - start] = 0
    # Sums in float32 of numbers between 0 and 1, at most two for each column and band, err by less.
    slack = np.float32((stop - begin + 64) * 2.0**-23)
    threshold = max(score[-1] - slack, SMALLEST)
    looks, spread = 0, False
    for first in range(0, len(bounds), STRIPE):
        stripe = bounds[first : first + STRIPE]
        if not _any_from(stripe, threshold):
            continue
        for place in range(len(stripe)):
            if stripe[place] < threshold:
                continue
            other = start + first + place
            looks += 1
            if looks == 1:
                _spread_head(searched, begin, tail, scratch.head)
            if _without_bands(searched, row, other, cut, stripe[place], scratch.head) < threshold:
                continue
            if not spread:
                spread = True
                _spread(searched, row, scratch.wanted)
            _compare(searched, row, other, scratch.wanted, index, score)
            threshold = max(score[-1] - slack, SMALLEST)
    if looks:
        _clear_head(searched, begin, tail, scratch.head)
    if spread:
        _clear(searched, row, scratch.wanted)
    return looks


@njit(cache=True, nogil=True)
def _add_bands(searched: _Index, row: int, start: int, n_bands: int, bounds: NDArray[np.float32]) -> None:
    bounds[:] = 0
    for band in range(0, n_bands, 2):
        one, two = searched.bands[band, row], searched.bands[band + 1, row]
        if one + two > 0:
            ones = searched.bands[band, start : start + len(bounds)]
            twos = searched.bands[band + 1, start : start + len(bounds)]
            for place in range(len(bounds)):
                bounds[place] += one * ones[place] + two * twos[place]


@njit(cache=True, nogil=True)
def _add_postings(
    searched: _Index,
    tile_rows: int,
    tile: int,
    ranks: NDArray[np.int32],
    weights: NDArray[np.float32],
    scratch: _Scratch,
    bounds: NDArray[np.float32],
) -> None:
    begins, ends, postings = scratch.begins, scratch.ends, searched.postings
    starts, base = searched.starts[tile], searched.indptr[tile * tile_rows]
    # All places are looked up before one is used, so that many are under way from memory at a time.
    for place in range(len(ranks)):
        begins[place] = base + starts[ranks[place]]
        ends[place] = base + starts[ranks[place] + 1]
    for place in range(len(ranks)):
        weight = weights[place] / FULL_WEIGHT
        for at in range(begins[place], ends[place]):
            bounds[postings[at] >> _HALF] += weight * np.float32(postings[at] & _LOWER_HALF)


@njit(cache=True, nogil=True)
def _any_from(stripe: NDArray[np.float32], threshold: float) -> bool:
    reaching = 0
    for place in range(len(stripe)):
        reaching += stripe[place] >= threshold
    return reaching > 0


@njit(cache=True, nogil=True)
def _without_bands(searched: _Index, row: int, other: int, cut: int, bound: float, head: NDArray[np.float32]) -> float:
    """A bound with the products of the columns below the cut in place of the products of their bands."""
    for band in range(cut * BANDS):
        bound -= searched.bands[band, row] * searched.bands[band, other]
    for at in range(searched.indptr[other], searched.indptr[other + 1]):
        if searched.ranks[at] >= CUTS[cut]:
            break
        bound += searched.weights[at] * head[searched.ranks[at]]
    return bound


@njit(cache=True, nogil=True)
def _spread_head(searched: _Index, begin: int, tail: int, head: NDArray[np.float32]) -> None:
    for at in range(begin, tail):
        head[searched.ranks[at]] = searched.weights[at]


@njit(cache=True, nogil=True)
def _clear_head(searched: _Index, begin: int, tail: int, head: NDArray[np.float32]) -> None:
    for at in range(begin, tail):
        head[searched.ranks[at]] = 0


@njit(cache=True, nogil=True)
def _spread(searched: _Index, row: int, wanted: NDArray[np.float64]) -> None:
    for at in range(searched.indptr[row], searched.indptr[row + 1]):
        wanted[searched.columns[at]] = searched.values[at]


@njit(cache=True, nogil=True)
def _clear(searched: _Index, row: int, wanted: NDArray[np.float64]) -> None:
    for at in range(searched.indptr[row], searched.indptr[row + 1]):
        wanted[searched.columns[at]] = 0


@njit(cache=True, nogil=True)
def _compare(
    searched: _Index,
    row: int,
    other: int | np.int64,
    wanted: NDArray[np.float64],
    index: NDArray[np.int32],
    score: NDArray[np.float32],
) -> None:
    """Take the cosine of another row to the row that is spread over `wanted`, and put it into the list if it belongs there."""
    product = 0.0
    for at in range(searched.indptr[other], searched.indptr[other + 1]):
        product += searched.values[at] * wanted[searched.columns[at]]
    cosine = np.float32(product * (searched.inverse[row] * searched.inverse[other]))
    if cosine > 0:
        _insert(other, cosine, index, score)


@njit(cache=True, nogil=True)
def _insert(row: int | np.int64, value: np.float32, index: NDArray[np.int32], score: NDArray[np.float32]) -> None:
    """Put a row in its place in a list, highest score first, lowest row among equals; the last one drops out."""
    place = len(index) - 1
    if value < score[place] or (value == score[place] and 0 <= index[place] < row):
        return
    for held in index:
        if held == row:
            return
    while place > 0 and (value > score[place - 1] or (value == score[place - 1] and row < index[place - 1])):
        index[place], score[place] = index[place - 1], score[place - 1]
        place -= 1
    index[place], score[place] = row, value
