"""Fills become trades: who paid what to whom, fee included. Sums only; balances move in settlement.

One trade per taker order and price level, numbered by `bucket` (polymarket.md §5.2 allows the split), so that the
top-level price of a trade is always exact.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from random import Random
from uuid import UUID

from attrs import define, frozen

from actors.model.market import Side
from actors.model.numbers import PRICE_ONE
from adapters.emulator.listings import Listing
from adapters.emulator.tickets import Ticket
from adapters.matching import Fill


@frozen
class Leg:
    """One order's part: `cash` is signed base units with the fee in it, `price` is of the order's own token."""

    ticket: Ticket
    size: int
    price: int
    cash: int
    fee: int = 0

    @property
    def shares(self) -> int:
        """Signed: what the leg adds to the holding of its token."""
        return self.size if self.ticket.order.side is Side.BUY else -self.size


@define(eq=False)
class Trade:
    """A match on its way to the chain: MATCHED → MINED → CONFIRMED, or RETRYING and FAILED."""

    id: str
    listing: Listing
    taker: Leg
    makers: tuple[Leg, ...]
    bucket: int
    matched_at: float
    updated_at: float
    status: str = "MATCHED"
    hash: str = ""

    @property
    def legs(self) -> tuple[Leg, ...]:
        return (self.taker, *self.makers)

    @property
    def minted(self) -> int:
        """pUSD the trade locks (mint) or frees (merge, negative); the legs' cash, fees and this add up to 0."""
        return -sum(leg.cash + leg.fee for leg in self.legs)


def trades_of(
    ticket: Ticket, fills: Sequence[Fill], find: Callable[[str], Ticket], now: float, rng: Random
) -> Iterator[Trade]:
    """The trades of one taker order. `find` gives the ticket of a maker's order id; `now` is wall seconds."""
    for bucket, (price, group) in enumerate(groupby(fills, key=lambda fill: fill.taker_price)):
        makers, cash, size = [], 0, 0
        for fill in group:
            paid = maker_cash(fill)
            makers.append(Leg(find(fill.maker.id), fill.size, fill.price, paid))
            cash += taker_cash(fill, paid)
            size += fill.size
        fee = ticket.listing.market.fees.taker_fee(price, size)
        taker = Leg(ticket, size, price, cash - fee, fee)
        trade_id = str(UUID(int=rng.getrandbits(128), version=4))
        yield Trade(trade_id, ticket.listing, taker, tuple(makers), bucket, now, now)


def maker_cash(fill: Fill) -> int:
    """The maker's cash, rounded down either way, so that what an open order reserves is always enough."""
    amount = fill.price * fill.size // PRICE_ONE
    return -amount if fill.maker.side is Side.BUY else amount


def taker_cash(fill: Fill, paid: int) -> int:
    """The rest: a mint locks `size` pUSD, a merge frees it, else the taker is the maker's mirror."""
    if fill.kind == "complementary":
        return -paid
    return -fill.size - paid if fill.kind == "mint" else fill.size - paid
