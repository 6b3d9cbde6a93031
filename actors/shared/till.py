"""The till actor: what makers earn besides the spread, estimated as it comes in, and held against what the venue pays.

Looks at every book once a minute, at a random moment of it as the venue does, and at the ledgers' expected rebates. Nobody
waits for it, and nothing that it says is traded on.
"""

from __future__ import annotations

from math import inf
from random import Random
from typing import ClassVar

import trio
from attrs import define, frozen
from loguru import logger

from actors.kernel.mailbox import Mailbox
from actors.kernel.supervisor import Ready
from actors.model.book import Book
from actors.model.day import day_number
from actors.model.income import Compared, Income, Kind, Resting, Takings
from actors.model.income_settings import IncomeSettings
from actors.model.market import Market
from actors.model.outcome import Unread
from actors.ports import WallClock
from actors.pricing.rewards import sample
from actors.records import Note
from actors.shared.board import Board
from actors.shared.kept import Kept
from actors.shared.statements import IncomeRead, ReadIncome

_MINUTE, _DAY = 60.0, 86_400.0
_OLD = 30.0  # s: a book that nobody has confirmed for so long, as that of a market that is left, shows nobody's orders
_PAID_BY = 900.0  # s after midnight (UTC) at which the venue is asked for the first time; it pays at about midnight
_AGAIN = 3_600.0  # s before it is asked once more
_LATE = 6 * 3_600.0  # s after midnight from which on a difference is one, and no payment that is still to come


@define(eq=False)
class _Life:
    """What one life has in hand; both times are trio's."""

    takings: Takings
    kept: Kept[Takings]
    look_at: float
    ask_at: float = -inf


@frozen
class Till:
    """`memory` is what the last run left; the gateway reads what was paid."""

    rank: ClassVar[int] = 3
    mailbox: Mailbox[object]
    settings: IncomeSettings
    gateway: Mailbox[object]
    journal: Mailbox[object]
    memory: Takings
    board: Board
    wall: WallClock
    random: Random

    async def run(self, ready: Ready) -> None:
        takings = self.board.last(Takings) or self.memory
        life = _Life(takings, Kept(self.journal, takings), trio.current_time())
        ready()
        try:
            while True:
                for letter in await self.mailbox.read(until=life.look_at):
                    if isinstance(letter, IncomeRead):
                        self._hear(letter, life)
                if trio.current_time() >= life.look_at:
                    self._look(life)
                life.kept.keep(life.takings, trio.current_time())
                self.board.put(life.takings)
        finally:
            life.kept.keep(life.takings)

    # ── what comes in ─────────────────────────────────────────────────────────────────────────────────────────────

    def _look(self, life: _Life) -> None:
        wall, before = self.wall(), life.takings.before
        life.takings = life.takings.on(day_number(wall))
        if before is not None and life.takings.before is not before:
            logger.warning("income of {}: the venue has not told for a day what it paid", before.date)
        for resting in self.board.all(Resting):
            self._count(resting, life)
        if life.takings.before is not None:
            self._ask(life.takings.before, life, wall)
        minute = int(wall // _MINUTE) + 1
        life.look_at = trio.current_time() + (minute + self.random.random()) * _MINUTE - wall

    def _count(self, resting: Resting, life: _Life) -> None:
        """A ledger tells all of a day that it knows; a book, how it stands now."""
        market, book = self.board.last(Market, resting.market), self.board.last(Book, resting.market)
        if market is None:
            return
        life.takings = life.takings.rebated(market.condition_id, resting.rebates)
        now = trio.current_time()
        if market.rewards.paid and market.accepting and book is not None and book.live and book.age(now) <= _OLD:
            own = [(level, now - since) for level, since in resting.orders]
            if (taken := sample(market.rewards, book.yes, own)) is not None:
                life.takings = life.takings.seen(market.condition_id, taken.worth(market.rewards))

    # ── what was paid ─────────────────────────────────────────────────────────────────────────────────────────────

    def _ask(self, income: Income, life: _Life, wall: float) -> None:
        if self._since_midnight(income, wall) >= _PAID_BY and trio.current_time() >= life.ask_at:
            life.ask_at = trio.current_time() + _AGAIN
            self.gateway.tell(ReadIncome(income.number))

    def _since_midnight(self, income: Income, wall: float) -> float:
        """Seconds since the day ended."""
        return wall - (income.number + 1) * _DAY

    def _hear(self, read: IncomeRead, life: _Life) -> None:
        """Hold what was paid against what was expected; a difference may be a payment that is still to come."""
        income = life.takings.before
        if income is None or read.number != income.number:
            return
        if isinstance(read.rewards, Unread) or isinstance(read.rebates, Unread):
            failed = read.rewards if isinstance(read.rewards, Unread) else read.rebates
            logger.debug("income of {}: not read: {}", income.date, failed)
            return
        told = {Kind.REBATES: read.rebates, Kind.REWARDS: read.rewards}
        compared = Compared.of(income, told, self.settings.tolerance)
        if compared.differs and self._since_midnight(income, self.wall()) < _LATE:
            return
        life.takings = life.takings.concluded(compared)
        for kind in compared.differs:
            logger.warning("income of {}: {}", compared.date, compared.text(kind))
        text = "; ".join(compared.text(kind) for kind in Kind)
        self.journal.tell(Note("income", "", f"{compared.date} {text}", self.wall()))
