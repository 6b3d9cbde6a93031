"""The journal actor: one writer, group commit. An intent is answered only once it is durable (I2). Reads no venue."""

from __future__ import annotations

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

    market: str


Question = Intent | Recall
Answer = tuple[Intent, ...]
Letter = Ask[Question, Answer] | Note


@frozen
class Journal:
    """Commits intents at once and together; notes wait up to `group` seconds for company."""

    rank: ClassVar[int] = 0
    mailbox: Mailbox[Letter]
    store: JournalStore
    group: float

    async def run(self, ready: Ready) -> None:
        """Any storage error kills this life: without a journal there are no new orders."""
        ready()
        notes: list[Note] = []
        flush_at = float("inf")
        while True:
            letters = await self.mailbox.read(until=flush_at)
            asks = [letter for letter in letters if isinstance(letter, Ask) and letter.open]
            notes += [letter for letter in letters if isinstance(letter, Note)]
            await self._record([a for a in asks if isinstance(a.question, Intent)], notes)
            for ask in asks:
                await self._recall(ask)
            flush_at = float("inf")
            if notes:
                flush_at = trio.current_time() + self.group

    async def _record(self, asks: list[Ask[Question, Answer]], notes: list[Note]) -> None:
        """Commit when an intent asks for it, or when the notes have waited long enough."""
        intents = [a.question for a in asks if isinstance(a.question, Intent)]
        if not intents and not notes:
            return
        await self.store.commit([*intents, *notes])
        notes.clear()
        for ask in asks:
            if ask.open:
                ask.reply(())

    async def _recall(self, ask: Ask[Question, Answer]) -> None:
        if isinstance(ask.question, Recall):
            intents = await self.store.intents(ask.question.market)
            if ask.open:
                ask.reply(intents)
