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
        """Take `cost` tokens if there are enough: 0. Otherwise take nothing: the seconds until there would be."""
        wait = self.wait(cost, now)
        if wait == 0:
            self.spend(cost, now)
        return wait

    def wait(self, cost: float, now: float, *, reserve: float = 0.0, ahead: float = 0.0) -> float:
        """Seconds until `cost` tokens can be taken with `reserve` left, and `ahead` by others before that; 0 = now.

        More than a full burst is granted from a full bucket and leaves a debt, else it could never be granted.
        """
        self._refill(now)
        missing = min(cost + reserve, self.burst) + ahead - self.level
        return max(missing / self.rate, _SHORTEST_WAIT) if missing > 1e-9 else 0.0

    def spend(self, cost: float, now: float) -> None:
        """Take `cost` tokens, whether they are there or not."""
        self._refill(now)
        self.level -= cost

    def become(self, rate: float, burst: float, now: float) -> None:
        """From now on tokens come at this rate, and no more than this are saved up."""
        self._refill(now)
        self.rate, self.burst, self.level = rate, burst, min(self.level, burst)

    def _refill(self, now: float) -> None:
        self.level = min(self.burst, self.level + (now - self.at) * self.rate)
        self.at = now
