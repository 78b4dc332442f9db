from __future__ import annotations

import asyncio
import csv
import errno
import gzip
import io
import itertools
import resource
import socket
import tracemalloc
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from lookup.encoder import DAMAGED, EMPTY, FORMATS, NOT_A_PICTURE, TOO_MANY_BYTES, decode
from lookup.lock import Busy, locked
from precompute.errors import BadInput
from precompute.fetch import download, hosts, run
from precompute.fetch.addresses import is_public
from precompute.fetch.download import ATTEMPTS, Limits, retry_after
from precompute.fetch.hosts import GIVE_UP_AFTER, Host
from precompute.fetch.run import FETCH_REJECTS, Fetched, ending_of, fetch_images, finish
from precompute.rejects import Rejects
from precompute.sources.pictures import ENDINGS, PictureFolder
from tests.misbehaving_server import (
    Manner,
    Misbehaving,
    Request,
    answer,
    bomb,
    endless,
    gathering,
    in_turn,
    misbehaving,
    never,
    raw,
    redirect,
    truncated,
)
from tests.tiny_shop import quiet_report, write_shop
from tests.unit.made_pictures import encoded, patterned

PNG = encoded(patterned(1))
JPEG = encoded(patterned(2), "JPEG")
GOOD = answer(200, PNG)
LIMITS = Limits(most_bytes=100_000)
TOML = """
[products]
path = "products.csv"
id = "sku"
image = "photo"
image_url = "photo_url"
[images]
folder = "pictures"
"""


class JumpingClock:
    """Time passes only where somebody sleeps, and at once."""

    def __init__(self) -> None:
        self.slept: list[float] = []
        self._now = 1_000.0

    def now(self) -> float:
        return self._now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self._now += seconds
        await asyncio.sleep(0)


class StandingClock(JumpingClock):
    """Time stands still until it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.let_go: Future[None] = Future()

    async def sleep(self, seconds: float) -> None:
        async with asyncio.timeout(30):  # a test that fails ends
            await asyncio.wrap_future(self.let_go)
        await super().sleep(seconds)


class Fetching:
    """A shop whose pictures lie on the server."""

    def __init__(self, folder: Path, server: Misbehaving) -> None:
        self.folder, self.server = folder, server
        self.clock = JumpingClock()
        self.pictures = folder / "pictures"

    def __call__(
        self,
        rows: Mapping[str, str | tuple[str, str]],
        limits: Limits = LIMITS,
        may_connect: Callable[[str], bool] = lambda address: address == "127.0.0.1",
    ) -> Fetched:
        """Fetch the pictures of some products: id to URL, or to ``image`` and URL; a path is one of the server's."""
        text = io.StringIO()
        table = csv.writer(text)
        table.writerow(["sku", "photo", "photo_url"])
        for product_id, row in rows.items():
            image, url = row if isinstance(row, tuple) else ("", row)
            table.writerow([product_id, image, self.server.url + url if url.startswith("/") else url])
        settings = write_shop(self.folder, TOML, {"products.csv": text.getvalue()})
        return fetch_images(settings, None, self.folder / "work", quiet_report(), limits, may_connect, self.clock)

    @property
    def files(self) -> dict[str, bytes]:
        """Every file in the folder but its lock."""
        found = {path.relative_to(self.pictures).as_posix(): path for path in self.pictures.rglob("*") if path.is_file()}
        return {name: path.read_bytes() for name, path in sorted(found.items()) if name != ".lock"}

    @property
    def rejects(self) -> list[tuple[Any, ...]]:
        rows = pq.read_table(self.folder / "work" / FETCH_REJECTS).to_pylist()
        return [tuple(row.values()) for row in rows]

    @property
    def asked(self) -> dict[str, int]:
        """Requests per path, without those for robots.txt."""
        return {path: count for path, count in self.server.asked.items() if path != "/robots.txt"}


