"""The `maker` (strategies.md §3): Avellaneda-Stoikov on the logit scale, on both outcomes, post-only.

Prices are floats up to the tick and integers from there on. Whatever the book, it never raises, never quotes outside (0, 1), never
sells what is not confirmed, and never meets its own orders: both sides round away from one reservation price.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from math import ceil, floor, inf

from attrs import frozen

from actors.model.book import Depth, without
from actors.model.maker_settings import Column, MakerParameters
from actors.model.market import Outcome, tradable_price
from actors.model.numbers import PRICE_ONE, Price, Size, format_price, format_size
from actors.model.plan import yes_terms
from actors.model.quote import Decision, Grounds, Quote, View
from actors.model.reason import Hint, Reason, Refusal
from actors.model.spot import asset_of
from actors.pricing.fair import mid, worth
from actors.strategies.belief import Belief
from actors.strategies.grounds import grounds
from actors.strategies.informed import informed
from actors.strategies.reservation import Reservation, reserve
from actors.strategies.room import Room, room
from actors.strategies.sides import inside, sold, two_tokens, whole

_HAIR = 1e-9  # ticks that a float may be off the grid


@frozen
class Wanted:
    """One side as it was wanted last: its orders, their price in YES terms (None for none), and when that moved."""

    quotes: tuple[Quote, ...] = ()
    price: Price | None = None
    moved_at: float = -inf

    def gone(self) -> Wanted:
        """Pulled."""
        return Wanted(moved_at=self.moved_at)


@frozen
class Prices:
    """Where both sides are to be quoted, and the best prices at which they would meet nobody else's order."""

    bid: Price
    ask: Price
    best_bid: Price
    best_ask: Price


@frozen
class MakerState:
    """`belief` is what was learnt; `bid` and `ask` what was wanted last, so that what rests may go on resting."""

    belief: Belief
    bid: Wanted = Wanted()
    ask: Wanted = Wanted()

    def pulled(self, belief: Belief) -> MakerState:
        return MakerState(belief, self.bid.gone(), self.ask.gone())


@frozen
class Maker:
    """`step(state, view)`: the quotes for this view, or the rule that forbids them."""

    parameters: MakerParameters

    def start(self) -> MakerState:
        """Cold start: the first complete book is quoted at once, as that of a typical market."""
        return MakerState(Belief.cold(self.parameters))

    def step(self, state: MakerState, view: View) -> tuple[MakerState, Decision]:
        own, depth = self.parameters, without(view.book.yes, view.own)
        middle, fair = mid(depth), worth(depth, view.market.min_size, own.micro)
        column = own.column(asset_of(view.market.slug) is not None, view.ends_in)
        refusal = self._refusal(depth, view, column)
        if refusal is not None or middle is None or fair is None:
            return state.pulled(state.belief), Decision(refusal=refusal)
        fair = informed(fair, view, own.spot_weight)
        belief = state.belief.after(view, middle, fair, column, own.print_weight)
        if view.now < belief.cool_until:
            inputs = (("strategy.cool", f"{column.cool:g} s"), ("left", f"{belief.cool_until - view.now:.1f} s"))
            return state.pulled(belief), Decision((), Refusal(Reason.JUMPED, inputs), look_at=belief.cool_until)
        reserved = reserve(belief, depth, view, own, column)
        rooms = room(reserved.price, depth, view, own, column)
        prices = _prices(reserved, depth, view.book.tick, improve=column.improve)
        why = partial(grounds, belief, depth, view, own, column)
        return _quoted(MakerState(belief, state.bid, state.ask), view, prices, rooms, column, why)

    def _refusal(self, depth: Depth, view: View, column: Column) -> Refusal | None:
        own = self.parameters
        if depth.best_bid is None or depth.best_ask is None:
            return Refusal(Reason.ONE_SIDED)
        if depth.crossed:
            return Refusal(Reason.CROSSED)
        if (spread := depth.best_ask - depth.best_bid) > own.max_spread:
            inputs = (("spread", format_price(spread)), ("strategy.max_spread", format_price(own.max_spread)))
            return Refusal(Reason.SPREAD_TOO_WIDE, inputs, Hint("strategy.max_spread", format_price(spread)))
        if column.size < view.market.min_size:
            minimum = format_size(view.market.min_size)
            inputs = (("strategy.size", format_size(column.size)), ("minimum", minimum))
            return Refusal(Reason.SIZE_BELOW_MINIMUM, inputs, Hint("strategy.size", minimum))
        return None


