"""The emulator as a process: its options, its life between the first line and the last, and the ways to end.

Decides no trade.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Collection
from functools import partial
from pathlib import Path
from typing import Any

import trio
from attrs import frozen

from adapters.emulator.banner import banner_of, print_json, print_summary, summary_of
from adapters.emulator.doors import Doors, NoDoor, NotLoopback, check_loopback, open_doors, ports, serve_sockets
from adapters.emulator.emulator import Emulator, build
from adapters.emulator.faults import Faults, load
from adapters.emulator.faults_listed import Listed
from adapters.emulator.faults_where import Where
from adapters.emulator.flow_choice import choose
from adapters.emulator.ledger import Ledger
from adapters.emulator.ledger_file import LedgerFile
from adapters.emulator.limits import OFF
from adapters.emulator.recorded_flow import RecordedFlow

__all__ = [
    "BadFile",
    "NoDoor",
    "NotLoopback",
    "Options",
    "banner_of",
    "check_loopback",
    "print_json",
    "print_summary",
    "serve",
]

_STOPS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
_GOING_AWAY = 1001

Announce = Callable[[dict[str, Any]], None]


class BadFile(Exception):
    """A file that an option names cannot be used; names both and the reason."""

    def __init__(self, option: str, path: Path, problem: OSError) -> None:
        super().__init__(f"--{option} {path}: {problem.strerror or problem}")


@frozen
class Options:
    """`port` is of the CLOB's REST, the sockets and the other services get the next ones; 0 takes any free ones.

    `flow`, `speed` and `loop` are as in `flow_choice.choose`. `ledger` is begun anew (`LedgerFile`).
    """

    host: str = "127.0.0.1"
    port: int = 0
    seed: int = 1
    faults: Path | None = None
    ledger: Path | None = None
    flow: str | bool = True
    die_with_stdin: bool = False
    limits: str = OFF
    speed: float = 1.0
    loop: bool = False


async def serve(options: Options, announce: Announce, wall: Callable[[], float], early: Collection[int] = ()) -> None:
    """Run until SIGTERM, SIGINT, SIGHUP or (if asked) the end of stdin; the ledger is complete afterwards.

    `announce` is called with the banner when all ports answer and the books are full, and again at the end with
    `{"summary": …}` if there is anything to tell. `early` are signals that came before this call: with any, nothing
    starts. Raises NotLoopback, NoDoor, BadFile, faults.BadFaults and what `flow_choice.choose` raises.
    """
    check_loopback(options.host)
    stop = trio.Event()
    async with trio.open_nursery() as nursery:
        await nursery.start(_until_signal, stop, early)
        if options.die_with_stdin:
            nursery.start_soon(_until_stdin_ends, stop)
        if not stop.is_set():
            await _live(options, announce, wall, stop)
        nursery.cancel_scope.cancel()


async def _live(options: Options, announce: Announce, wall: Callable[[], float], stop: trio.Event) -> None:
    choice = choose(options.flow, options.speed, loop=options.loop)
    faults = _load(options.faults, Listed(choice.listings(options.seed), choice.series))
    doors = await open_doors(options.host, options.port)
    ledger = Ledger(wall)
    file = LedgerFile(options.ledger, ledger) if options.ledger else None
    try:
        emulator = build(options.seed, wall=wall, ledger=ledger, faults=faults, flow=choice, limits=options.limits)
        if file is not None:
            _begin(file)
        banner = banner_of(emulator, options.host, ports(doors))
        await _serve(emulator, doors, stop, lambda: announce({**banner, "in_force": _in_force(options, emulator)}))
        if summary := summary_of(emulator):
            announce({"summary": summary})
    finally:
        ledger.close()


async def _serve(emulator: Emulator, doors: Doors, stop: trio.Event, ready: Callable[[], None]) -> None:
    """All services until `stop`; then every WebSocket is closed with 1001 before the process goes away."""
    async with trio.open_nursery() as nursery:
        nursery.start_soon(emulator.run)
        for name in emulator.services:
            nursery.start_soon(trio.serve_listeners, partial(emulator.serve_rest, service=name), [doors[name]])
        ready()
        goodbye = partial(emulator.desk.faults.lines.cut, Where(), _GOING_AWAY)
        await serve_sockets(doors["sockets"], emulator.serve_socket, stop, goodbye)
        nursery.cancel_scope.cancel()


def _load(path: Path | None, listed: Listed) -> Faults:
    try:
        return load(path, listed) if path else Faults()
    except OSError as problem:
        assert path is not None
        raise BadFile("faults", path, problem) from problem


def _begin(file: LedgerFile) -> None:
    try:
        file.begin()
    except OSError as problem:
        raise BadFile("ledger", file.path, problem) from problem


def _in_force(options: Options, emulator: Emulator) -> dict[str, Any]:
    """What this run was asked for; `speed` and `loop` are null without a recording."""
    flow = options.flow if isinstance(options.flow, str) else "demo" if options.flow else "none"
    recorded = isinstance(emulator.flow, RecordedFlow)
    return {
        "seed": options.seed,
        "flow": flow,
        "speed": options.speed if recorded else None,
        "loop": options.loop if recorded else None,
        "faults": len(emulator.desk.faults.all),
        "limits": options.limits,
        "ledger": str(options.ledger) if options.ledger else None,
    }


async def _until_signal(
    stop: trio.Event, early: Collection[int], task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED
) -> None:
    with trio.open_signal_receiver(*_STOPS) as signals:
        if early:
            stop.set()
        task_status.started()
        async for _ in signals:
            stop.set()


async def _until_stdin_ends(stop: trio.Event) -> None:
    """A parent that dies closes our stdin: so no orphan stays, even after kill -9."""
    async with trio.lowlevel.FdStream(os.dup(sys.stdin.fileno())) as stdin:
        while await stdin.receive_some():
            pass
    stop.set()
