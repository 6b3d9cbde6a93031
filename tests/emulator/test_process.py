"""The emulator as a real child process: what it announces, what it refuses, and how it ends."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
import trio
from trio_websocket import open_websocket_url

from actors.signals import STOPS
from adapters.emulator import server
from adapters.emulator.accounts import FUNDED
from tests.emulator.harness import Rest
from tests.emulator.ledger_reader import read_ledger
from tests.emulator.recorded_client import OPENING
from tests.emulator.recordings import write
from tests.emulator.test_doors import HANDSHAKE

pytestmark = pytest.mark.process

COMMAND = [sys.executable, "-m", "actors", "exchange"]


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
            "in_force",
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


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
async def test_signals_however_many_end_it_with_exit_0_and_a_whole_ledger(
    number: signal.Signals, tmp_path: Path
) -> None:
    """The second one comes in 2 ms, and more of all kinds until the process is gone."""
    path = tmp_path / "ledger.jsonl"
    async with exchange("--ledger", str(path)) as (process, _):
        with trio.fail_after(5):
            for each in cycle((number, *STOPS)):
                process.send_signal(each)
                await trio.sleep(0.002)
                if process.poll() is not None:
                    break
        assert process.returncode == 0
    assert path.read_text().endswith("\n")
    assert len(read_ledger(path)) > 50


@pytest.mark.skipif(not Path("/proc/self/status").is_file(), reason="needs /proc to see when signals are caught")
@pytest.mark.parametrize("number", STOPS)
async def test_a_signal_while_it_still_imports_ends_it_with_exit_0(number: signal.Signals) -> None:
    process = await trio.lowlevel.open_process(COMMAND, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert process.stdout is not None
    with trio.fail_after(20):
        while not catches_stops(process.pid):
            await trio.lowlevel.checkpoint()
        process.send_signal(number)
        assert await process.wait() == 0
        said = b"".join([chunk async for chunk in process.stdout])
    await process.stdout.aclose()
    assert b"Aborted" not in said
    assert b"Traceback" not in said


def catches_stops(pid: int) -> bool:
    """SIGHUP is the last that is caught; Python itself never does."""
    caught = re.search(r"SigCgt:\s*(\w+)", Path(f"/proc/{pid}/status").read_text())
    return caught is not None and bool(int(caught[1], 16) >> (signal.SIGHUP - 1) & 1)


async def test_after_an_early_signal_nothing_starts_and_no_file_is_touched(tmp_path: Path) -> None:
    ledger, told = tmp_path / "ledger.jsonl", list[dict[str, Any]]()
    with trio.fail_after(2):
        await server.serve(server.Options(ledger=ledger), told.append, time.time, [signal.SIGINT])
    assert (told, os.listdir(tmp_path)) == ([], [])


async def test_a_reader_who_has_left_does_not_change_the_exit_code(tmp_path: Path) -> None:
    async with exchange("--flow", str(write(tmp_path, OPENING))) as (process, _):
        assert process.stdout is not None
        await process.stdout.aclose()
        process.terminate()
        with trio.fail_after(5):
            assert await process.wait() == 0


async def test_when_it_stops_a_websocket_is_closed_with_1001() -> None:
    async with exchange() as (process, banner):
        host, port = banner["rtds_ws_url"].removeprefix("ws://").rstrip("/").split(":")
        async with await trio.open_tcp_stream(host, int(port)) as stream:
            await stream.send_all(HANDSHAKE)
            assert b" 101 " in await stream.receive_some()
            process.terminate()
            with trio.fail_after(5):
                assert await stream.receive_some() == b"\x88\x02\x03\xe9"
        with trio.fail_after(5):
            assert await process.wait() == 0


async def test_a_former_ledger_is_kept_once_and_only_when_the_new_one_begins(tmp_path: Path) -> None:
    ledger, former = tmp_path / "ledger.jsonl", tmp_path / "ledger.jsonl.1"
    ledger.write_text("the first\n")
    former.write_text("older\n")
    assert (await finished("--ledger", str(ledger), "--flow", "bussy")).returncode == 2
    assert (ledger.read_text(), former.read_text()) == ("the first\n", "older\n")
    async with exchange("--ledger", str(ledger)) as (process, banner):
        assert former.read_text() == "the first\n"
        assert read_ledger(ledger)[0].line["id"] == 1
        assert banner["in_force"]["ledger"] == str(ledger)
        process.terminate()
        await process.wait()
    assert sorted(os.listdir(tmp_path)) == [ledger.name, former.name]


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
        (["--faults", "/nonexistent.json"], "exchange: --faults /nonexistent.json: No such file or directory"),
        (["--ledger", "/nonexistent/ledger"], "exchange: --ledger /nonexistent/ledger: No such file or directory"),
        (["--ledger", "/"], "exchange: --ledger /: Is a directory"),
        (["--port", "65531"], "65531: six consecutive ports are needed"),
        (["--port", "-1"], "-1: six consecutive ports are needed"),
        (["--speed", "20"], "--speed can only be used with a recording: --flow demo has its own pace"),
        (["--flow", "busy", "--loop"], "--loop can only be used with a recording: --flow busy"),
        (["--flow", "none", "--speed", "1", "--loop"], "--speed and --loop can only be used with a recording"),
        (["--flow", "busy", "--flow", "crypto"], "given 2 times (busy, crypto): an exchange has one flow"),
    ],
)
async def test_nonsense_is_refused_with_exit_2_and_a_reason(options: list[str], message: str) -> None:
    done = await finished(*options)
    assert done.returncode == 2
    assert message in done.stderr.decode()
    assert "Traceback" not in done.stderr.decode()


async def test_a_bad_fault_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "faults.json"
    path.write_text('[{"kind":"meteor"},{"kind":"status","code":500,"market":"demo-cops"}]')
    done = await finished("--faults", str(path), "--ledger", str(tmp_path / "ledger.jsonl"))
    first, second = done.stderr.decode().splitlines()
    assert first.startswith(f"exchange: {path}: fault 1 (meteor): kind must be one of ")
    assert second.startswith(f"exchange: {path}: fault 2 (status): market must be ")
    assert (done.returncode, os.listdir(tmp_path)) == (2, [path.name])


async def test_a_taken_port_is_a_clear_error() -> None:
    async with exchange() as (_, banner):
        port = banner["clob_url"].rsplit(":", 1)[1]
        done = await finished("--port", port)
        assert (done.returncode, b"Traceback" in done.stderr) == (2, False)
        assert f"exchange: port {port} (clob): Address already in use".encode() in done.stderr
        assert f"needs all of {port}-{int(port) + 5}".encode() in done.stderr


async def test_without_json_a_person_can_read_it() -> None:
    process = await trio.lowlevel.open_process([*COMMAND, "--rate-limits", "standard"], stdout=subprocess.PIPE)
    assert process.stdout is not None
    with trio.fail_after(20):
        text = b""
        while b"Ctrl-C" not in text:
            text += await process.stdout.receive_some()
    process.terminate()
    assert await process.wait() == 0
    await process.stdout.aclose()
    assert b"demo-election" in text
    assert b"in force  seed 1, flow demo, no faults, limits standard, no ledger" in text
