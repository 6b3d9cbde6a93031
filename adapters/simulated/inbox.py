"""What is on its way to one reader on trio's clock, and when it gets there."""

from __future__ import annotations

from heapq import heappop, heappush
from itertools import count
from math import inf
from typing import Generic, TypeVar

import trio
from attrs import define, field

M = TypeVar("M")


@define(eq=False)
class Inbox(Generic[M]):
    """Letters arrive at their own times, not in the order in which they were sent."""

    _letters: list[tuple[float, int, M]] = field(factory=list)
    _sent: count[int] = field(factory=count)
    _news: trio.Event = field(factory=trio.Event)

    def send(self, letter: M, at: float) -> None:
        """It arrives at `at`; of two at one time the one that was sent first."""
        heappush(self._letters, (at, next(self._sent), letter))
        self._news.set()

    async def receive(self) -> M:
        """The next that has arrived; waits for it."""
        await trio.lowlevel.checkpoint()
        while not self._letters or self._letters[0][0] > trio.current_time():
            self._news = trio.Event()
            with trio.move_on_at(self._letters[0][0] if self._letters else inf):
                await self._news.wait()
        return heappop(self._letters)[2]
