"""Time that passes only while everybody waits: what a simulated life runs on.

The loop asks a clock how long it may sleep when no task is ready. Nothing comes from outside in simulated time, no socket
and no thread, so nothing can happen before the next deadline, and it is at once then. trio's own `MockClock` finds out in
a pass of the loop of its own and, adding up differences, comes to rest beside the deadline instead of at it.
"""

from __future__ import annotations

from math import inf

from attrs import define
from trio.abc import Clock


@define(eq=False)
class VirtualClock(Clock):
    """Begins at 0. Nobody may wait for anything but time and other tasks."""

    _now: float = 0.0

    def start_clock(self) -> None:
        return None

    def current_time(self) -> float:
        return self._now

    def deadline_to_sleep_time(self, deadline: float) -> float:
        """Called when no task is ready. Without any deadline everybody waits for ever, as they would in real time."""
        if deadline == inf:
            return inf
        self._now = max(self._now, deadline)
        return 0.0
