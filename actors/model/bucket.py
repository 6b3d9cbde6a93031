"""A token bucket: a sustained rate with a burst. Owns no clock; the caller says what time it is."""

from __future__ import annotations

from attrs import define

_SHORTEST_WAIT = 1e-6  # s; less than a clock can resolve would let the caller ask again for ever in the same instant


@define(eq=False)
class Bucket:
    """`rate` tokens a second, at most `burst` saved up. A debt (negative level) is waited off."""

    rate: float
    burst: float
    level: float
    at: float

    @classmethod
    def full(cls, rate: float, burst: float, now: float) -> Bucket:
        return cls(rate, burst, burst, now)

    def empty(self, now: float) -> None:
        """Forget what was saved up, as when it is unknown how much was used."""
        self.level, self.at = 0.0, now

    def take(self, cost: float, now: float) -> float:
        """Take `cost` tokens if there are enough: 0. Otherwise take nothing: the seconds until there would be.

        More than a full burst is granted from a full bucket and leaves a debt, else it could never be granted.
        """
        self.level = min(self.burst, self.level + (now - self.at) * self.rate)
        self.at = now
        missing = min(cost, self.burst) - self.level
        if missing > 1e-9:
            return max(missing / self.rate, _SHORTEST_WAIT)
        self.level -= cost
        return 0.0
