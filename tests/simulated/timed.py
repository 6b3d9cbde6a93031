"""Simulated time for a test: the clock, and the timer that it rings for those who wait in the simulated venue."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

import trio

from actors.kernel.virtual import VirtualClock
from adapters.simulated.timer import Timer

T = TypeVar("T")


def timed(main: Callable[[Timer], Awaitable[T]]) -> T:
    """Run on a clock that begins at 0."""
    timer = Timer()
    return trio.run(main, timer, clock=VirtualClock(bells=[timer]))
