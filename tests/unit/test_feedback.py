"""Judgements exported by the dashboard: what is counted, what is left out and why, and the share with its interval."""

from __future__ import annotations

import io
from collections.abc import Callable
from math import sqrt
from pathlib import Path

import pytest
from rich.console import Console

from lookup.reader import Cache
from precompute.errors import BadInput
from precompute.evaluate.feedback import Feedback, judged_metrics, print_feedback, read_feedback
from precompute.evaluate.run import built_neighbours

HEADER = "product_id,signal,recommended_id,rank,verdict,build,time"
Read = Callable[[str | bytes], Feedback]


@pytest.fixture(scope="module")
def cache(planted: Path) -> Cache:
    return Cache.open(planted)


@pytest.fixture
def read(cache: Cache, tmp_path: Path) -> Read:
    def read(content: str | bytes) -> Feedback:
        path = tmp_path / "judged.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_feedback(path, cache, built_neighbours(cache))

    return read


def listed(cache: Cache, product_id: str, signal: str) -> list[str]:
    """The ids that a signal recommends with a product."""
    row = cache.row_of(product_id)
    assert row is not None
    return [cache.id_of(other) for other in cache.neighbours(row, signal).rows.tolist()]


def line(product_id: str, signal: str, recommended_id: str, verdict: str) -> str:
    return f"{product_id},{signal},{recommended_id},1,{verdict},b,2026-01-01T00:00:00.000Z"


def test_the_share_found_good_by_signal_with_wilsons_interval(cache: Cache, read: Read) -> None:
    alike, bought = listed(cache, "item-001", "visual"), listed(cache, "item-001", "bought_together")
    lines = [line("item-001", "visual", alike[i], verdict) for i, verdict in enumerate(["good", "good", "bad", "good"])]
    found = judged_metrics(read("\n".join([HEADER, *lines, line("item-001", "bought_together", bought[0], "good")])))
    visual, bought_together = ({**one} for one in found)
    # Wilson: (p + z²/2n ± z sqrt(p(1 - p)/n + z²/4n²)) / (1 + z²/n), with z = 1.959964.
    z, n, p = 1.959964, 4, 0.75
    middle, half = p + z**2 / (2 * n), z * sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    assert visual == {
        "signal": "visual",
        "metric": "judged_precision",
        "k": 0,
        "slice": "all",
        "n": 4,
        "value": 0.75,
        "low": pytest.approx((middle - half) / (1 + z**2 / n), abs=1e-6),
        "high": pytest.approx((middle + half) / (1 + z**2 / n), abs=1e-6),
    }
    assert (bought_together["signal"], bought_together["n"], bought_together["value"]) == ("bought_together", 1, 1.0)
    assert bought_together["low"] < 0.5 < bought_together["high"] == 1


def test_bad_rows_are_left_out_with_line_and_column_and_the_others_count(cache: Cache, read: Read) -> None:
    first, second = listed(cache, "item-001", "style")[:2]
    unlisted = next(one for one in cache.ids.to_pylist() if one != "item-001" and one not in listed(cache, "item-001", "style"))
    rows = [
        line("item-001", "style", first, "good"),
        line("item-001", "style", second, "splendid"),
        line("item-001", "taste", second, "good"),
        line("nobody", "style", second, "good"),
        line("item-001", "style", "nobody", "good"),
        line("item-001", "style", unlisted, "good"),
        "item-001,style",
        line("item-001", "style", first, "bad"),
    ]
    feedback = read("\n".join([HEADER, *rows]))
    assert list(feedback.verdicts.values()) == [False], "the last row about a pair counts"
    assert sorted((number or 0, reason) for number, reason, _ in feedback.rejects.rows) == [
        (2, "judged again further down"),
        (3, "column verdict is neither good nor bad"),
        (4, "column signal names no signal of these lookup tables"),
        (5, "column product_id names no product of the shop"),
        (6, "column recommended_id names no product of the shop"),
        (7, "the signal doesn't list the pair"),
        (8, "wrong number of fields"),
    ]


def test_what_stands_in_is_no_recommendation_of_the_signal(cache: Cache, read: Read) -> None:
    popular = listed(cache, "item-003", "reviews")[0]
    feedback = read(f"{HEADER}\n{line('item-003', 'reviews', popular, 'bad')}\n")
    assert not feedback.verdicts
    assert feedback.rejects.reasons == {"the signal doesn't list the pair": 1}


@pytest.mark.parametrize(
    "saved",
    [
        pytest.param(lambda text: b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode(), id="as exported"),
        pytest.param(lambda text: text.replace(",", ";").encode(), id="by a spreadsheet with another list separator"),
        pytest.param(lambda text: text.encode("utf-16"), id="as Unicode text"),
    ],
)
def test_what_spreadsheets_save_is_read(cache: Cache, read: Read, saved: Callable[[str], bytes]) -> None:
    recommended = listed(cache, "item-001", "visual")[0]
    assert len(read(saved(f"{HEADER}\n{line('item-001', 'visual', recommended, 'good')}\n")).verdicts) == 1


def test_defused_texts_are_read_as_they_were(read: Read) -> None:
    rows = [line("'=1+1", "visual", "item-001", "good"), line("item-001", "'@sum", "item-002", "good")]
    feedback = read("\n".join([HEADER, *rows]))
    assert [detail for _, _, detail in feedback.rejects.rows] == ["=1+1", "@sum"]


def test_an_export_without_judgements_measures_nothing(read: Read) -> None:
    feedback = read(HEADER + "\n")
    assert (judged_metrics(feedback), len(feedback.rejects)) == ([], 0)


def test_a_file_without_a_needed_column_is_refused(read: Read) -> None:
    with pytest.raises(BadInput, match='has no column "verdict"'):
        read("product_id,signal,recommended_id\nitem-001,visual,item-002\n")


def test_what_was_left_out_is_printed_line_by_line_up_to_a_limit(read: Read) -> None:
    feedback = read("\n".join([HEADER, *[line("item-001", "visual", "item-002", "[bold]maybe\x1b[31m")] * 12]))
    console = Console(file=io.StringIO(), width=60)
    print_feedback(feedback, console)
    printed = console.file.getvalue().splitlines()  # type: ignore[attr-defined]
    assert printed[0] == "judged.csv: judgements counted 0, rows left out 12"
    assert printed[1] == "  line 2: column verdict is neither good nor bad: [bold]maybe\\x1b[31m"
    assert len(printed) == 12
    assert printed[-1] == "  and 2 more"
