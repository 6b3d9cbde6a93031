"""The venue's sockets and the journal, in memory: what they deliver, lose, repeat and refuse is up to the test."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from math import inf
from typing import Any

import trio
from attrs import define, field

from actors.messages import BookSnapshot, MarketEvent
from actors.model.day import Day
from actors.model.income import Takings
from actors.model.ramp import Ramp
from actors.model.tally import Tally
from actors.model.tenure import Tenure
from actors.model.trading import Standing
from actors.ports import Disconnected
from actors.records import Batch, Intent, Memory, Note, Row
from tests.venue import Event


@define(eq=False)
class Wire:
    """One connection's way to the bot; None ends it."""

    _send: trio.MemorySendChannel[Sequence[Event] | Sequence[MarketEvent] | None]
    _receive: trio.MemoryReceiveChannel[Sequence[Event] | Sequence[MarketEvent] | None]

    @classmethod
    def new(cls) -> Wire:
        return cls(*trio.open_memory_channel[Sequence[Event] | Sequence[MarketEvent] | None](inf))

    def push(self, events: Sequence[Event] | Sequence[MarketEvent] | None) -> None:
        self._send.send_nowait(events)

    async def pull(self) -> Sequence[Event] | Sequence[MarketEvent]:
        events = await self._receive.receive()
        if events is None:
            raise Disconnected("cut")
        return events


@define(eq=False)
class _Batches:
    wire: Wire

    def __aiter__(self) -> _Batches:
        return self

    async def __anext__(self) -> Sequence[Event]:
        return await self.wire.pull()  # type: ignore[return-value]


@define(eq=False)
class UserSockets:
    """The user channel. `tamper` turns one event into those that arrive (none, twice, changed)."""

    tamper: Callable[[Event], Sequence[Event]] = lambda event: (event,)
    down: bool = False
    connections: int = 0
    _wires: list[Wire] = field(factory=list)

    @asynccontextmanager
    async def connect(self) -> AsyncIterator[AsyncIterator[Sequence[Event]]]:
        await trio.lowlevel.checkpoint()
        if self.down:
            raise Disconnected("refused")
        self.connections += 1
        wire = Wire.new()
        self._wires.append(wire)
        try:
            yield _Batches(wire)
        finally:
            self._wires.remove(wire)

    def say(self, event: Event) -> None:
        for wire in self._wires:
            for heard in self.tamper(event):
                wire.push((heard,))

    def cut(self) -> None:
        for wire in self._wires:
            wire.push(None)


@define(eq=False)
class MarketLink:
    """One market-channel connection."""

    wire: Wire
    owner: MarketSockets
    tokens: set[str]
    oddities: dict[str, int] = field(factory=dict)
    frames: int = 0

    async def read(self) -> Sequence[MarketEvent]:
        """Events, or nothing every 10 s: the keep-alive of a quiet socket."""
        with trio.move_on_after(10.0):
            events = await self.wire.pull()
            self.frames += 1
            return events  # type: ignore[return-value]
        return ()

    async def subscribe(self, tokens: Sequence[str]) -> None:
        await trio.sleep(self.owner.delay)
        self.tokens.update(tokens)
        self.owner.resubscribed.append((trio.current_time(), tuple(tokens)))
        self.greet(tokens)

    async def unsubscribe(self, tokens: Sequence[str]) -> None:
        await trio.lowlevel.checkpoint()
        self.tokens.difference_update(tokens)

    def greet(self, tokens: Sequence[str]) -> None:
        """The venue sends snapshots to those who join."""
        if not self.owner.mute:
            self.wire.push([self.owner.snapshot(token) for token in tokens if token not in self.owner.dumb])


