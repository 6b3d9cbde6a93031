"""What a bet at a price is worth: fee, expected value, return and Kelly's share (strategies.md §6). Knows no order."""

from __future__ import annotations

from attrs import frozen

from actors.model.market import FeeSchedule
from actors.model.numbers import PRICE_ONE

_LOSSES_THAT_HALVE = 3


def fee_per_share(fees: FeeSchedule, price: float) -> float:
    """The taker's fee for one share at `price` (0 to 1), not rounded: rate × (p(1 - p))**exponent."""
    return fees.rate / PRICE_ONE * (price * (1 - price)) ** fees.exponent


@frozen
class Odds:
    """One share that pays 1 with `chance`, bought at `price` and `fee`."""

    chance: float
    price: float
    fee: float = 0.0

    @property
    def cost(self) -> float:
        return self.price + self.fee

    @property
    def value(self) -> float:
        """Expected gain of a share."""
        return self.chance - self.cost

    @property
    def roi(self) -> float:
        """Expected gain for each pUSD spent."""
        return self.chance / self.cost - 1

    @property
    def kelly(self) -> float:
        """The share of the bankroll that makes it grow fastest; never below 0."""
        return max(0.0, self.value / (1 - self.cost)) if self.cost < 1 else 0.0


def damped(fraction: float, drawdown: float, none_at: float, losses: int) -> float:
    """The fraction of Kelly's share that is bet: 0 once `drawdown` is `none_at`, on the way linear; half after three losses."""
    left = max(0.0, 1 - max(0.0, drawdown) / none_at)
    return fraction * left * (0.5 if losses >= _LOSSES_THAT_HALVE else 1.0)
