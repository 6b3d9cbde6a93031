"""The keys of the `value` strategy: when a window of an up/down series is bet on, and with how much."""

from __future__ import annotations

from typing import ClassVar

from attrs import field, frozen

from actors.model.numbers import PRICE_ONE, PUSD, Cash, Price
from actors.model.parameters import Parameters
from actors.model.validity import Conflict, about, above_zero, one_of, seconds, within

_CENT = PRICE_ONE // 100

_price = within(1, PRICE_ONE - 1, "a price above 0 and below 1")
_part = within(1, 100, "a whole number from 1 to 100")
_sigma = within(0.01, 100.0, "from 0.01 to 100")
_window = within(0.0, 900.0, "from 0 to 900 s")


@frozen
class ValueParameters(Parameters):
    """Betting on a window's end against the book's price (strategies.md §6). Nothing is sold: bets wait for the end."""

    grows: ClassVar[tuple[str, ...]] = ("max_bet",)

    entry: str = field(
        default="take",
        validator=one_of("take", "make"),
        metadata=about("take = buy at the ask, fill or kill; make = rest a bid"),
    )
    max_bet: Cash = field(
        default=Cash(20 * PUSD), validator=above_zero, metadata=about("most that a window is bet with")
    )
    kelly: int = field(default=25, validator=_part, metadata=about("part of Kelly's share that is bet, %"))
    bet_share: int = field(default=2, validator=_part, metadata=about("largest bet, % of the bankroll"))
    asset_share: int = field(default=5, validator=_part, metadata=about("all bets on one asset, % of the bankroll"))
    total_share: int = field(default=30, validator=_part, metadata=about("all bets, % of the bankroll"))
    touch_share: int = field(default=50, validator=_part, metadata=about("largest bet, % of what the best ask offers"))
    stop_drawdown: int = field(
        default=10,
        validator=_part,
        metadata=about("fall from the highest PnL, % of the bankroll, at which bets have shrunk to nothing"),
    )
    min_edge: Price = field(
        default=Price(_CENT), validator=_price, metadata=about("least expected gain a share, after fees")
    )
    error: Price = field(
        default=Price(2 * _CENT),
        validator=_price,
        metadata=about(
            "standard error of the model's chance, beside that of the price's age; the gain must be twice both"
        ),
    )
    edge_for: float = field(
        default=3.0,
        validator=within(0.0, 60.0, "from 0 to 60 s"),
        metadata=about(
            "how long an edge must have stood: a shorter one is a price that the book knows and we do not yet"
        ),
    )
    edge_to_fee: float = field(
        default=1.5,
        validator=within(0.0, 100.0, "from 0 to 100"),
        metadata=about("least expected gain before the fee, in fees"),
    )
    max_gap: Price = field(
        default=Price(15 * _CENT),
        validator=_price,
        metadata=about("model and mid further apart than this: the model is taken to be wrong"),
    )
    max_spread: Price = field(
        default=Price(5 * _CENT), validator=_price, metadata=about("no bets while the book is wider than this")
    )
    min_depth: Cash = field(
        default=Cash(100 * PUSD), validator=above_zero, metadata=about("least that the shown asks are worth")
    )
    stream_stale: float = field(
        default=3.0, validator=seconds, metadata=about("age of the settlement price at which nothing is bet")
    )
    book_stale: float = field(default=2.0, validator=seconds, metadata=about("age of the book at which nothing is bet"))
    least_left: float = field(default=30.0, validator=_window, metadata=about("no bets with less time left"))
    most_left: float = field(default=840.0, validator=_window, metadata=about("no bets with more time left"))
    max_volatility: int = field(
        default=200,
        validator=within(1, 10_000, "a whole number from 1 to 10000"),
        metadata=about("annual volatility above which nothing is bet, %"),
    )
    sigma_floor: float = field(
        default=0.2,
        validator=_sigma,
        metadata=about("least volatility believed, in 0.0001 for the square root of a second"),
    )
    sigma_cap: float = field(default=6.0, validator=_sigma, metadata=about("most that is believed, in the same unit"))
    model: str = field(
        default="normal",
        validator=one_of("normal", "merton"),
        metadata=about("merton = with jumps, no better on record"),
    )
    jump_share: int = field(default=30, validator=_part, metadata=about("merton: part of the variance in jumps, %"))
    jumps_per_hour: float = field(
        default=12.0, validator=within(0.1, 3_600.0, "from 0.1 to 3600"), metadata=about("merton: jumps in an hour")
    )
    max_imbalance: int = field(
        default=70, validator=_part, metadata=about("five best levels more one-sided than this: no bets, %")
    )
    max_move: Price = field(
        default=Price(5 * _CENT), validator=_price, metadata=about("mid moved by more within a minute: no bets")
    )
    max_vpin: int = field(
        default=70, validator=_part, metadata=about("flow more one-sided than this (VPIN): no bets, %")
    )
    vpin_bucket: int = field(
        default=500,
        validator=within(1, 1_000_000, "a whole number from 1 to 1000000"),
        metadata=about("shares in a bucket of VPIN; a fiftieth of what a window trades"),
    )
    max_markout: Price = field(
        default=Price(3 * _CENT), validator=_price, metadata=about("own fills lose more than this a share: no bets")
    )
    markout_after: float = field(
        default=30.0, validator=seconds, metadata=about("time after a fill at which the mid is compared")
    )
    max_correlation: int = field(
        default=70,
        validator=_part,
        metadata=about("a bet elsewhere that moves more alike than this: no other; the same asset is 100, %"),
    )

    def __attrs_post_init__(self) -> None:
        if self.least_left >= self.most_left:
            raise Conflict("least_left", "must be below most_left")
        if self.sigma_floor > self.sigma_cap:
            raise Conflict("sigma_floor", "must be at most sigma_cap")
