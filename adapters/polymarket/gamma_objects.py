"""Gamma's objects as they come over the wire: the fields a bot uses, spelt as there. Interprets nothing.

`Texts` come as arrays or as JSON text inside a string (polymarket.md §9.2, §9.3).
"""

from __future__ import annotations

from decimal import Decimal

import msgspec

Texts = str | list[str] | None  # `["a","b"]`, the same as JSON text in a string, "" or nothing


class WireFees(msgspec.Struct, rename="camel"):
    exponent: Decimal
    rate: Decimal
    taker_only: bool
    rebate_rate: Decimal


class WireReward(msgspec.Struct, rename="camel"):
    rewards_daily_rate: Decimal


class WireAveraging(msgspec.Struct, rename="camel"):
    """`cryptoMarketConfig`, as far as it says by which average the market settles."""

    twap_enabled: bool
    twap_lookback_seconds: int = 0


class WireSeries(msgspec.Struct):
    id: str | int
    slug: str
    title: str | None = None
    recurrence: str | None = None


class WireTag(msgspec.Struct):
    id: str | int
    slug: str | None = None
    label: str | None = None


class WireEvent(msgspec.Struct, rename="camel"):
    id: str | int
    slug: str
    title: str | None = None
    active: bool | None = None
    closed: bool | None = None
    neg_risk: bool | None = None
    enable_neg_risk: bool | None = None
    neg_risk_augmented: bool | None = None
    start_time: str | None = None
    end_date: str | None = None
    series: list[WireSeries] | None = None
    series_slug: str | None = None
    tags: list[WireTag] | None = None
    markets: list[msgspec.Raw] | None = None


class WireListing(msgspec.Struct, rename="camel"):
    id: str | int
    slug: str
    condition_id: str
    active: bool
    closed: bool
    question: str | None = None
    version: str | None = None
    market_type: str | None = None
    outcomes: Texts = None
    outcome_prices: Texts = None
    clob_token_ids: Texts = None
    position_ids: Texts = None
    archived: bool | None = None
    accepting_orders: bool | None = None
    enable_order_book: bool | None = None
    neg_risk: bool | None = None
    order_price_min_tick_size: Decimal | None = None
    order_min_size: Decimal | None = None
    fees_enabled: bool | None = None
    fee_schedule: WireFees | None = None
    rewards_min_size: Decimal | None = None
    rewards_max_spread: Decimal | None = None
    clob_rewards: list[WireReward] | None = None
    best_bid: Decimal | None = None
    best_ask: Decimal | None = None
    volume_num: Decimal | None = None
    volume24hr: Decimal | None = None
    liquidity_num: Decimal | None = None
    uma_resolution_status: str | None = None
    resolution_status: str | None = None
    start_date: str | None = None
    event_start_time: str | None = None
    end_date: str | None = None
    closed_time: str | None = None
    seconds_delay: int | None = None
    crypto_market_config: msgspec.Raw = msgspec.Raw(b"null")
    events: list[WireEvent] | None = None
