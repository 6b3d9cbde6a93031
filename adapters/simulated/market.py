"""A simulated market: a drawn path played into a matching book, with one outsider's orders in it. Knows the time it is told."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

from attrs import define, evolve, field

from actors.messages import BookSnapshot, LevelChange, MarketEvent, Print, TickChange
from actors.model.market import Market, Outcome, Side, ceil_tick, floor_tick, tradable_price
from actors.model.numbers import PRICE_ONE, Price, complement
from adapters.matching import Fill, MatchBook, Order, Resting, Result
from adapters.simulated.crowd import CROWD, Crowd
from adapters.simulated.path import Event, Informed, Minute, Noise, Outage, Path, informed_edge
from adapters.simulated.quotes import Quoted

OWN = "own"
_TAKER = "taker"


@define(eq=False)
class SimulatedMarket:
    """`tell` hears what the public channel says, `filled` every trade of an own order, `sampled` the rivals' score each minute.

    `quoted` is called once a second, after the background has moved.
    """

    path: Path
    listed: Market
    tell: Callable[[list[MarketEvent]], None] = lambda _: None
    filled: Callable[[Fill], None] = lambda _: None
    sampled: Callable[[float], None] = lambda _: None
    quoted: Callable[[Quoted], None] = lambda _: None
    book: MatchBook = field(factory=MatchBook)
    now: Quoted | None = None
    down_until: float = -math.inf
    crowd: Crowd = field(init=False)
    _taken: int = 0
    _prints: list[MarketEvent] = field(factory=list)

    def __attrs_post_init__(self) -> None:
        self.crowd = Crowd(self.path, self.book)

    def play(self, event: Event) -> None:
        """Let the next thing happen."""
        match event:
            case Outage():
                self.down_until = event.until
                self.crowd.clear()
            case Quoted():
                self._quote(event)
            case Minute():
                self.sampled(event.rivals)
            case Noise() if event.at >= self.down_until:
                self._trade_noise(event)
            case Informed() if event.at >= self.down_until:
                self._trade_informed(event)
        self._flush()

    def submit(self, order: Order) -> Result:
        """An own order reaches the book."""
        result = self.book.submit(order)
        self._settle(result)
        if result.rested:
            self.crowd.touched.add((order.bids, order.yes_price))
        self._flush()
        return result

    def cancel(self, order_id: str) -> Resting | None:
        resting = self.book.cancel(order_id)
        if resting is not None:
            self.crowd.touched.add((resting.order.bids, resting.order.yes_price))
            self._flush()
        return resting

    def own(self) -> Iterable[Resting]:
        return (resting for resting in self.book.orders.values() if resting.order.owner == OWN)

    @property
    def middle(self) -> int:
        """Of the background's own prices, in price units, rounded down: own quotes do not enter it."""
        assert self.now is not None
        return (max(self.now.bid, 0) + min(self.now.ask, PRICE_ONE)) // 2

    def snapshot(self, token: str) -> BookSnapshot:
        bids, asks = self.book.levels(self.listed.outcome(token))
        return BookSnapshot(token, tuple(bids), tuple(asks), self.listed.tick)

    def _quote(self, now: Quoted) -> None:
        self.now = now
        if now.at < self.down_until:
            return
        if now.tick != self.listed.tick:
            self._retick(now.tick)
        self.crowd.quote(now)
        self.quoted(now)

    def _retick(self, tick: int) -> None:
        self.listed = evolve(self.listed, tick=Price(tick))
        self.tell([TickChange(token, tick) for token in self.listed.tokens])
        self.tell([self.snapshot(token) for token in self.listed.tokens])

    def _trade_noise(self, noise: Noise) -> None:
        bid, ask = self.book.best(Outcome.YES)
        touch = ask if noise.buys else bid
        if touch is None:
            return
        theirs = self.crowd.best(bid=not noise.buys)
        inside = theirs is None or (touch < theirs if noise.buys else touch > theirs)
        if inside and noise.luck < self.path.family.rivals:
            self._print(noise.buys, touch, noise.size)
        else:
            reach = noise.reach * self.listed.tick
            self._take(noise.buys, touch + reach if noise.buys else touch - reach, noise.size)

    def _trade_informed(self, who: Informed) -> None:
        edge = informed_edge(self.listed.fees, who.fair, who.margin)
        tick = self.listed.tick
        bid, ask = self.book.best(Outcome.YES)
        high, low = floor_tick(int(who.fair - edge), tick), ceil_tick(math.ceil(who.fair + edge), tick)
        if ask is not None and ask <= high:
            self._take(True, high, who.size)
        elif bid is not None and bid >= low:
            self._take(False, low, who.size)

    def _take(self, buys: bool, limit: int, size: int) -> None:
        tick = self.listed.tick
        limit = min(max(limit, tick), PRICE_ONE - tick)
        if tradable_price(limit, tick):
            self._taken += 1
            side = Side.BUY if buys else Side.SELL
            self._settle(self.book.submit(Order(f"t{self._taken}", _TAKER, Outcome.YES, side, limit, size, "FAK")))

    def _settle(self, result: Result) -> None:
        for fill in result.fills:
            self.crowd.touched.add((fill.maker.bids, fill.maker.yes_price))
            if fill.maker.owner == CROWD:
                self.crowd.lose(fill)
            if OWN in (fill.maker.owner, fill.taker.owner):
                self.filled(fill)
            self._print(fill.taker.bids, fill.maker.yes_price, fill.size)
        for gone in result.replaced:
            self.crowd.touched.add((gone.order.bids, gone.order.yes_price))

    def _print(self, buys: bool, price: int, size: int) -> None:
        self._prints.append(Print(self.listed.yes, Side.BUY if buys else Side.SELL, price, size))

    def _flush(self) -> None:
        """Tell what has changed: trades first, then the new size of every level, of both tokens."""
        events = self._prints
        for bid, price in sorted(self.crowd.touched):
            size = (self.book.bids if bid else self.book.asks).size_at(price)
            events.append(LevelChange(self.listed.yes, bid, price, size))
            events.append(LevelChange(self.listed.no, not bid, complement(price), size))
        self.crowd.touched.clear()
        if events:
            self._prints = []
            self.tell(events)
