"""How long something took, of late: enough of the newest ones for a p99. Owns no clock; in seconds."""

from __future__ import annotations

from collections import deque

from attrs import define, field

_KEPT = 4096  # a p99 then rests on some forty; all of them take 0.3 ms to sort


@define(eq=False)
class Durations:
    """The newest, and how many there ever were."""

    count: int = 0
    _newest: deque[float] = field(factory=lambda: deque(maxlen=_KEPT), repr=False)

    def add(self, seconds: float) -> None:
        self.count += 1
        self._newest.append(seconds)

    def at(self, share: float) -> float | None:
        """The duration that this share of the newest (0 to 1) does not pass; None before the first."""
        ordered = sorted(self._newest)
        return ordered[min(int(share * len(ordered)), len(ordered) - 1)] if ordered else None
