"""What anybody may read of a simulated market, as late as its path says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import trio
from attrs import frozen

from actors.messages import BookSnapshot
from actors.model.listing import Listing
from actors.model.market import Market
from actors.model.outcome import Unread
from adapters.simulated.delays import Delays
from adapters.simulated.listing import wall
from adapters.simulated.market import SimulatedMarket
from adapters.simulated.timer import Timer


@frozen
class PublicReads:
    """Implements PublicData for one market."""

    market: SimulatedMarket
    delays: Delays
    timer: Timer

    async def server_time(self) -> float | Unread:
        return wall()

    async def find(self, names: Sequence[str]) -> tuple[Market, ...] | Unread:
        await self._answer()
        return (self.market.listed,)

    async def describe(self, condition_ids: Sequence[str]) -> Mapping[str, Market | Unread] | Unread:
        await self._answer()
        return {self.market.listed.condition_id: self.market.listed}

    async def busiest(self, most: int) -> tuple[Listing, ...] | Unread:
        return ()

    async def listed(self, like: str = "") -> tuple[str, ...] | Unread:
        return (self.market.listed.slug,)

    async def books(self, tokens: Sequence[str]) -> tuple[BookSnapshot, ...] | Unread:
        await self._answer()
        return tuple(self.market.snapshot(token) for token in tokens)

    async def _answer(self) -> None:
        await self.timer.sleep(self.delays.feed(trio.current_time()))
