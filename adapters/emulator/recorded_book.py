"""The recorded orders of one market on the emulator's book: levels set, pruned, seeded and swept.

Never touches a client's order but by trading with it: a recorded order that grows into one meets it (an adverse fill), a
print reaches it in price-time order, and one that stands better than the recorded best is left where it is.
"""

from __future__ import annotations

from collections.abc import Callable

from attrs import define, evolve, field

from actors.model.market import Outcome, Side, tradable_price
from actors.model.numbers import complement, format_size
from adapters.emulator.accounts import Account
from adapters.emulator.events import BookTraded, LevelsMoved
from adapters.emulator.exchange import Exchange
from adapters.emulator.listings import Listing
from adapters.emulator.recorded_rows import UNCLAIMED, Row
from adapters.emulator.tickets import Ticket
from adapters.matching import Ladder, Order

Level = tuple[bool, int]  # on the bid side?, YES price


@define(eq=False)
class RecordedBook:
    """One resting order per level. Growth behind a client's order is a second one, and a level shrinks from its newest,
    so that a shrink without a print never moves a client forward (strategies.md §10, rule c).

    `pruned` levels were better than the recorded best, `seeded` ones are recorded bests that no row had shown; `short`
    is what prints asked for beyond the book, in size units. What clients took from a level beyond the recording
    (`_eaten`) stays missing until the level shrinks by as much: no share is sold twice.
    """

    exchange: Exchange
    listing: Listing
    resting: Account
    taking: Account
    new_id: Callable[[], str]
    pruned: int = 0
    seeded: int = 0
    short: int = 0
    _levels: dict[Level, list[Ticket]] = field(factory=dict)
    _eaten: dict[Level, int] = field(factory=dict)

    def apply(self, row: Row) -> None:
        """One row of the recording; a market that takes no more orders has heard enough."""
        if not self.listing.accepting:
            return
        if row.trade:
            self._sweep(row)
            return
        level = row.bids, row.price
        if not row.size:
            self._set(level, 0)  # before pruning: a level that the row itself removes is not a missed one
        self._prune(row.best_bid, row.best_ask)
        if row.size:
            self._set(level, row.size)
            self._prune(row.best_bid, row.best_ask)
        self.seed(row)

    def seed(self, row: Row) -> None:
        """The smallest order there is at a recorded best that no row has shown yet, unless clients ate it."""
        for level in ((True, row.best_bid), (False, row.best_ask)):
            if tradable_price(level[1], 1) and not self._alive(level) and not self._eaten.get(level):
                self._grow(level, [], self.listing.market.min_size)
                self.seeded += 1

    def clear(self) -> None:
        """Take every recorded order away; clients' orders stay."""
        for level in list(self._levels):
            self._set(level, 0)

    def hear(self, event: BookTraded) -> None:
        """Note what recorded orders traded with clients that the recording knows nothing of."""
        for trade in event.trades:
            if trade.taker.ticket.account is self.resting:
                self._eat(trade.taker.ticket.order, trade.taker.size)
            elif trade.taker.ticket.account is not self.taking:
                for leg in trade.makers:
                    if leg.ticket.account is self.resting:
                        self._eat(leg.ticket.order, leg.size)

    def _eat(self, order: Order, size: int) -> None:
        level = order.bids, order.yes_price
        self._eaten[level] = self._eaten.get(level, 0) + size

    def _sweep(self, row: Row) -> None:
        """A print: its taker's order once more, against all that rests now. It spares pinned orders (a fault)."""
        tick, pinned, limit = self.listing.market.tick, self.listing.book.pinned_limit(not row.bids), row.price
        if pinned is not None:
            limit = min(limit, pinned - tick) if row.bids else max(limit, pinned + tick)
        left = row.size
        if tradable_price(limit, 1):
            yes = row.outcome is Outcome.YES
            side = Side.BUY if row.bids is yes else Side.SELL
            price = limit if yes else complement(limit)
            order = Order(self.new_id(), self.taking.address.lower(), row.outcome, side, price, row.size, "FAK")
            left = self._submit(order, self.taking)[0]
        self.short += left

    def _set(self, level: Level, size: int) -> None:
        """Make the recorded orders at a level add up to `size`, less what clients ate there.

        A shrink is of the eaten shares first: their owners would have taken them away in the recording.
        """
        tickets = self._alive(level)
        standing, eaten = sum(ticket.remaining for ticket in tickets), self._eaten.pop(level, 0)
        eaten = max(eaten - max(standing + eaten - size, 0), 0)
        if eaten:
            self._eaten[level] = eaten
        wanted = size - eaten
        if wanted > standing:
            self._grow(level, tickets, wanted - standing)
        elif wanted < standing:
            self._shrink(level, tickets, standing - wanted)

    def _grow(self, level: Level, tickets: list[Ticket], more: int) -> None:
        bids, price = level
        if self._meets(bids, price):
            self._drop_through(bids, price)
            if self._meets_pinned(bids, price):
                return
        elif tickets and _last(self._side(bids), price) == tickets[-1].order.id:
            self._resize(tickets[-1], tickets[-1].remaining + more)
            return
        side = Side.BUY if bids else Side.SELL
        order = Order(self.new_id(), self.resting.address.lower(), Outcome.YES, side, price, more)
        _, ticket = self._submit(order, self.resting)
        if order.id in self.listing.book.orders:
            self._levels.setdefault(level, []).append(ticket)

    def _shrink(self, level: Level, tickets: list[Ticket], less: int) -> None:
        while less and tickets:
            newest = tickets[-1]
            if newest.remaining > less:
                self._resize(newest, newest.remaining - less)
                return
            less -= newest.remaining
            tickets.pop()
            self.exchange.cancel(newest, "recorded")
        if not tickets:
            self._levels.pop(level, None)

    def _prune(self, best_bid: int, best_ask: int) -> None:
        """Drop recorded levels better than the recorded best: fills took them, in frames the recording lacks."""
        book = self.listing.book
        if best_bid != UNCLAIMED and (book.bids.best or 0) > best_bid:
            self._drop([level for level in self._levels if level[0] and level[1] > best_bid])
        if best_ask != UNCLAIMED and book.asks.best is not None and book.asks.best < best_ask:
            self._drop([level for level in self._levels if not level[0] and level[1] < best_ask])

    def _drop_through(self, bids: bool, price: int) -> None:
        """Recorded orders never trade with each other but by a print: what stands in the way of a new one is old."""
        opposite = [level for level in self._levels if level[0] is not bids]
        self._drop([level for level in opposite if (level[1] <= price if bids else level[1] >= price)])

    def _drop(self, levels: list[Level]) -> None:
        for level in levels:
            self.pruned += bool(self._alive(level))
            self._set(level, 0)

    def _meets(self, bids: bool, price: int) -> bool:
        best = self._side(not bids).best
        return best is not None and (best <= price if bids else best >= price)

    def _meets_pinned(self, bids: bool, price: int) -> bool:
        """Is an order in the way that nobody may fill (a fault)?"""
        pinned = self.listing.book.pinned_limit(not bids)
        return pinned is not None and (pinned <= price if bids else pinned >= price)

    def _alive(self, level: Level) -> list[Ticket]:
        """The level's tickets that still rest, oldest first."""
        tickets = self._levels.get(level)
        if tickets is None:
            return []
        resting = self.listing.book.orders
        if not all(ticket.order.id in resting for ticket in tickets):
            tickets[:] = [ticket for ticket in tickets if ticket.order.id in resting]
            if not tickets:
                del self._levels[level]
        return tickets

    def _side(self, bids: bool) -> Ladder:
        return self.listing.book.bids if bids else self.listing.book.asks

    def _submit(self, order: Order, account: Account) -> tuple[int, Ticket]:
        """(what never traded, the ticket)."""
        ticket = Ticket(order, account, account.name, self.listing, self.exchange.wall())
        result, _ = self.exchange.submit(ticket)
        return result.left, ticket

    def _resize(self, ticket: Ticket, remaining: int) -> None:
        """Change what is left of a recorded order in its place in the queue, as no client can."""
        order = evolve(ticket.order, size=ticket.matched + remaining)
        resting = self.listing.book.orders[order.id]
        ticket.order, resting.order, resting.remaining = order, order, remaining
        self.exchange.ledger.write(
            "resize", order=order.id, market=self.listing.market.condition_id, remaining=format_size(remaining)
        )
        self.exchange.emit(LevelsMoved(self.listing, ((order.bids, order.yes_price),)))


def _last(ladder: Ladder, price: int) -> str:
    """The id of the youngest order at a price."""
    return next(reversed(ladder.levels[price]))
