"""The `bands` strategy (strategies.md §4): orders that stay in their band stay in the queue, what is missing is refilled.

What rests is read from the view each time, so a decision repeats it; the state holds only what time limits count.
"""

from __future__ import annotations

from collections.abc import Sequence

from attrs import frozen

from actors.model.bands_settings import BandsParameters
from actors.model.market import Market, Outcome, Side
from actors.model.numbers import Price, cost, format_price, format_size
from actors.model.order import Key, Order
from actors.model.quote import Decision, Quote, View
from actors.model.reason import Hint, Reason, Refusal
from actors.pricing.bands import PLENTY, Grid, Means, Shelf, bid_price, book_of, refills, shelves
from actors.strategies.sides import merged
from actors.strategies.target import target_price

Placed = tuple[Key, float, Side, int]  # of an order: when, on which side, and of what size it was placed


@frozen
class BandsState:
    """The orders placed within the longest time limit, as far as they have been seen."""

    placed: tuple[Placed, ...] = ()


@frozen
class Bands:
    """`step(state, view)`: what rests and belongs to a band, and what the bands lack."""

    parameters: BandsParameters

    def start(self) -> BandsState:
        """Cold start: of what was placed before, time limits count only what still rests."""
        return BandsState()

    def step(self, state: BandsState, view: View) -> tuple[BandsState, Decision]:
        """All that should rest at this view, or the rule that forbids it. Never raises on any book."""
        state = self._seen(state, view)
        target = target_price(view, self.parameters.max_spread)
        refusal = target if isinstance(target, Refusal) else self._dead_zone(view.market)
        if refusal is not None or isinstance(target, Refusal):
            return state, Decision(refusal=refusal)
        working = [order for order in view.orders if order.cancel_sent_at is None]
        resting = [Quote(o.outcome, o.side, o.price, o.remaining) for o in working if o.remaining]
        grid, books = Grid(view.book.tick, view.market.min_size), shelves(self.parameters.bands, target, resting)
        kept = [quote for book in books for quote in book.orders]
        means = self._means(state, view, kept)
        new = [
            quote
            for book in books
            if self._may_refill(book.outcome, working, view.now)
            for quote in refills(self.parameters, book, grid, means)
        ]
        wanted = merged([*kept, *new])
        return state, Decision(wanted, _missing(books, wanted, grid, target))

    def _seen(self, state: BandsState, view: View) -> BandsState:
        """With the orders placed since, without those that no limit counts any more."""
        longest = max((limit.period for limit in self.parameters.limits), default=0.0)
        known = {key for key, *_ in state.placed}
        news = [(o.key, o.placed_at, o.side, int(o.size)) for o in view.orders if o.key not in known]
        counted = (each for each in (*state.placed, *news) if each[1] > view.now - longest)
        return BandsState(tuple(counted))

    def _means(self, state: BandsState, view: View, kept: Sequence[Quote]) -> Means:
        """What is free besides the orders that stay."""
        buys = [quote for quote in kept if quote.side is Side.BUY]  # the account's balance still holds what they cost
        on_sale = {o: sum(q.size for q in kept if (q.outcome, q.side) == (o, Side.SELL)) for o in Outcome}
        return Means(
            cash=PLENTY if view.free is None else max(0, view.free - sum(cost(q.price, q.size) for q in buys)),
            shares={o: view.position.holding(o).sellable - on_sale[o] for o in Outcome},
            placeable={side: self._placeable(state, side, view.now) for side in Side},
        )

    def _placeable(self, state: BandsState, side: Side, now: float) -> int:
        """The smallest remainder of all time limits."""
        left = PLENTY
        for limit in self.parameters.limits:
            used = sum(size for _, at, on, size in state.placed if on is side and at > now - limit.period)
            left = min(left, limit.amount - used)
        return max(0, left)

    def _may_refill(self, outcome: Outcome, working: Sequence[Order], now: float) -> bool:
        """Not within `sync` of the last order placed there: what is lacking so soon was refused, or taken at once."""
        mine = (o for o in working if book_of(Quote(o.outcome, o.side, o.price, o.size)) is outcome)
        return all(now - order.placed_at >= self.parameters.sync for order in mine)

    def _dead_zone(self, market: Market) -> Refusal | None:
        """Between refilling below the smallest amount and up to the average there must be room for an order."""
        for number, band in enumerate(self.parameters.bands):
            if band.avg_amount - band.min_amount < market.min_size:
                inputs = (("market", market.slug), ("smallest order", format_size(market.min_size)))
                key = f"strategy.bands[{number}].avg_amount"
                return Refusal(
                    Reason.BAND_TOO_NARROW, inputs, Hint(key, format_size(band.min_amount + market.min_size))
                )
        return None


def _missing(books: Sequence[Shelf], wanted: Sequence[Quote], grid: Grid, target: Price) -> Refusal | None:
    """Why an outcome is not bid for."""
    for book in books:
        if not any(book_of(quote) is book.outcome for quote in wanted):
            has_price = any(bid_price(band, book.target, grid.tick) for band in book.bands)
            inputs = (("outcome", book.outcome.value), ("target", format_price(target)))
            return Refusal(Reason.SHORT_OF_MEANS if has_price else Reason.NO_ROOM, inputs)
    return None
