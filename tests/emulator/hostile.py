"""What a hostile client has at hand, and a venue that fails its test on the first bug the guard had to catch."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from io import StringIO
from typing import Any

import trio
from attrs import evolve

from adapters.emulator.http import Request, Response
from adapters.emulator.keys import mac
from adapters.emulator.ledger import Ledger
from adapters.emulator.routes_relayer import key_of
from tests.emulator.harness import START, Trader, Venue, open_venue

KEY = b"sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
UPGRADE = (
    b"GET /ws/market HTTP/1.1\r\nhost: x\r\nupgrade: websocket\r\nconnection: upgrade\r\n"
    + KEY
    + b"sec-websocket-version: 13\r\n\r\n"
)


@asynccontextmanager
async def guarded_venue(**options: Any) -> AsyncIterator[Venue]:  # noqa: ANN401 - as `build`
    """A guard must not hide bugs: whoever leaves this block has met none."""
    diary = StringIO()
    async with open_venue(ledger=Ledger(lambda: START, diary), **options) as venue:
        yield venue
        assert bugs(diary) == []
        assert await venue.rest().call("GET", "/ok") == (200, "OK")


def bugs(diary: StringIO) -> list[dict[str, Any]]:
    return [line for line in map(json.loads, diary.getvalue().splitlines()) if line["kind"] == "bug"]


async def ask(trader: Trader, service: str, request: Request) -> Response | None:
    """A request signed with every kind of key that the client has, straight to the service."""
    stamp = str(int(trader.venue.wall()))
    keys = trader.venue.emulator.desk.keys
    headers = {
        "poly_api_key": trader.creds["apiKey"],
        "poly_passphrase": trader.creds["passphrase"],
        "poly_address": trader.address,
        "poly_timestamp": stamp,
        "poly_signature": mac(trader.creds["secret"], stamp, request).decode(),
        "relayer_api_key_address": trader.address,
        "relayer_api_key": key_of(keys.seed, trader.address),
    }
    signed = evolve(request, headers={**headers, **request.headers})
    return await trader.venue.emulator.services[service].handle(signed)


async def send_and_leave(venue: Venue, port: str, data: bytes, *, leave: str = "eof") -> bytes:
    """What came back. `leave` is how: `eof` waits for the answer, `close` does not, `stay` is silent for a while."""
    ours, theirs = trio.testing.memory_stream_pair()
    serve = venue.emulator.serve_rest if port == "rest" else venue.emulator.serve_socket
    venue.nursery.start_soon(serve, theirs)
    answer = bytearray()
    with trio.move_on_after(20):
        await ours.send_all(data)
        if leave == "eof":
            await ours.send_eof()
        while leave != "close" and (more := await ours.receive_some()):
            answer += more
    await ours.aclose()
    await trio.testing.wait_all_tasks_blocked()
    return bytes(answer)


def frame(opcode: int, payload: bytes, *, final: bool = True) -> bytes:
    """One masked frame as clients send it; the mask is zero."""
    size = len(payload)
    length = (
        bytes([128 | size])
        if size < 126
        else bytes([128 | 126]) + size.to_bytes(2, "big")
        if size < 65536
        else bytes([128 | 127]) + size.to_bytes(8, "big")
    )
    return bytes([final << 7 | opcode]) + length + bytes(4) + payload


def rlp(*items: bytes) -> bytes:
    """A list of byte strings of less than 56 bytes each."""
    body = b"".join(item if len(item) == 1 and item[0] < 128 else bytes([128 + len(item)]) + item for item in items)
    return bytes([0xC0 + len(body)]) + body


def nested(levels: int) -> bytes:
    raw = b"\xc0"
    for _ in range(levels):
        size = len(raw).to_bytes(2, "big").lstrip(b"\0")
        raw = (bytes([0xC0 + len(raw)]) if len(raw) <= 55 else bytes([0xF7 + len(size)]) + size) + raw
    return raw
