"""The chance that an up/down market ends Up: a driftless normal log price against a strike (strategies.md §6).

Where the market compares averages (TWAPs), the final one varies less than the price, and less and less as it is known.
Jumps are an option: on recorded days they were not better than the normal (docs/value.md). Knows no market and no clock.
"""

from __future__ import annotations

from math import exp, inf, log, sqrt
from statistics import NormalDist

from attrs import frozen

_NORMAL = NormalDist()
_MOST_JUMPS = 20
_MANY, _RARE = 10.0, 1e-12  # expected jumps past which the sum is a normal again, and below which there are none


@frozen
class Race:
    """Where a window stands: the `spot` of now against the `strike`, with `left` seconds to go.

    The final value is the mean over the last `averaging` seconds, 0 for the price of the very end. `known` is the mean of
    what has passed of these seconds; it counts only once some have. Prices in any one unit, above 0.
    """

    spot: float
    strike: float
    left: float
    averaging: float = 0.0
    known: float = 0.0

    @property
    def over(self) -> bool:
        return self.left <= 0

    @property
    def final(self) -> float:
        """The final value if the price stays where it is."""
        if self.averaging <= 0 or self.left >= self.averaging:
            return self.spot
        left = max(0.0, self.left)
        return ((self.averaging - left) * self.known + left * self.spot) / self.averaging

    @property
    def exposure(self) -> float:
        """Seconds of the price's variance that the final value still has before it; 0 once the window is over."""
        if self.over:
            return 0.0
        if self.left >= self.averaging:
            return self.left - self.averaging * 2 / 3
        return self.left**3 / (3 * self.averaging**2)


@frozen
class Jumps:
    """`share` of the variance comes in jumps, `per_hour` of them; the whole variance stays what it is (Merton)."""

    share: float
    per_hour: float


def chance(race: Race, sigma: float, jumps: Jumps | None = None) -> float:
    """P(final >= strike); `sigma` is the standard deviation of the log price per square root of a second. A tie is Up."""
    variance = sigma * sigma * race.exposure
    if variance <= 0:
        return 1.0 if race.final >= race.strike else 0.0
    move = log(race.final / race.strike)
    expected = 0.0 if jumps is None else jumps.per_hour / 3600 * race.left
    if jumps is None or expected > _MANY:
        return _NORMAL.cdf(move / sqrt(variance))
    return _merton(move, variance, jumps.share, max(expected, _RARE))


def lag_error(race: Race, sigma: float, age: float) -> float:
    """The standard error of the chance by what the price may have done in the `age` seconds since it was true."""
    variance = sigma * sigma * race.exposure
    if variance <= 0:
        return 0.0
    moved = min(1.0, race.left / race.averaging) if race.averaging > 0 else 1.0
    density = _NORMAL.pdf(log(race.final / race.strike) / sqrt(variance)) / sqrt(variance)
    return density * moved * sigma * sqrt(max(0.0, age))


def _merton(move: float, variance: float, share: float, expected: float) -> float:
    """A mixture over the number of jumps, of which `expected` come on average."""
    weight = exp(-expected)
    total = found = 0.0
    for number in range(_MOST_JUMPS + 1):
        spread = variance * (1 - share + share * number / expected)
        found += weight * _NORMAL.cdf(_ratio(move, spread))
        total += weight
        weight *= expected / (number + 1)
    return found / total


def _ratio(move: float, variance: float) -> float:
    if variance > 0:
        return move / sqrt(variance)
    return inf if move >= 0 else -inf
