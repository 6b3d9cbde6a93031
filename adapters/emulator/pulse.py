"""The beat of the spot sockets: one call for each wall second, a moment after it began. Knows no price and no client."""

from __future__ import annotations

import math
from collections.abc import Callable

import trio

LAG = 0.15  # seconds from a price's own time to its frame, as seen in recordings


def current(now: float) -> int:
    """The last second whose prices are out at `now`."""
    return math.floor(now - LAG)


async def pulse(wall: Callable[[], float], beat: Callable[[int], None]) -> None:
    """Call `beat` with each wall second, once, for ever; a clock that jumps skips or waits a second, no more."""
    last = current(wall())
    while True:
        second = current(wall()) + 1
        second += second == last  # woken a moment too early
        await trio.sleep(max(0.0, second + LAG - wall()))
        beat(second)
        last = second
