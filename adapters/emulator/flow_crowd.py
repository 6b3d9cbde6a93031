"""Everybody who trades one market of the seeded flow, from its first quote to its last second. Decides no price."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from random import Random
from uuid import UUID

import trio
from attrs import define, field, frozen

from adapters.emulator.exchange import Exchange
from adapters.emulator.fair_value import Value
from adapters.emulator.flow_makers import REFRESH, STYLES, Maker, Style
from adapters.emulator.flow_takers import INFORMED_EVERY, NOISE_EVERY, Taker, trade_informed, trade_noise
from adapters.emulator.listings import Listing
from adapters.emulator.signatures import checksum


@frozen
class Temper:
    """How lively a market is: its makers, and mean seconds between two noise trades and two informed looks."""

    makers: tuple[Style, ...] = STYLES
    refresh: tuple[float, float] = REFRESH
    noise_every: float = NOISE_EVERY
    informed_every: float = INFORMED_EVERY


@define(eq=False)
class Crowd:
    """Adding a participant never reshuffles the others: every one draws from `Random(f"{seed}/{name}")`."""

    exchange: Exchange
    seed: int
    listing: Listing
    value: Value
    temper: Temper
    clock: Callable[[], float]
    makers: list[Maker] = field(factory=list)

    def __attrs_post_init__(self) -> None:
        for number, style in enumerate(self.temper.makers):
            taker = self._taker(f"flow-maker-{number}")
            self.makers.append(
                Maker(
                    self.exchange, self.listing, taker.account, taker.owner, style, self.value, taker.rng, taker.new_id
                )
            )

    def quote(self) -> None:
        """Put every maker's quotes on the book as they are wanted now."""
        for maker in self.makers:
            maker.requote(self.clock())

    async def run(self) -> None:
        """Until the market takes no more orders; what rests then is the market's to cancel."""
        noise, informed = self._taker("flow-noise"), self._taker("flow-informed")
        async with trio.open_nursery() as nursery:
            for maker in self.makers:
                nursery.start_soon(self._keep_quoting, maker)
            nursery.start_soon(self._keep_trading, noise, self.temper.noise_every, partial(trade_noise, noise))
            nursery.start_soon(self._keep_trading, informed, self.temper.informed_every, self._informed(informed))

    def _informed(self, taker: Taker) -> Callable[[], None]:
        return lambda: trade_informed(taker, self.value, self.clock())

    async def _keep_quoting(self, maker: Maker) -> None:
        while True:
            await trio.sleep(maker.rng.uniform(*self.temper.refresh))
            if not self.listing.accepting:
                return
            maker.requote(self.clock())

    async def _keep_trading(self, taker: Taker, every: float, trade: Callable[[], None]) -> None:
        while True:
            await trio.sleep(taker.rng.expovariate(1 / every))
            if not self.listing.accepting:
                return
            trade()

    def _taker(self, kind: str) -> Taker:
        """An internal account with an address, an API key and order ids as a client's would look."""
        name = f"{kind}/{self.listing.market.slug}"
        rng = Random(f"{self.seed}/{name}")
        ids = Random(f"{self.seed}/ids/{name}")
        account = self.exchange.accounts.open(checksum(f"0x{ids.getrandbits(160):040x}"), name=name, internal=True)
        owner = str(UUID(int=ids.getrandbits(128), version=4))
        return Taker(self.exchange, self.listing, account, owner, rng, lambda: f"0x{ids.getrandbits(256):064x}")
