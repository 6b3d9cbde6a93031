"""The alarm: wakes readers of mailboxes at the time until which they wait, a few at a time.

A cancel scope for each wait is what costs most of an empty read, and many actors that wait for the same instant would all
run in one pass of the loop: whoever asks something meanwhile waits for the slowest of them. One task of trio's own holds
every time in a heap; a reader that is woken by a letter leaves its entry there, to be found void.

As it runs more often than anybody else, it is also where somebody can see that the loop runs at all: see `attended`.
In virtual time there is no such task: the clock rings as it passes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from heapq import heappop, heappush
from itertools import count
from math import inf
from typing import Protocol

import trio
from attrs import define, field

from actors.kernel.virtual import VirtualClock

A_STEP = 5  # readers woken in one pass of the loop: a hundred would hold up whoever asks the budget


Beat = Callable[[float, float], bool]  # of how late it is and the time; whether it woke somebody


def shared(every: float, now: float) -> float:
    """The next instant that all who look every so many seconds have in common: one ring, and one pass, for all of them."""
    return (now // every + 1) * every


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
    _beat: Beat | None = None
    _every: float = inf
    _looked_at: float = 0.0

    def set(self, at: float, sleeper: Sleeper) -> None:
        heappush(self._entries, (at, next(self._numbers), sleeper))
        if at < self._scope.deadline:
            self._scope.deadline = at

    @contextmanager
    def attended(self, every: float, beat: Beat) -> Iterator[None]:
        """Meanwhile `beat` is called with the seconds by which the alarm rings late and the time, every so many seconds at least.

        It comes before whoever is woken, and must not raise: the alarm is everybody's.
        """
        assert self._beat is None, "the alarm has one attendant"
        self._beat, self._every, self._looked_at = beat, every, trio.current_time()
        self._scope.deadline = min(self._scope.deadline, trio.current_time() + every)
        try:
            yield
        finally:
            self._beat, self._every = None, inf

    @property
    def due(self) -> float:
        """When it is to ring next, if only for its attendant."""
        look, entries = self._looked_at + self._every, self._entries
        return entries[0][0] if entries and entries[0][0] < look else look

    @property
    def idle(self) -> bool:
        """Whether nobody waits for it."""
        return not self._entries

    def strike(self, now: float) -> bool:
        """Ring for everybody whose time has come, in one go. Whether somebody woke up."""
        woken = False
        if self._beat is not None:
            woken = self._beat(now - self.due, now)
            self._looked_at = now
        while self._entries and self._entries[0][0] <= now:
            woken |= self._call(now)
        return woken

    async def run(self) -> None:
        task = trio.lowlevel.current_task()

        def wake(_: object) -> trio.lowlevel.Abort:
            """The deadline wakes it like a letter: an exception raised to be caught costs more than all else here."""
            if not self._scope.cancel_called:
                return trio.lowlevel.Abort.SUCCEEDED  # the run ends
            trio.lowlevel.reschedule(task)
            return trio.lowlevel.Abort.FAILED

        while True:
            due = min(self._entries[0][0] if self._entries else inf, trio.current_time() + self._every)
            with trio.CancelScope(deadline=due) as self._scope:
                await trio.lowlevel.wait_task_rescheduled(wake)
            if self._beat is not None:
                now = trio.current_time()
                self._beat(now - self._scope.deadline, now)
            await self._ring()

    async def _ring(self) -> None:
        """Everybody whose time has come, a few in a pass."""
        rung = 0
        while self._entries and self._entries[0][0] <= (now := trio.current_time()):
            if self._call(now):
                rung += 1
                if rung % A_STEP == 0:
                    await trio.lowlevel.checkpoint()

    def _call(self, now: float) -> bool:
        """The next one. Whether it woke up."""
        at, _, sleeper = heappop(self._entries)
        again = sleeper.ring(at, now)
        if 0 < again < inf:
            self.set(again, sleeper)
        return again == 0


_ALARM: trio.lowlevel.RunVar[Alarm] = trio.lowlevel.RunVar("alarm")


def alarm() -> Alarm:
    """This run's; it is the clock's in virtual time, else its task is begun by whoever asks first and ends with the run."""
    try:
        return _ALARM.get()
    except LookupError:
        new = Alarm()
        _ALARM.set(new)
        clock = trio.lowlevel.current_clock()
        if isinstance(clock, VirtualClock) and clock.rings:
            clock.bells.append(new)
        else:
            trio.lowlevel.spawn_system_task(new.run, name="alarm")
        return new
