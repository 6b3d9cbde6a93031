"""RTDS's side of the spot port (polymarket.md §8.1): subscribes and hands out prices. Needs no login, keeps no price."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import msgspec
from attrs import field, frozen

from adapters.polymarket.sockets import Dial, dialler
from adapters.polymarket.spot_link import SpotSocketLink
from adapters.polymarket.wire_spot import rtds_frame

_PING, _PING_EVERY = "PING", 5.0

# Without a filter, as the official client does: filters have suppressed all delivery. Whoever reads takes what it wants.
_SUBSCRIPTION = {"action": "subscribe", "subscriptions": [{"topic": "crypto_prices_chainlink", "type": "update"}]}


@frozen(eq=False)
class RtdsChannel:
    """Opens connections to `url`, which has no path."""

    url: str
    _dial: Dial = field(factory=dialler)

    def connect(self, symbols: Sequence[str]) -> AbstractAsyncContextManager[SpotSocketLink]:
        """A connection that brings every symbol there is, `symbols` among them. Entering or reading raises Disconnected."""
        return self._connect()

    @asynccontextmanager
    async def _connect(self) -> AsyncIterator[SpotSocketLink]:
        async with self._dial(self.url) as socket:
            link = SpotSocketLink(socket, rtds_frame, _PING, _PING_EVERY)
            await link.send(msgspec.json.encode(_SUBSCRIPTION).decode())
            yield link
