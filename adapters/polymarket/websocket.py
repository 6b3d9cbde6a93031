"""A WebSocket client over any trio stream: wsproto between bytes and texts, and every message of a read in one go.

trio_websocket hands out one message at a time, through a task and a channel of its own. A burst of eight frames about one
market then woke its feed, quoter and tracker eight times, and cost three times what it does now.
"""

from __future__ import annotations

from collections.abc import Sequence

import trio
from attrs import define, field
from wsproto import ConnectionType, WSConnection
from wsproto.events import (
    AcceptConnection,
    BytesMessage,
    CloseConnection,
    Event,
    Ping,
    RejectConnection,
    RejectData,
    Request,
    TextMessage,
)
from wsproto.utilities import ProtocolError

from actors.ports import Disconnected

MOST_BYTES = 16 * 2**20  # the initial dump of many assets comes in one frame (polymarket.md §14.39)
_READ_CHUNK = 64 * 2**10
_GONE = (trio.BrokenResourceError, trio.ClosedResourceError)


@define(eq=False)
class WebSocket:
    """One connection. `receive` is for one task; `send` for any. What it says of failures holds nothing that was sent."""

    _stream: trio.abc.Stream
    _wire: WSConnection = field(factory=lambda: WSConnection(ConnectionType.CLIENT))
    _accepted: bool = False
    _ended: str = ""
    _texts: list[str] = field(factory=list)
    _parts: list[str | bytes] = field(factory=list)
    _size: int = 0
    _outgoing: bytearray = field(factory=bytearray)
    _writing: trio.StrictFIFOLock = field(factory=trio.StrictFIFOLock)

    async def open(self, host: str, path: str) -> None:
        """Shake hands. Raises Disconnected."""
        self._outgoing += self._wire.send(Request(host=host, target=path))
        await self._flush()
        while not self._accepted:
            if self._ended:
                raise Disconnected(self._ended)
            await self._read()

    async def receive(self) -> Sequence[str]:
        """The messages of the next read, one or more. Raises Disconnected; safe to cancel."""
        while not self._texts:
            if self._ended:
                raise Disconnected(self._ended)
            await self._read()
        texts, self._texts = self._texts, []
        return texts

    async def send(self, text: str) -> None:
        """Raises Disconnected."""
        if not self._ended:
            self._outgoing += self._wire.send(TextMessage(data=text))
            await self._flush()
        if self._ended:
            raise Disconnected(self._ended)

    async def aclose(self) -> None:
        """Say goodbye and wait for the answer; for as long as the caller allows. The stream stays open."""
        if self._accepted and not self._ended:
            self._outgoing += self._wire.send(CloseConnection(code=1000))
            await self._flush()
            while not self._ended:
                await self._read()

    # ── bytes ─────────────────────────────────────────────────────────────────────────────────────────────────────

    async def _read(self) -> None:
        try:
            data = await self._stream.receive_some(_READ_CHUNK)
        except _GONE:
            data = b""
        self._take(bytes(data))
        await self._flush()

    async def _flush(self) -> None:
        """Write what waits to be written, pongs included. A write that is cut short leaves nothing to go on with."""
        async with self._writing:
            data, self._outgoing = bytes(self._outgoing), bytearray()
            cut = bool(data)
            try:
                if data:
                    await self._stream.send_all(data)
                    cut = False
            except _GONE:
                return
            finally:
                if cut:
                    self._ended = self._ended or "closed: it takes no more"

    def _take(self, data: bytes) -> None:
        """Nothing here waits: whoever cancels a read loses no message."""
        try:
            self._wire.receive_data(data or None)
            for event in self._wire.events():
                self._hear(event)
        except (ProtocolError, ValueError) as problem:  # its text may quote the peer, never us
            self._ended = self._ended or f"not WebSocket: {type(problem).__name__} {problem}"[:200]
        if not data:
            self._ended = self._ended or "closed: without a word"

    # ── frames ────────────────────────────────────────────────────────────────────────────────────────────────────

    def _hear(self, event: Event) -> None:
        match event:
            case TextMessage(data=part) | BytesMessage(data=part):
                self._collect(part if isinstance(part, str) else bytes(part), whole=event.message_finished)
            case Ping():
                self._outgoing += self._wire.send(event.response())
            case AcceptConnection():
                self._accepted = True
            case CloseConnection(code=code, reason=reason):
                if not self._ended:
                    self._outgoing += self._wire.send(event.response())
                self._ended = self._ended or f"closed: {int(code)} {reason or ''}".rstrip()
            case RejectConnection(status_code=status):
                self._ended = f"refused with HTTP {status}"
            case RejectData():
                pass

    def _collect(self, part: str | bytes, *, whole: bool) -> None:
        """A message may come in many parts."""
        self._parts.append(part)
        self._size += len(part)
        if self._size > MOST_BYTES:
            self._ended = f"closed: a message of more than {MOST_BYTES} bytes"
            self._parts.clear()
        elif whole:
            self._texts.append(self._joined())
            self._parts, self._size = [], 0

    def _joined(self) -> str:
        if len(self._parts) == 1 and isinstance(self._parts[0], str):
            return self._parts[0]
        pieces = [part.encode() if isinstance(part, str) else part for part in self._parts]
        return b"".join(pieces).decode(errors="replace")
