"""The `simple` market maker (strategies.md §2): a symmetric quote around the mid, skewed by inventory, post-only.

Exact rational arithmetic on integers: the venue's grid leaves no room for a float that is a hair off a tick.
"""

from __future__ import annotations

from attrs import evolve, frozen

from actors.model.book import Depth, without
from actors.model.ledger import Position
from actors.model.market import Outcome, ceil_tick, floor_tick
from actors.model.numbers import PRICE_ONE, Price, Size, format_price, format_size
from actors.model.quote import Decision, Quote, View
from actors.model.reason import Hint, Reason, Refusal
from actors.model.simple_settings import SimpleParameters
from actors.strategies.modulation import Moves, modulated
from actors.strategies.sides import inside, merged, post_only, sold, two_tokens, whole

Inventory = tuple[int, int, int, int]


@frozen
class SimpleState:
    """What was quoted last, for which mid (twice the mid, so that half ticks stay whole), inventory and tick, and by which
    half-spread and size where these are modulated."""

    mid2: int = 0
    inventory: Inventory = (0, 0, 0, 0)
    decision: Decision | None = None
    tick: int = 0
    half_spread: int = 0
    size: int = 0
    moves: Moves = Moves()


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
            return SimpleState(moves=state.moves), Decision(refusal=refusal)
        if self.parameters.modulations:
            return self._modulated(state, depth, depth.best_bid + depth.best_ask, view)
        return self._requote(state, depth, depth.best_bid + depth.best_ask, view)

    def _modulated(self, state: SimpleState, depth: Depth, mid2: int, view: View) -> tuple[SimpleState, Decision]:
        """As a `simple` with other parameters would quote around another mid."""
        moves = state.moves.after(mid2, view.now)
        change = modulated(self.parameters, depth, view, moves)
        if change.refusal is not None:
            return SimpleState(moves=moves), Decision(refusal=change.refusal)
        return Simple(change.parameters)._requote(evolve(state, moves=moves), depth, mid2 + 2 * change.shift, view)

    def _requote(self, state: SimpleState, depth: Depth, mid2: int, view: View) -> tuple[SimpleState, Decision]:
        """The last quotes, or new ones around this mid."""
        if state.decision is not None and self._keeps(state, depth, mid2, view):
            return state, state.decision
        decision, own = self._quote(depth, mid2, view), self.parameters
        inventory, tick = _inventory(view.position), view.book.tick
        return SimpleState(mid2, inventory, decision, tick, own.half_spread, own.size, state.moves), decision

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

    def _keeps(self, state: SimpleState, depth: Depth, mid2: int, view: View) -> bool:
        """Whether the last quotes may stay: nothing filled or settled, mid about the same, and still post-only."""
        own, tick = self.parameters, view.book.tick
        threshold = own.requote if own.requote is not None else max(tick, own.half_spread // 2)
        before, now = (state.inventory, state.tick, state.size), (_inventory(view.position), tick, own.size)
        same = before == now and abs(own.half_spread - state.half_spread) < tick
        return (
            same
            and abs(mid2 - state.mid2) < 2 * threshold
            and state.decision is not None
            and post_only(state.decision.quotes, depth, tick)
        )

    def _quote(self, depth: Depth, mid2: int, view: View) -> Decision:
        """Both sides, and why one of them is missing; of two reasons the one that a setting would change."""
        tick, net = view.book.tick, view.position.net
        levels = [self.prices(mid2, net, tick, level) for level in range(1, self.parameters.levels + 1)]
        pairs = [inside(depth, bid, ask, tick) for bid, ask in levels]
        bids, no_bid = self._side(True, [bid for bid, _ in pairs], mid2, view)
        asks, no_ask = self._side(False, [ask for _, ask in pairs], mid2, view)
        refusals = sorted((r for r in (no_bid, no_ask) if r is not None), key=lambda r: r.hint is None)
        return Decision(merged([*bids, *asks]), refusals[0] if refusals else None)

    def _side(self, is_bid: bool, prices: list[Price], mid2: int, view: View) -> tuple[list[Quote], Refusal | None]:
        """One side's orders, nearest level first, all together within the limit; or the rule that leaves it empty."""
        tick, minimum = view.book.tick, view.market.min_size
        net = view.position.net if is_bid else -view.position.net
        held = view.position.holding(Outcome.NO if is_bid else Outcome.YES).sellable
        room = self.parameters.limit - net
        quotes: list[Quote] = []
        for level, price in enumerate(prices, start=1):
            size = self._size(net, level, room)
            if tick <= price <= PRICE_ONE - tick and size >= minimum:
                quotes += two_tokens(is_bid, price, size, held - sold(quotes), minimum)
                room -= size
        if quotes:
            return quotes, None
        on_book = tick <= prices[0] <= PRICE_ONE - tick
        return [], self._full(net, minimum) if on_book else self._no_room(is_bid, prices[0], mid2, view)

    def _full(self, net: int, minimum: int) -> Refusal:
        """The limit leaves less than the minimum size; at twice the inventory it would not taper yet."""
        inputs = (("net", format_size(net)), ("strategy.limit", format_size(self.parameters.limit)))
        return Refusal(Reason.INVENTORY_LIMIT, inputs, Hint("strategy.limit", format_size(2 * max(net, minimum))))

    def _no_room(self, is_bid: bool, price: Price, mid2: int, view: View) -> Refusal:
        """The quote would lie outside (0, 1); a narrower one may not."""
        own, tick = self.parameters, view.book.tick
        centre, scale = self._centre(mid2, view.position.net)
        narrower = centre // scale - tick if is_bid else PRICE_ONE - tick - -(-centre // scale)
        hint = Hint("strategy.half_spread", format_price(narrower)) if narrower >= 1 else None
        inputs = (("price", format_price(price)), ("strategy.half_spread", format_price(own.half_spread)))
        return Refusal(Reason.NO_ROOM, inputs, hint)

    def prices(self, mid2: int, net: int, tick: int, level: int = 1) -> tuple[Price, Price]:
        """(bid, ask) = floor/ceil to tick of mid ∓ level × half_spread - skew_max × clip(net ÷ limit, ±1).

        The bid is always the lower one: half_spread is above 0, and both sides round outwards.
        """
        centre, scale = self._centre(mid2, net)
        away = level * self.parameters.half_spread * scale
        bid = (centre - away) // (scale * tick) * tick
        ask = -(-(centre + away) // (scale * tick)) * tick
        return Price(bid), Price(ask)

    def _centre(self, mid2: int, net: int) -> tuple[int, int]:
        """The skewed mid as a fraction: numerator and denominator, in price units."""
        own = self.parameters
        clipped = max(-own.limit, min(own.limit, net))
        return mid2 * own.limit - 2 * own.skew_max * clipped, 2 * own.limit

    def _size(self, net: int, level: int, room: int) -> Size:
        """Size of the side that grows `net`: whole up to half the limit, then tapering to 0 at the limit; 2 decimals."""
        size, limit = self.parameters.size // level, self.parameters.limit
        if net > limit // 2:
            size = size * max(0, limit - net) // (limit - limit // 2)
        return whole(min(size, room))


def _inventory(position: Position) -> Inventory:
    """What makes quotes old news: a fill, and shares that have become sellable (or no longer are)."""
    return position.trades, position.net, position.yes.sellable, position.no.sellable
