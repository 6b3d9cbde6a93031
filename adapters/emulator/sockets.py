"""WebSocket connections over any trio stream: frames in to a session, frames out of a bounded queue.

A client that does not read loses its connection, never the exchange's time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Protocol

import trio
from attrs import define
from trio_websocket import ConnectionClosed, HandshakeError, WebSocketConnection, wrap_server_stream
from wsproto.utilities import LocalProtocolError, ProtocolError

from adapters.emulator.knock import knock

MOST_WAITING = 2048  # frames a client may lag behind
_HANDSHAKE_WITHIN = 10.0
_CLOSE_WITHIN = 1.0
_NORMAL = 1000

# What a client may do to its own connection at any moment of it: leave, reset it, break the protocol, answer our close
# while we write, or send header bytes that are no text. trio-websocket lets these out of its reader and its handshake.
_PEERS_DOING = (
    ConnectionClosed,
    HandshakeError,
    ProtocolError,
    UnicodeError,
    trio.BrokenResourceError,
    trio.ClosedResourceError,
)


class Line(Protocol):
    """What stands between a channel and one client's queue (faults); it calls the outlet's `send`."""

    def push(self, text: str) -> None: ...

    def heard(self, text: str) -> None:
        """A text frame came from the client."""

    def closed(self) -> None:
        """The connection is over."""


@define(eq=False)
class Outlet:
    """The way to one client. `push` never waits; too slow a client is cut off."""

    frames: trio.MemorySendChannel[tuple[str, float]]
    connection: trio.CancelScope
    talk: trio.CancelScope
    line: Line | None = None
    goodbye: int | None = None

    def push(self, text: str) -> None:
        if self.line is not None:
            self.line.push(text)
        else:
            self.send(text, 0.0, MOST_WAITING)

    def send(self, text: str, pause: float, most: int) -> None:
        """Queue a frame that leaves after `pause` seconds; with `most` waiting already the client is cut off."""
        try:
            if self.frames.statistics().current_buffer_used >= most:
                raise trio.WouldBlock
            self.frames.send_nowait((text, pause))
        except trio.WouldBlock:
            self.connection.cancel()
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            return

    def end(self, code: int | None) -> None:
        """End the connection with a close frame of `code`, or without a word (the peer sees 1006)."""
        self.goodbye = code
        (self.connection if code is None else self.talk).cancel()


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


class Lines(Protocol):
    def refusal(self, path: str) -> int:
        """The status with which this connection is turned away, or 0."""

    def open(self, path: str, outlet: Outlet) -> Line: ...


async def serve_socket(stream: trio.abc.Stream, channels: Mapping[str, Channel], lines: Lines) -> None:
    """Run one connection to its end, however the client brings that about; `channels` by path."""
    try:
        await _serve(stream, channels, lines)
    except* _PEERS_DOING:
        pass
    finally:
        await trio.aclose_forcefully(stream)


async def _serve(stream: trio.abc.Stream, channels: Mapping[str, Channel], lines: Lines) -> None:
    async with trio.open_nursery() as nursery:
        websocket: WebSocketConnection | None = None
        with trio.move_on_after(_HANDSHAKE_WITHIN):
            unread = await knock(stream, tuple(channels))
            if unread is None:
                return
            request = await wrap_server_stream(nursery, unread)
            channel = channels.get(request.path.partition("?")[0])
            refusal = 404 if channel is None else lines.refusal(request.path)
            if refusal:
                await request.reject(refusal)
            else:
                websocket = await request.accept()
        if websocket is not None and channel is not None:
            await _converse(websocket, channel, nursery, partial(lines.open, request.path))
        nursery.cancel_scope.cancel()


async def _converse(
    websocket: WebSocketConnection, channel: Channel, nursery: trio.Nursery, open_line: Callable[[Outlet], Line]
) -> None:
    send, receive = trio.open_memory_channel[tuple[str, float]](MOST_WAITING)
    talk = trio.CancelScope()
    outlet = Outlet(send, nursery.cancel_scope, talk)
    outlet.line = line = open_line(outlet)
    session = channel.open(outlet)
    nursery.start_soon(_pump, websocket, receive)
    try:
        with talk:
            await _listen(websocket, session, line)
        with trio.move_on_after(_CLOSE_WITHIN):
            await websocket.aclose(outlet.goodbye or _NORMAL)
    except ConnectionClosed:
        return
    finally:
        session.closed()
        line.closed()


async def _listen(websocket: WebSocketConnection, session: Session, line: Line) -> None:
    """Until the session does not want the client any more."""
    while True:
        frame = await websocket.get_message()
        if isinstance(frame, str):
            line.heard(frame)
            try:
                session.received(frame)
            except Unwelcome:
                return


async def _pump(websocket: WebSocketConnection, frames: trio.MemoryReceiveChannel[tuple[str, float]]) -> None:
    try:
        async for frame, pause in frames:
            if pause:
                await trio.sleep(pause)
            await websocket.send_message(frame)
    except (ConnectionClosed, LocalProtocolError):  # the latter: between our close frame and the client's
        return
