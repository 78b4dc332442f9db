"""All benchmarks in one go: what one of them lacks, or does wrong, is no reason to leave the others out."""

from __future__ import annotations

import pytest

from benchmarks.__main__ import in_turn
from benchmarks.results import Missing


def test_what_can_not_be_measured_stops_no_other_and_is_said_at_the_end(capsys: pytest.CaptureFixture[str]) -> None:
    measured = []

    def without_data() -> None:
        raise Missing("the files are not here: see [shops]")

    def breaks_off() -> None:
        raise SystemExit("the server ended with 1")

    def is_wrong() -> None:
        raise ZeroDivisionError

    steps = {"rooms": without_data, "load": breaks_off, "sizes": is_wrong, "lookup": lambda: measured.append("lookup")}
    assert in_turn(steps) == 2
    assert measured == ["lookup"]
    said = capsys.readouterr().err.splitlines()[-3:]
    assert said == [
        "skipped rooms: the files are not here: see [shops]",
        "failed load: the server ended with 1",
        "failed sizes: ZeroDivisionError",
    ]


def test_where_nothing_fails_nothing_is_counted() -> None:
    assert in_turn({"rooms": lambda: None}) == 0
