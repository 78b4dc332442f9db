"""Downloads one picture: politely, within bounds, and again where another attempt may help.

aiohttp is used because its connector takes the function that makes sockets: the one place that every connection passes, where
the address that is really connected to can be refused (see `precompute.fetch.addresses`).
"""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TypeVar

from aiohttp import (
    ClientConnectorError,
    ClientError,
    ClientPayloadError,
    ClientResponse,
    ClientSession,
    ClientSSLError,
    ClientTimeout,
    DummyCookieJar,
    InvalidURL,
    TCPConnector,
)
from protego import Protego
from yarl import URL

from lookup.encoder import TOO_MANY_BYTES
from precompute.fetch.addresses import PrivateAddress, checked_sockets
from precompute.fetch.hosts import Clock, Failure, Host

AGENT = "Aisle"
"""The name that a ``robots.txt`` knows us by."""
HEADERS = {
    "User-Agent": f"{AGENT} (fetch-images: the pictures of a shop's own product list)",
    "Accept": "image/*, */*;q=0.1",
    "Accept-Encoding": "identity",
}
ATTEMPTS = 4
BACK_OFF = 1.0
"""Seconds before the second attempt; twice as long before each one after it."""
LONGEST_WAIT = 120.0
"""Seconds: a host that asks for a longer pause is not waited for; a later run asks again."""
CONNECTING = 10.0
"""Seconds: a host that is there takes a connection sooner than it gives an answer."""
MOST_REDIRECTS = 5
MOST_ROBOTS = 512_000
"""Bytes of a ``robots.txt`` that are read, as RFC 9309 asks for; what follows is ignored."""
PIECE = 65_536

REDIRECTS = (301, 302, 303, 307, 308)
BUSY = (429, 503)
"""The whole host is asked to be left alone for a while, not only this file of it."""
PASSING = (408, 425, 429, 500, 502, 503, 504)
"""What the next attempt may find mended."""

NO_URL = "URL is not one of http or https"
PRIVATE = "address is not public"
UNREACHABLE = "host can't be reached"
NOT_TRUSTED = "host can't prove who it is"
TOO_SLOW = "answer took too long"
CUT = "answer was cut off"
BROKEN = "answer is not HTTP, or the connection broke"
TOO_MANY_REDIRECTS = "redirected too often"
FORBIDDEN = "robots.txt forbids it"
NO_ROBOTS = "robots.txt can't be read"
LONG_WAIT = "host asks for a long wait"
GIVEN_UP = "host was given up before"

Kept = TypeVar("Kept")


class NotFetched(Exception):
    """A picture could not be fetched.

    Attributes
    ----------
    failure
        Why.
    passing
        True where another attempt may help.
    wait
        Seconds that the whole host asks to be left alone for, 0 where it doesn't say how long; None where it doesn't ask.
    """

    def __init__(self, reason: str, detail: str = "", *, passing: bool = False, wait: float | None = None) -> None:
        super().__init__(f"{reason} ({detail})" if detail else reason)
        self.failure = Failure(reason, detail)
        self.passing = passing
        self.wait = wait


class Refused(NotFetched):
    """The server answers with a `status` that is no success."""

    def __init__(self, status: int, wait: float | None = None) -> None:
        super().__init__(f"server answers {status}", passing=status in PASSING, wait=wait)
        self.status = status


@dataclass(frozen=True)
class Limits:
    """What a run may ask of hosts and of this machine.

    Attributes
    ----------
    per_host
        Requests to one host at once.
    at_once
        Pictures in hand at once, over all hosts, from the request until they are kept: so many are held in memory at most.
    delay
        Seconds from the start of one request to a host to the start of the next.
    seconds
        For one answer, from connecting to its last byte.
    most_bytes
        Of one picture, also where it comes compressed.
    """

    per_host: int = 4
    at_once: int = 16
    delay: float = 0.0
    seconds: float = 60.0
    most_bytes: int = 20_000_000


@dataclass(frozen=True)
class _Elsewhere:
    """An answer that is no content but a `location` to ask instead."""

    location: str


