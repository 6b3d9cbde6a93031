"""A liquidity reward programme as a market lists it: what is paid to orders that rest near the middle. Owns no score."""

from __future__ import annotations

from attrs import frozen

from actors.model.numbers import Cash, Price, Size


@frozen
class Rewards:
    """Paid `per_day` to all makers together, for orders of `min_size` or more, less than `max_spread` from the middle, that
    have rested for `min_age` seconds (polymarket.md §11.4). Without a programme nothing is paid.
    """

    per_day: Cash = Cash(0)
    min_size: Size = Size(0)
    max_spread: Price = Price(0)
    min_age: float = 30.0

    @property
    def paid(self) -> bool:
        return self.per_day > 0 and self.max_spread > 0


NO_REWARDS = Rewards()
