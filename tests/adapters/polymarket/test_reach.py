"""What `doctor` says of an address that cannot be reached: DNS, connection and TLS are told apart."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import pytest
import trio

from actors.model.outcome import Unread
from adapters.polymarket.reach import Reached, reach


@asynccontextmanager
async def listening(greeting: bytes) -> AsyncIterator[int]:
    """A port on this machine that says one thing to everybody, and hangs up."""

    async def serve(stream: trio.SocketStream) -> None:
        async with stream:
            await stream.send_all(greeting)

    async with trio.open_nursery() as nursery:
        listeners = await nursery.start(partial(trio.serve_tcp, serve, 0, host="127.0.0.1"))
        yield listeners[0].socket.getsockname()[1]
        nursery.cancel_scope.cancel()


async def why(url: str) -> str:
    answer = await reach(url)
    assert isinstance(answer, Unread)
    return answer.why


async def test_what_listens_is_reached() -> None:
    async with listening(b"") as port:
        assert await reach(f"http://127.0.0.1:{port}/path") == Reached()


async def test_a_port_without_anybody_is_told_from_a_name_that_nobody_knows() -> None:
    async with listening(b"") as port:
        pass
    assert f"127.0.0.1:{port} takes no connection" in await why(f"ws://127.0.0.1:{port}")
    assert "DNS knows no nowhere.invalid" in await why("https://nowhere.invalid")


async def test_whoever_speaks_no_tls_is_not_the_venue() -> None:
    async with listening(b"HTTP/1.1 400 Bad Request\r\n\r\n") as port:
        said = await why(f"https://127.0.0.1:{port}")
    assert "TLS with 127.0.0.1 fails" in said
    assert "update its CA certificates" in said


async def test_silence_is_waited_for_no_longer_than_seconds(
    monkeypatch: pytest.MonkeyPatch, autojump_clock: object
) -> None:
    async def never(*_: object, **__: object) -> None:
        await trio.sleep_forever()

    monkeypatch.setattr(trio.socket, "getaddrinfo", never)
    assert "does not answer within 5 s" in await why("https://venue")
