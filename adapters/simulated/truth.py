"""What is true in a simulated market: the probability of YES at every second, a martingale. Pure but for its generator."""

from __future__ import annotations

import math
from itertools import accumulate
from random import Random
from statistics import NormalDist

from attrs import frozen

from adapters.simulated.family import Family

NORMAL = NormalDist()
AVERAGED = 60  # s of prices that strike and final price are the averages of
_EDGE = 1e-6
_JUMP = (0.02, 0.05)  # of all variance there is
_TAILS = 6  # degrees of freedom of a second's return: kurtosis 6, as recorded days have it or more
_SIGMA = (0.5e-4, 1.0e-4)  # of the log price, per root second


@frozen
class Truth:
    """`fair[k]` is the probability at second k; `jumps` are the seconds in which news came.

    `spot` are the prices of the underlying (index 0 is second 0) where there is one, `past` those of the minute before.
    """

    fair: tuple[float, ...]
    jumps: frozenset[int] = frozenset()
    spot: tuple[float, ...] = ()
    past: tuple[float, ...] = ()

    def at(self, second: float) -> float:
        """Before the start it was what it is at the start; after the end what it became."""
        return self.fair[min(max(int(second), 0), len(self.fair) - 1)]


def truth(family: Family, seed: int) -> Truth:
    if family.windowed:
        return _window(family, Random(f"{seed}/truth"))
    return _belief(family, Random(f"{seed}/truth"), Random(f"{seed}/jumps"))


def _belief(family: Family, rng: Random, news: Random) -> Truth:
    """p = Φ(Z / √V): Z gathers variance, V is what is still to come, so that p ends in {0, 1} when V does."""
    steps = range(1, family.horizon + 1)
    jumps = {k: news.uniform(*_JUMP) for k in steps if news.random() < family.jumps * family.volatility / 3600}
    kicks = {k: news.gauss(0.0, 1.0) for k in jumps}
    each = (1.0 - min(sum(jumps.values()), 0.8) if family.resolves else family.volatility**2) / family.resolves_in
    left = sum(jumps.values()) + (each * family.horizon if family.resolves else 1.0)
    fair = [rng.uniform(*family.start)]
    z = NORMAL.inv_cdf(fair[0]) * math.sqrt(left)
    for k in steps:
        z += math.sqrt(each) * rng.gauss(0.0, 1.0) + math.sqrt(jumps.get(k, 0.0)) * kicks.get(k, 0.0)
        left -= each + jumps.get(k, 0.0)
        fair.append(_phi(z, left))
    return Truth(tuple(fair), frozenset(jumps))


def _window(family: Family, rng: Random) -> Truth:
    """An up/down market: UP if the average of the last minute is at least that of the minute before the window."""
    sigma = rng.uniform(*_SIGMA) * family.volatility
    returns = (sigma * _heavy(rng) for _ in range(AVERAGED + family.horizon))
    logs = list(accumulate(returns, initial=math.log(65_000.0)))
    prices = [math.exp(x) for x in logs]
    strike = sum(prices[1 : AVERAGED + 1]) / AVERAGED
    window = prices[AVERAGED:]
    fair = [digital(window, k, family.horizon, strike, sigma) for k in range(family.horizon + 1)]
    return Truth(tuple(fair), spot=tuple(window), past=tuple(prices[:AVERAGED]))


def digital(prices: list[float], now: int, end: int, strike: float, sigma: float) -> float:
    """P(mean of the last `AVERAGED` prices up to `end` ≥ strike), seen from `now` (strategies.md §6, normal model)."""
    left, width = end - now, AVERAGED
    if left >= width:
        middle, variance = math.log(prices[now] / strike), sigma**2 * (left - width + width / 3)
    else:
        known = prices[end - width + 1 : now + 1]
        middle = math.log((sum(known) + left * prices[now]) / (width * strike))
        variance = sigma**2 * left**3 / (3 * width**2)
    return _phi(middle, variance)


def _phi(z: float, variance: float) -> float:
    if variance <= 1e-15:
        return 1.0 if z >= 0 else 0.0
    return min(max(NORMAL.cdf(z / math.sqrt(variance)), _EDGE), 1 - _EDGE)


def _heavy(rng: Random) -> float:
    """A Student-t draw of unit variance."""
    chi = rng.gammavariate(_TAILS / 2, 2.0)
    return rng.gauss(0.0, 1.0) * math.sqrt((_TAILS - 2) / chi)
