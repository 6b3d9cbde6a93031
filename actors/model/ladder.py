"""One token's book as it is kept: absolute sizes per level, integers, best prices always at hand. Owned by the feed.

Levels live in one array per side, indexed by price ÷ tick, with a pointer at the best one: a change is an index write,
and only removing the best level walks. 0.0001 ticks use the same array (10,000 slots): a walk there costs at most
what rebuilding a sorted list would, and there is one code path to trust.
"""

from __future__ import annotations

from collections.abc import Iterable

from attrs import define, field

from actors.model.book import Depth, Level
from actors.model.numbers import PRICE_ONE, Price, Size


class OffGrid(ValueError):
    """A level whose price is no multiple of the book's tick, or outside (0, 1)."""


@define(eq=False)
class Ladder:
    """Both sides of one token's book. `best_bid` and `best_ask` are prices, None on an empty side."""

    tick: int
    _bids: list[int] = field(init=False, repr=False)
    _asks: list[int] = field(init=False, repr=False)
    _bid: int = field(init=False, default=0)
    _ask: int = field(init=False, default=0)

    def __attrs_post_init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Forget every level."""
        slots = PRICE_ONE // self.tick + 1
        self._bids = [0] * slots
        self._asks = [0] * slots
        self._bid, self._ask = 0, slots - 1  # slot 0 and the last one are prices 0 and 1: never used, so sentinels

    @property
    def best_bid(self) -> Price | None:
        return Price(self._bid * self.tick) if self._bid else None

    @property
    def best_ask(self) -> Price | None:
        return Price(self._ask * self.tick) if self._ask < len(self._asks) - 1 else None

    def snapshot(self, bids: Iterable[tuple[int, int]], asks: Iterable[tuple[int, int]]) -> None:
        """Replace everything by these (price, size) levels, in any order. Raises OffGrid, leaving the book empty."""
        self.clear()
        self._fill(self._bids, bids)
        self._fill(self._asks, asks)
        self._bid = max((i for i, size in enumerate(self._bids) if size), default=0)
        self._ask = min((i for i, size in enumerate(self._asks) if size), default=len(self._asks) - 1)

    def change(self, bid: bool, price: int, size: int) -> None:
        """Set the absolute size of one level; 0 removes it. Raises OffGrid, changing nothing."""
        slot, off = divmod(price, self.tick)
        if off or not 0 < slot < len(self._bids) - 1:
            raise OffGrid(f"price {price} on tick {self.tick}")
        if bid:
            self._bids[slot] = size
            if size and slot > self._bid:
                self._bid = slot
            elif not size and slot == self._bid:
                self._bid = self._next_bid(slot)
        else:
            self._asks[slot] = size
            if size and slot < self._ask:
                self._ask = slot
            elif not size and slot == self._ask:
                self._ask = self._next_ask(slot)

    def prune(self, best_bid: int, best_ask: int) -> bool:
        """Drop levels better than the frame's own best (missed removals); True if our best then equals it.

        -1 claims nothing; 0 and PRICE_ONE (or None at the venue) mean an empty side (polymarket.md §6.2).
        """
        if best_bid >= 0:
            while self._bid * self.tick > best_bid:
                self._bids[self._bid] = 0
                self._bid = self._next_bid(self._bid)
        if best_ask >= 0:
            while self._ask * self.tick < best_ask and self._ask < len(self._asks) - 1:
                self._asks[self._ask] = 0
                self._ask = self._next_ask(self._ask)
        return (best_bid < 0 or self._bid * self.tick == best_bid) and (
            best_ask < 0 or self._ask * self.tick == best_ask
        )

    def depth(self, levels: int) -> Depth:
        """The best `levels` levels of each side, best first."""
        return Depth(self._best(self._bids, self._bid, -1, levels), self._best(self._asks, self._ask, 1, levels))

    def same(self, bids: Iterable[tuple[int, int]], asks: Iterable[tuple[int, int]]) -> bool:
        """Whether these levels are exactly what this book holds."""
        other = Ladder(self.tick)
        try:
            other.snapshot(bids, asks)
        except OffGrid:
            return False
        return other._bids == self._bids and other._asks == self._asks

    def _fill(self, side: list[int], levels: Iterable[tuple[int, int]]) -> None:
        for price, size in levels:
            slot, off = divmod(price, self.tick)
            if off or not 0 < slot < len(side) - 1:
                self.clear()
                raise OffGrid(f"price {price} on tick {self.tick}")
            side[slot] = size

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
        found: list[Level] = []
        while len(found) < levels and 0 < slot < len(side) - 1:
            if side[slot]:
                found.append(Level(Price(slot * self.tick), Size(side[slot])))
            slot += step
        return tuple(found)
