"""Where the time of a tick goes: the bot's own ports, wrapped so that each notes when it was passed. Changes nothing."""

from __future__ import annotations

import time
from bisect import bisect_left
from collections.abc import Sequence

from attrs import define, field, frozen

from actors.messages import MarketEvent
from actors.ports import JournalStore
from actors.records import Batch, Intent, Memory, Row
from tests.bench.bare_venue import Sample


@define(eq=False)
class Marks:
    """Monotonic nanoseconds, the same clock in every process of a machine (CLOCK_MONOTONIC)."""

    decoded: list[int] = field(factory=list)
    committing: list[int] = field(factory=list)
    durable: list[int] = field(factory=list)

    def decoding(self, events: Sequence[MarketEvent]) -> None:
        """A read has returned; one that held no events is none."""
        if events:
            self.decoded.append(time.perf_counter_ns())

    def stages(self, sample: Sample) -> tuple[int, int, int, int] | None:
        """Nanoseconds: frame → events, events → intent signed, signed → durable, durable → first POST in."""
        passed = [_after(sample.written, marks) for marks in (self.decoded, self.committing, self.durable)]
        if None in passed:
            return None
        decoded, committing, durable = (mark for mark in passed if mark is not None)
        first = sample.orders[0]
        return decoded - sample.written, committing - decoded, durable - committing, first - durable


@frozen
class MarkedJournal:
    """A journal that notes when the commit of an order's intent begins and ends."""

    journal: JournalStore
    marks: Marks

    async def commit(self, rows: Sequence[Row]) -> None:
        orders = any(isinstance(row, Intent) for row in rows)
        if orders:
            self.marks.committing.append(time.perf_counter_ns())
        await self.journal.commit(rows)
        if orders:
            self.marks.durable.append(time.perf_counter_ns())

    async def intents(self, condition_id: str | None = None) -> tuple[Intent, ...]:
        return await self.journal.intents(condition_id)

    async def batches(self, condition_id: str | None = None, *, pending: bool = False) -> tuple[Batch, ...]:
        return await self.journal.batches(condition_id, pending=pending)

    async def memory(self) -> Memory:
        return await self.journal.memory()

    async def forget_venue(self) -> None:
        await self.journal.forget_venue()

    async def next_run(self) -> int:
        return await self.journal.next_run()

    async def close(self) -> None:
        await self.journal.close()


def _after(instant: int, marks: list[int]) -> int | None:
    """The first mark after an instant."""
    place = bisect_left(marks, instant)
    return marks[place] if place < len(marks) else None
