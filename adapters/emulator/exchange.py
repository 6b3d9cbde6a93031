"""The exchange itself: orders in, trades out, everything in one atomic step per call. No I/O but the ledger.

Self-trades of one account are prevented by cancelling the resting order: an emulator choice, the venue's own
behaviour is not documented.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from attrs import define, evolve, field

from actors.model.numbers import Price, format_price
from adapters.emulator.accounts import Account, Accounts
from adapters.emulator.delays import KILLED, Delays, waits
from adapters.emulator.events import BookTraded, Event, LevelsMoved, Listener, OrderMoved, TickMoved, TradeMoved
from adapters.emulator.funds import short, uncovered
from adapters.emulator.ledger import Ledger
from adapters.emulator.listings import FINE_TICK, Listing, Listings
from adapters.emulator.schedule import Schedule
from adapters.emulator.settlement import Settlement
from adapters.emulator.tickets import Ticket, Tickets
from adapters.emulator.trades import Trade, trades_of
from adapters.matching import Order, Result

EXPIRES_EARLY = 60  # seconds before the stated expiration the engine removes a GTD order (polymarket.md §3.8)

LIVE = "LIVE"
CANCELED = "CANCELED"
EXPIRED = "CANCELED_EXPIRED_ORDER"
UNFUNDED = "CANCELED_NOT_ENOUGH_BALANCE"


@define(eq=False, repr=False)
class Exchange:
    """`stuck` says of an order id that no cancel may end it (a fault)."""

    listings: Listings
    accounts: Accounts
    ledger: Ledger
    schedule: Schedule
    wall: Callable[[], float]
    rng: Random
    stuck: Callable[[str], bool] = lambda order_id: False
    tickets: Tickets = field(factory=Tickets)
    listeners: list[Listener] = field(factory=list)
    settlement: Settlement = field(init=False)
    delays: Delays = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.delays = Delays(self.schedule)
        self.settlement = Settlement(self.accounts, self.schedule, self.ledger, self.wall, self.rng, self.emit)

    def emit(self, event: Event) -> None:
        for listener in self.listeners:
            listener(event)

    def submit(self, ticket: Ticket) -> tuple[Result, tuple[Trade, ...]]:
        """Match the order and rest what may rest; a refused one leaves no trace.

        Where the market delays takers it may be held instead: its status is then DELAYED and nothing has happened.
        """
        if not ticket.listing.accepting:
            return Result(left=ticket.order.size, refusal="closed"), ()
        if waits(ticket):
            return self._hold(ticket), ()
        result = ticket.listing.book.submit(ticket.order)
        if result.refusal:
            return result, ()
        self._close_replaced(result)
        self._enter(ticket)
        return result, self._follow(ticket, result)

    def cancel(
        self, ticket: Ticket, reason: str, status: str = CANCELED, kind: str = "cancel", *, forced: bool = False
    ) -> bool:
        """Take a live order off the book and tell its owner; False if it is not live, or stuck and not `forced`."""
        if (not forced and self.stuck(ticket.order.id)) or ticket.listing.book.cancel(ticket.order.id) is None:
            return False
        self._close(ticket, status, reason, kind)
        self.emit(LevelsMoved(ticket.listing, (_level(ticket.order),)))
        return True

    def cancel_all(self, account: Account, reason: str, owner: str | None = None) -> list[str]:
        """Cancel the account's open orders (of one API key only, if given); the ids that were cancelled."""
        wanted = [t for t in self.tickets.open_of(account) if owner is None or t.owner == owner]
        return [ticket.order.id for ticket in wanted if self.cancel(ticket, reason)]

    def retick(self, listing: Listing, tick: int) -> None:
        """New orders need the new grid at once; resting ones stay valid (polymarket.md §6.4)."""
        old = listing.market.tick
        if tick == old:
            return
        listing.market = evolve(listing.market, tick=Price(tick))
        self.ledger.write("tick", market=listing.market.condition_id, old=format_price(old), new=format_price(tick))
        self.emit(TickMoved(listing, old))

    def end_delayed(self, listing: Listing, reason: str, status: str) -> None:
        """Kill what waits in a market that is over."""
        for ticket in self.delays.of(listing):
            del self.delays.held[ticket.order.id]
            self.delays.doomed.pop(ticket.order.id, None)
            self._close(ticket, status, reason)

    def enforce(self, account: Account) -> None:
        """Cancel the open orders that the account's free balance no longer covers."""
        for ticket in uncovered(account, self.tickets):
            self.cancel(ticket, "not enough balance", UNFUNDED)

    def _hold(self, ticket: Ticket) -> Result:
        self.delays.hold(ticket, self._release)
        self._enter(ticket)
        return Result(left=ticket.order.size)

    def _release(self, ticket: Ticket) -> None:
        """The delay is over: judge the order again, then match, rest or kill it."""
        order, listing, doom = ticket.order, ticket.listing, self.delays.doomed.pop(ticket.order.id, "")
        if doom and not self.stuck(order.id):
            return self._close(ticket, CANCELED, doom)
        if not listing.accepting:
            return self._close(ticket, CANCELED, "market closed during the delay")
        if short(order, ticket.account, listing, self.tickets):
            return self._close(ticket, UNFUNDED, "not enough balance after the delay")
        ticket.status = LIVE
        result = listing.book.submit(order)
        if result.refusal:
            text = KILLED.get(order.life, "order match delayed due to market conditions")
            return self._close(ticket, CANCELED, f"{order.life} killed", told=f"{CANCELED}_{text}")
        self._close_replaced(result)
        if not result.fills:
            self.emit(OrderMoved(ticket, "UPDATE"))
        self._follow(ticket, result)
        return None

    def _enter(self, ticket: Ticket) -> None:
        self.tickets.add(ticket)
        self.ledger.ordered(ticket)
        if ticket.order.rests:
            self.emit(OrderMoved(ticket, "PLACEMENT"))

    def _follow(self, ticket: Ticket, result: Result) -> tuple[Trade, ...]:
        """What a match or a rest brings about."""
        trades = self._trade(ticket, result)
        self._tell(ticket, result, trades)
        if not result.rested:
            self._finish(ticket, result)
        elif ticket.expiration:
            self.schedule.after(ticket.expiration - EXPIRES_EARLY - self.wall(), lambda: self._expire(ticket))
        if trades and ticket.listing.at_edge:
            self.retick(ticket.listing, FINE_TICK)
        return trades

    def _close_replaced(self, result: Result) -> None:
        for own in result.replaced:
            self._close(self.tickets.by_id[own.order.id], CANCELED, "self-trade prevented")

    def _trade(self, ticket: Ticket, result: Result) -> tuple[Trade, ...]:
        trades = tuple(trades_of(ticket, result.fills, self.tickets.by_id.__getitem__, self.wall(), self.rng))
        for trade in trades:
            for leg in trade.legs:
                leg.ticket.matched += leg.size
                leg.ticket.trades.append(trade.id)
            self.settlement.begin(trade)
            listing = trade.listing
            listing.last_price, listing.last_side = trade.taker.price, ticket.order.side
            listing.last_outcome = ticket.order.outcome
        return trades

    def _tell(self, ticket: Ticket, result: Result, trades: tuple[Trade, ...]) -> None:
        """Publish in the venue's order: a trade brings whole books, anything else moved levels."""
        for trade in trades:
            for leg in trade.makers:
                self._update(leg.ticket)
            self.emit(TradeMoved(trade))
        if trades:
            self._update(ticket)
            self.emit(BookTraded(ticket.listing, trades))
            return
        moved = [_level(own.order) for own in result.replaced]
        if result.rested:
            moved.append(_level(ticket.order))
        if moved:
            self.emit(LevelsMoved(ticket.listing, tuple(moved)))

    def _update(self, ticket: Ticket) -> None:
        """A maker that is filled whole leaves the registry of open orders."""
        if ticket.order.id not in ticket.listing.book.orders and ticket.remaining == 0:
            ticket.status = "MATCHED"
            self.tickets.close(ticket)
        self.emit(OrderMoved(ticket, "UPDATE"))

    def _finish(self, ticket: Ticket, result: Result) -> None:
        """An order that does not rest is over: filled, or its remainder killed."""
        if result.left:
            self._close(ticket, CANCELED, f"{ticket.order.life} remainder killed")
        elif ticket.remaining or ticket.matched > ticket.order.size:
            self.ledger.closed(ticket, "budget spent")
        if not result.left:
            ticket.status = "MATCHED"
        self.tickets.close(ticket)

    def _expire(self, ticket: Ticket) -> None:
        self.cancel(ticket, "expired", EXPIRED, "expire")

    def _close(self, ticket: Ticket, status: str, reason: str, kind: str = "cancel", *, told: str = "") -> None:
        """End an order; its owner reads `told` instead of the status, if given."""
        ticket.status = status
        self.tickets.close(ticket)
        self.ledger.closed(ticket, reason, kind)
        self.emit(OrderMoved(ticket, "CANCELLATION", told))


def _level(order: Order) -> tuple[bool, int]:
    return order.bids, order.yes_price
