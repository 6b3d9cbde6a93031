"""What happens to orders and holdings without the client's doing: fills, orders from elsewhere, losses (F7, F15, F22, F32).

Everything goes through the matching engine or the chain, so that money stays conserved and the ledger tells the truth.
"""

from __future__ import annotations

from typing import ClassVar

from attrs import frozen

from actors.model.market import Outcome, Side
from actors.model.numbers import complement, parse_cash, parse_price, parse_size
from adapters.emulator.chain import Reverted
from adapters.emulator.events import LevelsMoved, OrderMoved, TradeMoved
from adapters.emulator.faults_keys import choice, decimal, flag, whole
from adapters.emulator.faults_stage import Stage
from adapters.emulator.funds import short, spend
from adapters.emulator.listings import Listing
from adapters.emulator.terms import Phase
from adapters.emulator.tickets import Ticket
from adapters.emulator.trades import trades_of
from adapters.matching import Fill, Order

UI_KEY = "00000000-0000-0000-0000-0000000000ff"  # the API key of the user's own browser
_DUST = 10_000  # size units: 0.01 share


@frozen
class ExternalOrder:
    """The user places an order in the browser: same account, another key (F32). Side and token are the filter's."""

    KIND: ClassVar[str] = "external_order"
    size: str = decimal(parse_size, "a size in shares as text", "10")
    price: str = decimal(parse_price, "a price as text", "0.1")
    life: str = choice(("GTC", "FAK", "FOK"), "GTC")

    def act(self, stage: Stage) -> str:
        listing = stage.listing(Phase.OPEN)
        return "" if listing is None else _external(stage, listing, parse_price(self.price), self.size, self.life)


@frozen
class ExternalTrade:
    """The user trades in the browser: a FAK order at the touch (F32). Side and token are the filter's."""

    KIND: ClassVar[str] = "external_trade"
    size: str = decimal(parse_size, "a size in shares as text", "10")

    def act(self, stage: Stage) -> str:
        listing = stage.listing(Phase.OPEN)
        if listing is None:
            return ""
        bid, ask = listing.book.best(_outcome(stage, listing))
        touch = bid if stage.where.side == "SELL" else ask
        return "" if touch is None else _external(stage, listing, touch, self.size, "FAK")


@frozen
class ExternalMove:
    """The user splits pUSD into shares, or merges shares, on the chain (F32)."""

    KIND: ClassVar[str] = "external_move"
    way: str = choice(("split", "merge"), "split")
    amount: str = decimal(parse_cash, "an amount in pUSD as text", "10")

    def act(self, stage: Stage) -> str:
        listing, account = stage.listing(), stage.account()
        if listing is None or account is None:
            return ""
        call = stage.desk.chain.split if self.way == "split" else stage.desk.chain.merge
        try:
            return f"{self.way} {call(account, listing, parse_cash(self.amount))}"
        except Reverted:
            return ""


