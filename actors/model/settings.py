"""Every setting of the program as frozen values in integer units; never reads a file, never knows where a value came from.

The keys are those of architecture.md §9. Durations are in seconds, amounts in the units of `actors.model.numbers`. `about`
describes a key for `config schema`. Rules between two keys raise `Conflict` naming the one to change.
"""

from __future__ import annotations

from collections import Counter

from attrs import field, frozen, validators

from actors.model.approval_settings import ApprovalSettings
from actors.model.audit_settings import AuditSettings
from actors.model.discover_settings import DiscoverSettings
from actors.model.income_settings import IncomeSettings
from actors.model.journal_settings import JournalSettings
from actors.model.limit_settings import LimitSettings
from actors.model.naming import market_name
from actors.model.numbers import PUSD, Cash
from actors.model.risk_settings import RiskSettings
from actors.model.series_settings import SeriesSettings
from actors.model.settle_settings import SettleSettings
from actors.model.strategy_settings import StrategySettings
from actors.model.validity import (
    Conflict,
    about,
    above_zero,
    not_blank,
    one_of,
    seconds,
    short_name,
    within,
)
from actors.model.venue_settings import VenueSettings

LATER_MODES = ("paper", "replay", "evaluate")

_count = within(1, 100_000, "a whole number from 1 to 100000")
_text, _cash = validators.optional(not_blank), validators.optional(above_zero)


def _mode(_: object, __: object, value: str) -> None:
    if value in LATER_MODES:
        raise ValueError(f"mode {value!r} is not in this version yet; use demo or live")
    if value not in ("demo", "live"):
        raise ValueError("must be demo or live")


@frozen
class MarketSettings:
    market: str = field(validator=market_name, metadata=about("slug, id or address at polymarket.com"))
    strategy: StrategySettings | None = field(default=None, metadata=about("its own strategy; empty = the common one"))
    budget: Cash | None = field(
        default=None, validator=_cash, metadata=about("money it may tie up; empty = budget.per_market")
    )


@frozen
class BudgetSettings:
    per_market: Cash = field(
        default=Cash(100 * PUSD), validator=above_zero, metadata=about("money one market may tie up")
    )
    total: Cash = field(default=Cash(400 * PUSD), validator=above_zero, metadata=about("money all markets may tie up"))
    shrink: bool = field(
        default=False, metadata=about("place what the rest of a budget allows instead of refusing the order")
    )


@frozen
class FeedSettings:
    probe: float = field(default=2.0, validator=seconds, metadata=about("age at which a book is checked by REST"))
    stale: float = field(default=3.0, validator=seconds, metadata=about("age at which an unconfirmed book is stale"))
    silent: float = field(
        default=30.0, validator=seconds, metadata=about("silence of a socket that makes its books stale")
    )
    spot_stale: float = field(
        default=5.0, validator=seconds, metadata=about("age of a spot price at which up/down markets are left")
    )
    spot_half_life: float = field(
        default=900.0,
        validator=within(60.0, 86_400.0, "from 60 to 86400 s"),
        metadata=about("volatility of spot prices: what came this long ago counts half"),
    )
    snapshot_within: float = field(
        default=5.0, validator=seconds, metadata=about("wait for a snapshot before asking REST")
    )
    terms: float = field(
        default=15.0, validator=seconds, metadata=about("how often tick, minimum, state and end of a market are read")
    )

    def __attrs_post_init__(self) -> None:
        if self.probe >= self.stale:
            raise Conflict("probe", "must be less than feed.stale, or no check can answer in time")


@frozen
class QuoterSettings:
    lease: float = field(default=3.0, validator=seconds, metadata=about("how long targets are good for"))
    renew: float = field(
        default=1.0, validator=seconds, metadata=about("how often they are renewed, by a book or else a timer")
    )

    def __attrs_post_init__(self) -> None:
        if self.renew >= self.lease:
            raise Conflict("renew", "must be less than quoter.lease, or every lease lapses")

    @property
    def late(self) -> float:
        """When the timer renews what no book has renewed: a tenth later than `renew`, or half of what is left of the lease."""
        return self.renew + min(self.renew / 10, (self.lease - self.renew) / 2)


@frozen
class AskSettings:
    timeout: float = field(default=0.25, validator=seconds, metadata=about("no answer within this = denied"))


@frozen
class HeartbeatSettings:
    every: float = field(default=5.0, validator=seconds, metadata=about("time between heartbeats"))
    lost: float = field(default=10.0, validator=seconds, metadata=about("the venue cancels for us after this long"))

    def __attrs_post_init__(self) -> None:
        if self.every >= self.lost:
            raise Conflict("every", "must be less than heartbeat.lost")


@frozen
class RestartSettings:
    crashes: int = field(default=5, validator=_count, metadata=about("crashes in the window that are forgiven"))
    window: float = field(default=30.0, validator=seconds, metadata=about("the window"))
    backoff: float = field(default=0.25, validator=seconds, metadata=about("first pause; it doubles"))
    backoff_cap: float = field(default=10.0, validator=seconds, metadata=about("longest pause"))
    retry_parked: float = field(
        default=300.0, validator=seconds, metadata=about("a parked market is tried again after")
    )

    def __attrs_post_init__(self) -> None:
        if self.backoff > self.backoff_cap:
            raise Conflict("backoff", "must be at most restarts.backoff_cap")