def _quoted(
    state: MakerState, view: View, prices: Prices, rooms: Room, column: Column, why: Grounds
) -> tuple[MakerState, Decision]:
    """Both sides, and why one of them is missing. What is new never meets what stays, nor what others quote."""
    tick = view.book.tick
    bids, no_bid = _side(True, prices.bid, prices.best_bid, state.bid, view, rooms, column)
    beside = prices.ask if bids.price is None else Price(max(prices.ask, bids.price + tick))
    asks, no_ask = _side(False, beside, prices.best_ask, state.ask, view, rooms, column)
    if bids.price is not None and asks.price is not None and bids.price >= asks.price:
        below = Price(min(asks.price - tick, prices.best_bid))
        bids, no_bid = _side(True, below, below, state.bid, view, rooms, column)
    resting = ((bids, no_bid), (asks, no_ask))
    back = min(
        (side.moved_at + column.rest for side, why in resting if why and why.reason is Reason.RESTING), default=inf
    )
    decision = Decision((*bids.quotes, *asks.quotes), no_bid or no_ask, look_at=back, grounds=why)
    return MakerState(state.belief, bids, asks), decision


def _prices(reserved: Reservation, depth: Depth, tick: int, *, improve: bool) -> Prices:
    """On the grid, rounded away from the reservation, so that the bid is the lower one; post-only, and unless they may
    `improve` on the others' no better than these."""
    bid = floor((reserved.price - reserved.bid) * PRICE_ONE / tick + _HAIR) * tick
    ask = ceil((reserved.price + reserved.ask) * PRICE_ONE / tick - _HAIR) * tick
    bid, ask = inside(depth, Price(bid), Price(ask if ask > bid else bid + tick), tick)
    bounds = inside(depth, Price(PRICE_ONE), Price(0), tick)
    if improve or depth.best_bid is None or depth.best_ask is None:
        return Prices(bid, ask, *bounds)
    return Prices(Price(min(bid, depth.best_bid)), Price(max(ask, depth.best_ask)), *bounds)


def _side(
    is_bid: bool, price: Price, best: Price, before: Wanted, view: View, rooms: Room, column: Column
) -> tuple[Wanted, Refusal | None]:
    """One side as it is wanted now, or why it is empty; nothing is wanted at a better price than `best`."""
    minimum = view.market.min_size
    size = whole(min(rooms.size, rooms.bid if is_bid else rooms.ask))
    if size < minimum:
        return before.gone(), rooms.why()
    if not tradable_price(price, view.book.tick):
        return before.gone(), Refusal(Reason.NO_ROOM, (("price", format_price(price)),))
    stands = _stands(is_bid, price, best, before, view, column.bold)
    waits = view.now < before.moved_at + column.rest
    if stands is not None and (waits or _beyond(is_bid, stands, price) <= column.timid * view.book.tick):
        return _wanted(is_bid, stands, size, before, view, before.moved_at), None
    if waits:
        inputs = (("moved", f"{view.now - before.moved_at:.1f} s ago"), ("strategy.rest", f"{column.rest:g} s"))
        return before.gone(), Refusal(Reason.RESTING, inputs)
    return _wanted(is_bid, price, size, before, view, view.now), None


def _stands(is_bid: bool, price: Price, best: Price, before: Wanted, view: View, bold: float) -> Price | None:
    """Where this side stands and need not flee: where it was wanted last, else where the nearest order of ours rests. Its
    place in the queue, and the two actions of a move, are worth some ticks, on either side.

    Only what rests may be too near by `bold` ticks: a new order there would be the one in front of all others.
    """
    if before.price is not None:
        return before.price if _safe(is_bid, before.price, price, best, view, bold) else None
    resting = [level.price for level in view.own if level.bid is is_bid]
    safe = [at for at in resting if _safe(is_bid, at, price, best, view, bold)]
    return (max(safe) if is_bid else min(safe)) if safe else None


def _safe(is_bid: bool, at: Price, price: Price, best: Price, view: View, bold: float) -> bool:
    """Whether this side may stand there where `price` is wanted."""
    tick = view.book.tick
    if not tradable_price(at, tick) or _beyond(is_bid, at, best) < 0:
        return False
    beyond = _beyond(is_bid, at, price)
    return beyond >= 0 or (beyond >= -bold * tick and _rests(is_bid, at, view))


def _rests(is_bid: bool, at: Price, view: View) -> bool:
    """Whether an order of ours rests there, or is on its way to."""
    return any(level.price == at and level.bid is is_bid for level in view.own) or any(
        yes_terms(order.outcome, order.side, order.price) == (is_bid, at) for order in view.orders
    )


def _beyond(is_bid: bool, at: Price, price: Price) -> int:
    """By how much it is worse for others than `price`; below 0 it is better."""
    return price - at if is_bid else at - price


def _wanted(is_bid: bool, price: Price, size: Size, before: Wanted, view: View, moved_at: float) -> Wanted:
    """The orders of one side; split between the two tokens as before where these rest and that still holds, for it moves
    nothing. Where none rests, as when there was no money to buy, what has come to be held since is sold."""
    held = view.position.holding(Outcome.NO if is_bid else Outcome.YES).sellable
    fresh = tuple(two_tokens(is_bid, price, size, held, view.market.min_size))
    same = before.price == price and _total(before.quotes) == _total(fresh) and sold(before.quotes) <= held
    same = same and _rests(is_bid, price, view)
    return Wanted(before.quotes if same else fresh, price, moved_at)


def _total(quotes: Iterable[Quote]) -> int:
    return sum(quote.size for quote in quotes)
