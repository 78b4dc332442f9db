"""Manners towards a host: how many requests at once, how soon after each other, and when to leave it alone."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Protocol

from protego import Protego

GIVE_UP_AFTER = 10
"""Pictures in a row that a host did not answer for, each after all its attempts: then the others are not asked for."""


class Clock(Protocol):
    """Where the time comes from, in seconds."""

    def now(self) -> float:
        """Seconds since some fixed moment."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Let other tasks go on for so long."""
        ...


class RealClock:
    """A `Clock` that wall time can't turn back."""

    def now(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


@dataclass(frozen=True)
class Failure:
    """Why something could not be fetched.

    Attributes
    ----------
    reason
        One of a few fixed sentences, so that it can be counted.
    detail
        What was found, for people to read; may be empty.
    """

    reason: str
    detail: str = ""


class Host:
    """One host of the network, as this run treats it.

    Parameters
    ----------
    per_host
        Requests at once, at most.
    delay
        Seconds from the start of one request to the start of the next.
    clock
        Where the time comes from.
    in_hand
        Held by each request that is running, of any host; a host that has to wait holds none of it.

    Attributes
    ----------
    robots
        What ``robots.txt`` allows, by origin (scheme, host and port); a `Failure` where it could not be read.
    reading_robots
        Held while one is read, so that it is read once.
    delay
        As given; ``robots.txt`` may lengthen it.
    given_up
        True where nothing more is asked of it.
    """

    def __init__(self, per_host: int, delay: float, clock: Clock, in_hand: asyncio.Semaphore) -> None:
        self.delay = delay
        self.given_up = False
        self.robots: dict[str, Protego | Failure] = {}
        self.reading_robots = asyncio.Lock()
        self._slots = asyncio.Semaphore(per_host)
        self._clock = clock
        self._in_hand = in_hand
        self._free_at = 0.0
        self._unanswered = 0

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait until a request may begin, and count it as running until the block ends."""
        async with self._slots:
            while True:
                while (wait := self._free_at - self._clock.now()) > 0:
                    await self._clock.sleep(wait)
                async with self._in_hand:
                    if self._free_at <= self._clock.now():  # else another request began, or a pause, while this one queued
                        self._free_at = self._clock.now() + self.delay
                        yield
                        return

    def pause(self, seconds: float) -> None:
        """Let no request begin for so long."""
        self._free_at = max(self._free_at, self._clock.now() + seconds)

    def give_up(self) -> None:
        """Ask it for nothing more."""
        self.given_up = True

    def answered(self, definitely: bool) -> None:
        """Note how a picture ended: with an answer that stands, be it a refusal, or with none after all attempts."""
        self._unanswered = 0 if definitely else self._unanswered + 1
        if self._unanswered >= GIVE_UP_AFTER:
            self.give_up()
