"""What Gamma lists, for choosing among it: the busiest markets and what a search finds. `busiest` is that of `ports.Catalogue`.

Markets that cannot be read are left out: nobody has asked for them by name.
"""

from __future__ import annotations

from attrs import define, evolve

from actors.model.listing import Event, Listing
from actors.model.outcome import Unread
from adapters.polymarket.gamma import Gamma
from adapters.polymarket.lanes import MakeTransport

_BUSIEST = (("order", "volumeNum"), ("ascending", "false"))


@define(eq=False)
class GammaCatalogue:
    """Reads through a lane of its own."""

    _gamma: Gamma

    @classmethod
    def open(cls, gamma_url: str, transport: MakeTransport | None = None) -> GammaCatalogue:
        """`transport` makes an httpx transport (None: the network)."""
        return cls(Gamma.open(gamma_url, transport))

    async def busiest(self, most: int) -> tuple[Listing, ...] | Unread:
        """Open markets by the volume of their whole life, largest first."""
        listed = await self._gamma.markets(_BUSIEST, most=most)
        return listed if isinstance(listed, Unread) else listed.rows[:most]

    async def search(self, words: str, most: int) -> tuple[Listing, ...] | Unread:
        """Open markets of active events whose texts hold these words, best match first."""
        events = await self._gamma.search(words, most=most)
        if isinstance(events, Unread):
            return events
        found = [market for event in events.rows for market in _of(event) if market.open]
        return tuple(found[:most])

    async def event(self, slug: str) -> Event | Unread | None:
        """The event with this slug and all its markets; None if there is none."""
        return await self._gamma.event(slug)

    async def close(self) -> None:
        """Close the lane; requests under way end first."""
        await self._gamma.close()


def _of(event: Event) -> list[Listing]:
    """Its markets, which then know their event."""
    return [evolve(market, events=(evolve(event, markets=()),)) for market in event.markets]
