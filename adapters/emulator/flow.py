"""The seeded life of the markets: who trades there besides the clients. Every market has its own crowd.

The same seed lives the same life, to the last line of the ledger, even where two of its tasks wake at the very same
instant: which of them runs first is trio's to draw, which `exchange --seed` and the simulator seed as well.
"""

from __future__ import annotations

from typing import Protocol

import trio
from attrs import define, field

from adapters.emulator.crypto_series import CryptoSeries
from adapters.emulator.exchange import Exchange
from adapters.emulator.fair_value import Value
from adapters.emulator.families import DEMO, Family
from adapters.emulator.flow_crowd import Crowd, Temper
from adapters.emulator.flow_endings import Endings
from adapters.emulator.listings import Listing
from adapters.emulator.spot_prices import SpotPrices


class OtherOrders(Protocol):
    """Other people's orders, seeded or recorded: `start` fills the books at once, `run` is everything later."""

    def start(self) -> None: ...

    async def run(self) -> None: ...

    def summary(self) -> dict[str, int | str]:
        """What is worth telling at the end; seeded orders have nothing to tell."""


@define(eq=False)
class Flow:
    """`prices` is what the markets of a crypto family resolve on."""

    exchange: Exchange
    seed: int
    family: Family = DEMO
    prices: SpotPrices | None = None
    crowds: list[Crowd] = field(factory=list)
    _nursery: trio.Nursery | None = None
    _started: float = field(factory=trio.current_time)

    def start(self) -> None:
        """Open the accounts and put the first quotes on every book; nothing waits."""
        listings = tuple(self.exchange.listings.all)
        values = self.family.values(self.seed, listings)
        for listing in listings:
            self.join(listing, values[listing.market.slug], self.family.temper(listing))
        for crowd in self.crowds:
            crowd.quote()
        for symbol, seconds in self.family.windows:
            assert self.prices is not None, "up/down series need spot prices"
            CryptoSeries(self.exchange, self.prices, self.seed, symbol, seconds, self.welcome).start()
        Endings(self.exchange, self.seed).announce(self.family, listings, values)

    def join(self, listing: Listing, value: Value, temper: Temper) -> Crowd:
        """Let people trade a market, from now on if the flow already runs."""
        crowd = Crowd(self.exchange, self.seed, listing, value, temper, self._elapsed)
        self.crowds.append(crowd)
        if self._nursery is not None:
            self._nursery.start_soon(self._live, crowd)
        return crowd

    def welcome(self, listing: Listing, value: Value, temper: Temper) -> None:
        """Join a market that was just listed, with quotes at once."""
        self.join(listing, value, temper).quote()

    async def run(self) -> None:
        async with trio.open_nursery() as nursery:
            for crowd in self.crowds:
                nursery.start_soon(self._live, crowd)
            self._nursery = nursery
            await trio.sleep_forever()

    async def _live(self, crowd: Crowd) -> None:
        await crowd.run()
        self.crowds.remove(crowd)

    def summary(self) -> dict[str, int | str]:
        return {}

    def _elapsed(self) -> float:
        return trio.current_time() - self._started
