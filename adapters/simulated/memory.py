"""A journal and an audit trail that last as long as one simulated path: nothing outlives it, so nothing is written down."""

from __future__ import annotations

from collections.abc import Sequence

import trio
from attrs import define, field

from actors.records import Batch, Intent, Memory, Note, Row


@define(eq=False)
class PathJournal:
    """Implements JournalStore; an order counts as durable once its row is here."""

    _open: dict[str, Intent] = field(factory=dict)

    async def commit(self, rows: Sequence[Row]) -> None:
        await trio.lowlevel.checkpoint()
        for row in rows:
            if isinstance(row, Intent):
                self._open[row.order_id] = row
            elif isinstance(row, Note) and row.kind == "closed":
                self._open.pop(row.body, None)

    async def intents(self, condition_id: str | None = None) -> tuple[Intent, ...]:
        await trio.lowlevel.checkpoint()
        return tuple(row for row in self._open.values() if condition_id in (None, row.condition_id))

    async def batches(self, condition_id: str | None = None, *, pending: bool = False) -> tuple[Batch, ...]:
        await trio.lowlevel.checkpoint()
        return ()

    async def memory(self) -> Memory:
        await trio.lowlevel.checkpoint()
        return Memory()

    async def next_run(self) -> int:
        await trio.lowlevel.checkpoint()
        return 1

    async def forget_venue(self) -> None:
        await trio.lowlevel.checkpoint()
        self._open.clear()

    async def close(self) -> None:
        await trio.lowlevel.checkpoint()


@define(eq=False)
class NoTrail:
    """Implements TrailStore: nobody reads the trail of a simulated path."""

    async def append(self, lines: Sequence[str]) -> None:
        await trio.lowlevel.checkpoint()
