"""A market channel that lets somebody see what every read brings, before the bot does. Changes nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

from attrs import frozen

from actors.messages import MarketEvent
from actors.ports import MarketChannel, MarketFeedLink

Saw = Callable[[Sequence[MarketEvent]], None]


@frozen
class SeenLink:
    """One open connection; `saw` is called as soon as a read returns."""

    link: MarketFeedLink
    saw: Saw

    async def read(self) -> Sequence[MarketEvent]:
        events = await self.link.read()
        self.saw(events)
        return events

    async def subscribe(self, tokens: Sequence[str]) -> None:
        await self.link.subscribe(tokens)

    async def unsubscribe(self, tokens: Sequence[str]) -> None:
        await self.link.unsubscribe(tokens)

    @property
    def oddities(self) -> dict[str, int]:
        return self.link.oddities

    @property
    def frames(self) -> int:
        return self.link.frames


@frozen
class SeenChannel:
    """Opens such connections."""

    channel: MarketChannel
    saw: Saw

    @asynccontextmanager
    async def connect(self, tokens: Sequence[str]) -> AsyncIterator[SeenLink]:
        async with self.channel.connect(tokens) as link:
            yield SeenLink(link, self.saw)
