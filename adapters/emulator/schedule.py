"""What the exchange will do later (settle, expire): one task, one heap of due times on trio's clock."""

from __future__ import annotations

import math
from collections.abc import Callable
from heapq import heappop, heappush
from itertools import count

import trio
from attrs import define, field


@define(eq=False)
class Schedule:
    """Acts run in order of due time; equal times in order of `after` calls."""

    _heap: list[tuple[float, int, Callable[[], None]]] = field(factory=list)
    _numbers: count[int] = field(factory=count)
    _changed: trio.Event = field(factory=trio.Event)

    def after(self, seconds: float, act: Callable[[], None]) -> None:
        """Run `act` once, `seconds` from now. It must not wait."""
        heappush(self._heap, (trio.current_time() + seconds, next(self._numbers), act))
        self._changed.set()

    async def run(self) -> None:
        while True:
            self._changed = trio.Event()
            with trio.move_on_at(self._heap[0][0] if self._heap else math.inf):
                await self._changed.wait()
            while self._heap and self._heap[0][0] <= trio.current_time():
                heappop(self._heap)[2]()
