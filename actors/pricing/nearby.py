"""What rests near the best prices: how much money, and on which side more. Integer units in, floats only as ratios."""

from __future__ import annotations

from math import inf

from actors.model.book import Depth, Level
from actors.model.numbers import PRICE_ONE, Cash, proceeds

NEAR = 500  # price units from a side's best price within which its depth counts: 5 c


def money(levels: tuple[Level, ...], enough: float = inf) -> Cash:
    """What rests near a side's best price, at the price of the dearer outcome: cheap shares do not make a book thin.

    Counted no further than to `enough`.
    """
    resting = 0
    for price, size in _near(levels):
        if resting >= enough:
            break
        resting += proceeds(max(price, PRICE_ONE - price), size)
    return Cash(resting)


def thin(depth: Depth, least: int) -> bool:
    """Whether on one side less money rests than `least`."""
    return any(money(side, enough=least) < least for side in (depth.bids, depth.asks))


def imbalance(depth: Depth) -> float:
    """(bids - asks) ÷ both near the best prices, in shares: from -1 to 1, 0 for an empty book."""
    bids, asks = (sum(level.size for level in _near(side)) for side in (depth.bids, depth.asks))
    return (bids - asks) / (bids + asks) if bids + asks else 0.0


def _near(levels: tuple[Level, ...]) -> list[Level]:
    return [level for level in levels if abs(level.price - levels[0].price) <= NEAR]
