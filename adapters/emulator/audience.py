"""The clients of a spot socket and its beat: each hears of every wall second, a moment after it began. Knows no price."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Protocol

import trio
from attrs import define, field

LAG = 0.15  # seconds from a price's own time to its frame, as in recordings


class Listener(Protocol):
    def publish(self, second: int) -> None:
        """The prices of this second are out. Must not wait."""


def current(now: float) -> int:
    """The last second whose prices are out at `now`."""
    return math.floor(now - LAG)


@define(eq=False)
class Audience:
    """Listeners in order of arrival. Without any it does nothing at all, so virtual time may jump far."""

    wall: Callable[[], float]
    _present: dict[Listener, None] = field(factory=dict)
    _anybody: trio.Event = field(factory=trio.Event)

    def join(self, listener: Listener) -> None:
        self._present[listener] = None
        self._anybody.set()

    def leave(self, listener: Listener) -> None:
        self._present.pop(listener, None)
        if not self._present:
            self._anybody = trio.Event()

    async def run(self) -> None:
        """Each second once, for ever; a wall clock that jumps skips or repeats no more than the jump."""
        last = 0
        while True:
            await self._anybody.wait()
            second = current(self.wall()) + 1
            second += second == last  # woken a moment too early
            await trio.sleep(max(0.0, second + LAG - self.wall()))
            for listener in list(self._present):
                listener.publish(second)
            last = second
