"""The keys of the random flow `taker`."""

from __future__ import annotations

from typing import ClassVar

from attrs import field, frozen, validators

from actors.model.distribution import Distribution
from actors.model.numbers import PRICE_ONE, PUSD, Cash, Price
from actors.model.parameters import Parameters
from actors.model.validity import Conflict, about, above_zero, one_of, within

_CENT = PRICE_ONE // 100
_price = within(1, PRICE_ONE - 1, "a price above 0 and below 1")
_count = within(1, 1_000_000, "a whole number from 1 to 1000000")


@frozen
class TakerParameters(Parameters):
    """The random flow taker (strategies.md §1). It pays the spread and the fee."""

    grows: ClassVar[tuple[str, ...]] = ("max_spend",)

    quantity: Distribution = Distribution("uniform", 1.0, 2.0)
    unit: str = field(
        default="shares",
        validator=one_of("shares", "usdc"),
        metadata=about("what a quantity is; usdc = a buy spends so much, sales stay in shares"),
    )
    interval: Distribution = Distribution("uniform", 30.0, 60.0)
    p_buy: float = field(default=0.5, validator=within(0.0, 1.0, "from 0 to 1"), metadata=about("share of buys"))
    max_spend: Cash = field(
        default=Cash(5 * PUSD), validator=above_zero, metadata=about("what a market's buys and fees may ever cost")
    )
    min_price: Price = field(
        default=Price(10 * _CENT),
        validator=_price,
        metadata=about("nothing is quoted or taken while the price is below"),
    )
    max_price: Price = field(
        default=Price(90 * _CENT),
        validator=_price,
        metadata=about("nothing is quoted or taken while the price is above"),
    )
    on_below_min: str = field(
        default="skip",
        validator=one_of("skip", "raise"),
        metadata=about("a quantity below the market's minimum: skip the attempt, or raise it to the minimum"),
    )
    life: str = field(
        default="FOK",
        validator=one_of("FOK", "FAK"),
        metadata=about("FOK = all at once or nothing; FAK = what there is"),
    )
    iterations: int | None = field(
        default=None, validator=validators.optional(_count), metadata=about("attempts in each market; empty = no end")
    )
    max_trades_per_minute: int = field(default=6, validator=_count, metadata=about("attempts a minute"))
    burst: int = field(default=2, validator=_count, metadata=about("attempts at once before the pace counts"))
    manual_approval: str = field(
        default="live",
        validator=one_of("live", "always", "never"),
        metadata=about("whether a person approves each order (`actors approve`); live = in live mode"),
    )
    seed: int = field(
        default=1, validator=within(0, 2**63, "a whole number from 0"), metadata=about("of the draws, which it repeats")
    )

    def __attrs_post_init__(self) -> None:
        if self.min_price >= self.max_price:
            raise Conflict("min_price", "must be below max_price")
