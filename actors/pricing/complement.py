"""Complement arbitrage (strategies.md §5): a YES and a NO are worth 1 together, so two asks below it or two bids above it
are an edge, less fees, slippage and what a failed leg costs. Floats; sizes and limits come out on the grid.

The venue shows each order in both books, so such a pair should appear for moments only: seen, never assumed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import sqrt

from attrs import frozen

from actors.model.book import Level
from actors.model.market import FeeSchedule, Outcome, Side
from actors.model.numbers import CENTISHARE, PRICE_ONE, Price, Size

_DIGITS = 9  # of an edge: a sum of floats is a hair off the cent that it should be, and cents are compared


@frozen
class Costs:
    """What an arbitrage pays beyond prices: fees, and allowances a pair of shares for latency and for failed legs (pUSD)."""

    fees: FeeSchedule
    slippage: float
    failure: float

    def fee(self, price: float) -> float:
        """A taker's fee on one share at a price (both in pUSD)."""
        return self.fees.rate / 10_000 * (price * (1 - price)) ** self.fees.exponent

    def edge(self, side: Side, yes: float, no: float) -> float:
        """What a pair earns that is bought for (or sold at) these prices in pUSD: it costs 1 to make and is worth 1."""
        gross = 1 - yes - no if side is Side.BUY else yes + no - 1
        return round(gross - self.fee(yes) - self.fee(no) - self.slippage - self.failure, _DIGITS)


@frozen
class Chance:
    """An arbitrage: both outcomes bought or sold, `size` of each, to these limits; `edge` is what a pair earns on average.

    `first` is the outcome with less at its limit or better: the leg that may not be there any more goes first.
    """

    side: Side
    size: Size
    edge: float
    limits: tuple[Price, Price]
    first: Outcome

    def limit(self, outcome: Outcome) -> Price:
        return self.limits[0 if outcome is Outcome.YES else 1]


def walked(levels: Sequence[Level], size: int) -> tuple[float, Price] | None:
    """The average price in pUSD of trading `size`, and the last one touched; None where there is less than that."""
    left, paid = size, 0
    for level in levels:
        taken = min(left, level.size)
        left, paid = left - taken, paid + taken * level.price
        if left == 0:
            return (paid / size / PRICE_ONE if size else level.price / PRICE_ONE), level.price
    return None


def chance(
    yes: Sequence[Level], no: Sequence[Level], side: Side, costs: Costs, *, threshold: float, most: int
) -> Chance | None:
    """The largest arbitrage whose last level still has more edge than the threshold, and all of it on average as well.

    `yes` and `no` are asks to buy from or bids to sell to, best first.
    """
    best: Chance | None = None
    for size in _steps(yes, no, side, costs, threshold, most):
        size = size // CENTISHARE * CENTISHARE
        ways = walked(yes, size), walked(no, size)
        if not size or ways[0] is None or ways[1] is None:
            continue
        edge = costs.edge(side, ways[0][0], ways[1][0])
        if edge > threshold:
            limits = ways[0][1], ways[1][1]
            there = _there(yes, limits[0], side), _there(no, limits[1], side)
            first = Outcome.YES if there[0] <= there[1] else Outcome.NO
            best = Chance(side, Size(size), edge, limits, first)
    return best


def _steps(
    yes: Sequence[Level], no: Sequence[Level], side: Side, costs: Costs, threshold: float, most: int
) -> Iterator[int]:
    """The sizes at which one of the two books goes on to its next level, as long as the pair of levels has the edge."""
    rest = [[level.price, int(level.size)] for level in yes], [[level.price, int(level.size)] for level in no]
    size = 0
    while rest[0] and rest[1] and size < most:
        (first, second) = rest[0][0], rest[1][0]
        if costs.edge(side, first[0] / PRICE_ONE, second[0] / PRICE_ONE) <= threshold:
            return
        step = min(first[1], second[1], most - size)
        size += step
        yield size
        for ladder in rest:
            ladder[0][1] -= step
            if ladder[0][1] <= 0:
                del ladder[0]


def _there(levels: Sequence[Level], limit: int, side: Side) -> int:
    """How much there is at the limit or better."""
    return sum(level.size for level in levels if (level.price <= limit if side is Side.BUY else level.price >= limit))


def leg_cost(chance_of_failure: float, *, half_spread: float, fee: float, sigma: float, timeout: float) -> float:
    """What a failed second leg is expected to cost a pair: leaving at the bid after `timeout` seconds, moved by `sigma`."""
    return chance_of_failure * (half_spread + fee + sigma * sqrt(timeout))
