"""A resolution as polymarket-client lives through it: the winning shares of every kind of wallet become pUSD, once."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import pytest
import trio
from attrs import define
from trio.testing import MockClock

from adapters.emulator.emulator import Emulator, build
from adapters.emulator.lifecycle import YES_WINS
from adapters.emulator.listings import Listings
from adapters.emulator.server import banner_of
from tests.clients.venue import ROOT, python

pytestmark = pytest.mark.process

GAMMA_LAGS = 61.0  # seconds until a resolution shows there


@define
class Wall:
    """The real clock, that a test may move forward."""

    ahead: float = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead


@asynccontextmanager
async def served(
    wall: Callable[[], float], listings: Listings | None = None
) -> AsyncIterator[tuple[Emulator, dict[str, Any]]]:
    """An exchange of our own behind real ports, and its banner."""
    emulator = build(21, wall=wall, flow=False, listings=listings)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(emulator.run)
        ports = {}
        for name in ("sockets", *emulator.services):
            serve = emulator.serve_socket if name == "sockets" else partial(emulator.serve_rest, service=name)
            listeners = await nursery.start(partial(trio.serve_tcp, serve, 0, host="127.0.0.1"))
            ports[name] = listeners[0].socket.getsockname()[1]
        yield emulator, banner_of(emulator, "127.0.0.1", ports)
        nursery.cancel_scope.cancel()


async def test_every_kind_of_wallet_redeems_what_won_and_only_once(mock_clock: MockClock) -> None:
    wall, mock_clock.rate = Wall(), 20.0  # blocks come twenty times as fast
    async with served(wall) as (emulator, banner):
        listing = emulator.exchange.listings.all[0]
        total = emulator.exchange.accounts.total
        with trio.fail_after(40 * mock_clock.rate):
            async with _session(banner) as session:
                await read_until(session, b"ready\n")
                emulator.desk.lifecycle.resolve(listing, YES_WINS)
                wall.ahead = GAMMA_LAGS
                assert session.stdin is not None
                await session.stdin.send_all(b"\n")
                report = json.loads((await read_until(session, b"}\n")).splitlines()[-1])
        assert report["before"] == report["after"]  # 30 YES and 30 NO each, and YES pays 1
        assert report["heard"] == "market_resolved"
        assert "No market found" in report["early"]
        assert report["twice"] == 0
        assert emulator.exchange.accounts.total == total
        assert emulator.exchange.accounts.minted == 0


@asynccontextmanager
async def _session(banner: dict[str, Any]) -> AsyncIterator[trio.Process]:
    process = await trio.lowlevel.open_process(
        [*python("redeem_session"), json.dumps(banner)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        yield process
        assert await process.wait() == 0
    finally:
        process.kill()
        await process.wait()
        for pipe in (process.stdin, process.stdout):
            assert pipe is not None
            await pipe.aclose()


async def read_until(process: trio.Process, end: bytes) -> bytes:
    assert process.stdout is not None
    text = b""
    while not text.endswith(end):
        chunk = await process.stdout.receive_some()
        assert chunk, text
        text += chunk
    return text
