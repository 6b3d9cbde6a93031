"""The network in memory: the real adapters' bytes travel to the emulator's real servers over stream pairs.

Every connection belongs to one life of the bot. A life that is killed loses them all at once, and whatever its dying
code still tries to send goes nowhere. Each chunk takes a moment that the seed draws, so answers overtake each other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from math import inf
from random import Random
from typing import Any

import httpcore
import httpx
import trio
from attrs import define, field

from adapters.emulator.emulator import Emulator

Latency = Callable[[], float]
_LATE = 0.3  # the part of all chunks that take a moment: each pause costs the simulation turns of the loop


@define(eq=False)
class Pipe:
    """Bytes on their way in one direction; unbounded, as two sockets on one machine nearly are."""

    closed: bool = False
    _waiting: bytearray = field(factory=bytearray)
    _reader: trio.lowlevel.Task | None = None

    def put(self, data: bytes | bytearray | memoryview) -> None:
        self._waiting += data
        self._wake()

    def close(self) -> None:
        self.closed = True
        self._wake()

    async def get(self, most: int | None) -> bytes:
        """What is there, at least a byte; nothing at the end. Cancelled while waiting, it has taken nothing."""
        if self._waiting or self.closed:
            await trio.lowlevel.checkpoint()
        else:
            self._reader = trio.lowlevel.current_task()
            await trio.lowlevel.wait_task_rescheduled(self._abort)
        data = bytes(self._waiting[: most or len(self._waiting)])
        del self._waiting[: len(data)]
        return data

    def _abort(self, _: object) -> trio.lowlevel.Abort:
        self._reader = None
        return trio.lowlevel.Abort.SUCCEEDED

    def _wake(self) -> None:
        if self._reader is not None:
            reader, self._reader = self._reader, None
            trio.lowlevel.reschedule(reader)


@define(eq=False)
class End(trio.abc.Stream):
    """One end of a connection over two pipes. `latency` is what a chunk may take to arrive here, 0 at the exchange's end."""

    _theirs: Pipe
    _ours: Pipe
    _latency: Latency
    open: bool = True
    _late: bytes = b""

    async def send_all(self, data: bytes | bytearray | memoryview) -> None:
        await trio.lowlevel.checkpoint()
        if not self.open:
            raise trio.ClosedResourceError("this end is closed")
        if self._theirs.closed or self._ours.closed:
            raise trio.BrokenResourceError("the other end is gone")
        self._theirs.put(data)

    async def receive_some(self, max_bytes: int | None = None) -> bytes:
        """A chunk, perhaps a moment after it was sent; a reader cancelled in that moment finds it again."""
        if not self._late:
            self._late = await self._ours.get(max_bytes)
            if pause := self._latency():
                await trio.sleep(pause)
        data, self._late = self._late, b""
        return data if self.open else b""

    async def wait_send_all_might_not_block(self) -> None:
        await trio.lowlevel.checkpoint()

    async def aclose(self) -> None:
        self.cut()
        await trio.lowlevel.checkpoint()

    def cut(self) -> None:
        """As the kernel does with a dead process' sockets: the other side reads what was sent, then the end."""
        self.open = False
        self._theirs.close()

    @property
    def readable(self) -> bool:
        """Whether an idle connection would read the other side's end: httpcore then takes another one."""
        return self._ours.closed or not self.open


@define(eq=False)
class Network:
    """Connections of one life of the bot to one exchange; `cut` is its death."""

    emulator: Emulator
    nursery: trio.Nursery
    random: Random
    slowest: float = 0.02
    alive: bool = True
    down: bool = False
    _wires: list[End] = field(factory=list)

    async def open_stream(self, host: str, port: int, tls: bool) -> trio.abc.Stream:
        """A connection to the service called `host`. Raises OSError where nothing answers."""
        await trio.sleep(self._latency())
        if self.down or not self.alive:
            raise OSError(f"connection to {host} refused")
        up, down = Pipe(), Pipe()
        wire, served = End(up, down, self._latency), End(down, up, lambda: 0.0)
        self._wires = [known for known in self._wires if known.open]
        self._wires.append(wire)
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
            wire.cut()
        await trio.lowlevel.checkpoint()

    def _latency(self) -> float:
        return self.random.uniform(0.0002, self.slowest) if self.random.random() < _LATE else 0.0


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
        assert isinstance(stream, End)
        return _HttpStream(stream)


@define(eq=False)
class _HttpStream(httpcore.AsyncNetworkStream):
    """httpcore's view of a wire, with its time-outs and its errors."""

    wire: End

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        try:
            with trio.move_on_after(timeout or inf):
                return await self.wire.receive_some(max_bytes)
        except (trio.BrokenResourceError, trio.ClosedResourceError) as broken:
            raise httpcore.ReadError(str(broken)) from broken
        raise httpcore.ReadTimeout(f"nothing for {timeout:g} s")

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """No time-out: a wire takes whatever it is given at once."""
        try:
            await self.wire.send_all(buffer)
        except (trio.BrokenResourceError, trio.ClosedResourceError) as broken:
            raise httpcore.WriteError(str(broken)) from broken

    async def aclose(self) -> None:
        await self.wire.aclose()

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401 - httpcore's
        return self.wire.readable if info == "is_readable" else None
