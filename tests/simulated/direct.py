"""Naive traders in a simulated market, played directly without the bot: what the generator's honesty is measured with."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from heapq import heappop, heappush
from itertools import count

from attrs import define, field

from actors.model.market import Market, Outcome, Side, ceil_tick, floor_tick
from actors.model.numbers import PRICE_ONE, SHARE, Price, Size
from adapters.matching import Fill, Order
from adapters.simulated.delays import Delays
from adapters.simulated.family import Family
from adapters.simulated.market import OWN, SimulatedMarket
from adapters.simulated.path import AHEAD, Event, Noise, Path, path
from adapters.simulated.quotes import Quoted
from adapters.simulated.truth import Truth, truth

SIZE, LIMIT = 20 * SHARE, 100 * SHARE
Prices = Callable[[Quoted], tuple[int, int]]


def touch(now: Quoted) -> tuple[int, int]:
    """Joins the best prices of the others."""
    return now.bid, now.ask


def two_cents(now: Quoted) -> tuple[int, int]:
    """Stands two cents to both sides of the middle."""
    return floor_tick((now.bid + now.ask) // 2 - 200, now.tick), ceil_tick((now.bid + now.ask + 1) // 2 + 200, now.tick)


@define(eq=False)
class Naive:
    """Keeps one order of 20 shares on each side, at most 100 shares long or short; everything takes its time.

    `edge` is what its trades were worth at the truth of their instant (of 30 s later where the other side knew it): the truth
    is a martingale, so this is the expected result without the luck of the ending. Sums in price units × size units.
    """

    path: Path
    prices: Prices
    fees: int = 0
    net: int = 0
    notional: int = 0
    result: int = 0
    edge: float = 0.0
    trades: int = 0
    market: SimulatedMarket = field(init=False)
    _known: Truth = field(init=False)
    _playing: Event | None = None
    _delays: Delays = field(init=False)
    _due: list[tuple[float, int, Callable[[], None]]] = field(factory=list)
    _numbers: count[int] = field(factory=count)
    _busy: set[bool] = field(factory=set)
    _live: dict[bool, Order] = field(factory=dict)

    def __attrs_post_init__(self) -> None:
        listed, self._known = listing(self.path.family), truth(self.path.family, self.path.seed)
        self.market = SimulatedMarket(self.path, listed, filled=self._filled, quoted=self._look)
        self._delays = Delays.of(self.path.seed, self.path.family.horizon)

    def play(self) -> Naive:
        for event in self.path.events:
            while self._due and self._due[0][0] <= event.at:
                heappop(self._due)[2]()
            self._playing = event
            self.market.play(event)
            self._playing = None
        self.result += self.net * self.path.worth
        return self

    def _later(self, at: float, act: Callable[[], None]) -> None:
        heappush(self._due, (at, next(self._numbers), act))

    def _look(self, now: Quoted) -> None:
        for bid, price in zip((True, False), self.prices(now), strict=True):
            order = self._live.get(bid)
            if bid in self._busy or (order is not None and order.price == price):
                continue
            decided = now.at + self._delays.feed(now.at)
            if order is not None:
                self._busy.add(bid)
                self._later(decided + self._delays.cancel(decided), partial(self._cancel, bid, order))
            elif 0 < price < PRICE_ONE and (self.net if bid else -self.net) + SIZE <= LIMIT:
                self._busy.add(bid)
                self._later(decided + self._delays.order(decided), partial(self._place, bid, price))

    def _cancel(self, bid: bool, order: Order) -> None:
        self._busy.discard(bid)
        if self.market.cancel(order.id) is not None or self._live.get(bid) is order:
            self._live.pop(bid, None)
        if self.market.now is not None:
            self._look_again(bid)

    def _look_again(self, bid: bool) -> None:
        now = self.market.now
        assert now is not None
        price = self.prices(now)[0 if bid else 1]
        at = now.at
        if 0 < price < PRICE_ONE and (self.net if bid else -self.net) + SIZE <= LIMIT:
            self._busy.add(bid)
            self._later(at + self._delays.order(at), partial(self._place, bid, price))

    def _place(self, bid: bool, price: int) -> None:
        self._busy.discard(bid)
        side = Side.BUY if bid else Side.SELL
        order = Order(f"o{next(self._numbers)}", OWN, Outcome.YES, side, price, SIZE, post_only=True)
        if self.market.submit(order).rested:
            self._live[bid] = order

    def _filled(self, fill: Fill) -> None:
        own = fill.maker if fill.maker.owner == OWN else fill.taker
        sign = 1 if own.bids else -1
        self.trades += 1
        self.net += sign * fill.size
        self.result -= sign * fill.size * fill.price
        self.notional += fill.size * fill.price
        self.edge += sign * fill.size * (self._fair() - fill.price)
        if own.id not in self.market.book.orders:
            self._live.pop(own.bids, None)

    def _fair(self) -> float:
        event, now = self._playing, self.market.now
        assert now is not None
        if isinstance(event, Noise) and event.knows:
            return self._known.at(event.at + AHEAD) * PRICE_ONE
        return now.fair


def listing(family: Family) -> Market:
    return Market(
        "simulated", "0x01", "yes", "no", Price(100), Size(5 * SHARE), fees=family.fees, rewards=family.rewards
    )


def edge_bps(naive: list[Naive]) -> tuple[float, float]:
    """(mean edge, its standard error) over paths, in 1/10,000 of the notional."""
    notional = sum(n.notional for n in naive)
    mean = sum(n.edge for n in naive) / notional
    error = sum((n.edge - mean * n.notional) ** 2 for n in naive) ** 0.5 / notional
    return 1e4 * mean, 1e4 * error


def played(family: Family, prices: Prices, seeds: range) -> list[Naive]:
    return [Naive(path(family, seed), prices).play() for seed in seeds]
