"""The published state of a market's book: a frozen copy of both tokens' top levels, with its age and epoch."""

from __future__ import annotations

from collections.abc import Iterable
from math import inf
from typing import NamedTuple

from attrs import frozen

from actors.model.market import Outcome
from actors.model.numbers import PRICE_ONE, Price, Size
from actors.model.tape import Tape


class Level(NamedTuple):
    """One price level: the whole resting size at a price."""

    price: Price
    size: Size


class OwnLevel(NamedTuple):
    """An order of ours as it stands in the YES book."""

    bid: bool
    price: Price
    size: Size


@frozen
class Depth:
    """The best levels of one token, best first on both sides."""

    bids: tuple[Level, ...] = ()
    asks: tuple[Level, ...] = ()

    @property
    def best_bid(self) -> Price | None:
        return self.bids[0].price if self.bids else None

    @property
    def best_ask(self) -> Price | None:
        return self.asks[0].price if self.asks else None

    @property
    def crossed(self) -> bool:
        """Bid at or above ask: the book is not one the venue could hold."""
        return bool(self.bids and self.asks) and self.bids[0].price >= self.asks[0].price


EMPTY = Depth()


@frozen
class Book:
    """Both tokens of a market, as last heard. `confirmed_at` (monotonic) is the older of the two tokens' ages.

    `epoch` counts snapshots after a gap and tick changes: targets made from another epoch are void.
    `live` is False until both snapshots have arrived and after every gap. `rest` is True while REST stands in for a
    socket that delivers nothing: such a book is good for reducing a position only (polymarket.md §6.4). `moved_at` is
    when the frame was read that last moved it (monotonic). `tape` is what was traded of late, by anybody.
    """

    market: str
    yes: Depth
    no: Depth
    tick: Price
    epoch: int
    confirmed_at: float
    live: bool
    rest: bool = False
    moved_at: float = -inf
    tape: Tape = ()

    def depth(self, outcome: Outcome) -> Depth:
        return self.yes if outcome is Outcome.YES else self.no

    @property
    def mid(self) -> Price | None:
        """The YES mid, rounded down; None unless the book is live and two-sided. For marks, never for quoting."""
        bid, ask = self.yes.best_bid, self.yes.best_ask
        return Price((bid + ask) // 2) if self.live and bid is not None and ask is not None else None

    def age(self, now: float) -> float:
        """Seconds since the last frame of the quieter token, or since a REST book of equal content."""
        return now - self.confirmed_at


def without(depth: Depth, own: Iterable[OwnLevel]) -> Depth:
    """The YES depth less our own orders, so that we never follow ourselves; levels that were ours alone vanish."""
    bids: dict[int, int] = {}
    asks: dict[int, int] = {}
    for level in own:
        side = bids if level.bid else asks
        side[level.price] = side.get(level.price, 0) + level.size
    return Depth(_less(depth.bids, bids), _less(depth.asks, asks)) if bids or asks else depth


def _less(levels: tuple[Level, ...], ours: dict[int, int]) -> tuple[Level, ...]:
    """Most levels of a side are others' alone, and stay as they are."""
    if not ours:
        return levels
    less = [Level(at.price, Size(at.size - ours[at.price])) if at.price in ours else at for at in levels]
    return tuple([level for level in less if level.size > 0])


def mirrored(own: Iterable[OwnLevel]) -> tuple[OwnLevel, ...]:
    """The same orders as they stand in the NO book."""
    return tuple(OwnLevel(not bid, Price(PRICE_ONE - price), size) for bid, price, size in own)