@frozen
class Take:
    """Somebody fills `percent` of a client's resting order, and all that stands before it in the queue.

    `via` complement comes from the other outcome's token: a mint or a merge, whose trade event carries the taker's
    token, not the client's (F15).
    """

    KIND: ClassVar[str] = "take"
    percent: int = whole(1, 100, 100)
    via: str = choice(("complement", "same"), "complement")

    def act(self, stage: Stage) -> str:
        for ticket in stage.orders():
            if take(stage, ticket, -(-ticket.remaining * self.percent // 100), self.via):
                return f"order {ticket.order.id}"
        return ""


@frozen
class LoseOrders:
    """Every client's open order ends without a word to its owner (F7); `forget` leaves no trace of it on REST."""

    KIND: ClassVar[str] = "lose_orders"
    forget: bool = flag()

    def act(self, stage: Stage) -> str:
        return lose_orders(stage, forget=self.forget)


@frozen
class Overfill:
    """An order that is over is filled a little more than it asked for, at its own price (F22)."""

    KIND: ClassVar[str] = "overfill"
    size: str = decimal(lambda text: _dust(text), "a size in shares as text, at most 0.01", "0.005")

    def act(self, stage: Stage) -> str:
        ticket, size = stage.ticket or _last_over(stage), parse_size(self.size)
        if ticket is None or ticket.account.internal or ticket.status == "LIVE" or not _affords(ticket, size):
            return ""
        if ticket.order.id not in stage.desk.exchange.tickets.by_id:
            return ""  # `lose_orders` has made the exchange forget it
        maker = _counter_order(stage, ticket, size, "same")
        other = Ticket(maker, stage.counterparty(), "", ticket.listing, stage.desk.exchange.wall())
        exchange = stage.desk.exchange
        fill = Fill(ticket.order, maker, size, ticket.order.price)
        for trade in trades_of(other, [fill], exchange.tickets.by_id.__getitem__, exchange.wall(), stage.rng):
            ticket.matched += size
            ticket.trades.append(trade.id)
            exchange.settlement.begin(trade)
            exchange.emit(TradeMoved(trade))
        exchange.emit(OrderMoved(ticket, "UPDATE"))
        return f"order {ticket.order.id}"


def take(stage: Stage, ticket: Ticket, size: int, via: str) -> bool:
    """Fill exactly `size` of the order, in price-time order, by an order of the exchange's own; False if it cannot."""
    listing, book = ticket.listing, ticket.listing.book
    if listing.phase is not Phase.OPEN or book.pinned:
        return False
    probe = _counter_order(stage, ticket, 10**15, via)
    before = 0
    for resting, wanted in book.plan(probe).takes:
        if resting.order.id == ticket.order.id:
            order = _counter_order(stage, ticket, before + min(size, resting.remaining), via)
            return stage.place(order, stage.counterparty(), listing) is not None
        before += wanted
    return False


def lose_orders(stage: Stage, *, forget: bool = False) -> str:
    exchange, lost = stage.desk.exchange, list(stage.orders())
    for ticket in lost:
        ticket.listing.book.cancel(ticket.order.id)
        ticket.status = "CANCELED"
        exchange.tickets.close(ticket)
        exchange.ledger.closed(ticket, "lost in a restart")
        exchange.emit(LevelsMoved(ticket.listing, ((ticket.order.bids, ticket.order.yes_price),)))
        if forget:
            del exchange.tickets.by_id[ticket.order.id]
    return ", ".join(f"order {ticket.order.id}" for ticket in lost)


def _external(stage: Stage, listing: Listing, price: int, size: str, life: str) -> str:
    """Place the user's own order, if the account can pay for it and the price is on the grid."""
    account = stage.account()
    if account is None or price % listing.market.tick:
        return ""
    side = Side(stage.where.side or "BUY")
    outcome = _outcome(stage, listing)
    order = Order(stage.new_id(), account.address.lower(), outcome, side, price, parse_size(size), life)  # type: ignore[arg-type]
    if short(order, account, listing, stage.desk.exchange.tickets) or (side is Side.BUY and not spend(order, listing)):
        return ""
    return f"order {order.id}" if stage.place(order, account, listing, UI_KEY) else ""


def _outcome(stage: Stage, listing: Listing) -> Outcome:
    return Outcome.NO if stage.where.token in ("no", listing.market.no) else Outcome.YES


def _counter_order(stage: Stage, ticket: Ticket, size: int, via: str) -> Order:
    """A FAK order that meets `ticket` at its price: of the same token, or its mirror on the other."""
    order, owner = ticket.order, stage.counterparty().address
    if via == "same":
        side = Side.SELL if order.side is Side.BUY else Side.BUY
        return Order(stage.new_id(), owner, order.outcome, side, order.price, size, "FAK")
    outcome = Outcome.NO if order.outcome is Outcome.YES else Outcome.YES
    return Order(stage.new_id(), owner, outcome, order.side, complement(order.price), size, "FAK")


def _affords(ticket: Ticket, size: int) -> bool:
    """Can the account pay for `size` more at the order's price, with a cent to spare, next to its open orders?"""
    account = ticket.account
    if ticket.order.side is Side.SELL:
        return account.free_shares(ticket.token) >= size
    return account.free_cash >= size + 10_000


def _dust(text: str) -> int:
    size = parse_size(text)
    if size > _DUST:
        raise ValueError(text)
    return size


def _last_over(stage: Stage) -> Ticket | None:
    """The clients' order that was placed last of those that are matched or cancelled."""
    every = reversed(stage.desk.exchange.tickets.by_id.values())
    over = (t for t in every if not t.account.internal and t.status != "LIVE" and t.matched)
    return next(over, None)


ORDERS = (ExternalOrder, ExternalTrade, ExternalMove, Take, LoseOrders, Overfill)
