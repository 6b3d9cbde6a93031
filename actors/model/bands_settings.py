"""The parameters of `bands` (strategies.md §4): which sizes rest how far from the target price. Decides nothing itself."""

from __future__ import annotations

from itertools import combinations
from typing import ClassVar

from attrs import field, frozen, validators

from actors.model.numbers import PRICE_ONE, SHARE, Cash, Price, Size
from actors.model.parameters import Parameters
from actors.model.validity import Conflict, Validator, about, above_zero, not_negative, seconds, within

_CENT = PRICE_ONE // 100
_MOST_BANDS = 20

_price = within(1, PRICE_ONE - 1, "a price above 0 and below 1")
_cap: Validator = validators.optional(above_zero)


@frozen
class Band:
    """A range of distances below the target price, and how much should rest in it.

    `min_margin` is above 0, other than in the original: bids and asks at the target itself would meet each other.
    """

    min_margin: Price = field(validator=_price, metadata=about("nearest to the target price that belongs to it"))
    avg_margin: Price = field(validator=_price, metadata=about("where new orders are placed"))
    max_margin: Price = field(validator=_price, metadata=about("farthest; what is as far belongs to the next band"))
    min_amount: Size = field(validator=not_negative, metadata=about("refilled when less rests"))
    avg_amount: Size = field(validator=above_zero, metadata=about("refilled up to this"))
    max_amount: Size = field(validator=above_zero, metadata=about("what is more is cancelled"))

    def __attrs_post_init__(self) -> None:
        if not self.min_margin <= self.avg_margin <= self.max_margin:
            raise Conflict("avg_margin", "must lie between min_margin and max_margin")
        if self.min_margin == self.max_margin:
            raise Conflict("max_margin", "must be more than min_margin, or no price belongs to the band")
        if not self.min_amount <= self.avg_amount <= self.max_amount:
            raise Conflict("avg_amount", "must lie between min_amount and max_amount")


@frozen
class TimeLimit:
    """The most that may be placed within a time, buys and sells each."""

    period: float = field(validator=seconds, metadata=about("the time"))
    amount: Size = field(validator=above_zero, metadata=about("shares placed in it, buys and sells each"))


def _default_bands() -> tuple[Band, ...]:
    amounts = Size(10 * SHARE), Size(20 * SHARE), Size(30 * SHARE)
    return tuple(
        Band(Price(near * _CENT), Price(near * _CENT), Price((near + 1) * _CENT), *amounts) for near in (1, 2, 3)
    )


def _apart(_: object, __: object, value: tuple[Band, ...]) -> None:
    """Bands that touch are fine; where they overlap an order would count twice."""
    if not 0 < len(value) <= _MOST_BANDS:
        raise ValueError(f"must be 1 to {_MOST_BANDS} bands")
    for (first, one), (second, other) in combinations(enumerate(value, start=1), 2):
        if one.min_margin < other.max_margin and other.min_margin < one.max_margin:
            raise ValueError(f"must not overlap; raise min_margin or lower max_margin of band {first} or {second}")


@frozen
class BandsParameters(Parameters):
    """Orders in bands below each outcome's target price: for YES they are bids, for NO asks."""

    grows: ClassVar[tuple[str, ...]] = ("book_collateral", "book_tokens")

    bands: tuple[Band, ...] = field(
        factory=_default_bands,
        validator=_apart,
        metadata=about("ranges of distance and size, or a poly-market-maker bands.json by its path"),
    )
    limits: tuple[TimeLimit, ...] = field(
        default=(), metadata=about("the most placed within a time; all of them count")
    )
    book_collateral: Cash | None = field(
        default=None, validator=_cap, metadata=about("pUSD that the buys of either outcome may tie up; empty = no cap")
    )
    book_tokens: Size | None = field(
        default=None, validator=_cap, metadata=about("shares of either outcome on sale at a time; empty = no cap")
    )
    max_spread: Price = field(
        default=Price(10 * _CENT), validator=_price, metadata=about("no quotes while the book is wider than this")
    )
    sync: float = field(default=1.0, validator=seconds, metadata=about("shortest time between two refills of a side"))

    @property
    def typical_size(self) -> Size:
        return self.bands[0].avg_amount

    @property
    def typical_half_spread(self) -> Price:
        return min(band.avg_margin for band in self.bands)
