"""The venue's own stream client, unchanged, hears the emulator's spot prices over real sockets."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import trio

from adapters.emulator.emulator import Emulator, build
from adapters.emulator.keys import Credential

pytestmark = pytest.mark.process

SCRIPT = Path(__file__).with_name("spot_client.py")
CREDENTIAL = Credential("00000000-0000-4000-8000-000000000000", "c2VjcmV0", "passphrase", "0x" + "1" * 40, 0)


@asynccontextmanager
async def served() -> AsyncIterator[tuple[Emulator, int]]:
    """An emulator that knows one API key, and the port of its sockets."""
    emulator = build(11, wall=time.time, flow=False)
    emulator.desk.keys.by_key[CREDENTIAL.key] = CREDENTIAL
    async with trio.open_nursery() as nursery:
        nursery.start_soon(emulator.run)
        listeners = await nursery.start(trio.serve_tcp, emulator.serve_socket, 0)
        yield emulator, listeners[0].socket.getsockname()[1]
        nursery.cancel_scope.cancel()


async def client(port: int, secret: str) -> Any:  # noqa: ANN401 - JSON
    urls = [f"ws://127.0.0.1:{port}/ws", f"ws://127.0.0.1:{port}"]
    command = [sys.executable, str(SCRIPT), *urls, CREDENTIAL.key, secret, CREDENTIAL.passphrase]
    with trio.fail_after(20):
        done = await trio.run_process(command, capture_stdout=True, stderr=subprocess.DEVNULL)
    return json.loads(done.stdout)


async def test_the_official_client_reads_every_topic_it_knows() -> None:
    async with served() as (emulator, port):
        heard = await client(port, CREDENTIAL.secret)
        assert "error" not in heard, heard
        prices = emulator.bolt.prices
    kinds = Counter((event["topic"], event["type"]) for event in (*heard["bolt"], *heard["rtds"]))
    assert {topic for topic, _ in kinds} == {
        "prices.crypto",
        "prices.crypto.twap",
        "prices.equity",
        "prices.crypto.binance",
        "prices.crypto.chainlink",
        "prices.crypto.chainlink.twap",
        "prices.equity.pyth",
    }
    assert kinds["prices.crypto", "subscribe"] == 2, "a snapshot for each symbol"
    assert heard["dropped"] == 0, "it refused none of our frames"
    updates = [e for e in heard["bolt"] if (e["topic"], e["type"]) == ("prices.crypto", "update")]
    for event in updates:
        payload = event["payload"]
        second = epoch(payload["timestamp"])
        assert payload["value"] == exact(prices.price(payload["symbol"].removesuffix("usd"), second))
    assert updates


def epoch(iso: str) -> float:
    return datetime.fromisoformat(iso).timestamp()


def exact(price: int) -> str:
    return f"{price // 10**8}.{price % 10**8:08d}"


async def test_the_official_client_is_told_when_its_key_is_wrong() -> None:
    async with served() as (_, port):
        heard = await client(port, "d3Jvbmc=")
    assert "auth_invalid" in heard["error"]
