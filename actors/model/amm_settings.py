"""The parameters of `amm`, the ladder of `bands` (strategies.md §4). Decides nothing itself."""

from __future__ import annotations

from typing import ClassVar

from attrs import field, frozen, validators

from actors.model.numbers import PRICE_ONE, PUSD, Cash, Price
from actors.model.parameters import Parameters
from actors.model.validity import Conflict, Validator, about, above_zero, within

_CENT = PRICE_ONE // 100
_price = within(1, PRICE_ONE - 1, "a price above 0 and below 1")
_cap: Validator = validators.optional(above_zero)


@frozen
class AmmParameters(Parameters):
    """Orders along the curve of an automated market maker with concentrated liquidity around the target price."""

    grows: ClassVar[tuple[str, ...]] = ("max_collateral",)

    p_min: Price = field(default=Price(5 * _CENT), validator=_price, metadata=about("no buys below this price"))
    p_max: Price = field(default=Price(95 * _CENT), validator=_price, metadata=about("no sales above this price"))
    spread: Price = field(
        default=Price(_CENT), validator=_price, metadata=about("distance of the first order from the target price")
    )
    delta: Price = field(default=Price(2 * _CENT), validator=_price, metadata=about("distance between two orders"))
    depth: Price = field(
        default=Price(8 * _CENT), validator=_price, metadata=about("how far from the target price money is spread out")
    )
    max_collateral: Cash | None = field(
        default=Cash(80 * PUSD), validator=_cap, metadata=about("pUSD that buys may tie up; empty = all there is")
    )
    max_spread: Price = field(
        default=Price(10 * _CENT), validator=_price, metadata=about("no quotes while the book is wider than this")
    )

    def __attrs_post_init__(self) -> None:
        if self.spread >= self.depth:
            raise Conflict("spread", "must be less than strategy.depth, or there is no order")
        if self.p_min >= self.p_max:
            raise Conflict("p_min", "must be below p_max")

    @property
    def typical_half_spread(self) -> Price:
        return self.spread
