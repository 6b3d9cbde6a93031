"""One WebSocket to the venue: texts in, texts out, kept alive. The only module here that knows trio_websocket.

The stream below comes from `open_stream`, so simulation can hand in memory streams, and a faster sans-I/O transport can
take `dial`'s place. Every failure is `Disconnected`.
"""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Protocol
from urllib.parse import urlsplit

import trio
from attrs import define, field, frozen
from trio_websocket import ConnectionClosed, WebSocketConnection, wrap_client_stream
from wsproto.utilities import ProtocolError

from actors.ports import Disconnected

MOST_BYTES = 16 * 2**20  # the initial dump of many assets comes in one frame (polymarket.md §14.39)
CONNECT_WITHIN, SEND_WITHIN, CLOSE_WITHIN = 5.0, 5.0, 0.2
PING_EVERY, DEAD_AFTER = 10.0, 30.0  # polymarket.md §6.1
_READ_CHUNK = 64 * 2**10

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
class TrioSocket:
    """A `Socket` over trio_websocket, which hands out one message a read."""

    _connection: WebSocketConnection

    async def receive(self) -> Sequence[str]:
        try:
            message = await self._connection.get_message()
        except ConnectionClosed as closed:
            raise Disconnected(f"closed: {closed.reason}") from None
        return (message if isinstance(message, str) else message.decode(errors="replace"),)

    async def send(self, text: str) -> None:
        try:
            with trio.fail_after(SEND_WITHIN):
                await self._connection.send_message(text)
        except (ConnectionClosed, ProtocolError, trio.TooSlowError) as problem:
            # The text may hold the API secret, so it is never part of the reason.
            raise Disconnected(f"sending failed: {type(problem).__name__}") from None


def dialler(stream: OpenStream = open_stream) -> Dial:
    """A `Dial` over connections that `stream` opens."""
    return lambda url: _dial(url, stream)


@asynccontextmanager
async def _dial(url: str, stream: OpenStream) -> AsyncIterator[Socket]:
    """A connection to a ws:// or wss:// URL, closed on leaving. Entering raises Disconnected."""
    users: BaseException | None = None
    try:
        async with trio.open_nursery() as nursery, _session(nursery, url, stream) as connection:
            try:
                yield TrioSocket(connection)
            except BaseException as problem:
                users = problem
                raise
    except BaseExceptionGroup as group:
        raise _plain(group, users, url) from None


@asynccontextmanager
async def _session(nursery: trio.Nursery, url: str, open_: OpenStream) -> AsyncIterator[WebSocketConnection]:
    """A connection with its stream and reader task; trio_websocket leaves the stream open when the peer closed first."""
    stream = await _opened(url, open_)
    try:
        connection = await _handshaken(nursery, url, stream)
        try:
            yield connection
        finally:
            with trio.move_on_after(CLOSE_WITHIN, shield=True):
                await connection.aclose()
    finally:
        with trio.CancelScope(shield=True):  # unshielded, a Cancelled would replace what was raised inside
            await trio.aclose_forcefully(stream)
        nursery.cancel_scope.cancel()


async def _opened(url: str, open_: OpenStream) -> trio.abc.Stream:
    parts = urlsplit(url)
    tls = parts.scheme == "wss"
    try:
        with trio.fail_after(CONNECT_WITHIN):
            return await open_(parts.hostname or "", parts.port or (443 if tls else 80), tls)
    except (OSError, trio.BrokenResourceError, trio.TooSlowError) as problem:
        raise Disconnected(f"no connection to {parts.netloc}: {problem or type(problem).__name__}") from None


async def _handshaken(nursery: trio.Nursery, url: str, stream: trio.abc.Stream) -> WebSocketConnection:
    parts = urlsplit(url)
    try:
        with trio.fail_after(CONNECT_WITHIN):
            return await wrap_client_stream(
                nursery,
                stream,  # type: ignore[arg-type]  # typed for TCP and TLS, but any stream will do
                parts.netloc,
                parts.path or "/",
                max_message_size=MOST_BYTES,
                receive_buffer_size=_READ_CHUNK,
            )
    except trio.TooSlowError:
        raise Disconnected(f"no connection to {parts.netloc}: no answer within {CONNECT_WITHIN:g} s") from None


def _plain(group: BaseExceptionGroup[BaseException], users: BaseException | None, url: str) -> BaseException:
    """What the user of the connection raised, else the reader task's failure as Disconnected.

    Where a peer refuses or breaks the protocol, that task fails with errors of three libraries (trio_websocket, wsproto
    and h11), so whatever it raises means the same: the connection is gone.
    """
    if users is not None and not isinstance(users, trio.Cancelled):
        return users
    _, real = group.split(trio.Cancelled)
    if real is None or not isinstance(real, ExceptionGroup):
        return group
    problem = real.exceptions[0]
    if isinstance(problem, Disconnected):
        return problem
    return Disconnected(f"no connection to {urlsplit(url).netloc}: {type(problem).__name__} {problem}"[:200])


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
