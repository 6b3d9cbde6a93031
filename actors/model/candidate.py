"""A listed market with its YES book, as it is judged before anybody trades it. No I/O; not what an order is priced from."""

from __future__ import annotations

from collections.abc import Iterable
from math import inf

from attrs import frozen

from actors.model.book import Level
from actors.model.listing import Listing
from actors.model.numbers import Cash, Price, Size, proceeds
from actors.model.series import window_of

_NEAR = 500  # price units from a side's best price within which its depth counts (strategies.md §9)


@frozen
class Candidate:
    """`bids` and `asks` are YES levels, best first. `at` is when it was looked at, in epoch seconds."""

    listing: Listing
    bids: tuple[Level, ...]
    asks: tuple[Level, ...]
    at: float

    @classmethod
    def of(
        cls, listing: Listing, bids: Iterable[tuple[int, int]], asks: Iterable[tuple[int, int]], at: float
    ) -> Candidate:
        """From levels in any order."""
        return cls(listing, _levels(sorted(bids, reverse=True)), _levels(sorted(asks)), at)

    @property
    def two_sided(self) -> bool:
        """Whether it has a middle: both sides, and the bid below the ask."""
        return bool(self.bids and self.asks) and self.bids[0].price < self.asks[0].price

    @property
    def spread(self) -> Price:
        """Only of a book with two sides."""
        return Price(self.asks[0].price - self.bids[0].price)

    @property
    def middle(self) -> float:
        """In price units; only of a book with two sides."""
        return (self.asks[0].price + self.bids[0].price) / 2

    @property
    def depth(self) -> tuple[Cash, Cash]:
        """Money that rests within 5 c of the best bid, and of the best ask at what it would bring.

        Not of the middle: a book as wide as is still wanted has nothing there.
        """
        bids, asks = (
            Cash(sum(proceeds(price, size) for price, size in side if abs(price - side[0].price) <= _NEAR))
            for side in (self.bids, self.asks)
        )
        return bids, asks

    @property
    def left(self) -> float:
        """Seconds to its end, infinity where none is set."""
        return left(self.listing, self.at)


def left(listing: Listing, at: float) -> float:
    """Seconds from `at` (epoch) to the end of a market, infinity where none is set."""
    return inf if listing.ends_at is None else listing.ends_at - at


def is_window(listing: Listing) -> bool:
    """Whether it is one of the 5- and 15-minute up/down windows, which are short by nature."""
    return window_of(listing.slug) is not None


def _levels(levels: Iterable[tuple[int, int]]) -> tuple[Level, ...]:
    return tuple(Level(Price(price), Size(size)) for price, size in levels)
