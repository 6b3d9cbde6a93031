"""The parameters of `arbitrage` (strategies.md §5). Decides nothing itself."""

from __future__ import annotations

from typing import ClassVar

from attrs import field, frozen

from actors.model.numbers import PRICE_ONE, SHARE, Price, Size
from actors.model.parameters import Parameters
from actors.model.validity import about, above_zero, seconds, within

_CENT = PRICE_ONE // 100
_TENTH = PRICE_ONE // 1_000
_price = within(0, PRICE_ONE - 1, "a price from 0 to below 1")


@frozen
class ArbitrageParameters(Parameters):
    """YES and NO of one market together, bought below 1 or sold above it."""

    grows: ClassVar[tuple[str, ...]] = ("max_pairs",)

    min_edge_threshold: Price = field(
        default=Price(_CENT), validator=_price, metadata=about("what a pair must earn after fees and allowances")
    )
    max_pairs: Size = field(
        default=Size(50 * SHARE),
        validator=above_zero,
        metadata=about("pairs in one arbitrage, and so the largest open leg"),
    )
    slippage: Price = field(
        default=Price(_TENTH), validator=_price, metadata=about("allowance for latency; grows with what is measured")
    )
    failure_buffer: Price = field(
        default=Price(2 * _TENTH), validator=_price, metadata=about("allowance for failed legs; grows with their share")
    )
    max_leg_loss: Price = field(
        default=Price(2 * _CENT),
        validator=_price,
        metadata=about("loss a share at which an open leg is closed at once"),
    )
    leg_timeout: float = field(
        default=1.0, validator=seconds, metadata=about("how long a better way out of an open leg is waited for")
    )
    judged_after: int = field(
        default=5, validator=within(1, 1_000, "from 1 to 1000"), metadata=about("arbitrages by which it is judged")
    )
    min_realised: Price = field(
        default=Price(0),
        validator=_price,
        metadata=about("no more arbitrages once the last ones have earned less than this a pair on average"),
    )

    @property
    def typical_size(self) -> Size:
        return self.max_pairs
