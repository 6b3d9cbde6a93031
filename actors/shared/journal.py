"""The journal actor: one writer, group commit. An intent is answered only once it is durable (I2). Reads no venue."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from math import inf
from typing import Any, ClassVar, TypeVar

import trio
from attrs import frozen

from actors.kernel.ask import Ask, Desk
from actors.kernel.mailbox import Gap, Mailbox
from actors.kernel.supervisor import Ready
from actors.model.day import Day
from actors.model.income import Takings
from actors.model.ramp import Ramp
from actors.model.tally import Tally
from actors.model.tenure import Tenure
from actors.model.trading import Standing
from actors.ports import JournalBroken, JournalStore, WallClock
from actors.records import Batch, Intent, Note, Row

_STORE_WITHIN = 2.5  # s a disk may take; just longer than an asker waits, or than another program may lock the file

T = TypeVar("T")
_RECORDED = Note | Standing | Day | Tally | Ramp | Takings | Tenure  # what is told, and asks no answer


@frozen
class Recall:
    """Which orders of a market are journalled and not known to be over?"""

    condition_id: str


@frozen
class RecallBatches:
    """Which conversions are journalled, of a market or of all? With `pending` only those that are not over."""

    condition_id: str | None = None
    pending: bool = False


@frozen
class Settle:
    """Answered once everything that was told or put before is durable."""


Question = Intent | Recall | Settle
Answer = tuple[Intent, ...]
Conversions = Desk[Batch | RecallBatches, tuple[Batch, ...]]  # the same desk, for conversions


@frozen
class Journal:
    """Commits intents and standings at once and together; the rest waits up to `group` seconds for company.

    A state is in the mailbox of every later life, so one that a crash kept from the disk is written by the next.
    """

    rank: ClassVar[int] = 0
    mailbox: Mailbox[object]
    store: JournalStore
    group: float
    wall: WallClock
    trail: Mailbox[object]

    async def run(self, ready: Ready) -> None:
        """Any storage error or stall kills this life: without a journal there are no new orders.

        A life after a crash is ready only once the storage has taken something again: what opens the admission is
        a commit, not hope.
        """
        letters = self.mailbox.read_nowait()
        rows = _rows(letters)
        if gap := next((letter for letter in letters if isinstance(letter, Gap)), None):
            await self._commit([*rows, Note("journal", "", f"writes again: {gap.why}", self.wall())])
            rows = []
        ready()
        flush_at = inf
        while True:
            asks = [letter for letter in letters if isinstance(letter, Ask) and letter.open]
            if asks or trio.current_time() >= flush_at or any(isinstance(row, Standing) for row in rows):
                await self._record(asks, rows)
                flush_at, rows = inf, []
            for ask in asks:
                await self._recall(ask)
            if rows and flush_at == inf:
                flush_at = trio.current_time() + self.group
            letters = await self.mailbox.read(until=flush_at)
            rows += _rows(letters)

    async def _record(self, asks: list[Ask[Any, Any]], rows: list[Row]) -> None:
        """Commit the intents and all that waits, in one go; only then is anything answered."""
        recorded = [ask.question for ask in asks if isinstance(ask.question, Intent | Batch)]
        await self._commit([*recorded, *rows])
        for ask in asks:
            if ask.open and not isinstance(ask.question, Recall | RecallBatches):
                ask.reply(())

    async def _commit(self, rows: Sequence[Row]) -> None:
        if rows:
            await _in_time(self.store.commit(rows))
            for row in rows:
                self.trail.tell(row)

    async def _recall(self, ask: Ask[Any, Any]) -> None:
        match ask.question:
            case Recall(condition_id):
                found: tuple[object, ...] = await _in_time(self.store.intents(condition_id))
            case RecallBatches(condition_id, pending):
                found = await _in_time(self.store.batches(condition_id, pending=pending))
            case _:
                return
        if ask.open:
            ask.reply(found)


async def _in_time(work: Awaitable[T]) -> T:
    with trio.move_on_after(_STORE_WITHIN):
        return await work
    raise JournalBroken(f"the journal's disk has not answered within {_STORE_WITHIN:g} s")


def _rows(letters: Sequence[object]) -> list[Row]:
    return [letter for letter in letters if isinstance(letter, _RECORDED)]
