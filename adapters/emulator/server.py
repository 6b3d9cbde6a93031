"""The emulator as a process: loopback listeners, the line that says where, and the ways to end. Decides no trade."""

from __future__ import annotations

import ipaddress
import json
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import trio
from attrs import frozen

from actors.model.numbers import format_price, format_size
from adapters.emulator import wallets
from adapters.emulator.accounts import FUNDED, FUNDING, TestWallet
from adapters.emulator.emulator import Emulator, build
from adapters.emulator.faults import Faults, load
from adapters.emulator.ledger import Ledger
from adapters.emulator.limits import OFF
from adapters.emulator.routes_relayer import key_of

_SOCKETS = {"/ws/market": "market", "/ws/user": "user", "/ws": "spot", "/": "rtds"}  # path: name in the banner

_ADDRESSES = ("clob_url", "gamma_url", "data_url", "relayer_url", "market_ws_url", "user_ws_url", "spot_ws_url")


class NotLoopback(ValueError):
    """The emulator serves this machine only: its keys are public and its REST is plain HTTP."""


@frozen
class Options:
    """`port` is of the CLOB's REST, the sockets and the other services get the next ones; 0 takes any free ones.

    `flow`, `speed` and `loop` are as in `flow_choice.choose`.
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

    `announce` is called when both ports answer and the books are full, and again at the end with what a recorded flow
    counted. Raises NotLoopback, OSError (ports, files), faults.BadFaults and what `flow_choice.choose` raises.
    """
    check_loopback(options.host)
    faults = load(options.faults) if options.faults else Faults()
    ledger = Ledger.to(options.ledger, wall)
    try:
        async with trio.open_nursery() as nursery:
            await nursery.start(_until_signal, nursery.cancel_scope)
            if options.die_with_stdin:
                nursery.start_soon(_until_stdin_ends, nursery.cancel_scope)
            emulator = _build(options, ledger, faults, wall)
            doors = await _open_doors(emulator, options)
            nursery.start_soon(emulator.run)
            for door in doors.values():
                nursery.start_soon(trio.serve_listeners, door.serve, [door.listener])
            announce(banner_of(emulator, options.host, {name: _port(door.listener) for name, door in doors.items()}))
        counted = {} if emulator.flow is None else emulator.flow.summary()
        if counted:
            announce({"flow": counted})
    finally:
        ledger.close()


def _build(options: Options, ledger: Ledger, faults: Faults, wall: Callable[[], float]) -> Emulator:
    return build(
        options.seed,
        wall=wall,
        ledger=ledger,
        faults=faults,
        flow=options.flow,
        limits=options.limits,
        speed=options.speed,
        loop=options.loop,
    )


def print_json(banner: dict[str, Any]) -> None:
    """One line; a reader who has left by the end misses nothing."""
    with suppress(BrokenPipeError):
        print(json.dumps(banner), flush=True)


def print_summary(banner: dict[str, Any]) -> None:
    """What a person wants to read."""
    if "flow" in banner:
        print("flow: " + ", ".join(f"{key} {value}" for key, value in banner["flow"].items()), flush=True)
        return
    lines = [
        "Polymarket emulator (practice only: public keys, invented money)",
        *(f"  {key.removesuffix('_url'):<9} {url}" for key, url in banner.items() if key.endswith("_url") and url),
        *(f"  market   {m['slug']:<14} tick {m['tick']:<6} {m['condition_id']}" for m in banner["markets"]),
        *(f"  account  {a['address']}  key {a['private_key']}" for a in banner["accounts"]),
        f"  each account holds {FUNDING // 10**6} pUSD; stop with Ctrl-C",
    ]
    print("\n".join(lines), flush=True)


@frozen
class _Door:
    """A listener and what answers behind it."""

    listener: trio.SocketListener
    serve: Callable[[trio.SocketStream], Awaitable[None]]


async def _open_doors(emulator: Emulator, options: Options) -> dict[str, _Door]:
    """The CLOB first, the sockets next, then the other services. Raises OSError for a port that is taken."""
    clob, *others = emulator.services
    doors: dict[str, _Door] = {}
    for number, name in enumerate((clob, "sockets", *others)):
        serve = emulator.serve_socket if name == "sockets" else partial(emulator.serve_rest, service=name)
        port = options.port + number if options.port else 0
        listeners = await trio.open_tcp_listeners(port, host=options.host)
        doors[name] = _Door(listeners[0], serve)
    return doors


def banner_of(emulator: Emulator, host: str, ports: Mapping[str, int]) -> dict[str, Any]:
    """All a client needs to begin; `ports` are by service, `sockets` among them."""
    at = f"[{host}]" if ":" in host else host
    rest = {f"{name}_url": f"http://{at}:{port}" for name, port in ports.items() if name != "sockets"}
    sockets = {
        f"{name}_ws_url": f"ws://{at}:{ports['sockets']}{path}"
        for path, name in _SOCKETS.items()
        if path in emulator.channels
    }
    return {
        **dict.fromkeys(_ADDRESSES),
        **rest,
        **sockets,
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
        "accounts": [_account(wallet, emulator.desk.keys.seed) for wallet in FUNDED],
    }


def _account(key: TestWallet, seed: int) -> dict[str, str]:
    """A throw-away key, the wallets that it owns (all funded alike), and what it shows the relayer."""
    owned = wallets.of(key.address)
    own = {"proxy": owned.proxy, "safe": owned.safe, "deposit_wallet": owned.deposit}
    relayer = {"relayer_api_key": key_of(seed, key.address)}
    return {"private_key": key.private_key, "address": key.address, **own, **relayer}


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
