"""When a tracker's pass would come to nothing, so that it need not be made: most books and most renewed targets change nothing.

Owns no order and no clock. The lease is renewed all the same: the targets in hand are the new ones.
"""

from __future__ import annotations

from math import inf

from attrs import frozen

from actors.market.work import Work
from actors.model.order import Life, Order
from actors.model.quote import Quote, Targets


@frozen
class Calm:
    """As a pass has left it that had nothing to do: `quotes` rest, by a book of this kind, and until then (trio time) nothing
    is due by time alone but what makes the targets void."""

    quotes: tuple[Quote, ...]
    rest: bool
    until: float

    @classmethod
    def of(cls, work: Work, targets: Targets | None, until: float) -> Calm | None:
        """After a pass without a change. None where another one may bring one though nothing is heard: where something is held
        back, unknown, on its way or being cancelled, or where the targets do not count."""
        if targets is None or targets.takes or work.reconciling or work.leaving or work.book is None:
            return None
        orders = work.blotter.open
        if work.governor.held is not None or not all(map(_rests, orders)):
            return None
        queries = min((order.query_at for order in orders), default=inf)
        return cls(targets.quotes, work.book.rest, min(until, queries, work.governor.look_at, work.stock.look_at))

    def holds(self, work: Work, targets: Targets | None, now: float) -> bool:
        """Whether it is still so. `targets` are those in hand if they count by the book in hand."""
        if work.dirty or targets is None or targets.takes or work.book is None or now >= self.until:
            return False
        return work.book.rest is self.rest and targets.quotes == self.quotes


def _rests(order: Order) -> bool:
    return order.life in (Life.LIVE, Life.PARTIAL) and order.cancel_sent_at is None
