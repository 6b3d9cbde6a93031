"""The last resort of a market whose tracker is past its restart limit: cancel its orders by their journalled ids.

Deliberately knows nothing of targets, money or positions: whatever broke the tracker must not break this.
"""

from __future__ import annotations

from typing import ClassVar

import trio
from attrs import frozen

from actors.kernel.ask import Desk
from actors.kernel.mailbox import Mailbox
from actors.kernel.supervisor import Ready
from actors.market.blotter import T_LATE
from actors.messages import Cancel, CancelOutcome, OrderUpdate, Query, QueryOutcome
from actors.model.outcome import Cancelled
from actors.shared.board import Board
from actors.shared.gateway import Progress
from actors.shared.journal import Answer, Question, Recall

_AGAIN = 2.0
_OVER = ("CANCELED", "MATCHED", "INVALID", "EXPIRED")


@frozen
class Abandoned:
    """A market without a tracker (state): own order ids that may still be open."""

    market: str
    orders: tuple[str, ...]


@frozen
class Undertaker:
    """Reads the dead tracker's mailbox, since the gateway's answers arrive there."""

    rank: ClassVar[int] = 4
    market: str
    condition_id: str
    mailbox: Mailbox[object]
    journal: Desk[Question, Answer]
    gateway: Mailbox[object]
    heartbeat: Mailbox[object]
    board: Board

    async def run(self, ready: Ready) -> None:
        """Cancel and query until the venue has stated the end of every order."""
        left = {intent.order_id for intent in await self.journal.ask(Recall(self.condition_id))}
        began = trio.current_time()
        ready()
        while True:
            self.heartbeat.lay(Progress(self.market, trio.current_time()), about=self.market)
            self.board.put(Abandoned(self.market, tuple(sorted(left))), about=self.market)
            if left:
                self.gateway.tell(Cancel(self.market, tuple(sorted(left))))
            for order_id in sorted(
                left
            ):  # in one order, whatever the hash seed: the same seed must take the same steps
                self.gateway.tell(Query(self.market, order_id))
            await self._hear(left, began + T_LATE)

    async def _hear(self, left: set[str], late: float) -> None:
        """Strike out what the venue says is over, or does not know in a query begun after `late` (trio time, I4)."""
        until = trio.current_time() + _AGAIN
        while trio.current_time() < until:
            for letter in await self.mailbox.read(until=until):
                match letter:
                    case CancelOutcome(result=Cancelled(done=done)):
                        left.difference_update(done)
                    case QueryOutcome(result=None, order_id=order_id, asked_at=asked_at) if asked_at > late:
                        left.discard(order_id)
                    case QueryOutcome(result=OrderUpdate() as update) | (OrderUpdate() as update):
                        if update.status.startswith(_OVER):
                            left.discard(update.order_id)