@frozen
class OrderSettings:
    type: str = field(default="gtc", validator=one_of("gtc", "gtd"), metadata=about("gtc, or gtd with a ttl"))
    ttl: float | None = field(
        default=None,
        validator=validators.optional(within(120.0, 864_000.0, "at least 120 s: the venue refuses shorter lives")),
        metadata=about("life of a gtd order; empty for gtc"),
    )

    def __attrs_post_init__(self) -> None:
        if (self.type == "gtd") != (self.ttl is not None):
            raise Conflict("ttl", "must be given with order.type gtd and only with it")


@frozen
class ShutdownSettings:
    grace: float = field(
        default=20.0, validator=seconds, metadata=about("time to get positions flat; live: 90 unless given")
    )
    cancel_within: float = field(default=4.0, validator=seconds, metadata=about("time to cancel our orders"))


@frozen
class ControlSettings:
    socket: str | None = field(
        default=None, validator=_text, metadata=about("Unix socket; empty = in the state directory")
    )


@frozen
class LogSettings:
    level: str = field(
        default="info",
        validator=one_of("trace", "debug", "info", "warning", "error"),
        metadata=about("trace, debug, info, warning or error"),
    )
    format: str = field(
        default="auto",
        validator=one_of("auto", "human", "json"),
        metadata=about("human, json, or auto: human on a terminal and json otherwise"),
    )


def _markets(_: object, __: object, value: tuple[MarketSettings, ...]) -> None:
    names = [m.market for m in value]
    if twice := [name for name, times in Counter(names).items() if times > 1]:
        raise ValueError(f"must list each market once; {', '.join(twice)} is there twice")


@frozen
class Settings:
    """Everything a run is told. `markets` is the one key without a default."""

    markets: tuple[MarketSettings, ...] = field(validator=_markets, metadata=about("the markets to trade"))
    mode: str = field(default="demo", validator=_mode, metadata=about("demo: play money; live: real, by `run --live`"))
    instance: str = field(default="default", validator=short_name, metadata=about("name of this bot's state directory"))
    start_paused: bool = field(default=False, metadata=about("wait for `resume` before the first quote"))
    on_shutdown: str = field(
        default="flatten",
        validator=one_of("flatten", "cancel"),
        metadata=about("flatten = leave no position; or cancel"),
    )
    on_leave: str = field(
        default="sell",
        validator=one_of("sell", "keep"),
        metadata=about(
            "a market that is left while the bot runs: sell = as in a flatten; keep = hold until it resolves"
        ),
    )
    orphans: str = field(
        default="adopt",
        validator=one_of("adopt", "cancel"),
        metadata=about("orders of an earlier run: adopt or cancel"),
    )
    strategy: StrategySettings = field(default=StrategySettings(), metadata=about("the strategy of every market"))
    risk: RiskSettings = field(default=RiskSettings(), metadata=about("caps on orders and positions"))
    budget: BudgetSettings = field(default=BudgetSettings(), metadata=about("caps on money"))
    limits: LimitSettings = field(default=LimitSettings(), metadata=about("request rates, order counts, requotes"))
    feed: FeedSettings = field(default=FeedSettings(), metadata=about("when a book is too old"))
    quoter: QuoterSettings = field(default=QuoterSettings(), metadata=about("the lease of targets"))
    ask: AskSettings = field(default=AskSettings(), metadata=about("questions between actors"))
    heartbeat: HeartbeatSettings = field(default=HeartbeatSettings(), metadata=about("the venue's dead-man switch"))
    restarts: RestartSettings = field(default=RestartSettings(), metadata=about("when a crashing actor is given up"))
    order: OrderSettings = field(default=OrderSettings(), metadata=about("order type and life"))
    approval: ApprovalSettings = field(default=ApprovalSettings(), metadata=about("orders a person is asked about"))
    shutdown: ShutdownSettings = field(default=ShutdownSettings(), metadata=about("time allowed for leaving"))
    discover: DiscoverSettings = field(default=DiscoverSettings(), metadata=about("which markets are worth trading"))
    series: SeriesSettings = field(default=SeriesSettings(), metadata=about("when windows of a series are quoted"))
    venue: VenueSettings = field(default=VenueSettings(), metadata=about("addresses of the venue"))
    settle: SettleSettings = field(default=SettleSettings(), metadata=about("pairs and resolved markets, on the chain"))
    income: IncomeSettings = field(default=IncomeSettings(), metadata=about("rebates and rewards"))
    journal: JournalSettings = field(default=JournalSettings(), metadata=about("the record of every order"))
    audit: AuditSettings = field(default=AuditSettings(), metadata=about("the trail of all that happened"))
    control: ControlSettings = field(default=ControlSettings(), metadata=about("the socket of status, pause, stop"))
    log: LogSettings = field(default=LogSettings(), metadata=about("what is logged and how"))

    def __attrs_post_init__(self) -> None:
        for key in ("flow", "faults"):
            if self.mode == "live" and getattr(self.venue, key) is not None:
                raise Conflict("mode", f"must be demo for venue.{key}: take that out, a real venue brings its own")
        if not self.markets and not self.discover.max_markets:
            raise Conflict("markets", "must list at least one market, or discover.max_markets be more than 0")
