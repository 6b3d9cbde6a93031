"""The journal actor: one writer, group commit. An intent is answered only once it is durable (I2). Reads no venue."""

from __future__ import annotations

from math import inf
from typing import ClassVar

import trio
from attrs import frozen

from actors.kernel.ask import Ask
from actors.kernel.mailbox import Mailbox
from actors.kernel.supervisor import Ready
from actors.ports import Intent, JournalStore, Note


@frozen
class Recall:
    """Which orders of a market are journalled and not known to be over?"""

    condition_id: str


Question = Intent | Recall
Answer = tuple[Intent, ...]


@frozen
class Journal:
    """Commits intents at once and together; notes wait up to `group` seconds for company."""

    rank: ClassVar[int] = 0
    mailbox: Mailbox[object]
    store: JournalStore
    group: float

    async def run(self, ready: Ready) -> None:
        """Any storage error kills this life: without a journal there are no new orders."""
        ready()
        notes: list[Note] = []
        flush_at = inf
        while True:
            letters = await self.mailbox.read(until=flush_at)
            asks = [letter for letter in letters if isinstance(letter, Ask) and letter.open]
            notes += [letter for letter in letters if isinstance(letter, Note)]
            if asks or trio.current_time() >= flush_at:
                await self._record(asks, notes)
                flush_at = inf
            for ask in asks:
                await self._recall(ask)
            if notes and flush_at == inf:
                flush_at = trio.current_time() + self.group

    async def _record(self, asks: list[Ask[Question, Answer]], notes: list[Note]) -> None:
        """Commit the intents and every note that waits, in one go; only then is an intent answered."""
        recorded = [(ask, ask.question) for ask in asks if isinstance(ask.question, Intent)]
        rows: list[Intent | Note] = [*(intent for _, intent in recorded), *notes]
        if rows:
            await self.store.commit(rows)
        notes.clear()
        for ask, _ in recorded:
            if ask.open:
                ask.reply(())

    async def _recall(self, ask: Ask[Question, Answer]) -> None:
        if isinstance(ask.question, Recall):
            intents = await self.store.intents(ask.question.condition_id)
            if ask.open:
                ask.reply(intents)
