"""Takers of the seeded flow: noise that hits the touch, and informed ones who see the fair value. Rest nothing."""

from __future__ import annotations

import math
from collections.abc import Callable
from random import Random

from attrs import define

from actors.model.market import Outcome, Side, ceil_tick, floor_tick, tradable_price
from actors.model.numbers import PRICE_ONE, SHARE, complement
from adapters.emulator.accounts import Account
from adapters.emulator.exchange import Exchange
from adapters.emulator.fair_value import Value, probability
from adapters.emulator.listings import Listing
from adapters.emulator.tickets import Ticket
from adapters.matching import Order

NOISE_EVERY = 3.0  # mean seconds between two noise trades of a market
INFORMED_EVERY = 1.5  # mean seconds between two looks of an informed taker
_MEDIAN_SIZE, _SIZE_SIGMA = 20.0, 1.0
_TOUCH_SHARE, _REACH = 0.75, 300  # noise that stops at the touch; how far in price units the rest goes
_MARGIN = 40  # price units of profit an informed taker asks for beyond the fee


@define(eq=False)
class Taker:
    """Sends FAK orders for one account of one market, never through a pinned order (a fault says nobody fills it)."""

    exchange: Exchange
    listing: Listing
    account: Account
    owner: str
    rng: Random
    new_id: Callable[[], str]

    def take(self, bids: bool, limit: int, size: int) -> None:
        """Buy (or sell) YES, half of the time as its mirror on NO; `limit` is a YES price."""
        tick, pinned = self.listing.market.tick, self.listing.book.pinned_limit(not bids)
        if pinned is not None:
            limit = min(limit, pinned - tick) if bids else max(limit, pinned + tick)
        if not tradable_price(limit, tick) or size <= 0:
            return
        if self.rng.random() < 0.5:
            outcome, side, price = Outcome.YES, Side.BUY if bids else Side.SELL, limit
        else:
            outcome, side, price = Outcome.NO, Side.SELL if bids else Side.BUY, complement(limit)
        order = Order(self.new_id(), self.account.address.lower(), outcome, side, price, size, "FAK")
        self.exchange.submit(Ticket(order, self.account, self.owner, self.listing, self.exchange.wall()))

    def size(self, factor: float = 1.0) -> int:
        """Lognormal, two decimals of a share, at least the market's minimum; in size units."""
        shares = self.rng.lognormvariate(math.log(_MEDIAN_SIZE * factor), _SIZE_SIGMA)
        return max(round(shares * 100) * SHARE // 100, self.listing.market.min_size)


def trade_noise(taker: Taker) -> None:
    """One trade without a reason."""
    bids = taker.rng.random() < 0.5
    bid, ask = taker.listing.book.best(Outcome.YES)
    touch = ask if bids else bid
    reach = 0 if taker.rng.random() < _TOUCH_SHARE else _REACH
    size = taker.size()
    if touch is not None:
        taker.take(bids, touch + reach if bids else touch - reach, size)


def trade_informed(taker: Taker, value: Value, elapsed: float) -> None:
    """Sweep every level that the fair value beats by fee and margin."""
    fair = probability(value.at(elapsed)) * PRICE_ONE
    rate = taker.listing.market.fees.rate / PRICE_ONE
    edge = rate * fair * (PRICE_ONE - fair) / PRICE_ONE + _MARGIN
    tick, size = taker.listing.market.tick, taker.size(3.0)
    bid, ask = taker.listing.book.best(Outcome.YES)
    buy_up_to, sell_down_to = floor_tick(int(fair - edge), tick), ceil_tick(math.ceil(fair + edge), tick)
    if ask is not None and ask <= buy_up_to:
        taker.take(True, buy_up_to, size)
    elif bid is not None and bid >= sell_down_to:
        taker.take(False, sell_down_to, size)
