"""The `maker` (strategies.md §3): Avellaneda-Stoikov on the logit scale, on both outcomes, post-only.

Prices are floats up to the tick and integers from there on. Whatever the book, it never raises, never quotes outside (0, 1), never
sells what is not confirmed, and never meets its own orders: both sides round away from one reservation price.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import ceil, floor

from attrs import evolve, frozen

from actors.model.book import Depth, OwnLevel, without
from actors.model.maker_settings import MakerParameters
from actors.model.market import Outcome, tradable_price
from actors.model.numbers import PRICE_ONE, Price, format_price, format_size
from actors.model.plan import yes_terms
from actors.model.quote import Decision, Quote, View
from actors.model.reason import Hint, Reason, Refusal
from actors.model.spot import asset_of
from actors.pricing.fair import mid, worth
from actors.strategies.belief import Belief
from actors.strategies.reservation import Reservation, reserve
from actors.strategies.room import Room, room
from actors.strategies.sides import inside, sold, two_tokens, whole

_HAIR = 1e-9  # ticks that a float may be off the grid


@frozen
class MakerState:
    """`belief` is what was learnt; `bids` and `asks` what was wanted last, so that what rests may go on resting."""

    belief: Belief
    bids: tuple[Quote, ...] = ()
    asks: tuple[Quote, ...] = ()


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
        refusal = self._refusal(depth, view)
        if refusal is not None or middle is None or fair is None:
            return MakerState(state.belief), Decision(refusal=refusal)
        column = own.column(asset_of(view.market.slug) is not None, view.ends_in)
        belief = state.belief.after(view, middle, fair, column, own.print_weight)
        if view.now < belief.cool_until:
            inputs = (("strategy.cool", f"{column.cool:g} s"), ("left", f"{belief.cool_until - view.now:.1f} s"))
            return MakerState(belief), Decision(refusal=Refusal(Reason.JUMPED, inputs))
        reserved = reserve(belief, depth, view, own, column)
        rooms = room(reserved.price, depth, view, own, column)
        return self._quote(evolve(state, belief=belief), depth, view, reserved, rooms)

    def _refusal(self, depth: Depth, view: View) -> Refusal | None:
        own = self.parameters
        if depth.best_bid is None or depth.best_ask is None:
            return Refusal(Reason.ONE_SIDED)
        if depth.crossed:
            return Refusal(Reason.CROSSED)
        if (spread := depth.best_ask - depth.best_bid) > own.max_spread:
            inputs = (("spread", format_price(spread)), ("strategy.max_spread", format_price(own.max_spread)))
            return Refusal(Reason.SPREAD_TOO_WIDE, inputs, Hint("strategy.max_spread", format_price(spread)))
        if own.size < view.market.min_size:
            minimum = format_size(view.market.min_size)
            inputs = (("strategy.size", format_size(own.size)), ("minimum", minimum))
            return Refusal(Reason.SIZE_BELOW_MINIMUM, inputs, Hint("strategy.size", minimum))
        return None

    def _quote(
        self, state: MakerState, depth: Depth, view: View, reserved: Reservation, rooms: Room
    ) -> tuple[MakerState, Decision]:
        """Both sides, and why one of them is missing."""
        tick = view.book.tick
        bid, ask = inside(depth, *_prices(reserved, tick), tick)
        bids = _side(True, _resting(True, bid, view.own, tick), rooms, view, state.bids)
        asks = _side(False, _resting(False, ask, view.own, tick), rooms, view, state.asks)
        refusal = None
        for price, side, left in ((bid, bids, rooms.bid), (ask, asks, rooms.ask)):
            if not side:
                refusal = rooms.refusal if left < view.market.min_size else _no_room(price)
        return MakerState(state.belief, bids, asks), Decision((*bids, *asks), refusal)


def _prices(reserved: Reservation, tick: int) -> tuple[Price, Price]:
    """(bid, ask) on the grid, rounded away from the reservation: the bid is always the lower one."""
    bid = floor((reserved.price - reserved.bid) * PRICE_ONE / tick + _HAIR) * tick
    ask = ceil((reserved.price + reserved.ask) * PRICE_ONE / tick - _HAIR) * tick
    return Price(bid), Price(ask if ask > bid else bid + tick)


def _resting(is_bid: bool, price: Price, own: Iterable[OwnLevel], tick: int) -> Price:
    """The price of an order of ours that is at most a tick too timid: its place in the queue is worth more than a tick."""
    timid = -tick if is_bid else tick
    low, high = sorted((price, price + timid))
    kept = [level.price for level in own if level.bid is is_bid and low <= level.price <= high]
    kept = [resting for resting in kept if tradable_price(resting, tick)]
    return min(kept, key=lambda resting: abs(resting - price), default=price)


def _side(is_bid: bool, price: Price, rooms: Room, view: View, before: tuple[Quote, ...]) -> tuple[Quote, ...]:
    """One side's orders; split between the two tokens as before where that still holds, for it moves nothing."""
    minimum, left = view.market.min_size, rooms.bid if is_bid else rooms.ask
    size = whole(min(rooms.size, left))
    if size < minimum or not tradable_price(price, view.book.tick):
        return ()
    held = view.position.holding(Outcome.NO if is_bid else Outcome.YES).sellable
    fresh = tuple(two_tokens(is_bid, price, size, held, minimum))
    same = _total(before) == _total(fresh) and all(yes_terms(q.outcome, q.side, q.price)[1] == price for q in before)
    return before if before and same and sold(before) <= held else fresh


def _total(quotes: Iterable[Quote]) -> int:
    return sum(quote.size for quote in quotes)


def _no_room(price: Price) -> Refusal:
    return Refusal(Reason.NO_ROOM, (("price", format_price(price)),))
