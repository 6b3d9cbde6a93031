"""Maker rebates (polymarket.md §11.2): a daily share of the taker fees of each market goes to its makers.

For the routes: `desk.rebates.of(account, day)` is cash units by condition id for a UTC day (`payouts.day_of(wall)`),
today's as it stands; `desk.rebates.pay()` pays now what would be paid at midnight.
"""

from __future__ import annotations

from collections import defaultdict
from random import Random

from attrs import define, field

from actors.model.numbers import PRICE_ONE
from adapters.emulator.accounts import Account
from adapters.emulator.events import Event, TradeMoved
from adapters.emulator.exchange import Exchange
from adapters.emulator.payouts import Payouts, at_midnights
from adapters.emulator.trades import Leg, Trade

_PARTS = 10_000  # of the rebate share in `Terms.rebate`


@define(eq=False)
class Pool:
    """One market's day so far: `cash` units to share out by `weights` (by lower-case address)."""

    cash: int = 0
    weights: defaultdict[str, int] = field(factory=lambda: defaultdict(int))

    def shares(self) -> dict[str, int]:
        """Cash units by address, rounded down: together never more than the pool."""
        total = sum(self.weights.values())
        return {address: self.cash * weight // total for address, weight in self.weights.items()} if total else {}


@define(eq=False)
class Rebates:
    """A listener: only mined trades pay fees, so only they count. `pools` are today's, by condition id."""

    exchange: Exchange
    rng: Random
    pools: dict[str, Pool] = field(factory=dict)
    payouts: Payouts = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.payouts = Payouts(self.exchange, "rebate", self.rng)

    def start(self) -> None:
        """Pay at every midnight (UTC) from now on."""
        at_midnights(self.exchange, self.pay)

    def hear(self, event: Event) -> None:
        if isinstance(event, TradeMoved) and event.trade.status == "MINED" and event.trade.taker.fee:
            self._count(event.trade)

    def of(self, account: Account, day: int) -> dict[str, int]:
        """Cash units by condition id: earned on a day that is over, or so far today."""
        return self.payouts.of(account.address, day, self._earned)

    def pay(self, day: int | None = None) -> int:
        """Share out what has been collected and begin anew; the sum of cash units paid."""
        earned = self._earned()
        self.pools.clear()
        return self.payouts.pay(day, earned)

    def _count(self, trade: Trade) -> None:
        pool = self.pools.setdefault(trade.listing.market.condition_id, Pool())
        pool.cash += trade.taker.fee * trade.listing.terms.rebate // _PARTS
        for leg in trade.makers:
            pool.weights[leg.ticket.account.address.lower()] += fee_equivalent(leg)

    def _earned(self) -> dict[str, dict[str, int]]:
        earned: dict[str, dict[str, int]] = {}
        for market, pool in self.pools.items():
            for address, cash in pool.shares().items():
                earned.setdefault(address, {})[market] = cash
        return earned


def fee_equivalent(leg: Leg) -> int:
    """shares × rate × (p × (1 - p))**exponent of a maker's fill, in parts that only compare within a market (§11.2)."""
    fees = leg.ticket.listing.market.fees
    return leg.size * fees.rate * int((leg.price * (PRICE_ONE - leg.price)) ** fees.exponent)
