"""The day's profit and loss in the hands of one life of risk: read from states, kept in the journal, judged by the limit.

Positions come from the trackers as they change; marks are the last mids on the board, looked up at each look, so that a
book that moves a thousand times a second costs risk nothing. A market that has resolved has no mid any more: what is
held of it is worth what the side that has won pays, and while that is not known, the worse of the two.
"""

from __future__ import annotations

from collections.abc import Container
from math import inf

from attrs import define, evolve, field
from loguru import logger

from actors.kernel.mailbox import Mailbox
from actors.messages import Inventory
from actors.model.book import Book
from actors.model.day import Day, day_number
from actors.model.ledger import Position
from actors.model.market import Market
from actors.model.numbers import Cash, format_cash
from actors.model.reason import Reason
from actors.model.trading import Order, Trip
from actors.ports import WallClock
from actors.shared.board import Board
from actors.shared.kept import Kept


@define(eq=False)
class Losses:
    """`limit` is the loss of a day that kills, None for none; `markets` are those of this run, which come and go.

    One that has left counts to the end of its day with what it had earned at last.
    """

    limit: Cash | None
    markets: Container[str]
    board: Board
    journal: Mailbox[object]
    wall: WallClock
    day: Day
    _kept: Kept[Day] = field(init=False)
    _positions: dict[str, Position] = field(factory=dict)
    _marks: dict[str, int] = field(factory=dict)
    _behind: bool = False

    def __attrs_post_init__(self) -> None:
        self._kept = Kept(self.journal, self.day)

    def hear(self, inventory: Inventory) -> bool:
        """Take a position; True if its market is to be looked at now, for it has no start of the day yet."""
        self._positions[inventory.market] = inventory.position
        return inventory.market not in self.day.results

    def look(self, now: float) -> list[Trip]:
        """Read every market at `now` (trio time). The kill, in the instant in which the limit is reached."""
        today = day_number(self.wall())
        self._tell_clock(today)
        if today > self.day.number:
            self._positions = {name: held for name, held in self._positions.items() if name in self.markets}
        earned = {name: cash for name in self._positions if (cash := self._earned(name)) is not None}
        self.day = self.day.on(today, self.markets).read(earned)
        reason = self._judge()
        self.keep(now)
        self.board.put(self.day)
        return [Trip(Order.KILL, Reason.DAILY_LOSS, reason)] if reason is not None else []

    def forgive(self) -> None:
        """A person has acknowledged the kill; the limit is granted anew if it was what killed."""
        if self.day.breached:
            self.day = self.day.forgiven()
            logger.warning("the day's loss of {} pUSD is acknowledged: the limit counts from there", self._loss())

    def keep(self, now: float = inf) -> None:
        """Hand the day to the journal: its course at once, newer results now and then; without `now` those, too."""
        self._kept.keep(self.day, now)

    def _earned(self, market: str) -> Cash | None:
        """Since its first trade; None while shares are held that no book has ever given a price."""
        position, book, terms = self._positions[market], self.board.last(Book, market), self.board.last(Market, market)
        if terms is not None and terms.resolved:
            return position.settled(terms.won)
        if book is not None and book.mid is not None:
            self._marks[market] = book.mid
        mark = self._marks.get(market)
        held = position.yes.size or position.no.size
        return None if held and mark is None else position.pnl(mark)

    def _judge(self) -> str | None:
        if self.limit is None or self.day.breached:
            return None
        if self.day.breaks(self.limit):
            self.day = evolve(self.day, warned=True, breached=True)
            return f"the day's loss of {self._loss()} pUSD has reached risk.max_daily_loss ({format_cash(self.limit)})"
        if not self.day.warned and self.day.nears(self.limit):
            self.day = evolve(self.day, warned=True)
            floor = format_cash(self.day.floor(self.limit))
            logger.warning("today's PnL is {} pUSD: everything is killed at {}", format_cash(self.day.pnl), floor)
        return None

    def _loss(self) -> str:
        return format_cash(-self.day.pnl)

    def _tell_clock(self, today: int) -> None:
        """Once: whoever set the clock back should know why the day does not."""
        if today < self.day.number and not self._behind:
            logger.warning("the clock says a day before {}: the day's loss goes on counting", self.day.date)
        self._behind = today < self.day.number
