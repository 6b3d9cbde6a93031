"""Positions and trades as the venue's reporting service tells them: late, for audits and reports, never for live risk.

Its numbers are JSON doubles, so they are rounded to the nearest unit (polymarket.md §10).
"""

from __future__ import annotations

from enum import Enum

from attrs import frozen

from actors.model.market import Outcome, Side
from actors.model.numbers import Cash, Price, Size


class HoldingStatus(Enum):
    """A lost position still reads REDEEMABLE and a mergeable one OPEN."""

    OPEN = "OPEN"
    REDEEMABLE = "REDEEMABLE"
    CLOSED = "CLOSED"


@frozen
class Holding:
    """What a wallet holds of one token. `outcome` is None where the service does not say which of the two it is.

    Prices to the nearest price unit, `cost`, `value` and PnL in cash units; PnL may be negative. `ends_on` is a date
    (YYYY-MM-DD) or "".
    """

    wallet: str
    token: str
    condition_id: str
    size: Size
    average_price: Price
    price: Price
    cost: Cash
    value: Cash
    realized_pnl: Cash
    unrealized_pnl: Cash
    status: HoldingStatus
    redeemable: bool
    mergeable: bool
    neg_risk: bool
    outcome: Outcome | None = None
    label: str = ""
    opposite_token: str = ""
    slug: str = ""
    event_slug: str = ""
    ends_on: str = ""
    last_event_at: int | None = None


@frozen
class TapeTrade:
    """One executed trade of some wallet; `at` is epoch seconds."""

    wallet: str
    token: str
    condition_id: str
    side: Side
    size: Size
    price: Price
    at: int
    transaction: str
    outcome: Outcome | None = None
    label: str = ""
    slug: str = ""
