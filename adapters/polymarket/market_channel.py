"""The market channel: subscribes tokens and hands out decoded events. Implements `ports.MarketChannel`; holds no book."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import msgspec
from attrs import define, field, frozen

from actors.messages import MarketEvent
from actors.ports import MarketFeedLink
from adapters.polymarket.frames import FrameReader
from adapters.polymarket.sockets import Dial, LiveSocket, dialler


@define(eq=False)
class MarketLink:
    """One connection. `read` by one task; `subscribe` and `unsubscribe` from any."""

    _socket: LiveSocket
    _reader: FrameReader = field(factory=FrameReader, init=False)
    frames: int = field(default=0, init=False)

    async def read(self) -> Sequence[MarketEvent]:
        """The events of the next frame(s); empty for keep-alives. Raises Disconnected."""
        events: list[MarketEvent] = []
        messages = await self._socket.receive()
        self.frames += len(messages)
        for message in messages:
            events += self._reader.read(message)
        return events

    async def subscribe(self, tokens: Sequence[str]) -> None:
        """Ask for more tokens; each answers with a fresh book. Raises Disconnected."""
        await self._operate("subscribe", tokens)

    async def unsubscribe(self, tokens: Sequence[str]) -> None:
        """Ask for no more frames of these tokens. Raises Disconnected."""
        await self._operate("unsubscribe", tokens)

    @property
    def oddities(self) -> dict[str, int]:
        """Count of frames or parts that were refused, by kind."""
        return self._reader.oddities

    async def _operate(self, operation: str, tokens: Sequence[str]) -> None:
        await self._socket.send(
            _text({"operation": operation, "assets_ids": list(tokens), "custom_feature_enabled": True})
        )


@frozen(eq=False)
class PolymarketMarketChannel:
    """Opens connections to `url` (…/ws/market)."""

    url: str
    _dial: Dial = field(factory=dialler)

    def connect(self, tokens: Sequence[str]) -> AbstractAsyncContextManager[MarketFeedLink]:
        """A connection subscribed to `tokens`. Entering or reading raises Disconnected."""
        return self._connect(tokens)

    @asynccontextmanager
    async def _connect(self, tokens: Sequence[str]) -> AsyncIterator[MarketFeedLink]:
        async with self._dial(self.url) as socket:
            live = LiveSocket(socket)
            await live.send(_text({"type": "market", "assets_ids": list(tokens), "custom_feature_enabled": True}))
            yield MarketLink(live)


def _text(frame: dict[str, object]) -> str:
    return msgspec.json.encode(frame).decode()
