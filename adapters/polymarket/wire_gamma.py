"""Gamma's objects as model values. JSON texts inside strings are read twice, every refusal names its field.

Knows no endpoint. Markets that are not binary, or without a condition id, are refused; what a young or old market may
lack is None. Every function raises ValueError only (polymarket.md §9.2, §9.3).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal, InvalidOperation
from typing import TypeVar

import msgspec
from attrs import evolve

from actors.model.listing import (
    Activity,
    Event,
    ListedFees,
    ListedRewards,
    Listing,
    Series,
    Stage,
    Tag,
    Version,
    condition_id_of,
)
from actors.model.market import turned
from actors.model.numbers import PRICE_ONE, PUSD, SHARE, Cash, Price, Size
from adapters.polymarket.gamma_objects import (
    Texts,
    WireAveraging,
    WireEvent,
    WireFees,
    WireListing,
    WireSeries,
    WireTag,
)
from adapters.polymarket.wire import Unreadable, decode, epoch_seconds, exact_units, nearest_units

R = TypeVar("R")

_VERSIONS = {version.value: version for version in Version}
_STAGES = {
    "proposed": Stage.PROPOSED,
    "disputed": Stage.DISPUTED,
    "resolved": Stage.RESOLVED,
    "settled": Stage.RESOLVED,
    **dict.fromkeys(("", "requested", "inactive", "active"), Stage.OPEN),
}
_LONGEST_AVERAGE = 300  # s: longer than the shortest window makes no sense
_BINARY_KINDS = ("", "normal")  # `marketType`; only markets of 2020 to 2022 carry it


def listing(body: bytes | msgspec.Raw) -> Listing:
    """One market object."""
    return _yes_first(_listing(decode(body, WireListing)))


def _yes_first(told: Listing) -> Listing:
    """The first of each pair is YES's, in whatever order the venue tells them."""
    if not turned(told.labels):
        return told
    (no, yes), tokens, prices = told.labels, told.tokens, told.prices
    return evolve(
        told, labels=(yes, no), tokens=tokens and (tokens[1], tokens[0]), prices=prices and (prices[1], prices[0])
    )


def _listing(wire: WireListing) -> Listing:
    if (wire.market_type or "") not in _BINARY_KINDS:
        raise Unreadable(f"marketType: {wire.market_type!r:.40} is no binary market")
    version, condition = _version(wire.version), condition_id_of(wire.condition_id)
    if condition is None:
        raise Unreadable(f"conditionId: {wire.condition_id[:80]!r} has neither 64 nor 62 hex digits")
    labels = _pair("outcomes", wire.outcomes)
    if labels is None:
        raise Unreadable("outcomes is missing")
    return Listing(
        gamma_id=str(wire.id),
        slug=wire.slug,
        condition_id=condition,
        version=version,
        question=wire.question or "",
        labels=labels,
        tokens=_tokens(wire, version),
        active=wire.active,
        closed=wire.closed,
        archived=bool(wire.archived),
        accepting=bool(wire.accepting_orders),
        has_book=bool(wire.enable_order_book),
        neg_risk=bool(wire.neg_risk),
        tick=_tick(wire.order_price_min_tick_size),
        min_size=_min_size(wire.order_min_size),
        fees_enabled=bool(wire.fees_enabled),
        fees=_fees(wire.fee_schedule),
        rewards=_rewards(wire),
        activity=_activity(wire),
        prices=_prices(_pair("outcomePrices", wire.outcome_prices)),
        stage=_stage(wire, version),
        listed_at=_time("startDate", wire.start_date),
        window_starts_at=_time("eventStartTime", wire.event_start_time),
        ends_at=_time("endDate", wire.end_date),
        closed_at=_time("closedTime", wire.closed_time),
        taker_delay=wire.seconds_delay or 0,
        averaging=_averaging(wire.crypto_market_config),
        events=tuple(_event(event) for event in wire.events or []),
    )


def _averaging(config: msgspec.Raw) -> int | None:
    """None where nobody says it, or says what cannot be: such a market is traded, but its settlement is not computed."""
    try:
        told = decode(config, WireAveraging)
    except ValueError:
        return None
    seconds = told.twap_lookback_seconds if told.twap_enabled else 0
    return seconds if not told.twap_enabled or 0 < seconds <= _LONGEST_AVERAGE else None


def event(body: bytes | msgspec.Raw) -> Event:
    """One event object; markets in it that cannot be read are named in `refused`."""
    return _event(decode(body, WireEvent))


def series(body: bytes | msgspec.Raw) -> Series:
    return _series(decode(body, WireSeries))


def tag(body: bytes | msgspec.Raw) -> Tag:
    return _tag(decode(body, WireTag))


def readable(raws: Iterable[msgspec.Raw], read: Callable[[msgspec.Raw], R]) -> tuple[tuple[R, ...], tuple[str, ...]]:
    """The rows that can be read, and why the others cannot: a stranger on a list harms nobody."""
    found: list[R] = []
    refused: list[str] = []
    for raw in raws:
        try:
            found.append(read(raw))
        except ValueError as problem:
            refused.append(str(problem))
    return tuple(found), tuple(refused)


