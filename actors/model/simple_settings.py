"""The keys of the `simple` market maker."""

from __future__ import annotations

from typing import ClassVar

from attrs import field, frozen, validators

from actors.model.numbers import PRICE_ONE, PUSD, SHARE, Cash, Price, Size
from actors.model.parameters import Parameters
from actors.model.validity import Conflict, about, above_zero, not_negative, within

_CENT = PRICE_ONE // 100
_price = within(1, PRICE_ONE - 1, "a price above 0 and below 1")

MODULATIONS = ("volatility", "inventory", "end", "imbalance", "flow", "depth", "weights")


def _words(text: str) -> list[str]:
    return [] if text == "none" else [word.strip() for word in text.split(",")]


def _modulations(_: object, __: object, value: str) -> None:
    if value != "all" and not set(_words(value)) <= set(MODULATIONS):
        raise ValueError(f"must be none, all, or some of {', '.join(MODULATIONS)}, as in `volatility, end`")


@frozen
class SimpleParameters(Parameters):
    """The symmetric, inventory-skewed market maker (strategies.md §2)."""

    grows: ClassVar[tuple[str, ...]] = ("size", "limit")

    half_spread: Price = field(
        default=Price(2 * _CENT), validator=_price, metadata=about("distance of each side from mid")
    )
    skew_max: Price = field(
        default=Price(2 * _CENT),
        validator=within(0, PRICE_ONE // 2, "from 0 to 0.5"),
        metadata=about("centre shift when the inventory is at its limit; 0 = symmetric"),
    )
    size: Size = field(default=Size(20 * SHARE), validator=above_zero, metadata=about("size of a quote"))
    limit: Size = field(default=Size(100 * SHARE), validator=above_zero, metadata=about("largest net inventory"))
    max_spread: Price = field(
        default=Price(10 * _CENT), validator=_price, metadata=about("no quotes while the book is wider than this")
    )
    min_price: Price = field(
        default=Price(5 * _CENT),
        validator=_price,
        metadata=about("nothing is quoted or taken while the price is below"),
    )
    max_price: Price = field(
        default=Price(95 * _CENT),
        validator=_price,
        metadata=about("nothing is quoted or taken while the price is above"),
    )
    requote: Price | None = field(
        default=None,
        validator=validators.optional(_price),
        metadata=about("move of mid that moves the quotes; empty = the larger of one tick and half of half_spread"),
    )
    levels: int = field(default=1, validator=within(1, 5, "from 1 to 5"), metadata=about("quotes on each side"))
    modulate: str = field(
        default="none",
        validator=_modulations,
        metadata=about(f"what else moves the quotes: none, all, or some of {', '.join(MODULATIONS)}"),
    )
    thin_depth: Cash = field(
        default=Cash(50 * PUSD),
        validator=not_negative,
        metadata=about("a book with less money within 5 c on a side is quoted in the smallest size; 0 = never"),
    )

    def __attrs_post_init__(self) -> None:
        if self.min_price >= self.max_price:
            raise Conflict("min_price", "must be below max_price")

    @property
    def modulations(self) -> frozenset[str]:
        """What else moves the quotes."""
        return frozenset(MODULATIONS if self.modulate == "all" else _words(self.modulate))

    @property
    def typical_size(self) -> Size:
        return self.size

    @property
    def typical_half_spread(self) -> Price:
        return self.half_spread
