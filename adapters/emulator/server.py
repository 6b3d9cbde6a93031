"""The emulator as a process: loopback listeners, the line that says where, and the ways to end. Decides no trade."""

from __future__ import annotations

import ipaddress
import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import trio
from attrs import frozen

from actors.model.numbers import format_price, format_size
from adapters.emulator.accounts import FUNDED, FUNDING
from adapters.emulator.emulator import Emulator, build
from adapters.emulator.faults import Faults, load
from adapters.emulator.ledger import Ledger


class NotLoopback(ValueError):
    """The emulator serves this machine only: its keys are public and its REST is plain HTTP."""


@frozen
class Options:
    """`port` is of REST, the sockets get the next one; 0 takes any two free ones."""

    host: str = "127.0.0.1"
    port: int = 0
    seed: int = 1
    faults: Path | None = None
    ledger: Path | None = None
    flow: bool = True
    die_with_stdin: bool = False


def check_loopback(host: str) -> None:
    """Raises NotLoopback for anything but a literal loopback address or `localhost`."""
    try:
        if host == "localhost" or ipaddress.ip_address(host).is_loopback:
            return
    except ValueError:
        pass
    raise NotLoopback(f"the exchange binds loopback only: {host!r} is refused, use 127.0.0.1")


async def serve(options: Options, announce: Callable[[dict[str, Any]], None], wall: Callable[[], float]) -> None:
    """Run until SIGTERM, SIGINT or (if asked) the end of stdin; the ledger is complete afterwards.

    `announce` is called once, when both ports answer and the books are full. Raises NotLoopback, OSError (ports,
    files) and faults.BadFaults.
    """
    check_loopback(options.host)
    faults = load(options.faults) if options.faults else Faults()
    ledger = Ledger.to(options.ledger, wall)
    try:
        async with trio.open_nursery() as nursery:
            await nursery.start(_until_signal, nursery.cancel_scope)
            if options.die_with_stdin:
                nursery.start_soon(_until_stdin_ends, nursery.cancel_scope)
            emulator = build(options.seed, wall=wall, ledger=ledger, faults=faults, flow=options.flow)
            socket_port = options.port + 1 if options.port else 0
            rest = await trio.open_tcp_listeners(options.port, host=options.host)
            sockets = await trio.open_tcp_listeners(socket_port, host=options.host)
            nursery.start_soon(trio.serve_listeners, emulator.serve_rest, rest[:1])
            nursery.start_soon(trio.serve_listeners, emulator.serve_socket, sockets[:1])
            nursery.start_soon(emulator.run)
            announce(_banner(emulator, options.host, _port(rest[0]), _port(sockets[0])))
    finally:
        ledger.close()


def print_json(banner: dict[str, Any]) -> None:
    print(json.dumps(banner), flush=True)


def print_summary(banner: dict[str, Any]) -> None:
    """What a person wants to read."""
    lines = [
        "Polymarket emulator (practice only: public keys, invented money)",
        f"  REST     {banner['clob_url']}",
        f"  sockets  {banner['market_ws_url']}  {banner['user_ws_url']}",
        *(f"  market   {m['slug']:<14} tick {m['tick']:<6} {m['condition_id']}" for m in banner["markets"]),
        *(f"  account  {a['address']}  key {a['private_key']}" for a in banner["accounts"]),
        f"  each account holds {FUNDING // 10**6} pUSD; stop with Ctrl-C",
    ]
    print("\n".join(lines), flush=True)


def _banner(emulator: Emulator, host: str, rest: int, sockets: int) -> dict[str, Any]:
    at = f"[{host}]" if ":" in host else host
    return {
        "clob_url": f"http://{at}:{rest}",
        "gamma_url": None,
        "data_url": None,
        "relayer_url": None,
        "market_ws_url": f"ws://{at}:{sockets}/ws/market",
        "user_ws_url": f"ws://{at}:{sockets}/ws/user",
        "spot_ws_url": None,
        "markets": [
            {
                "slug": listing.market.slug,
                "condition_id": listing.market.condition_id,
                "token_ids": list(listing.market.tokens),
                "tick": format_price(listing.market.tick),
                "min_size": format_size(listing.market.min_size),
            }
            for listing in emulator.exchange.listings.all
        ],
        "accounts": [{"private_key": wallet.private_key, "address": wallet.address} for wallet in FUNDED],
    }


def _port(listener: trio.SocketListener) -> int:
    return int(listener.socket.getsockname()[1])


async def _until_signal(scope: trio.CancelScope, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
    with trio.open_signal_receiver(signal.SIGTERM, signal.SIGINT) as signals:
        task_status.started()
        async for _ in signals:
            scope.cancel()


async def _until_stdin_ends(scope: trio.CancelScope) -> None:
    """A parent that dies closes our stdin: so no orphan stays, even after kill -9."""
    async with trio.lowlevel.FdStream(os.dup(sys.stdin.fileno())) as stdin:
        while await stdin.receive_some():
            pass
    scope.cancel()
