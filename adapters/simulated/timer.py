"""Waiting in simulated time: a heap of instants that the clock rings as it passes, for a cancel scope a wait costs more than all
the rest of a quiet second."""

from __future__ import annotations

from heapq import heappop, heappush
from itertools import count
from math import inf

import trio
from attrs import define, field


@define(eq=False)
class Wait:
    """One task that waits until `at`; without a task once it has come or was cancelled."""

    at: float
    task: trio.lowlevel.Task | None = None

    async def over(self) -> None:
        """Until the timer wakes it."""
        self.task = trio.lowlevel.current_task()
        await trio.lowlevel.wait_task_rescheduled(self._cancelled)

    def wake(self) -> bool:
        task, self.task = self.task, None
        if task is not None:
            trio.lowlevel.reschedule(task)
        return task is not None

    def _cancelled(self, _: object) -> trio.lowlevel.Abort:
        self.task = None
        return trio.lowlevel.Abort.SUCCEEDED


@define(eq=False)
class Timer:
    """A bell of the clock, which strikes it when time has come so far. Times are the clock's."""

    _waits: list[tuple[float, int, Wait]] = field(factory=list)
    _numbers: count[int] = field(factory=count)

    async def until(self, at: float) -> None:
        """As trio's `sleep_until`."""
        if at <= trio.current_time():
            await trio.lowlevel.checkpoint()
        else:
            await self.begin(at).over()

    async def sleep(self, seconds: float) -> None:
        """As trio's."""
        await self.until(trio.current_time() + seconds)

    def begin(self, at: float) -> Wait:
        """A wait until `at`, for whoever may come by something `sooner`."""
        wait = Wait(at)
        self._set(wait)
        return wait

    def sooner(self, wait: Wait, at: float) -> None:
        """It ends at `at` already; what was set before rings in vain."""
        if at < wait.at:
            wait.at = at
            self._set(wait)

    def _set(self, wait: Wait) -> None:
        if wait.at < inf:
            heappush(self._waits, (wait.at, next(self._numbers), wait))

    @property
    def due(self) -> float:
        """When it is to ring next; `inf` if never."""
        return self._waits[0][0] if self._waits else inf

    @property
    def idle(self) -> bool:
        """Whether nobody waits for a time."""
        return not self._waits

    def strike(self, now: float) -> bool:
        """Wake everybody whose time has come. Whether there was somebody."""
        woken = False
        while self._waits and self._waits[0][0] <= now:
            woken |= heappop(self._waits)[2].wake()
        return woken
