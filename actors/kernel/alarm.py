"""The alarm: wakes readers of mailboxes at the time until which they wait, a few at a time.

A cancel scope for each wait is what costs most of an empty read, and many actors that wait for the same instant would all
run in one pass of the loop: whoever asks something meanwhile waits for the slowest of them. One task of trio's own holds
every time in a heap; a reader that is woken by a letter leaves its entry there, to be found void.
"""

from __future__ import annotations

from heapq import heappop, heappush
from itertools import count
from math import inf
from typing import Protocol

import trio
from attrs import define, field

A_STEP = 5  # readers woken in one pass of the loop: a hundred would hold up whoever asks the budget


class Sleeper(Protocol):
    """Whoever waits until a time."""

    def ring(self, at: float, now: float) -> float:
        """The time it had set has come. 0 if it wakes up; otherwise the time to be woken at, `inf` for none."""
        ...


@define(eq=False)
class Alarm:
    """One for each trio run, see `alarm`. Times are trio's."""

    _entries: list[tuple[float, int, Sleeper]] = field(factory=list)
    _numbers: count[int] = field(factory=count)
    _scope: trio.CancelScope = field(factory=trio.CancelScope)

    def set(self, at: float, sleeper: Sleeper) -> None:
        heappush(self._entries, (at, next(self._numbers), sleeper))
        if at < self._scope.deadline:
            self._scope.deadline = at

    async def run(self) -> None:
        while True:
            self._scope = trio.CancelScope(deadline=self._entries[0][0] if self._entries else inf)
            with self._scope:
                await trio.sleep_forever()
            await self._ring()

    async def _ring(self) -> None:
        """Everybody whose time has come."""
        rung = 0
        while self._entries and self._entries[0][0] <= (now := trio.current_time()):
            at, _, sleeper = heappop(self._entries)
            again = sleeper.ring(at, now)
            if 0 < again < inf:
                self.set(again, sleeper)
            rung += again == 0
            if again == 0 and rung % A_STEP == 0:
                await trio.lowlevel.checkpoint()


_ALARM: trio.lowlevel.RunVar[Alarm] = trio.lowlevel.RunVar("alarm")


def alarm() -> Alarm:
    """This run's; its task is begun by whoever asks first and ends with the run."""
    try:
        return _ALARM.get()
    except LookupError:
        new = Alarm()
        _ALARM.set(new)
        trio.lowlevel.spawn_system_task(new.run, name="alarm")
        return new
