"""One open spot socket: prices out, odd frames counted by kind. Implements `ports.SpotLink`; keeps no price."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import inf

import trio
from attrs import define, field

from actors.model.spot import STALE, SpotPrice
from actors.ports import Disconnected
from adapters.polymarket.sockets import Socket
from adapters.polymarket.wire_spot import SpotFrame

_MOST_KINDS = 100
_FATAL = ("auth_", "sub_limit", "rate_limited")  # error codes after which the venue sends nothing, or closes


@define(eq=False)
class SpotSocketLink:
    """`decode` is the dialect; `ping` is sent every `ping_every` seconds."""

    _socket: Socket
    _decode: Callable[[str], SpotFrame]
    _ping: str
    _ping_every: float
    oddities: dict[str, int] = field(factory=dict, init=False)
    _ping_at: float = field(init=False)
    _heard_at: float = field(default=-inf, init=False)

    def __attrs_post_init__(self) -> None:
        self._ping_at = trio.current_time() + self._ping_every

    async def read(self) -> Sequence[SpotPrice]:
        """The prices of the next frame(s), oldest first; empty for anything else. Raises Disconnected."""
        prices: list[SpotPrice] = []
        for frame in await self.frames():
            prices += frame.prices
        if prices:
            self._heard_at = trio.current_time()
        return prices

    @property
    def flowing(self) -> bool:
        """Whether it brought a price of late."""
        return trio.current_time() - self._heard_at < STALE

    async def frames(self) -> list[SpotFrame]:
        """The next frame(s), refused ones counted. Raises Disconnected, also for an error that ends the service."""
        while True:
            if trio.current_time() >= self._ping_at:
                await self._socket.send(self._ping)
                self._ping_at = trio.current_time() + self._ping_every
            with trio.move_on_at(self._ping_at):
                messages = await self._socket.receive()
                return [self._sorted(self._decode(text)) for text in messages if text not in ("PONG", "")]

    async def send(self, text: str) -> None:
        """Raises Disconnected."""
        await self._socket.send(text)

    def _sorted(self, frame: SpotFrame) -> SpotFrame:
        if frame.refused:
            known = frame.refused in self.oddities or len(self.oddities) < _MOST_KINDS
            kind = frame.refused if known else "other"
            self.oddities[kind] = self.oddities.get(kind, 0) + 1
        if frame.op == "error" and frame.code.startswith(_FATAL):
            raise Disconnected(f"refused: {frame.code}")
        return frame
