"""What may be lost, and when to stop: caps, loss limits and breakers as settings. Judges nothing."""

from __future__ import annotations

from attrs import field, frozen, validators

from actors.model.numbers import PRICE_ONE, PUSD, SHARE, Cash, Price, Size
from actors.model.validity import about, above_zero, one_of, seconds, within

_count = within(1, 100_000, "a whole number from 1 to 100000")
_percent = within(1, 100, "a whole number from 1 to 100")
_amount = validators.optional(above_zero)
_share = validators.optional(_percent)


def _cash(text: str) -> Cash | None:
    """An optional amount; empty = no limit."""
    return field(default=None, validator=_amount, metadata=about(f"{text}; empty = none"))


@frozen
class BreakerSettings:
    """What trips by itself. Rates are of the account's orders that were answered, or not, within `window`."""

    window: float = field(default=60.0, validator=seconds, metadata=about("how far back rates look"))
    least: int = field(default=10, validator=_count, metadata=about("orders in the window before a rate counts"))
    cool_down: float = field(
        default=60.0, validator=seconds, metadata=about("how long a tripped breaker holds; then it lifts by itself")
    )
    error_rate: int | None = field(
        default=None,
        validator=_share,
        metadata=about("% of orders left without an answer at which all markets pause; empty = none"),
    )
    reject_rate: int | None = field(
        default=None,
        validator=_share,
        metadata=about("% of orders refused by the venue at which all markets pause; empty = none"),
    )
    slow_rate: int | None = field(
        default=None,
        validator=_share,
        metadata=about("% of orders answered later than slow_after at which all markets pause; empty = none"),
    )
    slow_after: float = field(default=2.0, validator=seconds, metadata=about("an answer that takes longer is slow"))
    error_streak: int | None = field(
        default=None,
        validator=validators.optional(_count),
        metadata=about("orders in a row without an answer at which all markets pause; empty = none"),
    )
    loss_streak: int | None = field(
        default=None,
        validator=validators.optional(_count),
        metadata=about("closing trades in a row at a loss at which a market pauses until `resume`; empty = none"),
    )
    markout: Price | None = field(
        default=None,
        validator=validators.optional(within(1, PRICE_ONE - 1, "a price above 0 and below 1")),
        metadata=about("mean loss a share by the mid after own fills at which a market only reduces; empty = none"),
    )
    markout_after: float = field(
        default=5.0, validator=seconds, metadata=about("time after a fill at which the mid is compared")
    )
    markout_fills: int = field(default=10, validator=_count, metadata=about("last fills that the mean is taken over"))


@frozen
class RiskSettings:
    """Caps hold orders back, `pause_` limits pause until `resume`, `max_` loss limits kill."""

    mode: str = field(
        default="enforce",
        validator=one_of("enforce", "log_only"),
        metadata=about("log_only = caps and breakers only say what they would do; kills always count"),
    )
    max_order_size: Size = field(default=Size(200 * SHARE), validator=above_zero, metadata=about("largest order"))
    max_order_notional: Cash = field(default=Cash(100 * PUSD), validator=above_zero, metadata=about("dearest order"))
    max_order_share: int = field(
        default=50, validator=_percent, metadata=about("dearest order, as % of the free balance")
    )
    max_position: Size = field(
        default=Size(300 * SHARE),
        validator=above_zero,
        metadata=about("largest position in one market, open orders filled"),
    )
    max_orders_per_market: int = field(
        default=8, validator=_count, metadata=about("orders alive at once in one market")
    )
    max_event_loss: Cash | None = _cash("most an event's markets may lose together, however it ends and orders fill")
    max_strategy_notional: Cash | None = _cash("worth of what one strategy holds and is buying, over its markets")
    max_total_notional: Cash | None = _cash("worth of what all markets hold and are buying")
    min_balance: Cash | None = _cash("free balance below which markets only reduce")
    max_unknown: int = field(
        default=2, validator=_count, metadata=about("orders of unknown fate at which a market places no more")
    )
    pause_hourly_loss: Cash | None = _cash("loss within an hour, marked to market, at which all markets pause")
    max_hourly_loss: Cash | None = _cash("loss within an hour, marked to market, at which everything is killed")
    pause_daily_loss: Cash | None = _cash("loss since 00:00 UTC, marked to market, at which all markets pause")
    max_daily_loss: Cash | None = _cash("loss since 00:00 UTC, marked to market, at which everything is killed")
    pause_drawdown: Cash | None = _cash("fall from the highest PnL ever at which all markets pause")
    max_drawdown: Cash | None = _cash("fall from the highest PnL ever at which everything is killed")
    max_balance_loss: int = field(
        default=20,
        validator=_percent,
        metadata=about("the day's loss, as % of the balance it began with, at which everything is killed"),
    )
    on_kill: str = field(
        default="safe",
        validator=one_of("safe", "exit"),
        metadata=about("after a kill: safe = stay alive and place nothing; exit = end with code 6"),
    )
    breakers: BreakerSettings = field(default=BreakerSettings(), metadata=about("what trips by itself"))

    @property
    def enforced(self) -> bool:
        """Whether caps and breakers do what they say."""
        return self.mode == "enforce"
