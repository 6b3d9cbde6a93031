"""Stores in front of others that take secrets out of every text: a venue's words and a person's reasons.

Ids, order bodies and signed transactions pass as they are. A body names the API key as the order's owner, as the venue shows it to everybody
who trades with us (polymarket.md §5.2); its secret and passphrase are in none.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from attrs import evolve, frozen

from actors.model.trading import Standing
from actors.ports import JournalStore, TrailStore
from actors.records import Batch, Intent, Memory, Note, Row


@frozen
class Discreet:
    """Implements `ports.JournalStore`."""

    store: JournalStore
    clean: Callable[[str], str]

    async def commit(self, rows: Sequence[Row]) -> None:
        await self.store.commit([self._cleaned(row) for row in rows])

    async def intents(self, condition_id: str | None = None) -> tuple[Intent, ...]:
        return await self.store.intents(condition_id)

    async def batches(self, condition_id: str | None = None, *, pending: bool = False) -> tuple[Batch, ...]:
        return await self.store.batches(condition_id, pending=pending)

    async def memory(self) -> Memory:
        return await self.store.memory()

    async def next_run(self) -> int:
        return await self.store.next_run()

    async def forget_venue(self) -> None:
        await self.store.forget_venue()

    async def close(self) -> None:
        await self.store.close()

    def _cleaned(self, row: Row) -> Row:
        if isinstance(row, Standing):
            return evolve(row, why=self.clean(row.why))
        if isinstance(row, Note) and row.kind != "closed":  # that one's text is an id
            return evolve(row, body=self.clean(row.body))
        return row


@frozen
class DiscreetTrail:
    """Implements `ports.TrailStore`. Nobody needs an id from there: whatever is secret is taken out of the whole row."""

    store: TrailStore
    clean: Callable[[str], str]

    async def append(self, lines: Sequence[str]) -> None:
        await self.store.append([self.clean(line) for line in lines])
