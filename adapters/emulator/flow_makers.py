"""Background makers of the seeded flow: quotes around a late and noisy view of the fair value. Never taker orders."""

from __future__ import annotations

import math
from collections.abc import Callable
from random import Random

from attrs import define, field, frozen

from actors.model.market import Outcome, Side, ceil_tick, floor_tick, tradable_price
from actors.model.numbers import PRICE_ONE, SHARE, complement
from adapters.emulator.accounts import Account
from adapters.emulator.exchange import Exchange
from adapters.emulator.fair_value import Value, probability
from adapters.emulator.listings import Listing
from adapters.emulator.tickets import Ticket
from adapters.matching import Order

REFRESH = (1.0, 3.0)  # seconds between two looks
_LEVELS = (3, 5)
_NOISE_SD, _NOISE_MEMORY = 0.02, 60.0  # of the view's error: logit, seconds


@frozen
class Style:
    """`half_spread` and `step` (between two levels, at least a tick) in price units, `lag` in seconds.

    `buys_only` quotes asks as bids on the other token.
    """

    half_spread: int
    lag: float
    median_size: float
    buys_only: bool
    step: int = 100


STYLES = (
    Style(half_spread=120, lag=2.0, median_size=60, buys_only=False),
    Style(half_spread=160, lag=3.0, median_size=120, buys_only=True),
    Style(half_spread=220, lag=4.0, median_size=200, buys_only=False),
)


@define(eq=False)
class Maker:
    """One maker of one market."""

    exchange: Exchange
    listing: Listing
    account: Account
    owner: str
    style: Style
    value: Value
    rng: Random
    new_id: Callable[[], str]
    noise: float = 0.0
    looked_at: float = 0.0
    quotes: dict[tuple[bool, int], Ticket] = field(factory=dict)

    def requote(self, elapsed: float) -> None:
        """Cancel what is no longer wanted, then fill in what is missing; unchanged quotes keep their place."""
        wanted = self._wanted(self._center(elapsed))
        for place, ticket in list(self.quotes.items()):
            if place not in wanted or not _healthy(ticket):
                self.exchange.cancel(ticket, "requote")
                del self.quotes[place]
        for place in wanted:
            if place not in self.quotes:
                self._quote(place)

    def _center(self, elapsed: float) -> float:
        """The maker's idea of the price, in price units."""
        memory = math.exp(-(elapsed - self.looked_at) / _NOISE_MEMORY)
        self.noise = self.noise * memory + self.rng.gauss(0, _NOISE_SD) * math.sqrt(1 - memory * memory)
        self.looked_at = elapsed
        return probability(self.value.at(elapsed, self.style.lag) + self.noise) * PRICE_ONE

    def _wanted(self, center: float) -> list[tuple[bool, int]]:
        """(bid side?, YES price) from the inside out."""
        tick = self.listing.market.tick
        bid = floor_tick(int(center - self.style.half_spread), tick)
        ask = ceil_tick(math.ceil(center + self.style.half_spread), tick)
        levels = range(self.rng.randint(*_LEVELS) if not self.quotes else max(len(self.quotes) // 2, _LEVELS[0]))
        step = max(ceil_tick(self.style.step, tick), tick)
        places = [(True, bid - step * level) for level in levels] + [(False, ask + step * level) for level in levels]
        return [place for place in places if tradable_price(place[1], tick)]

    def _quote(self, place: tuple[bool, int]) -> None:
        bids, price = place
        if bids or not self.style.buys_only:
            outcome, side = Outcome.YES, Side.BUY if bids else Side.SELL
        else:
            outcome, side, price = Outcome.NO, Side.BUY, complement(price)
        size = round(self.rng.lognormvariate(math.log(self.style.median_size), 0.6)) * SHARE
        size = max(size, self.listing.market.min_size)
        order = Order(self.new_id(), self.account.address.lower(), outcome, side, price, size, post_only=True)
        ticket = Ticket(order, self.account, self.owner, self.listing, self.exchange.wall())
        result, _ = self.exchange.submit(ticket)
        if result.rested:
            self.quotes[place] = ticket


def _healthy(ticket: Ticket) -> bool:
    """Still on the book with a third of its size."""
    return ticket.status == "LIVE" and ticket.remaining * 3 >= ticket.order.size
