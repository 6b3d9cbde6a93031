"""The `simple` market maker (strategies.md §2): a symmetric quote around the mid, skewed by inventory, post-only.

Exact rational arithmetic on integers: the venue's grid leaves no room for a float that is a hair off a tick.
"""

from __future__ import annotations

from attrs import evolve, frozen

from actors.model.book import Depth, without
from actors.model.market import Outcome, Side, ceil_tick, floor_tick
from actors.model.numbers import PRICE_ONE, Price, Size, format_price, format_size
from actors.model.quote import Decision, Quote, View
from actors.model.reason import Hint, Reason, Refusal
from actors.model.settings import SimpleParameters


@frozen
class SimpleState:
    """What was quoted last and for which mid (twice the mid, so that half ticks stay whole) and net position."""

    mid2: int = 0
    net: int = 0
    decision: Decision | None = None
    tick: int = 0


@frozen
class Simple:
    """`step(state, view)`: keep the last quotes while the mid has moved less than the requote threshold."""

    parameters: SimpleParameters

    def start(self) -> SimpleState:
        """Cold start: the first complete book is quoted at once."""
        return SimpleState()

    def step(self, state: SimpleState, view: View) -> tuple[SimpleState, Decision]:
        """The quotes for this view, or the rule that forbids them. Never raises on any book."""
        depth = without(view.book.yes, view.own)
        refusal = self._refusal(depth, view)
        if refusal is not None or depth.best_bid is None or depth.best_ask is None:
            return SimpleState(), Decision(refusal=refusal)
        mid2 = depth.best_bid + depth.best_ask
        if self._keeps(state, mid2, view) and state.decision is not None:
            return state, state.decision
        decision = self._quote(depth, mid2, view)
        return SimpleState(mid2, view.position.net, decision, view.book.tick), decision

    def _refusal(self, depth: Depth, view: View) -> Refusal | None:
        own = self.parameters
        if depth.best_bid is None or depth.best_ask is None:
            return Refusal(Reason.ONE_SIDED)
        if depth.crossed:
            return Refusal(Reason.CROSSED)
        spread, mid2 = depth.best_ask - depth.best_bid, depth.best_bid + depth.best_ask
        if spread > own.max_spread:
            hint = Hint("strategy.max_spread", format_price(spread))
            inputs = (("spread", format_price(spread)), ("strategy.max_spread", format_price(own.max_spread)))
            return Refusal(Reason.SPREAD_TOO_WIDE, inputs, hint)
        if not 2 * own.min_price <= mid2 <= 2 * own.max_price:
            low = mid2 < 2 * own.min_price
            key = "strategy.min_price" if low else "strategy.max_price"
            limit = format_price(
                floor_tick(mid2 // 2, view.book.tick) if low else ceil_tick(mid2 // 2 + 1, view.book.tick)
            )
            return Refusal(Reason.PRICE_OUT_OF_RANGE, (("mid", format_price(mid2 // 2)),), Hint(key, limit))
        if own.size < view.market.min_size:
            minimum = format_size(view.market.min_size)
            inputs = (("strategy.size", format_size(own.size)), ("minimum", minimum))
            return Refusal(Reason.SIZE_BELOW_MINIMUM, inputs, Hint("strategy.size", minimum))
        return None

    def _keeps(self, state: SimpleState, mid2: int, view: View) -> bool:
        own, tick = self.parameters, view.book.tick
        threshold = own.requote if own.requote is not None else max(tick, own.half_spread // 2)
        return (state.net, state.tick) == (view.position.net, tick) and abs(mid2 - state.mid2) < 2 * threshold

    def _quote(self, depth: Depth, mid2: int, view: View) -> Decision:
        own, tick, net = self.parameters, view.book.tick, view.position.net
        quotes: list[Quote] = []
        blocked: list[Refusal] = []
        for level in range(1, own.levels + 1):
            bid, ask = self.prices(mid2, net, tick, level)
            bid, ask = _inside(depth, bid, ask, tick)
            bid, ask = _apart(bid, ask, tick, net)
            sizes = (self._size(net, level), self._size(-net, level))
            for is_bid, price, size in ((True, bid, sizes[0]), (False, ask, sizes[1])):
                if not tick <= price <= PRICE_ONE - tick:
                    blocked.append(Refusal(Reason.NO_ROOM, (("price", format_price(price)),)))
                elif size < view.market.min_size:
                    inputs = (("net", format_size(net)), ("strategy.limit", format_size(own.limit)))
                    needed = format_size(abs(net) + view.market.min_size * 2)
                    blocked.append(Refusal(Reason.INVENTORY_LIMIT, inputs, Hint("strategy.limit", needed)))
                else:
                    quotes += _two_tokens(is_bid, price, size, view)
        return Decision(_merged(quotes), None if quotes else blocked[0])

    def prices(self, mid2: int, net: int, tick: int, level: int = 1) -> tuple[Price, Price]:
        """(bid, ask) = floor/ceil to tick of mid ∓ level × half_spread - skew_max × clip(net ÷ limit, ±1)."""
        own = self.parameters
        clipped = max(-own.limit, min(own.limit, net))
        scale = 2 * own.limit
        centre = mid2 * own.limit - 2 * own.skew_max * clipped
        away = level * own.half_spread * scale
        bid = (centre - away) // (scale * tick) * tick
        ask = -(-(centre + away) // (scale * tick)) * tick
        return Price(bid), Price(ask)

    def _size(self, net: int, level: int) -> Size:
        """Size of the side that grows `net`: whole up to half the limit, then tapering to 0 at the limit; 2 decimals."""
        own = self.parameters
        size, limit = own.size // level, own.limit
        if net > limit // 2:
            size = size * max(0, limit - net) // (limit - limit // 2)
        size = max(0, min(size, limit - net))
        return Size(size // 10_000 * 10_000)


def _inside(depth: Depth, bid: Price, ask: Price, tick: int) -> tuple[Price, Price]:
    """Post-only: the bid stays a tick below the best ask, the ask a tick above the best bid."""
    if depth.best_ask is not None:
        bid = Price(min(bid, depth.best_ask - tick))
    if depth.best_bid is not None:
        ask = Price(max(ask, depth.best_bid + tick))
    return bid, ask


def _apart(bid: Price, ask: Price, tick: int, net: int) -> tuple[Price, Price]:
    """If rounding made the quotes meet, widen the side that would grow the inventory."""
    if bid < ask:
        return bid, ask
    return (Price(ask - tick), ask) if net > 0 else (bid, Price(bid + tick))


def _two_tokens(is_bid: bool, price: Price, size: Size, view: View) -> list[Quote]:
    """One YES-terms quote as orders: sell what is held and confirmed, buy the complement for the rest.

    A sell of YES at a and a buy of NO at 1 - a are the same quote; there are no naked sells (strategies.md §0).
    """
    buys, sells = (Outcome.YES, Outcome.NO) if is_bid else (Outcome.NO, Outcome.YES)
    own_price = {Outcome.YES: price, Outcome.NO: Price(PRICE_ONE - price)}
    held = min(view.position.holding(sells).sellable // 10_000 * 10_000, size)
    sold = Size(held if held >= view.market.min_size else 0)
    bought = Size(size - sold)
    quotes = [Quote(sells, Side.SELL, own_price[sells], sold)] if sold else []
    if bought >= view.market.min_size:
        quotes.append(Quote(buys, Side.BUY, own_price[buys], bought))
    return quotes


def _merged(quotes: list[Quote]) -> tuple[Quote, ...]:
    """Quotes of several levels that ended at one price, as one."""
    merged: dict[tuple[Outcome, Side, Price], Quote] = {}
    for quote in quotes:
        place = (quote.outcome, quote.side, quote.price)
        known = merged.get(place)
        merged[place] = evolve(quote, size=Size(known.size + quote.size)) if known else quote
    return tuple(merged.values())
