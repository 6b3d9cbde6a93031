"""From what should rest to what must change: cancels first, the smallest change, queue positions kept where possible."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import inf

from attrs import evolve, frozen

from actors.model.market import Outcome, Side
from actors.model.numbers import PRICE_ONE, Price, Size
from actors.model.order import Life, Order
from actors.model.quote import Quote

Slot = tuple[Outcome, Side]


@frozen
class Plan:
    """Orders to cancel now, and quotes to place now; whatever must wait for a cancel is in neither."""

    cancel: tuple[Order, ...] = ()
    place: tuple[Quote, ...] = ()


def yes_terms(outcome: Outcome, side: Side, price: int) -> tuple[bool, Price]:
    """An order as it stands in the YES book: (is it a bid, its price). Buying NO at q is selling YES at 1 - q."""
    if outcome is Outcome.YES:
        return side is Side.BUY, Price(price)
    return side is Side.SELL, Price(PRICE_ONE - price)


def self_trades(quote: Quote, order: Order | Quote) -> bool:
    """Whether the two could trade with each other, on one token or across the pair (I9)."""
    bid, price = yes_terms(quote.outcome, quote.side, quote.price)
    other_bid, other_price = yes_terms(order.outcome, order.side, order.price)
    if bid == other_bid:
        return False
    return price >= other_price if bid else other_price >= price


def plan(
    wanted: Sequence[Quote],
    orders: Sequence[Order],
    *,
    min_size: int,
    sellable: Mapping[Outcome, int],
    since: float = -inf,
) -> Plan:
    """What to cancel and place so that `wanted` rests.

    `orders` are all of ours that are not proven dead. An order at a wanted price is kept while the sizes there do not
    exceed the wanted one, unless it was placed before `since`; what is missing is placed beside it, so a partial fill
    costs no queue position. Nothing is placed on an outcome's side while an order there is being cancelled or unknown,
    nor where it could trade with any order of ours or a quote placed before it, nor a sell that confirmed shares do not
    back. `wanted` names each price of an outcome's side once.
    """
    working = [o for o in orders if o.open and o.cancel_sent_at is None]
    kept = _kept(wanted, [o for o in working if o.placed_at >= since])
    cancel = tuple(o for o in working if o not in kept and o.order_id)
    blocked = {_slot(o) for o in orders if o.open and o not in kept} | {
        _slot(o) for o in orders if o.life is Life.UNKNOWN
    }
    place: list[Quote] = []
    for quote in wanted:
        if (quote.outcome, quote.side) not in blocked:
            size = _missing(quote, kept, orders, place, sellable)
            if size >= min_size and not _meets(quote, orders, place):
                place.append(evolve(quote, size=size))
    return Plan(cancel, tuple(place))


def _meets(quote: Quote, orders: Sequence[Order], place: Sequence[Quote]) -> bool:
    others: list[Order | Quote] = [*(order for order in orders if order.open), *place]
    return any(self_trades(quote, other) for other in others)


def _kept(wanted: Sequence[Quote], working: Sequence[Order]) -> list[Order]:
    """The working orders that may stay: at a wanted price, oldest first, within the wanted size."""
    room = {(q.outcome, q.side, q.price): int(q.size) for q in wanted}
    kept: list[Order] = []
    for order in sorted(working, key=lambda o: o.key):
        place = (order.outcome, order.side, order.price)
        if 0 < order.remaining <= room.get(place, 0):
            room[place] -= order.remaining
            kept.append(order)
    return kept


def _missing(
    quote: Quote,
    kept: Sequence[Order],
    orders: Sequence[Order],
    place: Sequence[Quote],
    sellable: Mapping[Outcome, int],
) -> Size:
    """How much of `quote` is not resting yet; of a sell, only what confirmed shares can back."""
    resting = sum(o.remaining for o in kept if (o.outcome, o.side, o.price) == (quote.outcome, quote.side, quote.price))
    size = quote.size - resting
    if quote.side is Side.SELL:
        size = min(size, sellable.get(quote.outcome, 0) - _committed(quote.outcome, orders, place))
    return Size(max(0, size))


def _committed(outcome: Outcome, orders: Sequence[Order], place: Sequence[Quote]) -> int:
    """Shares of an outcome that sells not proven dead, and sells planned already, may still take."""
    resting = sum(o.at_risk for o in orders if o.outcome is outcome and o.side is Side.SELL)
    return resting + sum(q.size for q in place if q.outcome is outcome and q.side is Side.SELL)


def _slot(order: Order) -> Slot:
    return (order.outcome, order.side)
