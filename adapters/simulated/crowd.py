"""The background makers' orders in a matching book: sizes by level, eaten and refilled. Owns no price of its own."""

from __future__ import annotations

from itertools import count

from attrs import define, field

from actors.model.market import Outcome, Side
from actors.model.numbers import PRICE_ONE, SHARE
from adapters.matching import Fill, Ladder, MatchBook, Order
from adapters.simulated.path import REDRAWN, Path
from adapters.simulated.quotes import Quoted

CROWD = "crowd"
_LEVELS = 10
_DEEPER = 1.8  # how much more rests behind the touch
_HALF_LIFE = 20.0  # s in which half of what was eaten is back
_NEWS = 0.1  # of its full size: a level changes by no less
_THIN = (1_000, 9_000, 0.3)  # outside these prices that much of the size

Place = tuple[bool, int]


@define(eq=False)
class Crowd:
    """`touched` gathers the places whose size has changed; whoever tells the world empties it."""

    path: Path
    book: MatchBook
    touched: set[Place] = field(factory=set)
    _eaten: dict[Place, float] = field(factory=dict)
    _full: dict[Place, int] = field(factory=dict)
    _view: tuple[int, int, int, int] = (0, 0, 0, 0)
    _medians: list[tuple[Place, int, float]] = field(factory=list)
    _blocked: set[Place] = field(factory=set)
    _numbers: count[int] = field(factory=count)

    def quote(self, now: Quoted) -> None:
        """Rest where they want to be: what is stale goes first, what stays keeps its place in the queue.

        They are post-only: an own order in their way stays until somebody takes it.
        """
        placed, wanted = self._medians, self._wanted(now)
        if wanted is not self._full:
            if self._medians is not placed:
                for place in [place for place in self._full if place not in wanted]:
                    self._shrink(place, 0)
            news = [place for place, full in wanted.items() if full != self._full.get(place)]
            self._full = wanted
        else:
            news = []
        for place in dict.fromkeys((*news, *self._eaten, *self._blocked)):
            if place in wanted:
                full = wanted[place]
                self._resize(place, max(full - int(self._eaten.get(place, 0.0)), 0) // SHARE * SHARE, full)
        self._refill()

    def lose(self, fill: Fill) -> None:
        """Somebody has taken of theirs."""
        place = (fill.maker.bids, fill.maker.yes_price)
        self._eaten[place] = self._eaten.get(place, 0.0) + fill.size

    def _refill(self) -> None:
        for place, size in list(self._eaten.items()):
            self._eaten[place] = size * 0.5 ** (1.0 / _HALF_LIFE)
            if size < SHARE:
                del self._eaten[place]

    def clear(self) -> None:
        """Take every order away, as a restart of the engine does."""
        for place in self._full:
            self._shrink(place, 0)
        self._full = {}
        self._view = (0, 0, 0, 0)
        self._blocked.clear()

    def best(self, *, bid: bool) -> int | None:
        """Their best price of a side."""
        ladder = self.book.bids if bid else self.book.asks
        for price in reversed(ladder.prices) if bid else ladder.prices:
            if any(resting.order.owner == CROWD for resting in ladder.levels[price].values()):
                return price
        return None

    def _wanted(self, now: Quoted) -> dict[Place, int]:
        """The full size of every level; the very same dict while nobody has moved."""
        view = (now.bid, now.ask, now.tick, int(now.at / REDRAWN))
        if view == self._view:
            return self._full
        if view[:-1] != self._view[:-1]:
            self._medians = self._placed(now)
        self._view = view
        bids, asks = self.path.depths[view[-1]]
        return {
            place: (size if (size := round(median * (bids if place[0] else asks)[drawn])) > 5 else 5) * SHARE
            for place, drawn, median in self._medians
        }

    def _placed(self, now: Quoted) -> list[tuple[Place, int, float]]:
        """Every level: its place, which of its side's draws it takes, and the median of its size."""
        places = [(True, now.bid - k * now.tick, k) for k in range(_LEVELS)]
        places += [(False, now.ask + k * now.tick, k) for k in range(_LEVELS)]
        return [
            ((bid, price), price // now.tick % _LEVELS, self._median(price, level))
            for bid, price, level in places
            if 0 < price < PRICE_ONE
        ]

    def _median(self, price: int, level: int) -> float:
        low, high, thin = _THIN
        return self.path.family.depth * (1.0 if level == 0 else _DEEPER) * (1.0 if low <= price <= high else thin)

    def _resize(self, place: Place, size: int, full: int) -> None:
        now = self._size(place)
        if size < now:
            self._shrink(place, size)
        elif size > now and (not now or size - now >= _NEWS * full or place not in self._eaten):
            self._grow(place, size - now)

    def _grow(self, place: Place, size: int) -> None:
        bid, price = place
        best = self.book.asks.best if bid else self.book.bids.best
        if best is not None and (price >= best if bid else price <= best):
            self._blocked.add(place)
            return
        self._blocked.discard(place)
        self._rest(bid, price, size)
        self.touched.add(place)

    def _rest(self, bid: bool, price: int, size: int) -> None:
        if size > 0:
            side = Side.BUY if bid else Side.SELL
            order = Order(f"c{next(self._numbers)}", CROWD, Outcome.YES, side, price, size, post_only=True)
            self.book.submit(order)

    def _shrink(self, place: Place, size: int) -> None:
        """Newest first, so that nobody behind is moved forward by it (strategies.md §10, queue)."""
        excess = self._size(place) - size
        level = self._ladder(place[0]).levels.get(place[1], {})
        for resting in [r for r in reversed(level.values()) if r.order.owner == CROWD]:
            if excess <= 0:
                break
            self.touched.add(place)
            cut = min(excess, resting.remaining)
            excess -= cut
            resting.remaining -= cut
            if not resting.remaining:
                self.book.cancel(resting.order.id)

    def _size(self, place: Place) -> int:
        level = self._ladder(place[0]).levels.get(place[1], {})
        return sum(resting.remaining for resting in level.values() if resting.order.owner == CROWD)

    def _ladder(self, bid: bool) -> Ladder:
        return self.book.bids if bid else self.book.asks
