"""The WebSocket client: every message of a read at once, and whatever a peer does, the end is `Disconnected`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import trio
import trio.testing
from hypothesis import given, settings
from hypothesis import strategies as st
from trio_websocket import ConnectionClosed, WebSocketConnection, wrap_server_stream
from wsproto import ConnectionType, WSConnection
from wsproto.events import AcceptConnection, BytesMessage, CloseConnection, Event, Ping, TextMessage

from actors.ports import Disconnected
from adapters.polymarket.websocket import MOST_BYTES, WebSocket
from tests.depth import examples
from tests.wiring.world import virtually


class Peer:
    """The other end, by hand: what it writes arrives as it was cut."""

    def __init__(self, stream: trio.abc.Stream) -> None:
        self.stream, self.wire = stream, WSConnection(ConnectionType.SERVER)

    async def accept(self) -> None:
        self.wire.receive_data(bytes(await self.stream.receive_some()))
        list(self.wire.events())
        await self.stream.send_all(self.wire.send(AcceptConnection()))

    async def say(self, *events: Event) -> None:
        await self.stream.send_all(b"".join(self.wire.send(event) for event in events))

    async def hear(self) -> list[Event]:
        self.wire.receive_data(bytes(await self.stream.receive_some()))
        return list(self.wire.events())


@asynccontextmanager
async def linked() -> AsyncIterator[tuple[WebSocket, Peer]]:
    ours, theirs = trio.testing.memory_stream_pair()
    socket, peer = WebSocket(ours), Peer(theirs)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(peer.accept)
        await socket.open("venue", "/ws/market")
    yield socket, peer


async def test_all_messages_of_a_read_come_at_once_and_in_order() -> None:
    async with linked() as (socket, peer):
        await peer.say(*(TextMessage(data=f"{number}") for number in range(50)), BytesMessage(data=b"last"))
        assert await socket.receive() == [*map(str, range(50)), "last"]


async def test_a_message_in_parts_comes_whole_between_others() -> None:
    async with linked() as (socket, peer):
        parts = [TextMessage(data="a\u20ac", message_finished=False), TextMessage(data="b")]
        await peer.say(TextMessage(data="1"), parts[0])
        assert await socket.receive() == ["1"]
        await peer.say(parts[1], TextMessage(data="2"))
        assert await socket.receive() == ["a\u20acb", "2"]


async def test_what_came_before_the_end_is_heard_before_it() -> None:
    async with linked() as (socket, peer):
        await peer.say(TextMessage(data="1"), CloseConnection(code=1001, reason="going away"))
        assert await socket.receive() == ["1"]
        with pytest.raises(Disconnected, match="closed: 1001 going away"):
            await socket.receive()
        assert [event.code for event in await peer.hear() if isinstance(event, CloseConnection)] == [1001]
        with pytest.raises(Disconnected, match="1001"):
            await socket.send("too late")


async def test_pings_are_answered_while_somebody_reads(autojump_clock: trio.testing.MockClock) -> None:
    async with linked() as (socket, peer):
        await peer.say(Ping(payload=b"17"))
        with trio.move_on_after(1.0):
            await socket.receive()
        (pong,) = await peer.hear()
        assert getattr(pong, "payload", b"") == b"17"


async def test_a_read_that_is_cancelled_has_taken_nothing(autojump_clock: trio.testing.MockClock) -> None:
    async with linked() as (socket, peer):
        heard: list[str] = []
        for number in range(20):
            with trio.move_on_after(0.001 * (number % 2)):
                heard += await socket.receive()
            await peer.say(TextMessage(data=f"{number}"))
        assert [*heard, *await socket.receive()] == [*map(str, range(20))]


async def test_a_write_that_was_cut_short_ends_the_connection(autojump_clock: trio.testing.MockClock) -> None:
    ours, theirs = trio.testing.memory_stream_pair()
    socket, peer = WebSocket(ours), Peer(theirs)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(peer.accept)
        await socket.open("venue", "/")
    ours.send_stream.send_all_hook = trio.sleep_forever
    with trio.move_on_after(5.0) as scope:
        await socket.send("never taken")
    assert scope.cancelled_caught
    with pytest.raises(Disconnected, match="takes no more"):
        await socket.send("again")
    with pytest.raises(Disconnected, match="takes no more"):
        await socket.receive()


async def test_a_message_without_an_end_ends_the_connection_and_not_the_memory() -> None:
    async with linked() as (socket, peer):
        await peer.say(TextMessage(data="x" * MOST_BYTES, message_finished=False), TextMessage(data="x"))
        with pytest.raises(Disconnected, match="more than"):
            await socket.receive()


@settings(max_examples=examples(150), deadline=None)
@given(st.lists(st.binary(max_size=60), max_size=6), st.booleans())
def test_no_bytes_of_a_peer_raise_anything_else(pieces: list[bytes], accepts: bool) -> None:
    async def main() -> None:
        ours, theirs = trio.testing.memory_stream_pair()
        socket, peer = WebSocket(ours), Peer(theirs)

        async def talk() -> None:
            if accepts:
                await peer.accept()
            for piece in pieces:
                await theirs.send_all(piece)
            await theirs.aclose()

        async with trio.open_nursery() as nursery:
            nursery.start_soon(talk)
            with pytest.raises(Disconnected):
                await listen(socket)

    virtually(main)


async def listen(socket: WebSocket) -> None:
    await socket.open("venue", "/")
    while True:
        await socket.receive()


async def test_the_librarys_server_and_this_client_say_goodbye() -> None:
    said: list[object] = []

    async def serve(stream: trio.abc.Stream) -> None:
        async with trio.open_nursery() as nursery:
            connection: WebSocketConnection = await (await wrap_server_stream(nursery, stream)).accept()
            said.append(await connection.get_message())
            await connection.send_message("heard")
            with pytest.raises(ConnectionClosed) as end:
                await connection.get_message()
            assert end.value.reason is not None
            said.append(end.value.reason.code)

    ours, theirs = trio.testing.memory_stream_pair()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(serve, theirs)
        socket = WebSocket(ours)
        await socket.open("venue", "/ws/market")
        await socket.send("hello")
        assert await socket.receive() == ["heard"]
        await socket.aclose()
    assert said == ["hello", 1000]
