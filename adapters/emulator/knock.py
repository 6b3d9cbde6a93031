"""The first bytes on the sockets' port: whoever does not ask for a WebSocket is told that one lives here. Opens none."""

from __future__ import annotations

import re

import trio
from attrs import define

from adapters.emulator.compact import compact

_LONGEST_HEAD = 16_384
_ASKS_FOR_HTTP = re.compile(rb"[A-Z]+ [^\r\n]* HTTP/1\.[01]\r\n")
_ASKS_FOR_A_WEBSOCKET = re.compile(rb"\r\nupgrade:[ \t]*websocket", re.IGNORECASE)


@define(eq=False)
class _Unread(trio.abc.Stream):
    """`stream` before its first bytes, `head`, were read."""

    stream: trio.abc.Stream
    head: bytes

    async def receive_some(self, max_bytes: int | None = None) -> bytes | bytearray:
        if not self.head:
            return await self.stream.receive_some(max_bytes)
        await trio.lowlevel.checkpoint()
        part, self.head = self.head[:max_bytes], self.head[max_bytes:] if max_bytes else b""
        return part

    async def send_all(self, data: bytes | bytearray | memoryview) -> None:
        await self.stream.send_all(data)

    async def wait_send_all_might_not_block(self) -> None:
        await self.stream.wait_send_all_might_not_block()

    async def aclose(self) -> None:
        await self.stream.aclose()


async def knock(stream: trio.abc.Stream, paths: tuple[str, ...]) -> trio.abc.Stream | None:
    """The stream with nothing read from it, or None after a 426 that names the `paths`. Bytes that are no HTTP pass."""
    head = b""
    try:
        while b"\r\n\r\n" not in head and len(head) < _LONGEST_HEAD and (not head or b"A" <= head[:1] <= b"Z"):
            more = await stream.receive_some()
            if not more:
                break
            head += more
        if _ASKS_FOR_HTTP.match(head) and b"\r\n\r\n" in head and not _ASKS_FOR_A_WEBSOCKET.search(head):
            await stream.send_all(_no(paths))
            return None
    except (trio.BrokenResourceError, trio.ClosedResourceError):
        return None
    return _Unread(stream, head)


def _no(paths: tuple[str, ...]) -> bytes:
    said = {"error": "a WebSocket lives here, not plain HTTP: connect with ws://", "paths": paths}
    body = compact(said) + b"\n"
    head = (
        "HTTP/1.1 426 Upgrade Required\r\nupgrade: websocket\r\nconnection: upgrade, close\r\n"
        f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
