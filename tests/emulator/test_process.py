"""The emulator as a real child process: what it announces, what it refuses, and how it ends."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import trio
from trio_websocket import open_websocket_url

from adapters.emulator.accounts import FUNDED
from tests.emulator.harness import Rest
from tests.emulator.ledger_reader import read_ledger

COMMAND = [sys.executable, "-c", "from actors.commands.exchange import exchange; exchange()"]


@asynccontextmanager
async def exchange(*options: str) -> AsyncIterator[tuple[trio.Process, dict[str, Any]]]:
    """A running exchange and its announcement; killed at the end if it still lives."""
    process = await trio.lowlevel.open_process(
        [*COMMAND, "--json", *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stdin is not None
    try:
        with trio.fail_after(20):
            line = b""
            while not line.endswith(b"\n"):
                line += await process.stdout.receive_some()
        yield process, json.loads(line)
    finally:
        process.kill()
        await process.wait()
        await process.stdout.aclose()
        await process.stdin.aclose()


async def finished(*options: str) -> subprocess.CompletedProcess[bytes]:
    """A run that is expected to end by itself."""
    with trio.fail_after(20):
        return await trio.run_process([*COMMAND, *options], capture_stdout=True, capture_stderr=True, check=False)


async def ask(banner: dict[str, Any], target: str) -> Any:  # noqa: ANN401 - JSON
    host, port = banner["clob_url"].removeprefix("http://").split(":")
    async with await trio.open_tcp_stream(host, int(port)) as stream:
        return (await Rest(stream).call("GET", target))[1]


async def test_the_first_line_says_all_a_bot_needs_and_the_books_are_full() -> None:
    async with exchange("--seed", "4") as (_, banner):
        assert set(banner) == {
            *("clob_url", "gamma_url", "data_url", "relayer_url", "rpc_url"),
            *("market_ws_url", "user_ws_url", "spot_ws_url", "rtds_ws_url", "markets", "accounts"),
        }
        assert [market["slug"] for market in banner["markets"]] == [
            *("demo-election", "demo-rates", "demo-cup", "demo-bitcoin", "demo-oscar")
        ]
        assert [account["address"] for account in banner["accounts"]] == [wallet.address for wallet in FUNDED]
        token = banner["markets"][0]["token_ids"][0]
        book = await ask(banner, f"/book?token_id={token}")
        assert min(len(book["bids"]), len(book["asks"])) >= 3
        async with open_websocket_url(banner["market_ws_url"]) as socket:
            await socket.send_message(json.dumps({"type": "market", "assets_ids": [token]}))
            assert json.loads(await socket.get_message())[0]["asset_id"] == token


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_ends_it_with_exit_0_and_a_whole_ledger(number: signal.Signals, tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    async with exchange("--ledger", str(path)) as (process, _):
        process.send_signal(number)
        with trio.fail_after(5):
            assert await process.wait() == 0
    assert path.read_text().endswith("\n")
    assert len(read_ledger(path)) > 50


async def test_it_dies_with_its_stdin_when_asked_to() -> None:
    async with exchange("--die-with-stdin") as (process, _):
        assert process.stdin is not None
        await process.stdin.aclose()
        with trio.fail_after(5):
            assert await process.wait() == 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--host", "0.0.0.0"], "binds loopback only: '0.0.0.0' is refused"),
        (["--host", "example.org"], "binds loopback only"),
        (["--faults", "/nonexistent.json"], "No such file"),
        (["--ledger", "/nonexistent/ledger"], "No such file"),
        (["--port", "70000"], "70000"),
    ],
)
async def test_nonsense_is_refused_with_exit_2_and_one_line(options: list[str], message: str) -> None:
    done = await finished(*options)
    assert done.returncode == 2
    assert message in done.stderr.decode()
    assert "Traceback" not in done.stderr.decode()


async def test_a_bad_fault_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "faults.json"
    path.write_text('[{"kind":"meteor"}]')
    done = await finished("--faults", str(path))
    assert (done.returncode, b"unknown kind" in done.stderr) == (2, True)


async def test_a_taken_port_is_a_clear_error() -> None:
    async with exchange() as (_, banner):
        port = banner["clob_url"].rsplit(":", 1)[1]
        done = await finished("--port", port)
        assert (done.returncode, b"Traceback" in done.stderr) == (2, False)
        assert b"in use" in done.stderr


async def test_without_json_a_person_can_read_it() -> None:
    process = await trio.lowlevel.open_process(COMMAND, stdout=subprocess.PIPE)
    assert process.stdout is not None
    with trio.fail_after(20):
        text = b""
        while b"Ctrl-C" not in text:
            text += await process.stdout.receive_some()
    process.terminate()
    assert await process.wait() == 0
    await process.stdout.aclose()
    assert b"demo-election" in text
    assert FUNDED[0].address.encode() in text
