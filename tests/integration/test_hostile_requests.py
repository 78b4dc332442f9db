"""Hostile requests, questions and pictures against a real gunicorn, each as the bytes that go over the wire.

Whatever is sent: no 500, no traceback and no file's path in an answer, JSON below ``/api``, and bounded memory.
"""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPResponse
from pathlib import Path

import pytest

from tests.hostile.callbacks import body_of, mangled_questions, real_questions
from tests.hostile.requests import all_requests
from tests.hostile.uploads import uploads
from tests.hostile.wire import Case, question
from tests.planted_cache import write_planted_cache
from tests.planted_encoder import add_encoder

ROOT = Path(__file__).resolve().parents[2]
MANGLED = mangled_questions()
MOST_MEMORY = 400_000_000
"""What the worker may ever have held, in bytes: a picture of as many pixels as are allowed, beside the network."""
GIVEN_AWAY = re.compile(rf"Traceback|File \"|site-packages|\.py\b|{ROOT}|/home/|/usr/|/root/|/tmp/".encode())

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def from_app(self) -> bool:
        """Whether the app has answered, and not gunicorn, which turns away what is no HTTP."""
        return "x-request-id" in self.headers


class Server:
    """A running dashboard with one worker."""

    def __init__(self, port: int, process: subprocess.Popen[bytes], log: Path) -> None:
        self.port = port
        self.process = process
        self.log = log

    def answer(self, case: Case) -> Answer:
        with socket.create_connection(("127.0.0.1", self.port), timeout=60) as connection:
            connection.sendall(case.sent)
            with HTTPResponse(connection, method=case.sent.partition(b" ")[0].decode("latin-1")) as response:
                response.begin()
                headers = {name.lower(): value for name, value in response.getheaders()}
                return Answer(response.status, headers, response.read())

    def most_memory(self) -> int:
        """The most that any of its processes ever held, in bytes."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        statuses = [Path(f"/proc/{pid}/status").read_text() for pid in children]
        return max(int(re.search(r"VmHWM:\s+(\d+)", status)[1]) for status in statuses) * 1024  # type: ignore[index]

    def failures(self) -> list[str]:
        """What it has logged of errors."""
        lines = [json.loads(line) for line in self.log.read_text().splitlines() if line.startswith("{")]
        return [f"{line['message']}\n{line.get('exception', '')}" for line in lines if line["level"] in ("error", "critical")]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("hostile")
    write_planted_cache(folder / "cache")
    add_encoder(folder / "cache")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = {"PORT": str(port), "CACHE_DIR": str(folder / "cache"), "WEB_CONCURRENCY": "1"}
    limits = {"RATE_LIMIT_QUERY": "0", "RATE_LIMIT_PICTURE": "0", "RATE_LIMIT_EXPORT": "0", "MAX_BODY_SECONDS": "2"}
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "dashboard"],
            cwd=ROOT,
            env=os.environ | settings | limits,
            stdout=subprocess.PIPE,
            stderr=log,
        )
        try:
            assert process.stdout is not None
            assert b"ready" in process.stdout.readline()
            yield Server(port, process, folder / "log")
        finally:
            process.terminate()
            process.communicate(timeout=30)


def check(server: Server, case: Case) -> Answer:
    answer = server.answer(case)
    assert answer.status in case.statuses, answer.body[:300]
    head = "\n".join(f"{name}: {value}" for name, value in answer.headers.items()).encode()
    is_error = answer.status >= 400
    assert not (is_error and GIVEN_AWAY.search(head + answer.body))
    if answer.from_app:
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "content-security-policy" in answer.headers
    if case.below_api and answer.from_app and not case.sent.startswith((b"HEAD", b"OPTIONS")):
        assert isinstance(json.loads(answer.body), dict)
        assert is_error == ("error" in json.loads(answer.body))
    return answer


@pytest.mark.parametrize("case", all_requests(), ids=lambda case: case.name)
def test_a_hostile_request(server: Server, case: Case) -> None:
    check(server, case)


@pytest.mark.parametrize("case", real_questions(), ids=lambda case: case.name)
def test_a_real_question_is_answered(server: Server, case: Case) -> None:
    check(server, case)


@pytest.mark.parametrize("place", MANGLED)
def test_a_question_mangled_at_one_place(server: Server, place: str) -> None:
    for case in MANGLED[place]:
        check(server, case)


@pytest.mark.parametrize(
    ("name", "contents", "accepted"), uploads(), ids=lambda value: value if isinstance(value, str) and len(value) < 80 else ""
)
def test_a_hostile_picture(server: Server, name: str, contents: object, accepted: bool | None) -> None:
    answer = check(server, question(name, body_of("picture-seen", contents), 200))
    response = json.loads(answer.body)["response"]
    seen = response["picture-asked"]["data"] is not None
    assert seen == (not response["picture-found"]["hidden"])
    assert accepted is None or seen is accepted, response["picture-seen"]


def test_the_corpus_is_as_large_as_it_was() -> None:
    names = [case.name for case in all_requests()] + list(MANGLED) + [name for name, *_ in uploads()]
    assert len(names) == len(set(names)) >= 1_150


def test_nothing_has_failed_and_memory_stayed_bounded(server: Server) -> None:
    """After all the others, whose server this is."""
    for case in real_questions():
        check(server, case)
    assert server.process.poll() is None
    assert server.failures() == []
    assert server.most_memory() < MOST_MEMORY
