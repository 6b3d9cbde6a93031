"""WebSocket connections over any trio stream: frames in to a session, frames out of a bounded queue.

A client that does not read loses its connection, never the exchange's time.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import trio
from attrs import define
from trio_websocket import ConnectionClosed, WebSocketConnection, wrap_server_stream

MOST_WAITING = 2048  # frames a client may lag behind
_HANDSHAKE_WITHIN = 10.0
_CLOSE_WITHIN = 1.0


@define(eq=False)
class Outlet:
    """The way to one client. `push` never waits; too slow a client is cut off."""

    frames: trio.MemorySendChannel[str]
    connection: trio.CancelScope

    def push(self, text: str) -> None:
        try:
            self.frames.send_nowait(text)
        except trio.WouldBlock:
            self.connection.cancel()
        except trio.BrokenResourceError:
            return


class Unwelcome(Exception):
    """A session's word that this client is to be closed (polymarket.md §7.1: no informative frame)."""


class Session(Protocol):
    """What one client of a channel is to it."""

    def received(self, text: str) -> None:
        """A text frame came. Raises Unwelcome."""

    def closed(self) -> None:
        """The client is gone."""


class Channel(Protocol):
    def open(self, outlet: Outlet) -> Session: ...


async def serve_socket(stream: trio.abc.Stream, channels: Mapping[str, Channel]) -> None:
    """Run one connection to its end; `channels` by path."""
    try:
        async with trio.open_nursery() as nursery:
            websocket: WebSocketConnection | None = None
            with trio.move_on_after(_HANDSHAKE_WITHIN):
                request = await wrap_server_stream(nursery, stream)
                channel = channels.get(request.path.partition("?")[0])
                if channel is None:
                    await request.reject(404)
                else:
                    websocket = await request.accept()
            if websocket is not None and channel is not None:
                await _converse(websocket, channel, nursery)
            nursery.cancel_scope.cancel()
    finally:
        await trio.aclose_forcefully(stream)


async def _converse(websocket: WebSocketConnection, channel: Channel, nursery: trio.Nursery) -> None:
    send, receive = trio.open_memory_channel[str](MOST_WAITING)
    session = channel.open(Outlet(send, nursery.cancel_scope))
    nursery.start_soon(_pump, websocket, receive)
    try:
        while True:
            frame = await websocket.get_message()
            if isinstance(frame, str):
                session.received(frame)
    except Unwelcome:
        with trio.move_on_after(_CLOSE_WITHIN):
            await websocket.aclose()
    except ConnectionClosed:
        return
    finally:
        session.closed()


async def _pump(websocket: WebSocketConnection, frames: trio.MemoryReceiveChannel[str]) -> None:
    try:
        async for frame in frames:
            await websocket.send_message(frame)
    except ConnectionClosed:
        return
