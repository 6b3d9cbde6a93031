"""The seeded life of the demo markets: who trades there besides the clients, each with a random stream of its own."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from random import Random
from uuid import UUID

import trio
from attrs import define, field

from adapters.emulator.exchange import Exchange
from adapters.emulator.fair_value import FairValue
from adapters.emulator.flow_makers import REFRESH, STYLES, Maker
from adapters.emulator.flow_takers import INFORMED_EVERY, NOISE_EVERY, Taker, trade_informed, trade_noise
from adapters.emulator.listings import Listing
from adapters.emulator.signatures import checksum


@define(eq=False)
class Flow:
    """Adding a participant never reshuffles the others: every one draws from `Random(f"{seed}/{name}")`."""

    exchange: Exchange
    seed: int
    makers: list[Maker] = field(factory=list)
    _tasks: list[Callable[[], None]] = field(factory=list)
    _started: float = field(factory=trio.current_time)

    def start(self) -> None:
        """Open the accounts and put the first quotes on every book; nothing waits."""
        for listing in self.exchange.listings.all:
            value = self._value(listing)
            for number, style in enumerate(STYLES):
                name = f"flow-maker-{number}/{listing.market.slug}"
                taker = self._taker(listing, name)
                self.makers.append(
                    Maker(self.exchange, listing, taker.account, taker.owner, style, value, taker.rng, taker.new_id)
                )
        for maker in self.makers:
            maker.requote(0.0)

    async def run(self) -> None:
        async with trio.open_nursery() as nursery:
            for maker in self.makers:
                nursery.start_soon(self._keep_quoting, maker)
            for listing in self.exchange.listings.all:
                slug = listing.market.slug
                noise, informed = (self._taker(listing, f"flow-{kind}/{slug}") for kind in ("noise", "informed"))
                nursery.start_soon(self._keep_trading, noise, NOISE_EVERY, partial(trade_noise, noise))
                value = next(maker.value for maker in self.makers if maker.listing is listing)
                nursery.start_soon(self._keep_trading, informed, INFORMED_EVERY, self._informed(informed, value))

    def _informed(self, taker: Taker, value: FairValue) -> Callable[[], None]:
        return lambda: trade_informed(taker, value, self._elapsed())

    async def _keep_quoting(self, maker: Maker) -> None:
        while True:
            await trio.sleep(maker.rng.uniform(*REFRESH))
            maker.requote(self._elapsed())

    async def _keep_trading(self, taker: Taker, every: float, trade: Callable[[], None]) -> None:
        while True:
            await trio.sleep(taker.rng.expovariate(1 / every))
            trade()

    def _elapsed(self) -> float:
        return trio.current_time() - self._started

    def _value(self, listing: Listing) -> FairValue:
        return FairValue(Random(f"{self.seed}/value/{listing.market.slug}"), listing.start)

    def _taker(self, listing: Listing, name: str) -> Taker:
        """An internal account with an address, an API key and order ids as a client's would look."""
        rng = Random(f"{self.seed}/{name}")
        ids = Random(f"{self.seed}/ids/{name}")
        account = self.exchange.accounts.open(checksum(f"0x{ids.getrandbits(160):040x}"), name=name, internal=True)
        owner = str(UUID(int=ids.getrandbits(128), version=4))
        return Taker(self.exchange, listing, account, owner, rng, lambda: f"0x{ids.getrandbits(256):064x}")
