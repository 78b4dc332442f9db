"""What people judged: the CSV that the dashboard exports in, the share of good recommendations by signal out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from rich.console import Console
from rich.markup import escape
from scipy.stats import binomtest

from dashboard.csv_text import undefused
from lookup.reader import Cache
from lookup.schema import NO_LIST
from precompute.errors import one_line
from precompute.rejects import Rejects
from precompute.settings import File
from precompute.signals.base import Neighbours
from precompute.sources.ledger import Ledger
from precompute.sources.reading import read_batches

VERDICTS = {"good": True, "bad": False}
MOST_PRINTED = 10
"""Rows left out that are printed one by one; the others are only counted."""

Pair = tuple[str, int, int]
"""A signal, the row of the product that asked, and the row of the recommended one."""


class JudgedFile(File):
    """The dashboard's export, described as a section of ``shop.toml`` describes a file. Its other columns are for people."""

    columns: ClassVar = ("product_id", "signal", "recommended_id", "verdict")

    product_id: str = "product_id"
    signal: str = "signal"
    recommended_id: str = "recommended_id"
    verdict: str = "verdict"


@dataclass(frozen=True)
class Feedback:
    """The judgements of a file.

    Attributes
    ----------
    file
        Its name.
    verdicts
        Whether people found a recommendation good.
    rejects
        The rows left out, each with its line and why.
    """

    file: str
    verdicts: dict[Pair, bool]
    rejects: Rejects


def read_feedback(path: Path, cache: Cache, signals: Mapping[str, Neighbours]) -> Feedback:
    """Read the judgements that speak about the recommendations of a cache.

    A row is left out where it can't be read, names what these lookup tables don't know, or judges what the signal doesn't list
    (any more): it would measure another build. Of several rows about one recommendation the last counts.

    Parameters
    ----------
    path
        CSV with the columns of `JudgedFile`; texts may be defused as `dashboard.csv_text.defused` does.
    cache
        The lookup tables.
    signals
        Their neighbours by signal, without products that stand in.

    Raises
    ------
    BadInput
        Where the file is missing, can't be read or lacks a column.
    """
    rejects = Rejects()
    ledger = Ledger("--feedback", path, rejects, Counter())
    judged: dict[Pair, tuple[int, bool]] = {}
    for batch in read_batches(JudgedFile.model_construct(path=path), ledger):
        for line, *cells in zip(*(column.to_pylist() for column in batch.columns), strict=True):
            product_id, signal, recommended_id, verdict = (undefused(cell or "") for cell in cells)
            asking, answering = cache.row_of(product_id), cache.row_of(recommended_id)
            if verdict not in VERDICTS:
                ledger.reject(line, "column verdict is neither good nor bad", verdict)
            elif signal not in signals:
                ledger.reject(line, "column signal names no signal of these lookup tables", signal)
            elif asking is None:
                ledger.reject(line, "column product_id names no product of the shop", product_id)
            elif answering is None:
                ledger.reject(line, "column recommended_id names no product of the shop", recommended_id)
            elif answering not in signals[signal].index[asking]:
                ledger.reject(line, "the signal doesn't list the pair", f"{product_id}, {recommended_id}")
            else:
                pair = signal, asking, answering
                if pair in judged:
                    ledger.reject(judged[pair][0], "judged again further down", f"{product_id}, {recommended_id}")
                judged[pair] = line, VERDICTS[verdict]
    return Feedback(path.name, {pair: verdict for pair, (_, verdict) in judged.items()}, rejects)


def judged_metrics(feedback: Feedback) -> list[dict[str, Any]]:
    """The share of the judged recommendations that were found good, by signal, as rows of ``metrics.parquet``.

    The interval is Wilson's ("Probable inference, the law of succession, and statistical inference", JASA 1927): unlike a
    bootstrap's it says something where all of a few judgements agree.
    """
    n = Counter(signal for signal, _, _ in feedback.verdicts)
    good = Counter(signal for (signal, _, _), is_good in feedback.verdicts.items() if is_good)
    found = []
    for signal in n:
        interval = binomtest(good[signal], n[signal]).proportion_ci(method="wilson")
        share = good[signal] / n[signal]
        of_all = {"signal": signal, "metric": "judged_precision", "k": NO_LIST, "slice": "all", "n": n[signal]}
        found.append(of_all | {"value": share, "low": float(interval.low), "high": float(interval.high)})
    return found


def print_feedback(feedback: Feedback, console: Console) -> None:
    """Print how many judgements count, and which rows were left out."""
    left_out = len(feedback.rejects)
    console.print(f"{feedback.file}: judgements counted {len(feedback.verdicts):,}, rows left out {left_out:,}", highlight=False)
    for line, reason, detail in feedback.rejects.rows[:MOST_PRINTED]:
        said = one_line(f"line {line}: {reason}" + (f": {detail}" if detail else ""))
        console.print(f"  {escape(said)}", highlight=False, soft_wrap=True)
    if left_out > MOST_PRINTED:
        console.print(f"  and {left_out - MOST_PRINTED:,} more", highlight=False)
