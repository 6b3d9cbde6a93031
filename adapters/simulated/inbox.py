"""What is on its way to one reader on trio's clock, and when it gets there."""

from __future__ import annotations

from heapq import heappop, heappush
from itertools import count
from math import inf
from typing import Generic, TypeVar

import trio
from attrs import define, field

from adapters.simulated.timer import Timer, Wait

M = TypeVar("M")


@define(eq=False)
class Inbox(Generic[M]):
    """Letters arrive at their own times, not in the order in which they were sent."""

    timer: Timer
    _letters: list[tuple[float, int, M]] = field(factory=list)
    _sent: count[int] = field(factory=count)
    _asleep: Wait | None = None

    def send(self, letter: M, at: float) -> None:
        """It arrives at `at`; of two at one time the one that was sent first."""
        heappush(self._letters, (at, next(self._sent), letter))
        if self._asleep is not None:
            self.timer.sooner(self._asleep, at)  # wakes the reader once, when there is something to read

    async def receive(self, until: float = inf) -> M | None:
        """The next that has arrived, or None once it is `until`."""
        if self._letters and self._letters[0][0] <= trio.current_time():
            await trio.lowlevel.checkpoint()
        while not self._letters or self._letters[0][0] > trio.current_time():
            if trio.current_time() >= until:
                return None
            self._asleep = self.timer.begin(min(until, self._next()))
            try:
                await self._asleep.over()
            finally:
                self._asleep = None
        return heappop(self._letters)[2]

    def _next(self) -> float:
        return self._letters[0][0] if self._letters else inf
