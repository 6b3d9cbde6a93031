"""Time that passes only while everybody waits: what a simulated life runs on.

The loop asks a clock how long it may sleep when no task is ready. Nothing comes from outside in simulated time, no socket
and no thread, so nothing can happen before the next deadline, and it is at once then. trio's own `MockClock` finds out in
a pass of the loop of its own and, adding up differences, comes to rest beside the deadline instead of at it.

Most deadlines are those of the alarm, and most of its rings wake nobody. So the clock rings it as time passes: the loop
comes round only for those who have something to do.
"""

from __future__ import annotations

from math import inf
from typing import Protocol

from attrs import define, field
from trio.abc import Clock


class Bell(Protocol):
    """Whatever is to be rung at times of its own."""

    @property
    def due(self) -> float:
        """When next; `inf` if never."""
        ...

    @property
    def idle(self) -> bool:
        """Whether nobody waits for it, though it may be due."""
        ...

    def strike(self, now: float) -> bool:
        """It is `due`. Whether a task was woken."""
        ...


@define(eq=False)
class VirtualClock(Clock):
    """Begins at 0. Nobody may wait for anything but time and other tasks.

    With `rings` it has the alarm ring by itself; else that is a task as in real time. Other `bells` can be hung beside it.
    """

    rings: bool = True
    bells: list[Bell] = field(factory=list)
    _now: float = 0.0

    def jump(self, seconds: float) -> None:
        """So much time passes at once, whoever waits for what."""
        self._now += seconds

    def start_clock(self) -> None:
        return None

    def current_time(self) -> float:
        return self._now

    def deadline_to_sleep_time(self, deadline: float) -> float:
        """Called when no task is ready. Without any deadline everybody waits for ever, as they would in real time."""
        while deadline < inf or self._awaited:
            dues = [bell.due for bell in self.bells]
            at = min(dues) if dues else inf
            if at > deadline:
                break
            if at > self._now:
                self._now = at
            if self._strike(dues):
                return 0.0
        if deadline == inf:
            return inf
        self._now = max(self._now, deadline)
        return 0.0

    @property
    def _awaited(self) -> bool:
        """Whether somebody waits for a bell. Asked before every ring: a generator would take longer than the rest of it."""
        for bell in self.bells:  # noqa: SIM110
            if not bell.idle:
                return True
        return False

    def _strike(self, dues: list[float]) -> bool:
        """Every bell whose time has come, as one instant. Whether a task was woken."""
        now, woken = self._now, False
        for bell, due in zip(self.bells, dues, strict=False):  # of one length, and asked thousands of times an hour
            if due <= now and bell.strike(now):
                woken = True
        return woken
