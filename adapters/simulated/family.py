"""The simulated market families by name (strategies.md §10): how truth moves, who trades, and on what terms. Values only.

The free constants were chosen once so that naive makers earn what they earn on recorded days (tests/simulated/test_honesty.py),
before any strategy was tuned. A later change to them invalidates every earlier result.
"""

from __future__ import annotations

from collections.abc import Mapping

from attrs import evolve, frozen

from actors.model.market import FeeSchedule
from actors.model.numbers import PUSD, SHARE, Cash, Price, Size
from actors.model.rewards import NO_REWARDS, Rewards

_HOUR = 3600.0
_DAY = 86_400.0


@frozen
class Family:
    """One kind of market. Rates are an hour, times in seconds, sizes in shares; `margin` and `start` in natural prices.

    `resolves_in` is when all variance is spent; beyond `horizon` the outcome stays open and positions end at the truth.
    `looks` is an informed taker's chance to look in a second, `toxic` the share of noise that knows the next 30 s. Makers
    stand `half_spread` ticks away and `widening` more for each tick of the last 10 s. `rivals` is the chance that somebody
    else serves the noise that an own quote inside the book was there for. `windowed` is an up/down market on a spot price,
    `spot` whether that price is served.
    """

    name: str
    horizon: int
    resolves_in: float
    start: tuple[float, float]
    jumps: float
    lag: float
    depth: float
    noise: float
    size: float
    toxic: float
    looks: float
    margin: tuple[float, float] = (0.001, 0.004)
    half_spread: tuple[float, float] = (0.5, 0.9)
    widening: float = 0.1
    rivals: float = 0.5
    volatility: float = 1.0
    fees: FeeSchedule = FeeSchedule()
    rewards: Rewards = NO_REWARDS
    rival_scores: tuple[float, float] = (300.0, 1500.0)
    windowed: bool = False
    spot: bool = False

    @property
    def resolves(self) -> bool:
        return self.resolves_in <= self.horizon


_OTHER = FeeSchedule(rate=400, rebate=2500)
_REWARDED = Rewards(Cash(30 * PUSD), Size(20 * SHARE), Price(300))

_CALM = Family(
    "calm", 3600, 30 * _DAY, (0.3, 0.7), jumps=0.2, lag=4.0, depth=600, noise=40, size=30, toxic=0.35, looks=0.05,
    fees=_OTHER, rewards=_REWARDED,
)  # fmt: skip
_NEWSY = Family(
    "newsy", 3600, 2 * _DAY, (0.25, 0.75), jumps=6.0, lag=3.0, depth=200, noise=120, size=25, toxic=0.2, looks=0.3, fees=_OTHER
)  # fmt: skip
_LONGSHOT = Family(
    "longshot", 3600, 30 * _DAY, (0.06, 0.14), jumps=0.5, lag=4.0, depth=200, noise=15, size=30, toxic=0.45, looks=0.1,
    fees=_OTHER, rewards=evolve(_REWARDED, per_day=Cash(10 * PUSD)),
)  # fmt: skip
_THIN = Family(
    "thin", 3600, 10 * _DAY, (0.25, 0.75), jumps=1.0, lag=4.0, depth=120, noise=20, size=20, toxic=0.35, looks=0.1,
    half_spread=(0.8, 1.6), fees=_OTHER,
)  # fmt: skip
_EVENT = Family(
    "event", 1800, 1800.0, (0.35, 0.65), jumps=4.5, lag=4.0, depth=140, noise=400, size=30, toxic=0.03, looks=0.008,
    half_spread=(0.9, 1.1), widening=0.006, fees=FeeSchedule(rate=500, rebate=1500),
)  # fmt: skip
_CRYPTO = Family(
    "crypto", 900, 900.0, (0.5, 0.5), jumps=0.0, lag=1.0, depth=300, noise=3600, size=25, toxic=0.05, looks=0.7,
    half_spread=(0.8, 1.0), widening=0.02, fees=FeeSchedule(rate=700, rebate=2000), windowed=True, spot=True,
)  # fmt: skip

BASE = (_CALM, _NEWSY, _LONGSHOT, _THIN, _EVENT, _CRYPTO)


def _strained(family: Family) -> tuple[Family, ...]:
    """The same market under one strain at a time."""
    return (
        evolve(family, name=f"{family.name}/rivals", rivals=0.9),
        evolve(family, name=f"{family.name}/toxic", toxic=family.toxic + 0.1),
        evolve(family, name=f"{family.name}/lag", lag=family.lag + 2.0),
        evolve(family, name=f"{family.name}/shallow", depth=family.depth / 3),
        evolve(family, name=f"{family.name}/volatile", volatility=2.0),
    )


STRESS = tuple(cell for family in BASE for cell in _strained(family))
FAMILIES: Mapping[str, Family] = {
    family.name: family for family in (*BASE, evolve(_CRYPTO, name="crypto-blind", spot=False), *STRESS)
}