@pytest.fixture
def server() -> Iterator[Misbehaving]:
    with misbehaving() as server:
        yield server


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every host under ``.test`` is this machine."""
    found = socket.getaddrinfo

    def leading_home(name: str, *rest: Any, **more: Any) -> list[Any]:
        return found("127.0.0.1" if str(name).endswith(".test") else name, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", leading_home)


@pytest.fixture
def fetch(tmp_path: Path, server: Misbehaving) -> Fetching:
    return Fetching(tmp_path, server)


def test_pictures_come_to_where_a_build_looks_for_them(fetch: Fetching) -> None:
    fetch.server.manners |= {"/p": GOOD, "/j": answer(200, JPEG, Content_Type="text/html")}
    ids: dict[str, str | tuple[str, str]] = {
        "0012": "/p",
        "a.b": "/j",
        "..": "/p",
        "é ß": "/p",
        "named": ("rooms/bath.jpg", "/p"),
        "none": "",
    }
    result = fetch(ids)
    assert result == Fetched(products=6, without_url=1, there=0, fetched=5, bytes=4 * len(PNG) + len(JPEG), failed={})
    assert fetch.files == {"0012.png": PNG, "a.b.jpg": JPEG, "...png": PNG, "rooms/bath.jpg": PNG, "é ß.png": PNG}
    products = pa.table({"product_id": list(ids), "image": [None, None, None, None, "rooms/bath.jpg", None]})
    found = PictureFolder.walk(fetch.pictures, Rejects()).find(products, Rejects()).to_pylist()
    names = ["0012.png", "a.b.jpg", "...png", "é ß.png", "rooms/bath.jpg"]
    assert found == [*(str(fetch.pictures / name) for name in names), None]
    assert fetch.rejects == []


def test_a_url_that_products_share_is_asked_for_once(fetch: Fetching) -> None:
    fetch.server.manners["/p"] = GOOD
    assert fetch({"a": "/p", "b": "/p", "c": ("c.png", "/p")}).fetched == 3
    assert fetch.files == {"a.png": PNG, "b.png": PNG, "c.png": PNG}
    assert fetch.server.asked == {"/robots.txt": 1, "/p": 1}
    assert all(agent.startswith("Aisle ") for agent in fetch.server.agents)


def test_a_rerun_asks_only_for_what_is_missing(fetch: Fetching) -> None:
    fetch.server.manners |= {"/a": GOOD, "/b": answer(404)}
    rows: dict[str, str | tuple[str, str]] = {"a": "/a", "b": "/b"}
    assert fetch(rows).failed == {"server answers 404": 1}
    fetch.server.manners["/b"] = answer(200, JPEG)
    assert fetch(rows) == Fetched(products=2, without_url=0, there=1, fetched=1, bytes=len(JPEG), failed={})
    assert fetch.asked == {"/a": 1, "/b": 2}
    assert fetch(rows).there == 2
    assert fetch.asked == {"/a": 1, "/b": 2}
    assert fetch.rejects == []


def test_what_a_killed_run_left_is_removed_and_nothing_else(fetch: Fetching) -> None:
    fetch.server.manners["/a"] = GOOD
    fetch.pictures.mkdir()
    (fetch.pictures / "a.png.4711-00ff00ff.partial").write_bytes(PNG[:9])
    (fetch.pictures / "holiday.partial").write_bytes(b"somebody's")
    fetch({"a": "/a"})
    assert fetch.files == {"a.png": PNG, "holiday.partial": b"somebody's"}


FAILING: dict[str, tuple[Manner, str, int]] = {
    "missing": (answer(404), "server answers 404", 1),
    "gone wrong": (answer(500), "server answers 500", ATTEMPTS),
    "a page": (answer(200, b"<!doctype html><h1>Sorry</h1>", Content_Type="image/png"), NOT_A_PICTURE, 1),
    "nothing": (answer(200), EMPTY, 1),
    "half a picture": (answer(200, JPEG[: len(JPEG) // 2]), DAMAGED, 1),
    "cut off": (truncated(PNG), download.CUT, ATTEMPTS),
    "too large": (answer(200, bytes(100_001)), TOO_MANY_BYTES, 1),
    "endless": (endless, TOO_MANY_BYTES, 1),
    "bomb": (bomb(50_000_000), TOO_MANY_BYTES, 1),
    "no gzip": (answer(200, PNG, Content_Encoding="gzip"), download.CUT, 1),
    "loop": (redirect("/x"), download.TOO_MANY_REDIRECTS, download.MOST_REDIRECTS + 1),
    "to nowhere": (answer(302), "server answers 302", 1),
    "to a file": (redirect("file:///etc/passwd"), download.NO_URL, 1),
    "to half an address": (redirect("http://[::1/x"), download.NO_URL, 1),
    "to a private address": (redirect("http://127.0.0.2:1/x"), download.PRIVATE, 1),
    "to a private name": (redirect("http://[::1]:1/x"), download.PRIVATE, 1),
    "no HTTP": (raw(b"\x00 220 mail.example ESMTP\r\n\r\n"), download.BROKEN, ATTEMPTS),
}


@pytest.mark.parametrize("manner", FAILING)
def test_a_picture_that_does_not_come_is_told_and_stops_nothing(fetch: Fetching, manner: str) -> None:
    bad, reason, requests = FAILING[manner]
    fetch.server.manners |= {"/good": GOOD, "/x": bad}
    result = fetch({"bad": "/x", "good": "/good"})
    assert (result.fetched, result.failed) == (1, {reason: 1})
    assert fetch.asked == {"/x": requests, "/good": 1}
    assert fetch.files == {"good.png": PNG}
    [(file, line, said, detail)] = fetch.rejects
    assert (file, line, said) == ("products.csv", None, reason)
    assert detail.startswith(f"bad; {fetch.server.url}/x")


def test_an_answer_that_never_comes_is_not_waited_for(fetch: Fetching, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "ATTEMPTS", 1)
    fetch.server.manners |= {"/good": GOOD, "/x": never}
    result = fetch({"bad": "/x", "good": "/good"}, replace(LIMITS, seconds=0.5))
    assert (result.fetched, result.failed) == (1, {download.TOO_SLOW: 1})


@pytest.mark.parametrize("manner", ["bomb", "endless"])
def test_what_is_too_large_is_never_held(fetch: Fetching, manner: str) -> None:
    fetch.server.manners |= {"/x": FAILING[manner][0], "/good": GOOD}
    tracemalloc.start()
    try:
        fetch({"bad": "/x", "good": "/good"})
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 10_000_000


OK = b"HTTP/1.1 200 OK\r\n"
FOUND = b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: "
MANGLED = [
    b"",
    b"HTTP/1.1 200",
    b"HTTP/1.1 99999 OK\r\n\r\n",
    b"HTTP/1.1 100 Continue\r\n\r\n" * 50,
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n",
    b"HTTP/1.1 429 Slow down\r\nContent-Length: 0\r\nRetry-After: \xff\r\n\r\n",
    b"HTTP/1.1 429 Slow down\r\nContent-Length: 0\r\nRetry-After: Mon, 01 Jan 99999999999 00:00:00 GMT\r\n\r\n",
    OK + b"Content-Length: -5\r\n\r\nabc",
    OK + b"Content-Length: 99999999999999999999999\r\n\r\nabc",
    OK + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
    OK + b"Transfer-Encoding: chunked\r\n\r\nZZ\r\nabc",
    OK + b"Transfer-Encoding: chunked\r\n\r\nffffffffffffffffffff\r\nabc",
    OK + b"X: " + b"a" * 100_000 + b"\r\n\r\nabc",
    OK + b"X: a\r\n" * 10_000 + b"\r\nabc",
    OK + b"Set-Cookie: \x00\xff=;;;=\r\n\r\nabc",
    OK + b"Content-Encoding: \xff\r\n\r\nabc",
    OK + b"Content-Encoding: deflate\r\nContent-Length: 3\r\n\r\nabc",
    FOUND + b"http://\xff\xfe/\r\n\r\n",
    FOUND + b"http://xn--\xc3/\r\n\r\n",
    FOUND + b"http://xn--a/\r\n\r\n",
    FOUND + b"http://%ff@[\r\n\r\n",
    FOUND + b"http://" + b"a" * 5_000 + b"/\r\n\r\n",
    FOUND + b"//..../\r\n\r\n",
    FOUND + b"\xff\r\n\r\n",
]


def test_answers_of_any_bytes_are_told_and_stop_nothing(fetch: Fetching, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "ATTEMPTS", 1)
    monkeypatch.setattr(hosts, "GIVE_UP_AFTER", len(MANGLED))
    fetch.server.manners |= {f"/{number}": raw(content) for number, content in enumerate(MANGLED)} | {"/good": GOOD}
    result = fetch({path.strip("/"): path for path in fetch.server.manners})
    assert (result.fetched, sum(result.failed.values())) == (1, len(MANGLED))
    assert len(fetch.rejects) == len(MANGLED)


@pytest.mark.parametrize(
    "url", ["ftp://127.0.0.1/x.png", "photo.png", "http://", "http://127.0.0.1:123456/", "javascript:alert(1)"]
)
def test_what_is_no_url_of_the_web_is_not_asked_for(fetch: Fetching, url: str) -> None:
    fetch.server.manners["/good"] = GOOD
    assert fetch({"bad": url, "good": "/good"}).failed == {download.NO_URL: 1}


def test_a_host_that_is_not_there_is_told(fetch: Fetching) -> None:
    fetch.server.manners["/good"] = GOOD
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))  # nobody listens
        result = fetch({"bad": f"http://127.0.0.1:{closed.getsockname()[1]}/x", "good": "/good"})
    assert result.failed == {download.UNREACHABLE: 1}


def test_a_host_without_a_certificate_is_told(fetch: Fetching) -> None:
    fetch.server.manners["/good"] = GOOD
    result = fetch({"bad": f"https://127.0.0.1:{fetch.server.server_port}/x", "good": "/good"})
    assert result.failed == {download.NOT_TRUSTED: 1}


@pytest.mark.parametrize("manner", [answer(500), answer(429), truncated(PNG), raw(b"220 ready\r\n\r\n")])
def test_passing_trouble_is_waited_out(fetch: Fetching, manner: Manner) -> None:
    fetch.server.manners["/x"] = in_turn(manner, manner, GOOD)
    assert fetch({"a": "/x"}).fetched == 1
    assert fetch.asked == {"/x": 3}
    assert fetch.clock.slept == [1, 2]


def test_redirects_are_followed(fetch: Fetching) -> None:
    fetch.server.manners |= {"/x": redirect("deeper/y?size=2"), "/deeper/y?size=2": redirect("/z", 308), "/z": GOOD}
    assert fetch({"a": "/x"}).fetched == 1


def test_a_picture_that_was_compressed_unasked_is_taken(fetch: Fetching) -> None:
    fetch.server.manners["/x"] = answer(200, gzip.compress(PNG), Content_Encoding="gzip")
    assert fetch({"a": "/x"}).fetched == 1
    assert fetch.files == {"a.png": PNG}


def test_a_busy_host_is_left_alone_as_long_as_it_asks(fetch: Fetching) -> None:
    fetch.server.manners |= {"/x": in_turn(answer(429, Retry_After="7"), GOOD), "/y": GOOD}
    assert fetch({"a": "/x", "b": "/y"}, replace(LIMITS, per_host=1)).fetched == 2
    assert fetch.clock.slept == [7]


def test_a_host_that_asks_for_a_long_wait_is_not_asked_again(fetch: Fetching) -> None:
    fetch.server.manners |= {"/x": answer(503, Retry_After="86400"), "/y": GOOD, "/before": GOOD}
    result = fetch({"before": "/before", "a": "/x", "b": "/y", "c": "/y"}, replace(LIMITS, per_host=1))
    assert result.failed == {download.GIVEN_UP: 2, download.LONG_WAIT: 1}
    assert fetch.asked == {"/before": 1, "/x": 1}
    assert fetch.clock.slept == []


def test_a_host_that_answers_nothing_is_given_up(fetch: Fetching) -> None:
    paths = [f"/{number}" for number in range(GIVE_UP_AFTER + 5)]
    fetch.server.manners |= dict.fromkeys(paths, answer(503)) | {"/good": GOOD, "/gone": answer(404)}
    rows: dict[str, str | tuple[str, str]] = {"good": "/good", "late": paths[0], "gone": "/gone"}
    rows |= {path: (f"{path[1:]}.png", path) for path in paths[1:]}
    result = fetch(rows, replace(LIMITS, per_host=1))
    # The 404 is an answer: counting begins behind it.
    assert result.failed == {"server answers 503": GIVE_UP_AFTER + 1, download.GIVEN_UP: 4, "server answers 404": 1}
    assert set(fetch.asked) == {"/good", "/gone", *paths[: GIVE_UP_AFTER + 1]}


def test_robots_txt_is_read_once_and_obeyed(fetch: Fetching) -> None:
    robots = b"User-agent: *\nDisallow: /\n\nUser-agent: aisle\nDisallow: /private/*.png$\nAllow: /\n"
    fetch.server.manners |= {"/robots.txt": answer(200, robots), "/x": GOOD, "/y": redirect("/private/1.png")}
    result = fetch({"a": "/x", "b": "/private/2.png", "c": "/y"})
    assert (result.fetched, result.failed) == (1, {download.FORBIDDEN: 2})
    assert fetch.server.asked == {"/robots.txt": 1, "/x": 1, "/y": 1}


@pytest.mark.parametrize("manner", [answer(500), answer(429)])
def test_a_robots_txt_that_cant_be_read_forbids_all(fetch: Fetching, manner: Manner) -> None:
    fetch.server.manners |= {"/robots.txt": manner, "/x": GOOD}
    with pytest.raises(BadInput, match=r"none of its 2 pictures could be fetched: 2 x robots\.txt can't be read"):
        fetch({"a": "/x", "b": "/x"})
    assert fetch.server.asked == {"/robots.txt": ATTEMPTS}
    assert len(fetch.rejects) == 2


@pytest.mark.parametrize("manner", [answer(403), redirect("/robots.txt"), answer(200, b"\xff\x00<html>"), endless])
def test_a_robots_txt_that_says_nothing_allows_all(fetch: Fetching, manner: Manner) -> None:
    fetch.server.manners |= {"/robots.txt": manner, "/x": GOOD}
    assert fetch({"a": "/x"}).fetched == 1


def test_requests_keep_the_distance_that_was_asked_for(fetch: Fetching) -> None:
    fetch.server.manners |= {f"/{number}": answer(200, PNG) for number in range(4)}
    rows: dict[str, str | tuple[str, str]] = {str(number): f"/{number}" for number in range(4)}
    assert fetch(rows, replace(LIMITS, delay=3)).fetched == 4
    assert sum(fetch.clock.slept) == 4 * 3  # robots.txt was the first request


def test_robots_txt_may_ask_for_a_greater_distance(fetch: Fetching) -> None:
    fetch.server.manners |= {"/robots.txt": answer(200, b"User-agent: *\nCrawl-delay: 5\n"), "/1": GOOD, "/2": GOOD, "/3": GOOD}
    assert fetch({"a": "/1", "b": "/2", "c": "/3"}, replace(LIMITS, delay=3)).fetched == 3
    assert sum(fetch.clock.slept) == 3 + 5 + 5


@pytest.mark.parametrize("limits", [replace(LIMITS, per_host=3), replace(LIMITS, per_host=5, at_once=3)])
def test_so_many_requests_are_under_way_at_once_and_no_more(fetch: Fetching, limits: Limits) -> None:
    meeting = gathering(3, GOOD)
    fetch.server.manners |= {f"/{number}": meeting for number in range(9)}
    rows: dict[str, str | tuple[str, str]] = {str(number): f"/{number}" for number in range(9)}
    assert fetch(rows, limits).fetched == 9
    assert fetch.server.most_at_once == 3


@pytest.mark.usefixtures("names")
def test_hosts_that_want_to_wait_keep_no_other_waiting(fetch: Fetching) -> None:
    slow = [(f"slow{host}.test", f"/slow/{host}/{number}") for host in range(4) for number in range(5)]
    fast = [("fast.test", f"/fast/{number}") for number in range(6)]
    answered = itertools.count(1)
    asked_by_then: list[str] = []
    clock = fetch.clock = StandingClock()

    def robots(request: Request) -> None:
        rules = b"User-agent: *\nCrawl-delay: 10\n" if request.headers["Host"].startswith("slow") else b""
        answer(200, rules)(request)

    def last_lets_time_go(request: Request) -> None:
        GOOD(request)
        if next(answered) == len(fast):
            asked_by_then.extend(request.server.asked)
            clock.let_go.set_result(None)

    fetch.server.manners |= {path: GOOD for _, path in slow} | {path: last_lets_time_go for _, path in fast}
    fetch.server.manners["/robots.txt"] = robots
    port = fetch.server.server_port
    result = fetch({path.replace("/", "_"): f"http://{host}:{port}{path}" for host, path in slow + fast})
    assert result.fetched == len(slow) + len(fast)
    assert sum(path.startswith("/slow/") for path in asked_by_then) <= 4
    assert sum(clock.slept) >= 4 * 10


def test_a_notebook_that_is_in_the_middle_of_a_cell_may_fetch(fetch: Fetching) -> None:
    fetch.server.manners["/p"] = GOOD

    async def cell() -> int:
        return fetch({"a": "/p"}).fetched

    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(asyncio.run, cell()).result() == 1


def test_who_queued_behind_other_hosts_still_keeps_its_distance() -> None:
    clock, starts = JumpingClock(), []

    async def queue() -> None:
        in_hand = asyncio.Semaphore(1)
        host = Host(2, 10.0, clock, in_hand)

        async def ask() -> None:
            async with host.turn():
                starts.append(clock.now())

        await in_hand.acquire()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(ask())
            tasks.create_task(ask())
            await asyncio.sleep(0)  # both queue
            await clock.sleep(25)
            in_hand.release()

    finish(queue())
    assert starts == [1_025, 1_035]


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "2130706433", "0x7f.1", "evil.test"]
)
def test_private_addresses_are_never_connected_to(fetch: Fetching, host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    found = socket.getaddrinfo

    def leading_home(name: str, *rest: Any, **more: Any) -> list[Any]:
        names = ("127.0.0.1", "127.0.0.2") if name == "evil.test" else (name,)
        return [one for name in names for one in found(name, *rest, **more)]

    monkeypatch.setattr(socket, "getaddrinfo", leading_home)
    fetch.server.manners["/x"] = GOOD
    with pytest.raises(BadInput, match="none of its 1 pictures"):
        fetch({"a": f"http://{host}:{fetch.server.server_port}/x"}, may_connect=is_public)
    assert fetch.rejects[0][2] in (download.PRIVATE, download.NO_URL)
    assert not fetch.server.asked


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.215.14", True),
        ("2606:2800:21f:cb07:6820:80da:af6b:8b2c", True),
        ("::ffff:93.184.215.14", True),
        ("64:ff9b::93.184.215.14", True),
        ("127.0.0.1", False),
        ("127.8.8.8", False),
        ("0.0.0.0", False),
        ("10.0.0.1", False),
        ("172.16.0.1", False),
        ("172.31.255.255", False),
        ("192.168.1.1", False),
        ("100.64.0.1", False),
        ("169.254.169.254", False),
        ("168.63.129.16", False),
        ("192.0.0.192", False),
        ("198.18.0.1", False),
        ("224.0.0.1", False),
        ("239.255.255.255", False),
        ("240.0.0.1", False),
        ("255.255.255.255", False),
        ("::", False),
        ("::1", False),
        ("::ffff:127.0.0.1", False),
        ("::127.0.0.1", False),
        ("64:ff9b::127.0.0.1", False),
        ("64:ff9b::169.254.169.254", False),
        ("64:ff9b:1::1", False),
        ("2002:7f00:1::", False),
        ("2001:db8::1", False),
        ("fe80::1", False),
        ("fe80::1%eth0", False),
        ("fc00::1", False),
        ("fd00:ec2::254", False),
        ("ff02::1", False),
    ],
)
def test_public_addresses(address: str, public: bool) -> None:
    assert is_public(address) == public


def test_no_proxy_stands_between(fetch: Fetching, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    fetch.server.manners["/x"] = GOOD
    assert fetch({"a": "/x"}).fetched == 1


def test_a_label_that_no_name_can_have_is_told(fetch: Fetching) -> None:
    fetch.server.manners["/good"] = GOOD
    result = fetch({"long": f"http://{'a' * 70}.test/x", "empty": "http://a..test/x", "good": "/good"})
    assert (result.fetched, sum(result.failed.values())) == (1, 2)


def test_names_that_can_hold_no_picture(fetch: Fetching, tmp_path: Path) -> None:
    fetch.server.manners |= {"/x": GOOD, "/y": GOOD}
    (tmp_path / "elsewhere").mkdir()
    (fetch.pictures / "taken.png").mkdir(parents=True)
    (fetch.pictures / "out").symlink_to(tmp_path / "elsewhere")
    result = fetch(
        {
            "good": "/x",
            "a/b": "/x",
            "../c": "/x",
            "d": ("../d.png", "/x"),
            "e": (str(tmp_path / "e.png"), "/x"),
            "f": ("out/f.png", "/x"),
            "g": ("g.txt", "/x"),
            "h": ("shared.png", "/x"),
            "i": ("shared.png", "/y"),
            "j": ("shared.png", "/x"),
            "taken": "/x",
            "k" * 300: "/x",
        }
    )
    assert result.failed == {run.NO_PICTURE_NAME: 4, run.NO_FILE_NAME: 2, run.NO_PLACE: 2, run.SHARED_NAME: 1}
    assert fetch.files == {"good.png": PNG, "shared.png": PNG}
    assert not list((tmp_path / "elsewhere").iterdir())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["elsewhere", "pictures", "products.csv", "shop.toml", "work"]


def test_a_product_does_not_get_the_file_that_another_one_names(fetch: Fetching) -> None:
    fetch.server.manners |= {"/x": GOOD, "/y": answer(200, encoded(patterned(3)))}
    result = fetch({"a": "/x", "b": ("a.png", "/y"), "c": "/x", "d": ("rooms/c.jpg", "/y"), "e": "/y", "f": ("e.jpg", "/y")})
    assert (result.fetched, result.failed) == (4, {run.SHARED_NAME: 2})
    assert set(fetch.files) == {"a.png", "rooms/c.jpg", "e.png", "e.jpg"}
    assert PNG not in fetch.files.values()
    assert [detail for *_, detail in fetch.rejects] == ["a", "c"]


def test_no_picture_goes_past_a_linked_folder(fetch: Fetching) -> None:
    fetch.server.manners["/x"] = GOOD
    (fetch.pictures / "rooms").mkdir(parents=True)
    (fetch.pictures / "inside").symlink_to("rooms")
    (fetch.pictures / "loop").symlink_to("loop")
    result = fetch(
        {
            "a": ("inside/a.png", "/x"),
            "b": ("inside/deeper/b.png", "/x"),
            "c": ("loop/c.png", "/x"),
            "d": ("rooms/deeper/d.png", "/x"),
        }
    )
    assert (result.fetched, result.failed) == (1, {run.NO_PICTURE_NAME: 2, run.NO_PLACE: 1})
    assert fetch.files == {"rooms/deeper/d.png": PNG}


def test_the_folder_itself_may_be_a_link(fetch: Fetching, tmp_path: Path) -> None:
    fetch.server.manners["/x"] = GOOD
    (tmp_path / "disk").mkdir()
    fetch.pictures.symlink_to("disk")
    assert fetch({"a": "/x", "b": ("rooms/b.png", "/x")}).fetched == 2
    assert (tmp_path / "disk" / "rooms" / "b.png").read_bytes() == PNG


def test_no_url_in_any_row_is_told(fetch: Fetching) -> None:
    with pytest.raises(BadInput, match=r"products\.csv: none of its 2 products has a URL of a picture"):
        fetch({"a": "", "b": ""})
    (fetch.pictures / "a.png").write_bytes(PNG)
    assert fetch({"a": "", "b": ""}).there == 1


@pytest.mark.usefixtures("names")
def test_a_bug_that_one_picture_brings_out_is_raised_when_the_others_have_come(
    fetch: Fetching, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unforeseen(_: str) -> datetime:
        raise RuntimeError("nobody thought of that")

    monkeypatch.setattr(download, "parsedate_to_datetime", unforeseen)
    url = f"http://%s.test:{fetch.server.server_port}/%s"
    good = {f"{host}{number}": url % (host, f"{host}{number}") for host in "abc" for number in range(3)}
    fetch.server.manners |= {f"/{name}": GOOD for name in good} | {"/bad": answer(503, Retry_After="tomorrow")}
    with pytest.raises(RuntimeError, match="nobody thought of that"):
        fetch({"bad": url % ("a", "bad")} | good, replace(LIMITS, per_host=1))
    assert set(fetch.files) == {f"{name}.png" for name in good}
    assert [(reason, "nobody thought" in detail) for _, _, reason, detail in fetch.rejects] == [(run.UNFORESEEN, True)]


def test_an_error_over_the_whole_folder_ends_the_run(fetch: Fetching) -> None:
    fetch.server.manners["/x"] = answer(200, encoded(Image.effect_noise((128, 128), 80)))
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (5_000, before[1]))
    try:
        with pytest.raises(OSError) as raised:  # noqa: PT011
            fetch({"a": "/x"})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert raised.value.errno == errno.EFBIG
    assert fetch.files == {}


def test_one_run_at_a_time(fetch: Fetching) -> None:
    fetch.pictures.mkdir()
    with locked(fetch.pictures, "held"), pytest.raises(Busy, match="another run is filling this folder"):
        fetch({"a": "/x"})
    assert not fetch.server.asked


@pytest.mark.parametrize(
    ("toml", "message"),
    [
        ('[products]\npath = "p.csv"\nid = "id"\n[images]\nfolder = "pictures"\n', '"image_url"'),
        ('[images]\nfolder = "pictures"\n', '"image_url"'),
        ('[products]\npath = "p.csv"\nid = "id"\nimage_url = "url"\n', r"\[images\] folder, or with --out"),
    ],
)
def test_settings_that_name_no_urls_or_no_folder(tmp_path: Path, toml: str, message: str) -> None:
    settings = write_shop(tmp_path, toml, {"p.csv": "id,url\na,http://example.test/\n"})
    with pytest.raises(BadInput, match=message):
        fetch_images(settings, None, tmp_path / "work", quiet_report(), LIMITS)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, 0),
        ("120", 120),
        (" 3 ", 3),
        ("Sat, 21 Nov 2026 12:00:30 GMT", 30),
        ("Sat, 21 Nov 2026 11:00:00 GMT", 0),
        ("soon", 0),
        ("-5", 0),
        ("Sat, 99 Nov 2026 11:00:00 GMT", 0),
        ("Mon, 01 Jan 99999999999 00:00:00 GMT", 0),
        ("Mon, 01 Jan 99999999999999999999 00:00:00 GMT", 0),
        ("Sat, 21 Nov 2026 12:00:30 +99999999999999", 0),
        ("Fri, 31 Dec 9999 23:59:59 -2359", 251_607_124_739),
        ("9" * 400, float("inf")),
    ],
)
def test_retry_after(header: str | None, seconds: float) -> None:
    assert retry_after(header, datetime(2026, 11, 21, 12, tzinfo=UTC)) == seconds


@pytest.mark.parametrize("format_", [*FORMATS, "MPO"])
def test_every_format_has_an_ending_that_a_build_knows(format_: str) -> None:
    content = io.BytesIO()
    more = {"save_all": True, "append_images": [patterned(2)]} if format_ == "MPO" else {}
    patterned(1).save(content, format_, **more)
    decode(content.getvalue())
    assert ending_of(content.getvalue()) in ENDINGS