@define(eq=False)
class MarketSockets:
    """The market channel. `mute` sends no snapshots; `dumb` tokens never get one."""

    snapshot: Callable[[str], BookSnapshot]
    mute: bool = False
    down: bool = False
    dumb: set[str] = field(factory=set)
    delay: float = 0.01
    connected: list[float] = field(factory=list)
    resubscribed: list[tuple[float, tuple[str, ...]]] = field(factory=list)
    _links: list[MarketLink] = field(factory=list)

    @asynccontextmanager
    async def connect(self, tokens: Sequence[str]) -> AsyncIterator[MarketLink]:
        await trio.sleep(self.delay)
        if self.down:
            raise Disconnected("refused")
        self.connected.append(trio.current_time())
        link = MarketLink(Wire.new(), self, set(tokens))
        self._links.append(link)
        link.greet(tokens)
        try:
            yield link
        finally:
            self._links.remove(link)

    def say(self, *events: MarketEvent) -> None:
        """One frame to every connection; nonsense goes to all."""
        for link in self._links:
            link.wire.push(events)

    def cut(self) -> None:
        for link in self._links:
            link.wire.push(None)


@define(eq=False)
class MemoryTrail:
    """The audit trail; `full` while its disk takes nothing."""

    lines: list[str] = field(factory=list)
    full: bool = False

    async def append(self, lines: Sequence[str]) -> None:
        await trio.lowlevel.checkpoint()
        if self.full:
            raise OSError("disk full")
        self.lines += lines

    def rows(self, **wanted: str) -> list[dict[str, Any]]:
        """The rows with these values."""
        rows = [json.loads(line) for line in self.lines]
        return [row for row in rows if all(row.get(key) == value for key, value in wanted.items())]


@define(eq=False, repr=False)
class MemoryJournal:
    """Survives every crash of the bot. `ill`: None, "hang" (never answers) or "fail" (raises)."""

    rows: list[Row] = field(factory=list)
    ill: str | None = None
    latency: float = 0.001
    runs: int = 0
    commits: list[float] = field(factory=list)

    async def commit(self, rows: Sequence[Row]) -> None:
        await trio.sleep(self.latency)
        if self.ill == "hang":
            await trio.sleep_forever()
        if self.ill == "fail":
            raise OSError("disk full")
        self.rows += rows
        self.commits.append(trio.current_time())

    async def intents(self, condition_id: str | None = None) -> tuple[Intent, ...]:
        await trio.sleep(self.latency)
        wanted = [r for r in self.rows if isinstance(r, Intent) and condition_id in (None, r.condition_id)]
        return tuple(r for r in wanted if not self.closed(r.order_id))

    async def batches(self, condition_id: str | None = None, *, pending: bool = False) -> tuple[Batch, ...]:
        await trio.sleep(self.latency)
        known = {r.conversion.key: r for r in self.rows if isinstance(r, Batch)}
        wanted = [b for b in known.values() if condition_id in (None, b.conversion.condition_id)]
        return tuple(b for b in wanted if not (pending and b.conversion.over))

    async def memory(self) -> Memory:
        await trio.lowlevel.checkpoint()
        standings = {row.market: row for row in self.rows if isinstance(row, Standing)}
        day = next((row for row in reversed(self.rows) if isinstance(row, Day)), Day())
        tally = next((row for row in reversed(self.rows) if isinstance(row, Tally)), Tally())
        converted = frozenset(row.conversion.condition_id for row in self.rows if isinstance(row, Batch))
        ramp = next((row for row in reversed(self.rows) if isinstance(row, Ramp)), Ramp())
        takings = next((row for row in reversed(self.rows) if isinstance(row, Takings)), Takings())
        tenures = {row.market: row for row in self.rows if isinstance(row, Tenure)}
        left = tuple(row for row in tenures.values() if not row.over)
        return Memory(standings, day, tally, converted, Ramp(ramp.parts, ramp.every), takings, left)

    async def forget_venue(self) -> None:
        await trio.lowlevel.checkpoint()
        self.rows = [row for row in self.rows if isinstance(row, Standing) or (isinstance(row, Tenure) and row.said)]

    async def next_run(self) -> int:
        await trio.lowlevel.checkpoint()
        self.runs += 1
        return self.runs

    async def close(self) -> None:
        await trio.lowlevel.checkpoint()

    def closed(self, order_id: str) -> bool:
        return any(isinstance(r, Note) and r.kind == "closed" and r.body == order_id for r in self.rows)

    def holds_batch(self, key: str) -> bool:
        return any(isinstance(row, Batch) and row.conversion.key == key for row in self.rows)

    def durable(self, order_id: str) -> bool:
        return any(isinstance(r, Intent) and r.order_id == order_id for r in self.rows)
