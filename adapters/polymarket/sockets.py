"""One WebSocket to the venue: texts in, texts out, kept alive.

The stream below comes from `open_stream`, so simulation can hand in memory streams, and another transport can take `dial`'s
place. Every failure is `Disconnected`.
"""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from typing import Protocol
from urllib.parse import urlsplit

import trio
from attrs import define, field, frozen

from actors.ports import Disconnected
from adapters.polymarket.websocket import WebSocket

CONNECT_WITHIN, SEND_WITHIN, CLOSE_WITHIN = 5.0, 5.0, 0.2
PING_EVERY, DEAD_AFTER = 10.0, 30.0  # polymarket.md §6.1

OpenStream = Callable[[str, int, bool], Awaitable[trio.abc.Stream]]  # host, port, TLS


class Socket(Protocol):
    """What a channel needs of a connection."""

    async def receive(self) -> Sequence[str]:
        """The messages of the next read, one or more. Raises Disconnected; safe to cancel."""
        ...

    async def send(self, text: str) -> None:
        """Raises Disconnected, also when the peer takes nothing for SEND_WITHIN seconds."""
        ...


Dial = Callable[[str], AbstractAsyncContextManager[Socket]]


async def open_stream(host: str, port: int, tls: bool) -> trio.abc.Stream:
    """A TCP connection, with verified TLS where asked."""
    if tls:
        return await trio.open_ssl_over_tcp_stream(host, port, ssl_context=ssl.create_default_context())
    return await trio.open_tcp_stream(host, port)


@frozen(eq=False)
class HastySocket:
    """A `Socket` that waits for no peer for ever."""

    _connection: WebSocket

    async def receive(self) -> Sequence[str]:
        return await self._connection.receive()

    async def send(self, text: str) -> None:
        try:
            with trio.fail_after(SEND_WITHIN):
                await self._connection.send(text)
        except trio.TooSlowError:
            raise Disconnected(f"nothing was taken for {SEND_WITHIN:g} s") from None


def dialler(stream: OpenStream = open_stream) -> Dial:
    """A `Dial` over connections that `stream` opens."""
    return lambda url: _dial(url, stream)


@asynccontextmanager
async def _dial(url: str, open_: OpenStream) -> AsyncIterator[Socket]:
    """A connection to a ws:// or wss:// URL, closed on leaving. Entering raises Disconnected."""
    stream = await _opened(url, open_)
    try:
        connection = WebSocket(stream)
        await _shake_hands(connection, url)
        try:
            yield HastySocket(connection)
        finally:
            with trio.move_on_after(CLOSE_WITHIN, shield=True), suppress(Disconnected):
                await connection.aclose()
    finally:
        with trio.CancelScope(shield=True):  # unshielded, a Cancelled would replace what was raised inside
            await trio.aclose_forcefully(stream)


async def _opened(url: str, open_: OpenStream) -> trio.abc.Stream:
    parts = urlsplit(url)
    tls = parts.scheme == "wss"
    try:
        with trio.fail_after(CONNECT_WITHIN):
            return await open_(parts.hostname or "", parts.port or (443 if tls else 80), tls)
    except (OSError, trio.BrokenResourceError, trio.TooSlowError) as problem:
        raise Disconnected(f"no connection to {parts.netloc}: {problem or type(problem).__name__}") from None


async def _shake_hands(connection: WebSocket, url: str) -> None:
    parts = urlsplit(url)
    try:
        with trio.fail_after(CONNECT_WITHIN):
            await connection.open(parts.netloc, parts.path or "/")
    except trio.TooSlowError:
        raise Disconnected(f"no connection to {parts.netloc}: no answer within {CONNECT_WITHIN:g} s") from None
    except Disconnected as problem:
        raise Disconnected(f"no connection to {parts.netloc}: {problem}") from None


@define(eq=False)
class LiveSocket:
    """A socket that sends the text PING every 10 s and counts as dead once nothing came for 30 s."""

    _socket: Socket
    _heard_at: float = field(factory=trio.current_time, init=False)
    _ping_at: float = field(factory=lambda: trio.current_time() + PING_EVERY, init=False)

    async def receive(self) -> list[str]:
        """The next messages; empty for a PONG. Raises Disconnected."""
        while True:
            now = trio.current_time()
            if now >= self._ping_at:
                await self.send("PING")
                self._ping_at = now + PING_EVERY
            # A reader that was itself late still looks once before it calls the other side dead.
            dead_at = max(self._heard_at + DEAD_AFTER, now + 1)
            with trio.move_on_at(min(self._ping_at, dead_at)):
                messages = await self._socket.receive()
                self._heard_at = trio.current_time()
                return [message for message in messages if message != "PONG"]
            if trio.current_time() >= dead_at:
                raise Disconnected(f"nothing heard for {DEAD_AFTER:g} s")

    async def send(self, text: str) -> None:
        """Raises Disconnected."""
        await self._socket.send(text)
