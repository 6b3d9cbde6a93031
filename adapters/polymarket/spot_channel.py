"""The spot port over several back ends: the first one that delivers prices is used. Implements `ports.SpotChannel`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Protocol
from urllib.parse import urlsplit

from attrs import define, field

from adapters.polymarket.auth import Credentials
from adapters.polymarket.polybolt import PolyBoltChannel
from adapters.polymarket.rtds import RtdsChannel
from adapters.polymarket.sockets import Dial
from adapters.polymarket.spot_link import SpotSocketLink


class Backend(Protocol):
    """PolyBolt or RTDS."""

    def connect(self, symbols: Sequence[str]) -> AbstractAsyncContextManager[SpotSocketLink]: ...


@define(eq=False)
class SpotBackends:
    """One connection a `connect`. One that ends in the middle of its prices is followed by the preferred back end;
    one that was refused or had stalled, by the next in turn.
    """

    _backends: Sequence[Backend]
    _turn: int = field(default=0, init=False)

    def connect(self, symbols: Sequence[str]) -> AbstractAsyncContextManager[SpotSocketLink]:
        """A connection subscribed to `symbols`. Entering or reading raises Disconnected."""
        return self._connect(symbols)

    @asynccontextmanager
    async def _connect(self, symbols: Sequence[str]) -> AsyncIterator[SpotSocketLink]:
        backend = self._backends[self._turn % len(self._backends)]
        self._turn += 1
        async with backend.connect(symbols) as link:
            try:
                yield link
            finally:
                if link.flowing:
                    self._turn = 0


def backends(urls: Sequence[str], credentials: Credentials, dial: Dial) -> SpotBackends:
    """A back end for each URL: RTDS has none but its base address (polymarket.md §0.1), so a path means PolyBolt."""
    bare = [urlsplit(url).path in ("", "/") for url in urls]
    return SpotBackends(
        [
            RtdsChannel(url, dial) if no_path else PolyBoltChannel(url, credentials, dial)
            for url, no_path in zip(urls, bare, strict=True)
        ]
    )
