"""How long a market socket is kept: the actor that reads it, the shipped socket and its PINGs, and a venue on memory streams."""

from __future__ import annotations

from itertools import pairwise
from random import Random

import pytest
import trio
import trio.testing
from attrs import define, field
from trio_websocket import ConnectionClosed, WebSocketConnection, wrap_server_stream

from actors.kernel.mailbox import Mailbox
from actors.messages import StreamLost
from actors.shared.board import Board
from actors.shared.speed import Speed
from actors.shared.streams import Streams
from adapters.polymarket.market_channel import PolymarketMarketChannel
from adapters.polymarket.sockets import dialler

SILENT = 30.0  # s, as shipped: three times as long as between two PINGs, and what the socket itself waits
PONG_AFTER = 0.02  # s
TRADE = '[{"event_type":"last_trade_price","asset_id":"11","market":"0xab","price":"0.5","side":"BUY","size":"5","timestamp":"1"}]'


@define(eq=False)
class SlowWrites(trio.abc.Stream):
    """A write takes a moment, as it does where the kernel's buffer is full or the loop is busy: PINGs longer than what opens the socket."""

    inner: trio.abc.Stream
    writes: int = 0

    async def send_all(self, data: bytes | bytearray | memoryview) -> None:
        self.writes += 1
        await trio.sleep(0.001 if self.writes <= 2 else 0.004)
        await self.inner.send_all(data)

    async def wait_send_all_might_not_block(self) -> None:
        await self.inner.wait_send_all_might_not_block()

    async def receive_some(self, max_bytes: int | None = None) -> bytes | bytearray:
        return await self.inner.receive_some(max_bytes)

    async def aclose(self) -> None:
        await self.inner.aclose()


@define(eq=False)
class Venue:
    """Serves the sockets that are opened to it; `dialled` is when."""

    nursery: trio.Nursery
    pongs: bool
    trades_every: float | None = None
    dialled: list[float] = field(factory=list)

    async def open(self, host: str, port: int, tls: bool) -> trio.abc.Stream:
        self.dialled.append(trio.current_time())
        ours, theirs = trio.testing.memory_stream_pair()
        self.nursery.start_soon(self._serve, theirs)
        return SlowWrites(ours)

    async def _serve(self, stream: trio.abc.Stream) -> None:
        try:
            async with trio.open_nursery() as nursery:
                socket = await (await wrap_server_stream(nursery, stream)).accept()
                if self.trades_every is not None:
                    nursery.start_soon(self._trade, socket, self.trades_every)
                await self._answer(socket)
        except* (ConnectionClosed, trio.BrokenResourceError):
            pass

    async def _trade(self, socket: WebSocketConnection, every: float) -> None:
        while True:
            await trio.sleep(every)
            await socket.send_message(TRADE)

    async def _answer(self, socket: WebSocketConnection) -> None:
        while True:
            said = await socket.get_message()
            if said == "PING" and self.pongs:
                await trio.sleep(PONG_AFTER)
                await socket.send_message("PONG")


async def watched(
    seconds: float, *, pongs: bool, trades_every: float | None = None, silent: float = SILENT
) -> tuple[list[float], list[str]]:
    """When a socket was opened within so many seconds, and why each was given up."""
    feed, mailbox = Mailbox[object]("feed"), Mailbox[object]("streams")
    mailbox.renew()
    async with trio.open_nursery() as nursery:
        venue = Venue(nursery, pongs, trades_every)
        channel = PolymarketMarketChannel("ws://venue/ws/market", dialler(venue.open))
        streams = Streams(
            mailbox, channel, {"11": feed, "22": feed}, silent, Board(), Random(1), trio.current_time, Speed()
        )
        nursery.start_soon(streams.run, lambda: None)
        await trio.sleep(seconds)
        nursery.cancel_scope.cancel()
    return venue.dialled, [letter.why for letter in feed.read_nowait() if isinstance(letter, StreamLost)]


@pytest.mark.parametrize("trades_every", [None, 3.3, 29.9])
async def test_a_socket_that_answers_its_pings_is_kept(
    autojump_clock: trio.testing.MockClock, trades_every: float | None
) -> None:
    """Whoever looks whether it is silent must not cut off a write: then the socket would be lost, and with it a hundred books."""
    dialled, lost = await watched(300.0, pongs=True, trades_every=trades_every)
    assert lost == []
    assert len(dialled) == 1


async def test_a_socket_that_says_nothing_is_replaced_each_time_it_has_been_silent_for_long_enough(
    autojump_clock: trio.testing.MockClock,
) -> None:
    silent = SILENT - 6.0
    dialled, lost = await watched(100.0, pongs=False, silent=silent)
    assert set(lost) == {"silent"}
    waits = [later - earlier for earlier, later in pairwise(dialled)]
    assert len(waits) == 3
    assert all(silent < wait < silent + 3.0 for wait in waits), waits


async def test_trades_keep_a_socket_on_which_no_ping_is_answered(autojump_clock: trio.testing.MockClock) -> None:
    dialled, lost = await watched(100.0, pongs=False, trades_every=25.0)
    assert (len(dialled), lost) == (1, [])
