"""Price-time matching of one condition in a single YES ladder. Owns the resting orders; never a clock, money or I/O.

A NO order stands in the YES ladder at 1 - price on the other side, so that a BUY meets a BUY (mint) and a SELL meets
a SELL (merge) by the same rule as a BUY meets a SELL (polymarket.md §13).
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator
from typing import Literal

from attrs import define, field, frozen

from actors.model.market import Outcome, Side
from actors.model.numbers import PRICE_ONE, complement

Life = Literal["GTC", "GTD", "FOK", "FAK"]


@frozen
class Order:
    """What an owner asks for: `size` of an outcome's token at `price` (of that token) or better.

    `budget` (cash units) makes a FOK or FAK BUY spend that much instead of buying `size`, as the venue does
    (a report in Polymarket/clob-client#134): its price is then only a limit.
    """

    id: str
    owner: str
    outcome: Outcome
    side: Side
    price: int
    size: int
    life: Life = "GTC"
    post_only: bool = False
    budget: int | None = None

    @property
    def bids(self) -> bool:
        """Does it stand on the bid side of the YES ladder?"""
        return (self.side is Side.BUY) is (self.outcome is Outcome.YES)

    @property
    def yes_price(self) -> int:
        return self.price if self.outcome is Outcome.YES else complement(self.price)

    @property
    def rests(self) -> bool:
        return self.life in ("GTC", "GTD")


@define(eq=False)
class Resting:
    """An order on the book and what is left of it."""

    order: Order
    remaining: int


@frozen
class Fill:
    """`size` changed hands at the maker's price, which is of the maker's own token."""

    maker: Order
    taker: Order
    size: int
    price: int

    @property
    def taker_price(self) -> int:
        """The same price seen from the taker's token."""
        return self.price if self.maker.outcome is self.taker.outcome else complement(self.price)

    @property
    def kind(self) -> Literal["complementary", "mint", "merge"]:
        if self.maker.side is not self.taker.side:
            return "complementary"
        return "mint" if self.taker.side is Side.BUY else "merge"


@frozen
class Plan:
    """What an order would do if it came now.

    `replaced` are the owner's own orders it would have met; `blocked` says that one of them is pinned in its way.
    """

    takes: tuple[tuple[Resting, int], ...]
    replaced: tuple[Resting, ...]
    left: int
    complete: bool
    blocked: bool


@frozen
class Result:
    """What an order did. `left` never traded: it rests when `rested`, else it is gone."""

    fills: tuple[Fill, ...] = ()
    replaced: tuple[Resting, ...] = ()
    left: int = 0
    rested: bool = False
    refusal: Literal["crosses", "unfilled", "closed", None] = None


@define(eq=False)
class Ladder:
    """One side of the YES book: prices ascending, at each price the orders in arrival order."""

    bids: bool
    prices: list[int] = field(factory=list)
    levels: dict[int, dict[str, Resting]] = field(factory=dict)

    def add(self, resting: Resting) -> None:
        price = resting.order.yes_price
        if price not in self.levels:
            insort(self.prices, price)
            self.levels[price] = {}
        self.levels[price][resting.order.id] = resting

    def remove(self, order: Order) -> None:
        level = self.levels[order.yes_price]
        del level[order.id]
        if not level:
            del self.levels[order.yes_price]
            del self.prices[bisect_left(self.prices, order.yes_price)]

    @property
    def best(self) -> int | None:
        if not self.prices:
            return None
        return self.prices[-1] if self.bids else self.prices[0]

    def size_at(self, price: int) -> int:
        return sum(resting.remaining for resting in self.levels.get(price, {}).values())

    def reachable(self, limit: int) -> Iterator[Resting]:
        """The resting orders an order limited at `limit` may meet, best price first, then oldest first."""
        for price in reversed(self.prices) if self.bids else iter(self.prices):
            if (price < limit) if self.bids else (price > limit):
                return
            yield from self.levels[price].values()


@define(eq=False)
class MatchBook:
    """The orders of one condition. Every method is one atomic step."""

    bids: Ladder = field(factory=lambda: Ladder(bids=True))
    asks: Ladder = field(factory=lambda: Ladder(bids=False))
    orders: dict[str, Resting] = field(factory=dict)
    pinned: set[str] = field(factory=set)
    """Ids that self-trade prevention passes over (a fault: the order cannot be cancelled)."""

    def submit(self, order: Order) -> Result:
        """Match `order` and rest what may rest.

        A post-only order that would take is refused ("crosses"), so are a FOK that cannot fill whole and a FAK that
        meets nobody ("unfilled"); the book stays as it was. Own orders it would meet are cancelled (`replaced`).
        """
        plan = self.plan(order)
        if order.post_only and self.crosses(order):
            return Result(left=order.size, refusal="crosses")
        if (order.life == "FOK" and not plan.complete) or (not plan.takes and (plan.blocked or order.life == "FAK")):
            return Result(left=order.size, refusal="unfilled")
        for own in plan.replaced:
            self.cancel(own.order.id)
        fills = tuple(self._take(order, resting, size) for resting, size in plan.takes)
        rested = order.rests and plan.left > 0 and not plan.blocked
        if rested:
            self._rest(Resting(order, plan.left))
        return Result(fills, plan.replaced, plan.left, rested)

    def plan(self, order: Order) -> Plan:
        """Walk the opposite side in price-time order; nothing changes."""
        takes: list[tuple[Resting, int]] = []
        replaced: list[Resting] = []
        left, budget, blocked = order.size, order.budget, False
        for resting in self._opposite(order).reachable(order.yes_price):
            price = _price_for(order, resting.order)
            wanted = left if budget is None else budget * PRICE_ONE // price
            if wanted <= 0:
                break
            if resting.order.owner == order.owner:
                if resting.order.id in self.pinned:
                    blocked = True
                else:
                    replaced.append(resting)
                continue
            size = min(wanted, resting.remaining)
            takes.append((resting, size))
            left -= size
            budget = None if budget is None else budget + (-price * size // PRICE_ONE)
        done = left <= 0 if budget is None else budget * PRICE_ONE // order.price <= _DUST
        return Plan(tuple(takes), tuple(replaced), 0 if done else max(left, 0), done, blocked)

    def crosses(self, order: Order) -> bool:
        """Would it take, or meet an own order?"""
        return next(self._opposite(order).reachable(order.yes_price), None) is not None

    def cancel(self, order_id: str) -> Resting | None:
        """Take the order off the book; None if it is not there."""
        resting = self.orders.pop(order_id, None)
        if resting is not None:
            self._side(resting.order).remove(resting.order)
        return resting

    def pinned_limit(self, bids: bool) -> int | None:
        """The best YES price among the pinned orders of one side; None without any."""
        side = [r.order.yes_price for r in (self.orders.get(i) for i in self.pinned) if r and r.order.bids is bids]
        return (max(side) if bids else min(side)) if side else None

    def levels(self, outcome: Outcome) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
        """(bids, asks) of one outcome as (price, size), best level last on both sides as the venue sends them."""
        bids = [(price, self.bids.size_at(price)) for price in self.bids.prices]
        asks = [(price, self.asks.size_at(price)) for price in reversed(self.asks.prices)]
        if outcome is Outcome.YES:
            return bids, asks
        return [(complement(p), s) for p, s in asks], [(complement(p), s) for p, s in bids]

    def best(self, outcome: Outcome) -> tuple[int | None, int | None]:
        """(best bid, best ask) of one outcome; None for an empty side."""
        bid, ask = self.bids.best, self.asks.best
        if outcome is Outcome.YES:
            return bid, ask
        return None if ask is None else complement(ask), None if bid is None else complement(bid)

    def _take(self, taker: Order, resting: Resting, size: int) -> Fill:
        resting.remaining -= size
        assert resting.remaining >= 0, "a fill larger than the maker"
        if not resting.remaining:
            self.cancel(resting.order.id)
        return Fill(resting.order, taker, size, resting.order.price)

    def _rest(self, resting: Resting) -> None:
        assert resting.order.id not in self.orders, "an order id rests once"
        self.orders[resting.order.id] = resting
        self._side(resting.order).add(resting)

    def _side(self, order: Order) -> Ladder:
        return self.bids if order.bids else self.asks

    def _opposite(self, order: Order) -> Ladder:
        return self.asks if order.bids else self.bids


_DUST = 10_000  # a budget is spent when less than 0.01 share of it is left


def _price_for(taker: Order, maker: Order) -> int:
    return maker.price if maker.outcome is taker.outcome else complement(maker.price)
