"""The least HTTP/1.1 and WebSocket that blocking sockets can speak. Keeps no order, no book and no time."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import socket
from contextlib import suppress

from attrs import define, field, frozen

TEXT, CLOSE, PING, PONG = 1, 8, 9, 10
_ACCEPT = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455 §1.3
_CHUNK = 1 << 16


class Gone(Exception):
    """The other side closed the connection."""


@frozen
class Request:
    """One whole request; `raw` is every byte of it, `headers` have lower-case names."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    raw: bytes


@define(eq=False)
class Wire:
    """A connection with what has been read from it and not been used."""

    link: socket.socket
    _rest: bytes = field(default=b"", init=False)

    def __attrs_post_init__(self) -> None:
        self.link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    @classmethod
    def to(cls, port: int) -> Wire:
        """A connection to a server on this machine."""
        return cls(socket.create_connection(("127.0.0.1", port)))

    def close(self) -> None:
        """End the connection; who waits in it is told."""
        with suppress(OSError):  # the other side may have been first
            self.link.shutdown(socket.SHUT_RDWR)
        self.link.close()

    def send(self, data: bytes) -> None:
        """Raises Gone."""
        try:
            self.link.sendall(data)
        except OSError as problem:
            raise Gone(str(problem)) from None

    def take(self, size: int) -> bytes:
        """Exactly `size` bytes. Raises Gone."""
        while len(self._rest) < size:
            self._more()
        data, self._rest = self._rest[:size], self._rest[size:]
        return data

    def until(self, mark: bytes) -> bytes:
        """Everything up to and including `mark`. Raises Gone."""
        while (end := self._rest.find(mark)) < 0:
            self._more()
        return self.take(end + len(mark))

    def request(self) -> Request:
        """The next HTTP request, read to its last byte. Raises Gone."""
        head = self.until(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").splitlines()
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)}
        body = self.take(int(headers.get("content-length", "0")))
        method, path, _ = first.split(" ")
        return Request(method, path, headers, body, head + body)

    def reply(self, body: object) -> None:
        """Answer 200 with JSON. Raises Gone."""
        text = json.dumps(body).encode()
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(text)}\r\n\r\n"
        self.send(head.encode() + text)

    def answer(self) -> None:
        """Read one HTTP response to its last byte. Raises Gone."""
        head = self.until(b"\r\n\r\n").lower()
        self.take(int(head.split(b"content-length:")[1].split(b"\r\n")[0]))

    # ── WebSocket ─────────────────────────────────────────────────────────────────────────────────────────────────

    def upgrade(self, request: Request) -> None:
        """Answer the handshake of a WebSocket client. Raises Gone."""
        digest = hashlib.sha1(request.headers["sec-websocket-key"].encode() + _ACCEPT).digest()  # as RFC 6455 has it
        head = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
        self.send(head.encode() + base64.b64encode(digest) + b"\r\n\r\n")

    def join(self, path: str) -> None:
        """Make this a WebSocket, as its client. Raises Gone."""
        key = base64.b64encode(os.urandom(16)).decode()
        upgrade = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: "
        self.send(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{upgrade}{key}\r\n\r\n".encode())
        self.until(b"\r\n\r\n")

    def frame(self) -> tuple[int, bytes]:
        """The next frame's opcode and unmasked content. Raises Gone."""
        first, second = self.take(2)
        size = second & 0x7F
        if size > 125:
            size = int.from_bytes(self.take(2 if size == 126 else 8), "big")
        mask = self.take(4) if second & 0x80 else b"\0\0\0\0"
        content = self.take(size)
        return first & 0x0F, bytes(byte ^ mask[i & 3] for i, byte in enumerate(content)) if any(mask) else content

    def _more(self) -> None:
        try:
            chunk = self.link.recv(_CHUNK)
        except OSError as problem:
            raise Gone(str(problem)) from None
        if not chunk:
            raise Gone("closed")
        self._rest += chunk


def framed(content: bytes, opcode: int = TEXT, *, mask: bool = False) -> bytes:
    """One whole frame; a client must `mask`, with zeros here, since hiding is not the point."""
    size = len(content)
    bit = 0x80 if mask else 0
    length = bytes([bit | size]) if size < 126 else bytes([bit | 126]) + size.to_bytes(2, "big")
    return bytes([0x80 | opcode]) + length + (b"\0\0\0\0" if mask else b"") + content
