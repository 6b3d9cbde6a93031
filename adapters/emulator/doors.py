"""Where the exchange listens: six loopback ports, one a service, and the sockets' polite end. Knows no service itself."""

from __future__ import annotations

import ipaddress
from collections.abc import Awaitable, Callable
from functools import partial

import trio

SERVICES = ("clob", "sockets", "gamma", "data", "relayer", "rpc")  # in order of their ports
_GOODBYE_WITHIN = 0.5

Doors = dict[str, trio.SocketListener]
Serve = Callable[[trio.SocketStream], Awaitable[object]]


class NotLoopback(ValueError):
    """The emulator serves this machine only: its keys are public and its REST is plain HTTP."""


class NoDoor(Exception):
    """A port cannot be had; names it, its service and the reason."""


def check_loopback(host: str) -> None:
    """Raises NotLoopback for anything but a literal loopback address or `localhost`."""
    try:
        if host == "localhost" or ipaddress.ip_address(host).is_loopback:
            return
    except ValueError:
        pass
    raise NotLoopback(f"the exchange binds loopback only: {host!r} is refused, use 127.0.0.1")


async def open_doors(host: str, port: int) -> Doors:
    """Listeners by service, on `port` and the five after it, or with 0 on any free ones, ascending. Raises NoDoor."""
    doors: Doors = {}
    for number, name in enumerate(SERVICES):
        try:
            doors[name] = await _open(host, port + number if port else 0)
        except OSError as problem:
            for door in doors.values():
                await door.aclose()
            which = f"port {port + number} ({name})" if port else f"a port for {name} on {host}"
            also = f"; the exchange needs all of {port}-{port + len(SERVICES) - 1}" if port else ""
            raise NoDoor(f"{which}: {problem.strerror or problem}{also}") from problem
    ascending = sorted(doors.values(), key=_number)
    return dict(zip(SERVICES, ascending, strict=True))


async def _open(host: str, port: int) -> trio.SocketListener:
    """One listener: `localhost` may stand for two addresses, of which the first is announced and served."""
    first, *others = await trio.open_tcp_listeners(port, host=host)
    for other in others:
        await other.aclose()
    return first


def ports(doors: Doors) -> dict[str, int]:
    return {name: _number(door) for name, door in doors.items()}


def _number(door: trio.SocketListener) -> int:
    return int(door.socket.getsockname()[1])


async def serve_sockets(
    door: trio.SocketListener, serve: Serve, stop: trio.Event, say_goodbye: Callable[[], object]
) -> None:
    """Serve until `stop`, then let nobody in any more and give those inside half a second to go after the goodbye."""
    async with trio.open_nursery() as inside:
        async with trio.open_nursery() as entrance:
            entrance.start_soon(partial(trio.serve_listeners, serve, [door], handler_nursery=inside))
            await stop.wait()
            entrance.cancel_scope.cancel()
        say_goodbye()
        inside.cancel_scope.deadline = trio.current_time() + _GOODBYE_WITHIN
