"""The ladders of an automated market maker with concentrated liquidity (strategies.md §4): sizes from the curve.

A token is bought from P down to p_l and sold from P up to p_u; between two prices goes what the curve trades between them.
Floats inside; prices and sizes come out as integers, sizes rounded down to two decimals.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from math import sqrt

from attrs import frozen

from actors.model.amm_settings import AmmParameters
from actors.model.numbers import CENTISHARE, PRICE_ONE, PUSD, SHARE, Cash, Price, Size

Rung = tuple[Price, Size]


@frozen
class Curve:
    """One token at target price `price` (price units): where its ladders stand. `lowest` and `highest` end the curve."""

    price: int
    lowest: int
    highest: int
    buys: tuple[Price, ...]
    sells: tuple[Price, ...]

    @classmethod
    def of(cls, own: AmmParameters, price: int, tick: int) -> Curve:
        """Steps and ends on the tick; no ladder at all where the curve has no room."""
        low, high = max(price - own.depth, own.p_min), min(price + own.depth, own.p_max)
        step = max(own.delta // tick * tick, tick)
        first = max(own.spread // tick * tick, tick)
        buys = tuple(Price(at) for at in range(price - first, low - 1, -step) if at > 0)
        sells = tuple(Price(at) for at in range(price + first, high + 1, step) if at < PRICE_ONE)
        return cls(price, low, high, buys if low < price else (), sells if high > price else ())

    @property
    def phi(self) -> float:
        """Shares in the first buy for each pUSD on the curve."""
        return (1 / _root(self.buys[0]) - 1 / _root(self.price)) / (_root(self.price) - _root(self.lowest))

    def buy(self, collateral: int) -> tuple[Rung, ...]:
        """The buys that `collateral` (cash units) pays for, nearest first."""
        if not self.buys:
            return ()
        level = collateral / PUSD / (_root(self.price) - _root(self.lowest))
        return _rungs(self.buys, lambda at: level * (1 / _root(at) - 1 / _root(self.price)))

    def sell(self, shares: int) -> tuple[Rung, ...]:
        """The sales of `shares` (size units), nearest first."""
        if not self.sells:
            return ()
        level = shares / SHARE / (1 / _root(self.price) - 1 / _root(self.highest))
        return _rungs(self.sells, lambda at: level * (1 / _root(self.price) - 1 / _root(at)))


def split(collateral: int, yes: Curve, no: Curve, first_sales: tuple[int, int]) -> tuple[Cash, Cash]:
    """What of the collateral goes to buys of YES and of NO: so much that bids and asks begin with the same size.

    `first_sales` are the sizes of the first sale of YES and of NO: a sale of one outcome stands beside buys of the other.
    Where only one outcome can be bought, that has it all.
    """
    if not (yes.buys and no.buys):
        return Cash(collateral if yes.buys else 0), Cash(collateral if no.buys else 0)
    ahead = (first_sales[0] - first_sales[1]) / SHARE
    wanted = (ahead + collateral / PUSD * no.phi) / (yes.phi + no.phi)
    first = Cash(min(max(int(wanted * PUSD), 0), collateral))
    return first, Cash(collateral - first)


def _rungs(prices: Sequence[Price], traded: Callable[[int], float]) -> tuple[Rung, ...]:
    """Each price with what is traded between it and the one before; `traded` is in shares, from the target price on."""
    sums = [0.0, *(traded(price) for price in prices)]
    return tuple(
        (price, Size(int((after - before) * SHARE) // CENTISHARE * CENTISHARE))
        for price, (before, after) in zip(prices, pairwise(sums), strict=True)
    )


def _root(price: int) -> float:
    return sqrt(price / PRICE_ONE)
