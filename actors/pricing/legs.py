"""The way out of an open leg (strategies.md §5): buy the outcome that is missing, or sell the one that is too much.

Both leave as many YES as NO, so they compare by what a share in excess brings: 1 less the missing one's price and fee, or
its own price less the fee.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from attrs import frozen

from actors.model.book import Book, Level
from actors.model.market import FeeSchedule, Outcome, Side
from actors.model.numbers import CENTISHARE, PRICE_ONE, Price, Size
from actors.pricing.complement import Costs


@frozen
class WayOut:
    """An order that closes `size` of a leg, to a limit; `worth` is what its last share brings (pUSD)."""

    outcome: Outcome
    side: Side
    price: Price
    size: Size
    worth: float


def ways_out(
    book: Book, excess: Outcome, fees: FeeSchedule, *, size: int, sellable: int, min_size: int, floor: float
) -> Iterator[WayOut]:
    """The ways that bring at least `floor` a share, each as far as its book goes; none for less than the smallest order."""
    costs = Costs(fees, 0.0, 0.0)
    for outcome, side, levels, most in (
        (excess.other, Side.BUY, book.depth(excess.other).asks, size),
        (excess, Side.SELL, book.depth(excess).bids, min(size, sellable)),
    ):
        if (way := _to(outcome, side, levels, costs, most, floor)) is not None and way.size >= min_size:
            yield way


def _to(outcome: Outcome, side: Side, levels: Sequence[Level], costs: Costs, most: int, floor: float) -> WayOut | None:
    """As much as can be had down to the floor."""
    way, size = None, 0
    for level in levels:
        worth = _worth(side, level.price / PRICE_ONE, costs)
        if worth < floor or size >= most:
            break
        size = min(most, size + level.size)
        way = WayOut(outcome, side, level.price, Size(size // CENTISHARE * CENTISHARE), worth)
    return way


def _worth(side: Side, price: float, costs: Costs) -> float:
    """What a share in excess brings."""
    return round((price if side is Side.SELL else 1 - price) - costs.fee(price), 9)
