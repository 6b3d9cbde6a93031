"""How much the bot may ask of the venue, and how often it may move a quote: the `limits` section of the settings."""

from __future__ import annotations

from attrs import field, frozen, validators

from actors.model.validity import Conflict, about, within

_count = within(1, 100_000, "a whole number from 1 to 100000")
_rate = within(0.1, 10_000, "from 0.1 to 10000 a second")
_pause = within(0.0, 60.0, "a time in seconds from 0 to 60")


def _row(most: int, what: str) -> int:
    """A window of the venue's table: calls of one address in 10 s, or in as long as the row says."""
    value: int = field(
        default=most, validator=within(1, 1_000_000, "a whole number from 1 to 1000000"), metadata=about(what)
    )
    return value


@frozen
class WindowSettings:
    """The venue's sliding windows per address (polymarket.md §12.1, 2026-06 and later): the most calls in 10 s.

    They are the venue's own numbers; of each the share `limits.share` is used. `actors.model.rates` says what counts where.
    """

    everything: int = _row(15_000, "all calls in 10 s")
    clob: int = _row(9_000, "all calls to the order book in 10 s")
    place: int = _row(5_000, "POST /order in 10 s")
    place_sustained: int = _row(120_000, "POST /order in 10 min")
    place_many: int = _row(2_000, "POST /orders in 10 s")
    place_many_sustained: int = _row(21_000, "POST /orders in 10 min")
    cancel: int = _row(2_000, "DELETE /orders in 10 s")
    cancel_sustained: int = _row(15_000, "DELETE /orders in 10 min")
    cancel_all: int = _row(250, "DELETE /cancel-all in 10 s")
    cancel_all_sustained: int = _row(6_000, "DELETE /cancel-all in 10 min")
    ledger: int = _row(900, "reads of orders and trades in 10 s")
    open_orders: int = _row(500, "GET /data/orders in 10 s")
    trades: int = _row(500, "GET /data/trades in 10 s")
    balance: int = _row(200, "GET /balance-allowance in 10 s")
    refresh: int = _row(50, "GET /balance-allowance/update in 10 s")
    books: int = _row(500, "POST /books in 10 s")
    keys: int = _row(100, "calls for API keys in 10 s")
    gamma_markets: int = _row(300, "GET /markets of Gamma in 10 s")
    relayer: int = _row(25, "transactions handed to the relayer in a minute")


@frozen
class LimitSettings:
    """Request rates per second with their bursts, the ceiling on open orders, and the governor of each market's quotes.

    The rates are nine tenths of what the venue grants a signer of its lowest tier, Standard: 40 orders and 80 cancels a
    second, 60 and 120 at once (polymarket.md §12.2). Higher tiers, by the volume of 30 days: Copper 60 and 120, Bronze 80
    and 160, Silver 200 and 400, Gold 400 and 800, Platinum 450 and 900, Diamond 525 and 1050, Elite 600 and 1200.
    """

    order_rate: float = field(default=36.0, validator=_rate, metadata=about("orders a second"))
    order_burst: int = field(default=54, validator=_count, metadata=about("orders at once"))
    cancel_rate: float = field(default=72.0, validator=_rate, metadata=about("cancels a second, their own share"))
    cancel_burst: int = field(default=108, validator=_count, metadata=about("cancels at once"))
    cancel_reserve: int = field(
        default=40,
        validator=within(0, 100_000, "a whole number from 0 to 100000"),
        metadata=about("cancels that requotes leave for flatten, pause, kill and stale books"),
    )
    read_rate: float = field(default=20.0, validator=_rate, metadata=about("reads a second"))
    read_burst: int = field(default=40, validator=_count, metadata=about("reads at once"))
    share: float = field(
        default=0.9, validator=within(0.01, 1.0, "from 0.01 to 1"), metadata=about("part of each window that is used")
    )
    windows: WindowSettings = field(
        default=WindowSettings(), metadata=about("the venue's limits for one address, as it states them")
    )
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
        if self.cancel_reserve >= self.cancel_burst:
            raise Conflict("cancel_reserve", "must be less than limits.cancel_burst, or no quote could ever be moved")
        if self.order_ttl is not None and self.order_ttl < self.min_life:
            raise Conflict("order_ttl", "must be at least limits.min_life")