class Downloader:
    """Downloads pictures of many hosts over one session; made by `open_downloader`."""

    def __init__(self, session: ClientSession, limits: Limits, clock: Clock) -> None:
        self._session, self._limits, self._clock = session, limits, clock
        self._hosts: dict[str, Host] = {}
        self._in_hand = asyncio.Semaphore(limits.at_once)

    async def fetch(self, url: str, keep: Callable[[bytes], Awaitable[Kept]]) -> Kept:
        """What `keep` makes of the content of a URL, of at most ``most_bytes``; raises `NotFetched`.

        The content counts as in hand until `keep` is done with it.
        """
        most = self._limits.most_bytes

        async def keep_small(content: bytes) -> Kept:
            if len(content) > most:
                raise NotFetched(TOO_MANY_BYTES, f"at most {most:,} bytes")
            return await keep(content)

        return await self._follow(_web_url(url), most, keep_small, obey_robots=True)

    async def _follow(self, url: URL, most: int, keep: Callable[[bytes], Awaitable[Kept]], *, obey_robots: bool) -> Kept:
        """What `keep` makes of the content at the end of all redirects; it gets some bytes more than `most` if it is longer."""
        for _ in range(MOST_REDIRECTS + 1):
            if obey_robots:
                await self._require_allowed(url)
            answer = await self._ask(url, most, keep)
            if not isinstance(answer, _Elsewhere):
                return answer
            url = _web_url(answer.location, base=url)
        raise NotFetched(TOO_MANY_REDIRECTS, f"at most {MOST_REDIRECTS} times")

    async def _ask(self, url: URL, most: int, keep: Callable[[bytes], Awaitable[Kept]]) -> Kept | _Elsewhere:
        """One answer, after as many attempts as it takes; a content is kept before the next request takes its turn."""
        host = self._host(url)
        if host.given_up:
            raise NotFetched(GIVEN_UP, str(url.host))
        for attempt in range(1, ATTEMPTS + 1):
            try:
                async with host.turn():
                    answer = await self._exchange(url, most)
                    host.answered(definitely=True)
                    return answer if isinstance(answer, _Elsewhere) else await keep(answer)
            except NotFetched as error:
                if (error.wait or 0.0) > LONGEST_WAIT:
                    host.give_up()
                    raise NotFetched(LONG_WAIT, f"{error.wait:,.0f} s") from None
                if not error.passing or attempt == ATTEMPTS:
                    host.answered(definitely=not error.passing)
                    raise
                back_off = BACK_OFF * 2 ** (attempt - 1)
                if error.wait is None:
                    await self._clock.sleep(back_off)
                else:
                    host.pause(max(error.wait, back_off))
        raise AssertionError("the last attempt returns or raises")

    async def _exchange(self, url: URL, most: int) -> bytes | _Elsewhere:
        """One request, and its answer if it is one to keep; every way in which that can fail becomes a `NotFetched`."""
        try:
            async with (
                asyncio.timeout(self._limits.seconds),
                self._session.get(url, allow_redirects=False) as response,
            ):
                if response.status in REDIRECTS and (location := response.headers.get("Location")):
                    return _Elsewhere(location)
                if response.status != 200:
                    raise _refusal(response)
                return await _body(response, most)
        except TimeoutError:
            raise NotFetched(TOO_SLOW, passing=True) from None
        except (InvalidURL, UnicodeError):  # a name with a label that DNS has no room for
            raise NotFetched(NO_URL, str(url)) from None
        except ClientSSLError as error:
            raise NotFetched(NOT_TRUSTED, str(error)) from None
        except ClientConnectorError as error:
            if isinstance(error.os_error, PrivateAddress):
                raise NotFetched(PRIVATE, str(url.host)) from None
            raise NotFetched(UNREACHABLE, str(error), passing=True) from None
        except ClientPayloadError:
            raise NotFetched(CUT, passing=True) from None
        except ClientError as error:
            raise NotFetched(BROKEN, str(error), passing=True) from None

    def _host(self, url: URL) -> Host:
        name = str(url.host)
        if name not in self._hosts:
            self._hosts[name] = Host(self._limits.per_host, self._limits.delay, self._clock, self._in_hand)
        return self._hosts[name]

    async def _require_allowed(self, url: URL) -> None:
        """Raise `NotFetched` where the ``robots.txt`` beside a URL forbids it, or can't be read."""
        host, origin = self._host(url), str(url.origin())
        async with host.reading_robots:
            if origin not in host.robots:
                host.robots[origin] = await self._read_robots(url.origin())
        robots = host.robots[origin]
        if isinstance(robots, Failure):
            raise NotFetched(robots.reason, robots.detail)
        if not robots.can_fetch(str(url), AGENT):
            raise NotFetched(FORBIDDEN)
        host.delay = max(host.delay, min(robots.crawl_delay(AGENT) or 0.0, LONGEST_WAIT))

    async def _read_robots(self, origin: URL) -> Protego | Failure:
        """The rules, as RFC 9309 reads them: none where the server has no such file, nothing allowed where it can't say."""
        try:
            return await self._follow(origin / "robots.txt", MOST_ROBOTS, _rules, obey_robots=False)
        except Refused as error:
            return Failure(NO_ROBOTS, str(error)) if error.status == 429 or error.status >= 500 else Protego.parse("")
        except NotFetched as error:
            return Protego.parse("") if error.failure.reason in (TOO_MANY_REDIRECTS, NO_URL) else error.failure


