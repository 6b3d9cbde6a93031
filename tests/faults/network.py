"""The network in memory: the real adapters' bytes travel to the emulator's real servers over stream pairs.

Every connection belongs to one life of the bot. A life that is killed loses them all at once, and whatever its dying
code still tries to send goes nowhere. Each chunk takes a moment that the seed draws, so answers overtake each other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from random import Random
from typing import Any

import httpcore
import httpx
import trio
import trio.testing
from attrs import define, field

from adapters.emulator.emulator import Emulator

Latency = Callable[[], float]
_SLOW_START = 0.015  # s


@define(eq=False)
class Wire(trio.abc.Stream):
    """The bot's end of a connection. `open` is False once either side or the life has ended it."""

    _stream: trio.abc.Stream
    _latency: Latency
    open: bool = True
    _late: bytes = b""

    async def send_all(self, data: bytes | bytearray | memoryview) -> None:
        if self._latency() > _SLOW_START:  # most leave at once: each pause costs the simulation a turn of the loop
            await trio.sleep(self._latency())
        if not self.open:
            raise trio.BrokenResourceError("the connection is gone")
        await self._stream.send_all(data)

    async def receive_some(self, max_bytes: int | None = None) -> bytes:
        """A chunk, a moment after it was sent; a reader cancelled in that moment finds it again."""
        if not self._late:
            self._late = bytes(await self._stream.receive_some(max_bytes))
            await trio.sleep(self._latency())
        data, self._late = self._late, b""
        return data if self.open else b""

    async def wait_send_all_might_not_block(self) -> None:
        await trio.lowlevel.checkpoint()

    async def aclose(self) -> None:
        self.open = False
        await self._stream.aclose()

    async def cut(self) -> None:
        """As the kernel does with a dead process' sockets: the other side sees the end, this side nothing more."""
        self.open = False
        await trio.aclose_forcefully(self._stream)


@define(eq=False)
class Served(trio.abc.Stream):
    """The exchange's end; it tells the bot's end when it closes, for `is_readable` of an idle connection."""

    _stream: trio.abc.Stream
    wire: Wire

    async def send_all(self, data: bytes | bytearray | memoryview) -> None:
        await self._stream.send_all(data)

    async def receive_some(self, max_bytes: int | None = None) -> bytes:
        return bytes(await self._stream.receive_some(max_bytes))

    async def wait_send_all_might_not_block(self) -> None:
        await trio.lowlevel.checkpoint()

    async def aclose(self) -> None:
        self.wire.open = False
        await self._stream.aclose()


@define(eq=False)
class Network:
    """Connections of one life of the bot to one exchange; `cut` is its death."""

    emulator: Emulator
    nursery: trio.Nursery
    random: Random
    slowest: float = 0.02
    alive: bool = True
    down: bool = False
    _wires: list[Wire] = field(factory=list)

    async def open_stream(self, host: str, port: int, tls: bool) -> trio.abc.Stream:
        """A connection to the service called `host`. Raises OSError where nothing answers."""
        await trio.sleep(self._latency())
        if self.down or not self.alive:
            raise OSError(f"connection to {host} refused")
        ours, theirs = trio.testing.memory_stream_pair()
        wire = Wire(ours, self._latency)
        self._wires = [known for known in self._wires if known.open]
        self._wires.append(wire)
        served = Served(theirs, wire)
        if host == "sockets":
            self.nursery.start_soon(self.emulator.serve_socket, served, name="exchange socket")
        else:
            self.nursery.start_soon(self.emulator.serve_rest, served, host, name=f"exchange {host}")
        return wire

    def transport(self) -> httpx.AsyncHTTPTransport:
        """An httpx transport over these connections. Keep-alive never expires: httpcore would ask the wall clock."""
        transport = httpx.AsyncHTTPTransport(verify=False, trust_env=False)
        transport._pool = httpcore.AsyncConnectionPool(
            max_connections=32, max_keepalive_connections=32, network_backend=_Backend(self)
        )
        return transport

    def die(self) -> None:
        """From this very step on nothing of this life goes out or comes in."""
        self.alive = False
        for wire in self._wires:
            wire.open = False

    async def cut(self) -> None:
        """End every connection, as the kernel does for a dead process or a pulled cable."""
        wires, self._wires = self._wires, []
        for wire in wires:
            await wire.cut()

    def _latency(self) -> float:
        return self.random.uniform(0.0002, self.slowest)


@define(eq=False)
class _Backend(httpcore.AsyncNetworkBackend):
    network: Network

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        try:
            with trio.fail_after(timeout or float("inf")):
                stream = await self.network.open_stream(host, port, False)
        except OSError as refused:
            raise httpcore.ConnectError(str(refused)) from refused
        except trio.TooSlowError as slow:
            raise httpcore.ConnectTimeout(str(slow)) from slow
        assert isinstance(stream, Wire)
        return _HttpStream(stream)


@define(eq=False)
class _HttpStream(httpcore.AsyncNetworkStream):
    """httpcore's view of a wire, with its time-outs and its errors."""

    wire: Wire

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        try:
            with trio.fail_after(timeout or float("inf")):
                return await self.wire.receive_some(max_bytes)
        except trio.TooSlowError as slow:
            raise httpcore.ReadTimeout(str(slow)) from slow
        except (trio.BrokenResourceError, trio.ClosedResourceError) as broken:
            raise httpcore.ReadError(str(broken)) from broken

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        try:
            with trio.fail_after(timeout or float("inf")):
                await self.wire.send_all(buffer)
        except trio.TooSlowError as slow:
            raise httpcore.WriteTimeout(str(slow)) from slow
        except (trio.BrokenResourceError, trio.ClosedResourceError) as broken:
            raise httpcore.WriteError(str(broken)) from broken

    async def aclose(self) -> None:
        await self.wire.aclose()

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401 - httpcore's
        return not self.wire.open if info == "is_readable" else None
