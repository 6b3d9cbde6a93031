"""How much the bot may ask of the venue, and how often it may move a quote: the `limits` section of the settings."""

from __future__ import annotations

from attrs import field, frozen, validators

from actors.model.validity import Conflict, about, within

_count = within(1, 100_000, "a whole number from 1 to 100000")
_rate = within(0.1, 10_000, "from 0.1 to 10000 a second")
_pause = within(0.0, 60.0, "a time in seconds from 0 to 60")


@frozen
class LimitSettings:
    """Request rates per second with their bursts, the ceiling on open orders, and the governor of each market's quotes."""

    order_rate: float = field(default=36.0, validator=_rate, metadata=about("orders a second"))
    order_burst: int = field(default=54, validator=_count, metadata=about("orders at once"))
    cancel_rate: float = field(default=72.0, validator=_rate, metadata=about("cancels a second, their own share"))
    cancel_burst: int = field(default=108, validator=_count, metadata=about("cancels at once"))
    read_rate: float = field(default=20.0, validator=_rate, metadata=about("reads a second"))
    read_burst: int = field(default=40, validator=_count, metadata=about("reads at once"))
    max_open_orders: int = field(default=100, validator=_count, metadata=about("open orders of the whole account"))
    min_life: float = field(
        default=0.5,
        validator=_pause,
        metadata=about(
            "seconds an order rests before one at another price may replace it; what protects is pulled at once"
        ),
    )
    dedupe: float = field(
        default=1.0, validator=_pause, metadata=about("seconds in which the same order is not placed twice")
    )
    order_ttl: float | None = field(
        default=None,
        validator=validators.optional(within(5.0, 864_000.0, "at least 5 s")),
        metadata=about("seconds after which a resting order is replaced; empty = never"),
    )
    actions_per_minute: int = field(
        default=240,
        validator=within(8, 100_000, "a whole number from 8 to 100000"),
        metadata=about("orders placed and cancelled in one market; above it what rests is kept"),
    )

    def __attrs_post_init__(self) -> None:
        if self.order_ttl is not None and self.order_ttl < self.min_life:
            raise Conflict("order_ttl", "must be at least limits.min_life")
