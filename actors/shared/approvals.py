"""The approvals actor: asks a person about each order, where `approval.orders` says so. Does no I/O.

Its answer never waits for that person: not yet is a no, and the tracker tries again, so cancels are never held up. Orders
that get out of a position on a flatten or a stop are not asked about. If it dies what was approved is asked about anew.
"""

from __future__ import annotations

from typing import ClassVar

import trio
from attrs import frozen
from loguru import logger

from actors.kernel.ask import Ask
from actors.kernel.mailbox import Mailbox
from actors.kernel.supervisor import Ready
from actors.model.docket import Docket, End, Proposal
from actors.model.numbers import format_price, format_size
from actors.model.quote import Quote
from actors.ports import WallClock
from actors.records import Note
from actors.shared.board import Board
from actors.shared.tuning import Tuning


@frozen
class Propose:
    """May this order be placed, as far as a person goes? Answered with None or the refusal."""

    market: str
    quote: Quote


@frozen
class Decide:
    """A person's word about a proposal (fact)."""

    number: int
    approve: bool


@frozen
class Proposals:
    """What waits for a person (state)."""

    waiting: tuple[Proposal, ...] = ()


@frozen
class Approvals:
    """Keeps the docket; what becomes of each proposal is noted in the journal."""

    rank: ClassVar[int] = 1
    mailbox: Mailbox[object]
    tuning: Tuning
    journal: Mailbox[object]
    board: Board
    wall: WallClock

    async def run(self, ready: Ready) -> None:
        """Approvals and proposals begin anew with each life."""
        docket = Docket()
        self.board.put(Proposals())
        ready()
        while True:
            for letter in await self.mailbox.read(until=docket.next_lapse):
                self._take(letter, docket)
            for end in docket.lapse(trio.current_time(), self._timeout):
                self._note(end)
            if (proposals := Proposals(tuple(docket.waiting.values()))) != self.board.last(Proposals):
                self.board.put(proposals)

    def _take(self, letter: object, docket: Docket) -> None:
        now = trio.current_time()
        match letter:
            case Ask(question=Propose(market=market, quote=quote)) if letter.open:
                proposed = len(docket.waiting)
                letter.reply(docket.propose(market, quote, now, self._timeout))
                if len(docket.waiting) > proposed:
                    logger.info("{}: {} waits for `python -m actors approve`", market, order_text(quote))
            case Decide():
                end = docket.decide(letter.number, now, approve=letter.approve, pause=self._timeout)
                if end is not None:
                    self._note(end)

    @property
    def _timeout(self) -> float:
        return self.tuning.settings.approval.timeout

    def _note(self, end: End) -> None:
        proposal = end.proposal
        text = f"{proposal.number}: {order_text(proposal.quote)}: {end.how}"
        self.journal.tell(Note("approval", proposal.market, text, self.wall()))


def order_text(quote: Quote) -> str:
    """`BUY 20 YES at 0.46`."""
    return f"{quote.side.value} {format_size(quote.size)} {quote.outcome.value} at {format_price(quote.price)}"
