"""Arbitrage over the outcomes of a neg-risk event, of which exactly one comes true (strategies.md §5). Floats, in pUSD.

A set is one share of each leg. An event that may still get further outcomes (augmented) has none of these: every YES that
can be bought there may pay nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from attrs import frozen

from actors.model.book import Level
from actors.model.market import FeeSchedule
from actors.model.numbers import PRICE_ONE
from actors.pricing.complement import Costs

_SOONEST = 1 / 24  # days; what resolves sooner is not worth more


@frozen
class Leg:
    """One outcome's market: the best level of each book that a set may need, None where nobody offers."""

    slug: str
    yes_ask: Level | None
    yes_bid: Level | None
    no_ask: Level | None
    fees: FeeSchedule

    def fee(self, price: int) -> float:
        return Costs(self.fees, 0.0, 0.0).fee(price / PRICE_ONE)


@frozen
class Set:
    """A set at the best prices: what it earns, how many there are (size units), and of which markets NO is bought.

    `annual` is what the edge earns a year of one that ties money up until the event resolves; others are cash at once.
    """

    kind: str
    edge: float
    size: int
    no_of: tuple[str, ...] = ()
    annual: float | None = None


def buy_all_yes(asks: Sequence[float], fees: float) -> float:
    """Exactly one of the shares pays 1."""
    return 1 - sum(asks) - fees


def buy_all_no(asks: Sequence[float], fees: float) -> float:
    """All but one of the shares pay 1."""
    return len(asks) - 1 - sum(asks) - fees


def convert(no_asks: Sequence[float], other_yes_bids: Sequence[float], fees: float) -> float:
    """NO of m markets become m - 1 pUSD and a YES of each of the others, which are sold."""
    return len(no_asks) - 1 + sum(other_yes_bids) - sum(no_asks) - fees


def annual(edge: float, days: float) -> float:
    """What an edge earns a year on the 1 pUSD that it ties up until the event resolves."""
    return edge * 365 / max(days, _SOONEST)


def sets(legs: Sequence[Leg], days: float | None = None) -> Iterator[Set]:
    """The sets that can be had of a whole event that resolves in so many days, each at the best prices only."""
    yes = [(leg, leg.yes_ask) for leg in legs if leg.yes_ask is not None]
    no = [(leg, leg.no_ask) for leg in legs if leg.no_ask is not None]
    if len(yes) == len(legs):
        edge = buy_all_yes(*_paid(yes))
        yield Set("every YES", edge, _least(yes), annual=None if days is None else annual(edge, days))
    if len(no) == len(legs):
        yield Set("every NO", buy_all_no(*_paid(no)), _least(no), tuple(leg.slug for leg, _ in no))
    if (converted := _conversion(legs)) is not None:
        yield converted


def _conversion(legs: Sequence[Leg]) -> Set | None:
    """The best choice of markets whose NO is bought: those where that costs less than selling the YES brings.

    At least one of them is bought, at least one sold: else there is nothing to convert, or it is every NO.
    """
    bought: list[tuple[Leg, Level]] = []
    sold: list[tuple[Leg, Level]] = []
    for leg in sorted(legs, key=_rather_bought, reverse=True):
        if leg.no_ask is not None and (leg.yes_bid is None or not bought or _rather_bought(leg) > 0):
            bought.append((leg, leg.no_ask))
        elif leg.yes_bid is not None:
            sold.append((leg, leg.yes_bid))
        else:
            return None
    if not bought or not sold:
        return None
    (asks, paid), (bids, more) = _paid(bought), _paid(sold)
    names = tuple(leg.slug for leg, _ in bought)
    return Set("NO converted", convert(asks, bids, paid + more), min(_least(bought), _least(sold)), names)


def _rather_bought(leg: Leg) -> float:
    """How much more it brings to buy this market's NO (worth 1 in the conversion) than to sell its YES."""
    if leg.no_ask is None:
        return -2.0
    bought = 1 - leg.no_ask.price / PRICE_ONE - leg.fee(leg.no_ask.price)
    return bought - (leg.yes_bid.price / PRICE_ONE - leg.fee(leg.yes_bid.price) if leg.yes_bid else 0.0)


def _paid(trades: Sequence[tuple[Leg, Level]]) -> tuple[list[float], float]:
    """The prices, and the fees of all of them."""
    return [level.price / PRICE_ONE for _, level in trades], sum(leg.fee(level.price) for leg, level in trades)


def _least(trades: Sequence[tuple[Leg, Level]]) -> int:
    return min(level.size for _, level in trades)
