"""How poisonous the flow is: VPIN over volume buckets, and signs in the book (strategies.md §6).

The side of a trade is always the one that its print tells, never one guessed from the tick. Knows no clock.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from attrs import evolve, field, frozen

from actors.model.book import Depth, Level
from actors.model.numbers import PRICE_ONE, PUSD


@frozen
class Vpin:
    """Mean |bought - sold| ÷ volume over the last `most` full buckets of `volume` shares each."""

    volume: float
    most: int = 50
    full: tuple[float, ...] = field(default=())
    bought: float = 0.0
    sold: float = 0.0

    def after(self, size: float, *, buy: bool) -> Vpin:
        """With one more trade of `size` shares; what does not fit a bucket begins the next ones."""
        filled, here = list(self.full), [self.bought, self.sold]
        left = min(size, (self.most + 1) * self.volume)  # more would only fill buckets that are forgotten at once
        while left > 0:
            part = min(left, self.volume - sum(here))
            here[0 if buy else 1] += part
            left -= part
            if sum(here) >= self.volume * (1 - 1e-12):
                filled.append(abs(here[0] - here[1]) / self.volume)
                here = [0.0, 0.0]
        return evolve(self, full=tuple(filled[-self.most :]), bought=here[0], sold=here[1])

    @property
    def value(self) -> float | None:
        """None before the first full bucket."""
        return sum(self.full) / len(self.full) if self.full else None


def imbalance(depth: Depth, levels: int = 5) -> float:
    """(bids - asks) ÷ both over the best `levels`, in shares, from -1 to 1; 0 for an empty book."""
    bids, asks = _sizes(depth.bids[:levels]), _sizes(depth.asks[:levels])
    return (bids - asks) / (bids + asks) if bids + asks else 0.0


def worth(levels: Sequence[Level]) -> float:
    """What these levels come to, in pUSD."""
    return sum(level.price * level.size for level in levels) / (PRICE_ONE * PUSD)


def _sizes(levels: Iterable[Level]) -> int:
    return sum(level.size for level in levels)
