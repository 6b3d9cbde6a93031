"""One token's book as it is kept: absolute sizes per level, integers, best prices always at hand. Owned by the feed.

Levels live in one array per side, indexed by price ÷ tick, with a pointer at the best one: a change is an index write,
and only removing the best level walks. 0.0001 ticks use the same array (10,000 slots): a walk there costs at most
what rebuilding a sorted list would, and there is one code path to trust.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache, lru_cache
from itertools import compress, islice

from attrs import define, field

from actors.model.book import Depth, Level
from actors.model.numbers import PRICE_ONE, Price, Size


class OffGrid(ValueError):
    """A level whose price is no multiple of the book's tick, or outside (0, 1)."""


@define(eq=False)
class Ladder:
    """Both sides of one token's book. `best_bid` and `best_ask` are prices, None on an empty side; only read them."""

    tick: int
    best_bid: Price | None = field(init=False, default=None)
    best_ask: Price | None = field(init=False, default=None)
    _slots: dict[int, int] = field(init=False, repr=False)
    _bids: list[int] = field(init=False, repr=False)
    _asks: list[int] = field(init=False, repr=False)
    _bid: int = field(init=False, default=0)
    _ask: int = field(init=False, default=0)
    _shown: dict[bool, tuple[int, tuple[Level, ...]]] = field(init=False, factory=dict, repr=False, eq=False)

    def __attrs_post_init__(self) -> None:
        self._slots = _slots(self.tick)
        self.clear()

    def clear(self) -> None:
        """Forget every level."""
        slots = PRICE_ONE // self.tick + 1
        self._bids = [0] * slots
        self._asks = [0] * slots
        self._shown.clear()
        self._point(0, slots - 1)  # slot 0 and the last one are prices 0 and 1: never used, so sentinels

    def snapshot(self, bids: Iterable[tuple[int, int]], asks: Iterable[tuple[int, int]]) -> None:
        """Replace everything by these (price, size) levels, in any order. Raises OffGrid, leaving the book empty."""
        self.clear()
        self._fill(self._bids, bids)
        self._fill(self._asks, asks)
        self._point(self._next_bid(len(self._bids) - 1), self._next_ask(0))

    def change(self, bid: bool, price: int, size: int) -> None:
        """Set the absolute size of one level; 0 removes it. Raises OffGrid, changing nothing."""
        try:
            slot = self._slots[price]
        except KeyError:
            raise OffGrid(f"price {price} on tick {self.tick}") from None
        self._shown.pop(bid, None)
        if bid:
            self._bids[slot] = size
            if slot >= self._bid:
                self._point(self._next_bid(slot), self._ask)
        else:
            self._asks[slot] = size
            if slot <= self._ask:
                self._point(self._bid, self._next_ask(slot))

    def prune(self, best_bid: int, best_ask: int) -> bool:
        """Drop levels better than the frame's own best (missed removals); True if our best then equals it.

        -1 claims nothing; 0 and PRICE_ONE (or None at the venue) mean an empty side (polymarket.md §6.2).
        """
        if best_bid >= 0:
            while self._bid * self.tick > best_bid:
                self._bids[self._bid] = 0
                self._shown.pop(True, None)
                self._point(self._next_bid(self._bid), self._ask)
        if best_ask >= 0:
            while self._ask * self.tick < best_ask and self._ask < len(self._asks) - 1:
                self._asks[self._ask] = 0
                self._shown.pop(False, None)
                self._point(self._bid, self._next_ask(self._ask))
        return (best_bid < 0 or self._bid * self.tick == best_bid) and (
            best_ask < 0 or self._ask * self.tick == best_ask
        )

    def depth(self, levels: int) -> Depth:
        """The best `levels` levels of each side, best first."""
        return Depth(self._shows(True, levels), self._shows(False, levels))

    def same(self, bids: Iterable[tuple[int, int]], asks: Iterable[tuple[int, int]]) -> bool:
        """Whether these levels are exactly what this book holds."""
        other = Ladder(self.tick)
        try:
            other.snapshot(bids, asks)
        except OffGrid:
            return False
        return other._bids == self._bids and other._asks == self._asks

    def _shows(self, bid: bool, levels: int) -> tuple[Level, ...]:
        """One side of `depth`, kept until that side changes: a frame mostly moves one of a token's."""
        known, shown = self._shown.get(bid, (-1, ()))
        if known != levels:
            side, slot, step = (self._bids, self._bid, -1) if bid else (self._asks, self._ask, 1)
            shown = self._best(side, slot, step, levels)
            self._shown[bid] = levels, shown
        return shown

    def _fill(self, side: list[int], levels: Iterable[tuple[int, int]]) -> None:
        for price, size in levels:
            if price not in self._slots:
                self.clear()
                raise OffGrid(f"price {price} on tick {self.tick}")
            side[self._slots[price]] = size

    def _point(self, bid: int, ask: int) -> None:
        """Move the pointers and what they say; the best prices are read far more often than they change."""
        self._bid, self._ask = bid, ask
        self.best_bid = Price(bid * self.tick) if bid else None
        self.best_ask = Price(ask * self.tick) if ask < len(self._asks) - 1 else None

    def _next_bid(self, slot: int) -> int:
        bids = self._bids
        while slot and not bids[slot]:
            slot -= 1
        return slot

    def _next_ask(self, slot: int) -> int:
        asks, last = self._asks, len(self._asks) - 1
        while slot < last and not asks[slot]:
            slot += 1
        return slot

    def _best(self, side: list[int], slot: int, step: int, levels: int) -> tuple[Level, ...]:
        """From the best slot outwards; slicing and compressing skip the empty ones faster than walking."""
        far, slots = (side[slot:0:-1], range(slot, 0, -1)) if step < 0 else (side[slot:-1], range(slot, len(side) - 1))
        found = islice(zip(compress(slots, far), filter(None, far), strict=False), levels)
        return tuple([_level(at * self.tick, size) for at, size in found])


@lru_cache(maxsize=1 << 14)
def _level(price: int, size: int) -> Level:
    """Of twenty levels that a change shows anew, nineteen were there before."""
    return Level(Price(price), Size(size))


@cache
def _slots(tick: int) -> dict[int, int]:
    """Every tradable price of a grid with its slot: one lookup checks grid and bounds together."""
    return {slot * tick: slot for slot in range(1, PRICE_ONE // tick)}
