"""When a crashed child is run again, and when it has crashed too often (Erlang's intensity and period)."""

from __future__ import annotations

from collections import deque
from random import Random

from attrs import define, field, frozen

_MOST_DOUBLINGS = 64  # a rule may forgive thousands of crashes, and 2.0**1024 is no float


@frozen
class RestartRule:
    """At most `crashes` within `window` seconds; pauses double from `backoff` to `backoff_cap`, jittered 0.5 to 1."""

    crashes: int = 5
    window: float = 30.0
    backoff: float = 0.25
    backoff_cap: float = 10.0


@define(eq=False)
class CrashLog:
    """The recent crashes of one child."""

    rule: RestartRule
    random: Random
    total: int = 0
    _recent: deque[float] = field(factory=deque)

    def pause_after(self, now: float) -> float | None:
        """Count a crash at `now` (trio time): seconds to wait before the next life, or None once the limit is passed."""
        self.total += 1
        self._recent.append(now)
        while self._recent[0] <= now - self.rule.window:
            self._recent.popleft()
        if len(self._recent) > self.rule.crashes:
            return None
        doublings = min(len(self._recent) - 1, _MOST_DOUBLINGS)
        pause = min(self.rule.backoff_cap, self.rule.backoff * 2.0**doublings)
        return pause * self.random.uniform(0.5, 1.0)

    def forgive(self) -> None:
        """Start counting afresh, as when a parked market is resumed."""
        self._recent.clear()
