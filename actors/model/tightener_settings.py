"""The keys of the spread `tightener`."""

from __future__ import annotations

from typing import ClassVar

from attrs import field, frozen

from actors.model.numbers import PRICE_ONE, PUSD, Cash, Price
from actors.model.parameters import Parameters
from actors.model.validity import Conflict, about, above_zero, one_of, within

_CENT = PRICE_ONE // 100
_price = within(1, PRICE_ONE - 1, "a price above 0 and below 1")


@frozen
class TightenerParameters(Parameters):
    """The spread tightener (strategies.md §1b): takes what stands nearest to the middle, in rounds, within small budgets."""

    grows: ClassVar[tuple[str, ...]] = ("per_market", "per_round", "per_side")

    sides: str = field(
        default="buy",
        validator=one_of("buy", "both"),
        metadata=about(
            "buy = only from the asks, with both sides' money; both = what is held is sold to the bids, too"
        ),
    )
    skip_below: Price = field(
        default=Price(_CENT), validator=_price, metadata=about("no round while the spread is less")
    )
    stop_below: Price = field(
        default=Price(_CENT // 2), validator=_price, metadata=about("spread at which the market is done")
    )
    threshold: float = field(
        default=0.25,
        validator=within(0.0, 1.0, "from 0 to 1"),
        metadata=about("part of the spread by which a price may be worse than the best"),
    )
    min_order: Cash = field(default=Cash(PUSD), validator=above_zero, metadata=about("smallest order"))
    per_side: Cash = field(
        default=Cash(2 * PUSD), validator=above_zero, metadata=about("most on one side of the book, over all rounds")
    )
    per_market: Cash = field(default=Cash(3 * PUSD), validator=above_zero, metadata=about("most in a market"))
    per_round: Cash = field(default=Cash(3 * PUSD // 2), validator=above_zero, metadata=about("most in a round"))
    ask_share: float = field(
        default=0.4, validator=within(0.0, 1.0, "from 0 to 1"), metadata=about("part of the money kept for the asks")
    )
    rounds: int = field(default=5, validator=within(1, 1000, "from 1 to 1000"), metadata=about("rounds in a market"))
    pause: float = field(
        default=10.0, validator=within(0.5, 86_400.0, "from 0.5 to 86400 s"), metadata=about("seconds between rounds")
    )
    before_end: float = field(
        default=7200.0,
        validator=within(0.0, 1e9, "0 or more seconds"),
        metadata=about("no round in the last seconds before the market's end"),
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

    def __attrs_post_init__(self) -> None:
        if self.min_price >= self.max_price:
            raise Conflict("min_price", "must be below max_price")
        if self.min_order > self.per_round:
            raise Conflict("min_order", "must not be above per_round, or no order could ever be made")
