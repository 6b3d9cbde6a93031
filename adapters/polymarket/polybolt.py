"""PolyBolt's side of the spot port (polymarket.md §8.2): logs in, subscribes, hands out prices. Keeps no price.

The credentials travel in the first frame and appear nowhere else.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import msgspec
import trio
from attrs import define, field

from actors.model.spot import CANONICAL
from actors.ports import Disconnected
from adapters.polymarket.auth import Credentials
from adapters.polymarket.sockets import Dial, dialler
from adapters.polymarket.spot_link import SpotSocketLink
from adapters.polymarket.wire_spot import bolt_frame

_LOGIN_WITHIN = 5.0
_PING, _PING_EVERY = '{"op":"ping"}', 30.0


@define(eq=False, repr=False)
class PolyBoltChannel:
    """Opens connections to `url` (…/ws)."""

    url: str
    _credentials: Credentials
    _dial: Dial = field(factory=dialler)

    def connect(self, symbols: Sequence[str]) -> AbstractAsyncContextManager[SpotSocketLink]:
        """A connection subscribed to `symbols`. Entering or reading raises Disconnected."""
        return self._connect(symbols)

    @asynccontextmanager
    async def _connect(self, symbols: Sequence[str]) -> AsyncIterator[SpotSocketLink]:
        async with self._dial(self.url) as socket:
            link = SpotSocketLink(socket, bolt_frame, _PING, _PING_EVERY)
            await link.send(self._login())
            await _admitted(link)
            await link.send(_subscription(symbols))
            yield link

    def _login(self) -> str:
        keys = self._credentials
        auth = {"apiKey": keys.api_key, "secret": keys.secret, "passphrase": keys.passphrase}
        return msgspec.json.encode({"op": "auth", "auth": auth, "rid": "login"}).decode()


async def _admitted(link: SpotSocketLink) -> None:
    """Return once the login is acknowledged. Raises Disconnected for a refusal or none within 5 s."""
    with trio.move_on_after(_LOGIN_WITHIN):
        while True:
            for frame in await link.frames():
                if frame.op == "authed":
                    return
                if frame.op == "error" and frame.rid == "login":
                    raise Disconnected(f"the login was refused: {frame.code}")
    raise Disconnected(f"the login was not answered within {_LOGIN_WITHIN:g} s")


def _subscription(symbols: Sequence[str]) -> str:
    """The provider is a wish: where the venue has a choice, we want the one that markets resolve on."""
    wanted = [
        {"channel": "price.crypto", "filter": {"symbol": f"{symbol}usd", "provider": CANONICAL}} for symbol in symbols
    ]
    return msgspec.json.encode({"op": "subscribe", "subscriptions": wanted, "rid": "prices"}).decode()
