"""The user channel: our own order and trade events as they happen. Implements `ports.UserChannel`; keeps no order.

An order or trade event that cannot be read is a fact of ours that we missed, so the link ends and the account
reconciles (reliability.md I12); unknown event types are only counted. The secret travels in the first frame and
appears nowhere else (polymarket.md §7.1).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import msgspec
from attrs import define, field

from actors.messages import Fill, OrderUpdate
from actors.ports import Disconnected
from adapters.polymarket.auth import Credentials
from adapters.polymarket.sockets import Dial, LiveSocket, dialler
from adapters.polymarket.user_frames import user_frame
from adapters.polymarket.wire_account import Owner

_MOST_KINDS = 100


@define(eq=False)
class UserEvents:
    """The events of one connection, frame by frame; keep-alives and frames without our events are skipped."""

    _socket: LiveSocket
    _us: Owner
    _oddities: dict[str, int]
    _lost: str = field(default="", init=False)

    def __aiter__(self) -> UserEvents:
        return self

    async def __anext__(self) -> Sequence[OrderUpdate | Fill]:
        """Raises Disconnected."""
        while True:
            if self._lost:
                raise Disconnected(f"an event of ours could not be read: {self._lost}")
            events: list[OrderUpdate | Fill] = []
            for message in await self._socket.receive():
                events += self._read(message)
            if events:
                return events

    def _read(self, message: str) -> tuple[OrderUpdate | Fill, ...]:
        frame = user_frame(message, self._us)
        for kind in (*frame.lost, *frame.ignored):
            known = kind if kind in self._oddities or len(self._oddities) < _MOST_KINDS else "other"
            self._oddities[known] = self._oddities.get(known, 0) + 1
        self._lost = self._lost or "; ".join(frame.lost)
        return frame.events


@define(eq=False, repr=False)
class PolymarketUserChannel:
    """Opens connections to `url` (…/ws/user) for every market of the account. `oddities` counts over all of them."""

    url: str
    _credentials: Credentials
    _us: Owner
    _dial: Dial = field(factory=dialler)
    oddities: dict[str, int] = field(factory=dict, init=False)

    def connect(self) -> AbstractAsyncContextManager[AsyncIterator[Sequence[OrderUpdate | Fill]]]:
        """A stream of our own order and trade events. Entering or iterating raises Disconnected."""
        return self._connect()

    @asynccontextmanager
    async def _connect(self) -> AsyncIterator[AsyncIterator[Sequence[OrderUpdate | Fill]]]:
        async with self._dial(self.url) as socket:
            live = LiveSocket(socket)
            await live.send(self._login())
            yield UserEvents(live, self._us, self.oddities)

    def _login(self) -> str:
        keys = self._credentials
        auth = {"apiKey": keys.api_key, "secret": keys.secret, "passphrase": keys.passphrase}
        return msgspec.json.encode({"type": "user", "auth": auth}).decode()