@asynccontextmanager
async def open_downloader(limits: Limits, clock: Clock, may_connect: Callable[[str], bool]) -> AsyncIterator[Downloader]:
    """A downloader that connects to those IP addresses alone for which `may_connect` is true.

    Proxies that the environment names are not used: through one, the address would be another's to choose.
    """
    connector = TCPConnector(limit=0, socket_factory=checked_sockets(may_connect))
    async with ClientSession(
        connector=connector,
        headers=HEADERS,
        cookie_jar=DummyCookieJar(),
        timeout=ClientTimeout(total=None, sock_connect=CONNECTING),
        auto_decompress=False,
        trust_env=False,
    ) as session:
        yield Downloader(session, limits, clock)


def host_of(url: str) -> str:
    """The host that a URL names; empty where it names none."""
    try:
        return str(_web_url(url).host)
    except NotFetched:
        return ""


def _web_url(text: str, base: URL | None = None) -> URL:
    try:
        url = URL(text) if base is None else base.join(URL(text))
        if url.scheme in ("http", "https") and url.host:
            return url
    except ValueError:  # a port of six digits, half an IPv6 address, a name in no alphabet
        pass
    raise NotFetched(NO_URL, text)


async def _rules(content: bytes) -> Protego:
    return Protego.parse(content[:MOST_ROBOTS].decode("utf-8-sig", "replace"))


def _refusal(response: ClientResponse) -> Refused:
    if response.status not in BUSY:
        return Refused(response.status)
    return Refused(response.status, wait=retry_after(response.headers.get("Retry-After"), datetime.now(UTC)))


def retry_after(header: str | None, now: datetime) -> float:
    """Seconds that a ``Retry-After`` header asks for, written as such or as a moment; 0 where it says neither."""
    if header is None:
        return 0.0
    if header.strip().isdecimal():
        return float(header)
    try:
        moment = parsedate_to_datetime(header)
        return max((moment.replace(tzinfo=moment.tzinfo or UTC) - now).total_seconds(), 0.0)
    except (ValueError, OverflowError):  # a year or a zone that no date has
        return 0.0


async def _body(response: ClientResponse, most: int) -> bytes:
    """The body, unpacked; where it is longer than `most`, reading stops soon after."""
    body = bytearray()
    async for piece in response.content.iter_chunked(PIECE):
        body += piece
        if len(body) > most:
            break
    return _unpacked(bytes(body), response.headers.get("Content-Encoding", ""), most)


def _unpacked(body: bytes, encoding: str, most: int) -> bytes:
    """Some servers compress whatever they send, asked or not; unpacking stops after `most` bytes, too."""
    if encoding.strip().lower() not in ("gzip", "x-gzip", "deflate"):
        return body
    try:
        return zlib.decompressobj(wbits=zlib.MAX_WBITS | 32).decompress(body, most + 1)
    except zlib.error as error:
        raise NotFetched(CUT, str(error)) from None
