"""The pulse: whether the loop, or the whole machine, stood still. What waited in a socket meanwhile is old news (F24, F33)."""

from __future__ import annotations

from math import inf

from attrs import define, frozen

EVERY = 0.25  # s between two looks at the clocks
_LATE = 0.5  # s by which a look may be late before the loop counts as stalled


@frozen
class Stalled:
    """Nothing ran since `before` (trio time; the machine's sleep counts, so it may be far back) (fact, streams → feeds)."""

    before: float


@define(eq=False)
class Pulse:
    """trio's and the wall's seconds at the last look: the wall clock goes on while the machine sleeps, trio's does not."""

    _at: float = inf
    _wall: float = inf
    _untold: Stalled | None = None

    def look(self, now: float, wall: float) -> Stalled | None:
        """Whether nothing has looked for so long that something must have stood still, now or at a `beat` before.

        One of the two is to be called every `EVERY` seconds.
        """
        self.beat(now, wall)
        stalled, self._untold = self._untold, None
        return stalled

    def beat(self, now: float, wall: float) -> bool:
        """Look, and leave it to the next `look` to tell; whether there is something."""
        away, slept = now - self._at, wall - self._wall
        if slept > away:
            away = slept
        self._at, self._wall = now, wall
        if self._untold is None and away > EVERY + _LATE:
            self._untold = Stalled(now - away)
        return self._untold is not None