def _event(wire: WireEvent) -> Event:
    found = tuple(_series(one) for one in wire.series or [])
    if not found and wire.series_slug:
        found = (Series("", wire.series_slug),)
    markets, refused = readable(wire.markets or [], listing)
    return Event(
        event_id=str(wire.id),
        slug=wire.slug,
        title=wire.title or "",
        active=bool(wire.active),
        closed=bool(wire.closed),
        neg_risk=bool(wire.neg_risk or wire.enable_neg_risk),
        augmented=bool(wire.neg_risk_augmented),
        starts_at=_time("startTime", wire.start_time),
        ends_at=_time("endDate", wire.end_date),
        series=found,
        tags=tuple(_tag(one) for one in wire.tags or []),
        markets=markets,
        refused=refused,
    )


def _series(wire: WireSeries) -> Series:
    return Series(str(wire.id), wire.slug, wire.title or "", wire.recurrence or "")


def _tag(wire: WireTag) -> Tag:
    return Tag(str(wire.id), wire.slug or "", wire.label or "")


def _version(text: str | None) -> Version:
    """Markets older than the field are V1; any other word is refused (§3.4)."""
    version = _VERSIONS.get(text or Version.V1.value)
    if version is None:
        raise Unreadable(f"version: {text!r:.40} is neither v1 nor v2")
    return version


def _pair(field: str, value: Texts) -> tuple[str, str] | None:
    """Two different texts, from an array or from JSON text in a string; None for "", [] and nothing."""
    if isinstance(value, str) and value:
        try:
            value = decode(value.encode(), list[str])
        except ValueError as problem:
            raise Unreadable(f"{field}: {problem}") from None
    if not value:
        return None
    if len(value) != 2:
        raise Unreadable(f"{field}: {len(value)} of them, a binary market has two")
    return value[0], value[1]


def _tokens(wire: WireListing, version: Version) -> tuple[str, str] | None:
    """The ids the market is traded by; `positionIds` of a V1 market have no book and are ignored (§3.4)."""
    v2 = version is Version.V2
    field = "positionIds" if v2 else "clobTokenIds"
    tokens = _pair(field, wire.position_ids if v2 else wire.clob_token_ids)
    if tokens is not None and (tokens[0] == tokens[1] or not all(t.isascii() and t.isdigit() for t in tokens)):
        raise Unreadable(f"{field}: not two different decimal numbers")
    return tokens


def _prices(texts: tuple[str, str] | None) -> tuple[Price, Price] | None:
    return None if texts is None else (_price(texts[0]), _price(texts[1]))


def _price(text: str) -> Price:
    """To the nearest price unit: Gamma's mids have more decimals than any tick."""
    try:
        price = nearest_units("outcomePrices", Decimal(text), PRICE_ONE)
    except InvalidOperation:
        raise Unreadable(f"outcomePrices: {text[:40]!r} is no number") from None
    if not 0 <= price <= PRICE_ONE:
        raise Unreadable(f"outcomePrices: {text[:40]!r} is not between 0 and 1")
    return Price(price)


def _tick(number: Decimal | None) -> Price | None:
    return None if number is None else Price(exact_units("orderPriceMinTickSize", number, PRICE_ONE))


def _min_size(number: Decimal | None) -> Size | None:
    return None if number is None else Size(exact_units("orderMinSize", number, SHARE))


def _fees(wire: WireFees | None) -> ListedFees | None:
    if wire is None:
        return None
    return ListedFees(
        rate=exact_units("feeSchedule.rate", wire.rate, 10_000),
        exponent=exact_units("feeSchedule.exponent", wire.exponent, 1),
        taker_only=wire.taker_only,
        rebate=exact_units("feeSchedule.rebateRate", wire.rebate_rate, 10_000),
    )


def _rewards(wire: WireListing) -> ListedRewards:
    """`rewardsMaxSpread` is in cents; the daily rates of several programmes add up."""
    daily = sum((each.rewards_daily_rate for each in wire.clob_rewards or []), Decimal(0))
    return ListedRewards(
        min_size=Size(nearest_units("rewardsMinSize", wire.rewards_min_size or Decimal(0), SHARE)),
        max_spread=Price(nearest_units("rewardsMaxSpread", wire.rewards_max_spread or Decimal(0), PRICE_ONE // 100)),
        per_day=Cash(nearest_units("rewardsDailyRate", daily, PUSD)),
    )


def _activity(wire: WireListing) -> Activity:
    """Cached figures: odd ones are as good as none, and no reason not to trade the market."""
    bid, ask = (_cached(price, PRICE_ONE) for price in (wire.best_bid, wire.best_ask))
    volume, day, liquidity = (_cached(n, PUSD) or 0 for n in (wire.volume_num, wire.volume24hr, wire.liquidity_num))
    return Activity(
        bid=Price(bid) if bid is not None and bid <= PRICE_ONE else None,
        ask=Price(ask) if ask is not None and ask <= PRICE_ONE else None,
        volume=Cash(volume),
        volume_day=Cash(day),
        liquidity=Cash(liquidity),
    )


def _cached(number: Decimal | None, scale: int) -> int | None:
    """In units of 1/`scale`; None for what is no amount."""
    if number is None or not number.is_finite() or not 0 <= number < 10**12:
        return None
    return nearest_units("cached", number, scale)


def _stage(wire: WireListing, version: Version) -> Stage:
    """V2 markets tell their own lifecycle, V1 ones that of the oracle (§9.2)."""
    field, text = "umaResolutionStatus", wire.uma_resolution_status
    if version is Version.V2:
        field, text = "resolutionStatus", wire.resolution_status
    stage = _STAGES.get((text or "").lower())
    if stage is None:
        raise Unreadable(f"{field}: {text!r:.40} is no known status")
    return stage


def _time(field: str, text: str | None) -> float | None:
    return epoch_seconds(field, text) if text else None
