"""A market, an event and a series as the venue's discovery service lists them: names, flags, terms, resolution.

For finding and judging markets; it lags by a minute or more, so it is never a price to quote nor a risk to bear
(polymarket.md §9). What is needed to trade is in `actors.model.market`.
"""

from __future__ import annotations

from enum import Enum

from attrs import frozen

from actors.model.market import Outcome
from actors.model.numbers import PRICE_ONE, Cash, Price, Size


class Version(Enum):
    """The protocol a market's shares live in: V1 are traded by token id, V2 by position id (polymarket.md §3.4)."""

    V1 = "v1"
    V2 = "v2"


class Stage(Enum):
    """How far the resolution has come; only RESOLVED is final."""

    OPEN = "open"
    PROPOSED = "proposed"
    DISPUTED = "disputed"
    RESOLVED = "resolved"


@frozen
class ListedFees:
    """A published fee schedule: `rate` and the makers' `rebate` share in 1/10,000 (0.07 is 700)."""

    rate: int
    exponent: int
    taker_only: bool
    rebate: int


@frozen
class ListedRewards:
    """Liquidity rewards: smallest order, widest distance from mid, and what is paid a day; all 0 where there are none."""

    min_size: Size = Size(0)
    max_spread: Price = Price(0)
    per_day: Cash = Cash(0)


@frozen
class Activity:
    """What trades there, as last heard by the discovery service: for choosing markets, never for a price or a risk."""

    bid: Price | None = None
    ask: Price | None = None
    volume: Cash = Cash(0)
    volume_day: Cash = Cash(0)
    liquidity: Cash = Cash(0)


@frozen
class Series:
    """Events that follow one another, such as the 5-minute windows of a coin."""

    series_id: str
    slug: str
    title: str = ""
    recurrence: str = ""


@frozen
class Tag:
    tag_id: str
    slug: str
    label: str


@frozen
class Event:
    """Markets that belong together; with `neg_risk` exactly one of them pays, with `augmented` others may join later.

    `starts_at` and `ends_at` are epoch seconds. `refused` says of markets that could not be read why.
    """

    event_id: str
    slug: str
    title: str = ""
    active: bool = False
    closed: bool = False
    neg_risk: bool = False
    augmented: bool = False
    starts_at: float | None = None
    ends_at: float | None = None
    series: tuple[Series, ...] = ()
    tags: tuple[Tag, ...] = ()
    markets: tuple[Listing, ...] = ()
    refused: tuple[str, ...] = ()

    @property
    def series_slug(self) -> str:
        """The slug of its series, or ""."""
        return self.series[0].slug if self.series else ""


@frozen
class Listing:
    """One binary market. The first label, token and price belong to YES.

    `condition_id` has 64 hex digits in lower case. `tokens` are token ids (V1) or position ids (V2), None while a new
    market has none yet. `prices` are to the nearest price unit. Times are epoch seconds; `window_starts_at` is the
    start of an up/down window or of the event in question, `listed_at` the beginning of trading. `averaging` as in `Market`.
    """

    gamma_id: str
    slug: str
    condition_id: str
    version: Version
    question: str
    labels: tuple[str, str]
    tokens: tuple[str, str] | None
    active: bool
    closed: bool
    archived: bool
    accepting: bool
    has_book: bool
    neg_risk: bool = False
    tick: Price | None = None
    min_size: Size | None = None
    fees_enabled: bool = False
    fees: ListedFees | None = None
    rewards: ListedRewards = ListedRewards()
    activity: Activity = Activity()
    prices: tuple[Price, Price] | None = None
    stage: Stage = Stage.OPEN
    listed_at: float | None = None
    window_starts_at: float | None = None
    ends_at: float | None = None
    closed_at: float | None = None
    taker_delay: int = 0
    averaging: int | None = None
    events: tuple[Event, ...] = ()

    @property
    def open(self) -> bool:
        """Whether it may be traded if the order book agrees: `closed` can coexist with `accepting` (§1.2)."""
        return self.active and not self.closed and not self.archived and self.has_book

    @property
    def event(self) -> Event | None:
        """The event it belongs to, without that event's other markets."""
        return self.events[0] if self.events else None

    @property
    def payouts(self) -> tuple[Price, Price] | None:
        """What a share of each outcome pays (price units); None until closed and resolved to numbers that add up."""
        final = self.closed and self.stage is Stage.RESOLVED
        return self.prices if final and self.prices is not None and sum(self.prices) == PRICE_ONE else None

    @property
    def winner(self) -> Outcome | None:
        """The outcome that pays 1; None while unresolved and after a split resolution."""
        if self.payouts is None or PRICE_ONE not in self.payouts:
            return None
        return Outcome.YES if self.payouts[0] == PRICE_ONE else Outcome.NO


_LONG, _SHORT = 64, 62


def condition_id_of(text: str) -> str | None:
    """A condition id with 64 hex digits in lower case, or None for any other text.

    Protocol V2 ids have 31 bytes: Gamma shows 62 digits, the CLOB wants them padded on the right (polymarket.md §0.2).
    """
    digits = text.lower().removeprefix("0x")
    if len(digits) + 2 != len(text) or len(digits) not in (_LONG, _SHORT) or not set(digits) <= set("0123456789abcdef"):
        return None
    return f"0x{digits.ljust(_LONG, '0')}"
