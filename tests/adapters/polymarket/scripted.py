"""A scripted WebSocket venue behind memory streams, so that virtual time can jump; and what both channels share."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import trio
import trio.testing
from trio_websocket import ConnectionClosed, WebSocketConnection, wrap_server_stream

from adapters.polymarket.sockets import Dial, dialler
from adapters.polymarket.wire_account import Owner
from tests.adapters.polymarket.samples import ADDRESS, OWNER

Script = Callable[[WebSocketConnection], Awaitable[None]]
URL = "ws://venue/ws/market"
US = Owner(OWNER, ADDRESS)


@asynccontextmanager
async def venue(script: Script) -> AsyncIterator[Dial]:
    """A server of `script` behind memory streams; nothing real, so virtual time can jump."""
    async with trio.open_nursery() as nursery:

        async def serve(stream: trio.abc.Stream) -> None:
            async with trio.open_nursery() as connection_nursery:
                request = await wrap_server_stream(connection_nursery, stream)
                connection = await request.accept()
                try:
                    await script(connection)
                except ConnectionClosed:
                    pass
                finally:
                    with trio.move_on_after(1):
                        await connection.aclose()
                    connection_nursery.cancel_scope.cancel()

        async def stream(host: str, port: int, tls: bool) -> trio.abc.Stream:
            assert (host, port, tls) == ("venue", 80, False)
            ours, theirs = trio.testing.memory_stream_pair()
            nursery.start_soon(serve, theirs)
            return ours

        yield dialler(stream)
        nursery.cancel_scope.cancel()


async def heard(connection: WebSocketConnection) -> dict[str, object]:
    frame = json.loads(await connection.get_message())
    assert isinstance(frame, dict)
    return frame
