"""What a listed market promises beyond its trading facts: labels, event, rewards, delays. Values only."""

from __future__ import annotations

from enum import Enum

from attrs import frozen


class Phase(Enum):
    """Where a market stands between its listing and its payout; only OPEN ones take orders."""

    OPEN = "open"
    CLOSED = "closed"
    PROPOSED = "proposed"
    DISPUTED = "disputed"
    RESOLVED = "resolved"


@frozen
class Rewards:
    """Liquidity rewards (polymarket.md §11.4): cash units a day, size units, price units, seconds."""

    per_day: int
    min_size: int
    max_spread: int
    min_age: int = 30


@frozen
class EventTerms:
    """The event that groups markets; with `neg_risk` exactly one of them pays. `series` is a slug or empty."""

    slug: str
    title: str
    series: str = ""
    neg_risk: bool = False
    augmented: bool = False


@frozen
class CryptoTerms:
    """An up/down window (§9.4): it starts at `starts_at` (wall seconds) and compares TWAPs of `twap` seconds."""

    symbol: str
    duration: int
    starts_at: float
    twap: int = 60


@frozen
class Terms:
    """`rebate` is the makers' share of taker fees in 1/10,000; `delay` holds marketable orders that many seconds.

    With `finer_at_edges` a tick of 0.01 becomes 0.001 once a trade leaves [0.04, 0.96] (polymarket.md §6.2).
    """

    labels: tuple[str, str] = ("Yes", "No")
    category: str = "other"
    event: EventTerms | None = None
    rebate: int = 2_500
    rewards: Rewards | None = None
    delay: float = 0.0
    listed_at: float = 0.0
    crypto: CryptoTerms | None = None
    finer_at_edges: bool = True
