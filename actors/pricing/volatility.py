"""Volatility from overlapping returns: an average of squares per second that forgets with time, not with news.

The stream of settlement prices is sampled at 15 s: its 1 s returns are correlated (0.21 to 0.31) and understate what a
minute moves by 30 % (strategies.md §6). Knows no market and no clock.
"""

from __future__ import annotations

from math import log, sqrt

from attrs import frozen

LAG = 15.0  # s between the two prices of a return
SECONDS_A_YEAR = 365 * 86_400
_SLACK = 1.0  # s by which the older price of a return may be older still


@frozen
class Average:
    """A mean in which what came `half_life` seconds earlier counts half; `weight` is how much has been heard, by now."""

    half_life: float
    total: float = 0.0
    weight: float = 0.0
    at: float = 0.0

    def after(self, value: float, at: float) -> Average:
        """With one more value; one of before the last counts as if it were of the same time."""
        kept = self._kept(at)
        return Average(self.half_life, self.total * kept + value, self.weight * kept + 1.0, max(at, self.at))

    @property
    def value(self) -> float | None:
        """None before the first."""
        return self.total / self.weight if self.weight > 0 else None

    def _kept(self, at: float) -> float:
        return 0.5 ** (max(0.0, at - self.at) / self.half_life) if self.weight > 0 else 1.0


@frozen
class Volatility:
    """The variance per second of what `hear` is told, by overlapping returns of `LAG` seconds.

    `recent` are (time, value) of the last `LAG` seconds and a little, oldest first. Over a gap there is no return.
    """

    squares: Average
    recent: tuple[tuple[float, float], ...] = ()

    @classmethod
    def forgetting(cls, half_life: float) -> Volatility:
        return cls(Average(half_life))

    def hear(self, value: float, at: float) -> Volatility:
        """After `value` (the logarithm of a price, or a logit) at `at` seconds; one that is not later is ignored."""
        if self.recent and at <= self.recent[-1][0]:
            return self
        recent = (*self.recent, (at, value))
        while len(recent) > 1 and recent[1][0] <= at - LAG:
            recent = recent[1:]
        then, old = recent[0]
        paired = at - LAG - _SLACK <= then <= at - LAG
        squares = self.squares.after((value - old) ** 2 / (at - then), at) if paired else self.squares
        return Volatility(squares, recent)

    def hear_price(self, price: float, at: float) -> Volatility:
        return self.hear(log(price), at)

    def sigma(self, floor: float, cap: float, least: float) -> float | None:
        """Per square root of a second, within `floor` and `cap`; None while fewer than `least` returns count."""
        variance = self.squares.value
        if variance is None or self.squares.weight < least:
            return None
        return min(cap, max(floor, sqrt(variance)))


def annual(sigma: float) -> float:
    """A volatility per square root of a second as one per year, 1.0 for 100 %."""
    return sigma * sqrt(SECONDS_A_YEAR)
