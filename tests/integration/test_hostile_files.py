"""A hostile shop is read with its rejects counted, or refused in one clear line: no accident, no hang, bounded memory."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.hostile.pictures import EITHER, pictures
from tests.hostile.run import PICTURES, SECONDS, SHOPS
from tests.hostile.shops import KEPT_WITHOUT, Case, Read, Refused

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

ROOT = Path(__file__).resolve().parents[2]
LONGEST_LINE = 1_500
"""Characters of an error; more is no message."""
THROUGH_A_PROCESS = (
    ("csv", "a quote opened in row 2 of 4"),
    ("csv", "names that command a terminal"),
    ("csv", "UTF-16 declared, but it is ASCII"),
    ("csv", "order ids that run the expression wild"),
    ("jsonl", "lists 100,000 deep"),
    ("jsonl", "one list of everything"),
    ("parquet", "ids are texts that are no UTF-8"),
    ("parquet", "a wanted column twice"),
    ("toml", "settings are endless noughts"),
    ("toml", "lists 20,000 deep"),
)


class Outcomes:
    """What became of each case; every group is read in a process of its own, all of them at once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._processes = {group: self._start(group) for group in (*SHOPS, PICTURES)}
        self._by_group: dict[str, dict[str, Any]] = {}

    def of(self, group: str, name: str) -> dict[str, Any]:
        """The line that the process printed about a case."""
        process = self._processes[group]
        if group not in self._by_group:
            process.wait()
            with self._said(group).open(encoding="utf-8") as lines:
                self._by_group[group] = {outcome["name"]: outcome for outcome in map(json.loads, lines)}
        assert name in self._by_group[group], f"the process ended with {process.returncode} in this case or before it"
        return self._by_group[group][name]

    def end(self) -> None:
        """Leave no process behind."""
        for process in self._processes.values():
            process.kill()
            process.wait()

    def _start(self, group: str) -> subprocess.Popen[bytes]:
        (self._folder / group).mkdir()
        with self._said(group).open("wb") as said:
            command = [sys.executable, "-m", "tests.hostile.run", group, str(self._folder / group)]
            return subprocess.Popen(command, cwd=ROOT, stdout=said)

    def _said(self, group: str) -> Path:
        return self._folder / f"{group}.jsonl"


@pytest.fixture(scope="module", autouse=True)
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outcomes]:
    """Started before any test, so that the groups are read while the first tests run."""
    started = Outcomes(tmp_path_factory.mktemp("hostile"))
    yield started
    started.end()


LEAST = {"csv": 300, "jsonl": 100, "parquet": 110, "toml": 180, "pictures": 170}
"""Cases; nobody loses one without noticing."""


@pytest.mark.parametrize("group", LEAST)
def test_the_corpus_is_as_large_as_it_was(group: str) -> None:
    names = [case.name for case in (pictures() if group == PICTURES else SHOPS[group]())]
    assert len(names) >= LEAST[group]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize(("group", "name"), THROUGH_A_PROCESS, ids=map(": ".join, THROUGH_A_PROCESS))
def test_a_build_of_a_hostile_shop_ends_well_and_never_harms_the_tables(tmp_path: Path, group: str, name: str) -> None:
    case = next(case for case in SHOPS[group]() if case.name == name)
    shop_toml = case.write(tmp_path / "shop")
    live = tmp_path / "cache/manifest.json"
    live.parent.mkdir()
    live.write_text("the tables before")
    command = [
        sys.executable,
        "-m",
        "precompute",
        "build",
        str(shop_toml),
        "--cache",
        str(live.parent),
        "--work",
        str(tmp_path / "work"),
    ]
    ended = subprocess.run([*command, "--quiet"], cwd=ROOT, capture_output=True, text=True, check=False, timeout=SECONDS)
    assert "Traceback" not in ended.stderr
    if isinstance(case.ends, Refused):
        assert ended.returncode == 1
        _assert_one_clear_line(ended.stderr)
        assert case.ends.words in ended.stderr
        assert live.read_text() == "the tables before"
        assert [path.name for path in live.parent.iterdir() if path != live] == []
    else:
        assert (ended.returncode, ended.stderr) == (0, "")
        assert json.loads(live.read_text())


@pytest.mark.parametrize("group", SHOPS)
def test_hostile_shops_are_read_or_refused(outcomes: Outcomes, group: str) -> None:
    wrong = {}
    for case in SHOPS[group]():
        try:
            _assert_ended_well(case, outcomes.of(group, case.name))
        except AssertionError as error:
            wrong[case.name] = str(error)[:1_000]
    assert not wrong


def _assert_ended_well(case: Case, outcome: dict[str, Any]) -> None:
    assert outcome["accident"] is None
    if outcome["exit_code"] == 0:
        assert not isinstance(case.ends, Refused), outcome["stdout"]
        _assert_books_balance(json.loads(outcome["stdout"]), case)
    else:
        assert outcome["exit_code"] == 1
        assert not isinstance(case.ends, Read), outcome["stderr"]
        _assert_one_clear_line(outcome["stderr"])
        assert not isinstance(case.ends, Refused) or case.ends.words in outcome["stderr"], outcome["stderr"]


def _assert_books_balance(printed: dict[str, Any], case: Case) -> None:
    """Every row is kept or counted among the rejects; where a case says which, exactly those."""
    if case.command == "build":
        assert not isinstance(case.ends, Read) or printed["products"] == case.ends.kept
        return
    rows, kept = (sum(file[name] for file in printed["files"]) for name in ("rows", "kept"))
    names = {file["file"] for file in printed["files"]}
    of_rows = {name: count for name, count in printed["rejects"].items() if name.partition(": ")[0] in names}
    assert rows - kept == sum(count for name, count in of_rows.items() if not name.endswith(KEPT_WITHOUT))
    if isinstance(case.ends, Read):
        assert kept == case.ends.kept
        assert {name.partition(": ")[2]: count for name, count in of_rows.items()} == dict(case.ends.rejects)


def _assert_one_clear_line(stderr: str) -> None:
    lines = stderr.splitlines()
    assert [line.startswith("error: ") for line in lines].count(True) == 1
    assert lines[-1].startswith("error: "), "the message is more than one line"
    assert len(lines[-1]) < LONGEST_LINE
    assert lines[-1].isprintable(), "a terminal would obey what a file says"
    assert "Traceback" not in stderr


def test_hostile_pictures_are_read_or_rejected_with_one_reason(outcomes: Outcomes) -> None:
    ends = {picture.name: (outcomes.of(PICTURES, picture.name)["ends"], picture.ends) for picture in pictures()}
    assert {
        name: (found, right) for name, (found, right) in ends.items() if len(found) != 1 or right not in (EITHER, *found)
    } == {}
