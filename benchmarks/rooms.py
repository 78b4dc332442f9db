"""Which table goes with this chair: what each kind of features finds in IKEA's rooms, taught by other rooms and untaught."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Console

from benchmarks.results import Missing, Page, console
from precompute.errors import BadInput
from precompute.evaluate.metrics import CHANCE, POPULARITY
from precompute.evaluate.pairs import Scores, hit_rates
from precompute.finetune.run import Pupil, prepare
from precompute.network import VISUAL_FEATURES
from precompute.projection import unit_rows
from precompute.report import Report
from precompute.settings import Evaluate, read_settings
from precompute.shop import Shop
from precompute.sources import read_shop

SHOP = Path(__file__).parent / "shops" / "ikea.toml"
NAMED = (("chair", "dining_table"), ("couch", "pillow"), ("bed", "pillow"))
FEWEST_QUERIES = 20
GOALS = {5: 0.45, 10: 0.60, 20: 0.75}
PLAIN, COMBINED, JOINED = "style, one layer", "style, combined layers", "style + look + words"
BEST = f"taught: {JOINED}"
SHOWN_FOR_ALL = (CHANCE, POPULARITY, COMBINED, JOINED, BEST)

Floats = NDArray[np.float32]


def measure_rooms(work: Path) -> None:
    """Write ``results/rooms.md``."""
    page = Page("rooms", "What goes with it, in IKEA's rooms", "python -m benchmarks rooms")
    try:
        shop = _shop(work)
    except BadInput as error:
        raise Missing(f"IKEA's files are not here: {error}") from None
    report = Report(Console(stderr=True))
    pupil = prepare(shop, report)
    rankers = _rankers(pupil)
    shown = {name: rankers[name] for name in SHOWN_FOR_ALL if name in rankers}
    categories = shop.products.column("category").to_pylist()
    by_pair = {}
    with report.stage("category pairs"):
        for source in sorted(set(categories)):
            asked = _rows(categories, source)
            for target in sorted(set(categories)):
                wanted = rankers if (source, target) in NAMED else shown
                found = hit_rates(f"{source} -> {target}", asked, _rows(categories, target), pupil.orders, wanted, Evaluate())
                if found and ((source, target) in NAMED or found[0]["n"] >= FEWEST_QUERIES):
                    by_pair[source, target] = found
    _write(page, by_pair, pupil)


def _shop(work: Path) -> Shop:
    work.mkdir(parents=True, exist_ok=True)
    return read_shop(read_settings(SHOP), work, Report(console))


def _rows(categories: list[str], wanted: str) -> NDArray[np.int64]:
    return np.flatnonzero(np.array(categories) == wanted)


def _rankers(pupil: Pupil) -> dict[str, Scores]:
    """By name; those of a pupil are untaught and taught ones on the same vectors."""
    style, look, words = _parts(pupil)
    first_layer = unit_rows(pupil.vectors[:, : next(iter(pupil.parts.blocks.values())).axes.shape[1]])
    joined = {COMBINED: (style,), "look": (look,), "words": (words,), "style + look": (style, look), JOINED: (style, look, words)}
    popularity = np.asarray(pupil.orders.sum(axis=0)).ravel()
    rankers: dict[str, Scores] = {
        POPULARITY: lambda asked, candidates: np.tile(popularity[candidates], (len(asked), 1)),
        PLAIN: _untaught(first_layer),
    }
    for name, parts in joined.items():
        rankers[name] = _untaught(unit_rows(np.concatenate(parts, axis=1)))
    for name, parts in joined.items():
        widths = [part.shape[1] for part in parts]
        rankers[f"taught: {name}"] = _taught(replace(pupil, vectors=np.concatenate(parts, axis=1), widths=widths))
    return rankers


def _parts(pupil: Pupil) -> tuple[Floats, Floats, Floats]:
    """Style, look and words, each of length one."""
    widths = {name: block.axes.shape[1] for name, block in pupil.parts.blocks.items()}
    look_from = sum(width for name, width in widths.items() if name != VISUAL_FEATURES)
    parts = np.split(pupil.vectors, [look_from, pupil.parts.picture_dimensions], axis=1)
    style, look, words = (unit_rows(part) for part in parts)
    return style, look, words


def _untaught(vectors: Floats) -> Scores:
    return lambda asked, candidates: (vectors[asked] @ vectors[candidates].T).astype(np.float64)


def _taught(pupil: Pupil) -> Scores:
    """Learned again for each category that asks, and remembered for the next one that is asked for."""
    known: dict[int, Floats] = {}

    def scores(asked: NDArray[np.int64], candidates: NDArray[np.int64]) -> NDArray[np.float64]:
        category = int(pupil.categories[asked[0]])
        members = np.flatnonzero(pupil.categories == category)
        if category not in known:
            known.clear()
            known[category] = pupil.scores_apart(members)
        return known[category][np.searchsorted(members, asked)][:, candidates].astype(np.float64)

    return scores


def _write(page: Page, by_pair: dict[tuple[str, str], list[dict[str, Any]]], pupil: Pupil) -> None:
    page.text(
        f"{pupil.vectors.shape[0]:,} products, {pupil.orders.shape[0]:,} rooms; the network's weights are random. A query is a "
        "product of the first category that shares a room with one of the second; all products of the second are candidates; a "
        "hit shares a room with the query; products that score the same count as if their order were drawn. Popularity counts "
        "the very rooms that hits are counted in, and so flatters itself.",
        "*Taught* rows never saw a room of the query: the queries are dealt into 5 to 20 parts, and for each of them a "
        "projection is learned from the rooms alone that hold none of the part; its one setting is chosen by cross-validation "
        "over those. The other rows learn nothing, and nothing of them was chosen: all kinds of features weigh alike. How pairs "
        "are weighed while learning was chosen by the mean over the pairs of the long table but the three named ones, so it "
        "is those three that judge it.",
    )
    for source, target in NAMED:
        found = by_pair.get((source, target))
        if found:
            page.text(f"## {source} → {target} ({found[0]['n']} queries)")
            page.table(("<", *(f"HR@{k}" for k in GOALS)), _lines(found, _with_interval))
    page.text(f"## All pairs of {FEWEST_QUERIES} queries or more: HR@5 / 10 / 20")
    rows = []
    for (source, target), found in by_pair.items():
        cells = {name: " / ".join(cells) for name, *cells in _lines(found, lambda row: f"{row['value']:.2f}")}
        rows.append((f"{source} → {target}", str(found[0]["n"]), *(cells[name] for name in SHOWN_FOR_ALL)))
    page.table(("<pair", "queries", *SHOWN_FOR_ALL), rows)
    page.text("## Goals")
    reached = {row["k"]: row["value"] for row in by_pair[NAMED[0]] if row["signal"] == BEST}
    for k, goal in GOALS.items():
        page.goal(f"chair → dining_table, {BEST}: HR@{k} of {goal:.2f} or more ({reached[k]:.3f})", reached[k] >= goal)
    page.write()


def _lines(found: list[dict[str, Any]], cell: Callable[[dict[str, Any]], str]) -> list[list[str]]:
    """A line for each ranker: its name, and a cell for each k."""
    cells = {(row["signal"], row["k"]): cell(row) for row in found}
    return [[name, *(cells.get((name, k), "") for k in GOALS)] for name in dict.fromkeys(row["signal"] for row in found)]


def _with_interval(row: dict[str, Any]) -> str:
    return f"{row['value']:.3f}" + ("" if row["low"] is None else f" ({row['low']:.2f} to {row['high']:.2f})")
