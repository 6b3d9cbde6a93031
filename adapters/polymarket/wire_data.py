"""The Data API's rows as model values, numbers from their text and rounded once (polymarket.md §10). Knows no endpoint.

Only version 2 is read: version 1 (camelCase rows in a bare array) was retired on 2026-10-24, and a server that still
speaks it is refused by name. Every function raises ValueError only.
"""

from __future__ import annotations

from decimal import Decimal

import msgspec
from attrs import frozen

from actors.model.holding import Holding, HoldingStatus, TapeTrade
from actors.model.listing import condition_id_of
from actors.model.market import Outcome
from actors.model.numbers import PRICE_ONE, PUSD, SHARE, Cash, Price, Size
from adapters.polymarket.wire import Unreadable, decode, nearest_units, side_of

_OUTCOMES = {0: Outcome.YES, 1: Outcome.NO}
_NO_DATE = "1970-01-01"  # how the service says "none"; outcome_index says it with 999 (§10)


class WirePaging(msgspec.Struct):
    has_more: bool
    next_cursor: str | None = None


class Envelope(msgspec.Struct):
    """What every answer of version 2 comes in; `data` is an array of rows or one object."""

    data: msgspec.Raw
    pagination: WirePaging | None = None


class WireApproval(msgspec.Struct):
    token: str
    spender: str
    approved: bool


class WireApprovals(msgspec.Struct):
    """`/v2/approvals`: every contract that the venue's clients approve in their set-up, approved or not."""

    contracts: list[WireApproval]


class WireHolding(msgspec.Struct):
    """A row of `/v2/positions`."""

    proxy_wallet: str
    token_id: str
    condition_id: str
    current_size: Decimal
    avg_price: Decimal
    current_price: Decimal
    total_cost_usdc: Decimal
    current_value: Decimal
    realized_pnl: Decimal
    unrealized_pnl: Decimal
    status: str
    redeemable: bool
    mergeable: bool
    negative_risk: bool
    outcome: str | None = None
    outcome_index: int | None = None
    opposite_token_id: str | None = None
    slug: str | None = None
    event_slug: str | None = None
    end_date: str | None = None
    last_event_at: int | None = None


class WireTapeTrade(msgspec.Struct):
    """A row of `/v2/trades`."""

    proxy_wallet: str
    token_id: str
    condition_id: str
    side: str
    size: Decimal
    price: Decimal
    timestamp: int
    transaction_hash: str
    outcome: str | None = None
    outcome_index: int | None = None
    slug: str | None = None


class WireValue(msgspec.Struct):
    """The object of `/v2/value`."""

    proxy_wallet: str
    value: Decimal


@frozen
class DataPage:
    """The rows of one answer, not read yet, and the cursor of the next; None ends the list."""

    rows: tuple[msgspec.Raw, ...]
    next_cursor: str | None


def envelope(body: bytes) -> Envelope:
    """The envelope of an answer."""
    if body.lstrip()[:1] == b"[":
        raise Unreadable("a bare array, as the retired version 1 of the Data API answers: use an address with /v2")
    return decode(body, Envelope)


def page(body: bytes) -> DataPage:
    """One page of rows."""
    whole = envelope(body)
    if whole.pagination is None:
        raise Unreadable("pagination is missing")
    cursor = whole.pagination.next_cursor or None
    if whole.pagination.has_more and cursor is None:
        raise Unreadable("pagination: has_more without next_cursor")
    return DataPage(tuple(decode(whole.data, list[msgspec.Raw])), cursor if whole.pagination.has_more else None)


def holding(row: bytes | msgspec.Raw) -> Holding:
    """What a wallet holds of one token."""
    wire = decode(row, WireHolding)
    if wire.status not in HoldingStatus.__members__:
        raise Unreadable(f"status: {wire.status!r:.40} is no known status of a position")
    return Holding(
        wallet=wire.proxy_wallet,
        token=wire.token_id,
        condition_id=_condition(wire.condition_id),
        size=Size(_positive("current_size", wire.current_size, SHARE)),
        average_price=_price("avg_price", wire.avg_price),
        price=_price("current_price", wire.current_price),
        cost=_cash("total_cost_usdc", wire.total_cost_usdc),
        value=_cash("current_value", wire.current_value),
        realized_pnl=_cash("realized_pnl", wire.realized_pnl),
        unrealized_pnl=_cash("unrealized_pnl", wire.unrealized_pnl),
        status=HoldingStatus(wire.status),
        redeemable=wire.redeemable,
        mergeable=wire.mergeable,
        neg_risk=wire.negative_risk,
        outcome=_OUTCOMES.get(-1 if wire.outcome_index is None else wire.outcome_index),
        label=wire.outcome or "",
        opposite_token=wire.opposite_token_id or "",
        slug=wire.slug or "",
        event_slug=wire.event_slug or "",
        ends_on="" if wire.end_date in (None, _NO_DATE) else wire.end_date or "",
        last_event_at=wire.last_event_at or None,
    )


def tape_trade(row: bytes | msgspec.Raw) -> TapeTrade:
    """One executed trade."""
    wire = decode(row, WireTapeTrade)
    return TapeTrade(
        wallet=wire.proxy_wallet,
        token=wire.token_id,
        condition_id=_condition(wire.condition_id),
        side=side_of("side", wire.side),
        size=Size(_positive("size", wire.size, SHARE)),
        price=_price("price", wire.price),
        at=wire.timestamp,
        transaction=wire.transaction_hash,
        outcome=_OUTCOMES.get(-1 if wire.outcome_index is None else wire.outcome_index),
        label=wire.outcome or "",
        slug=wire.slug or "",
    )


def value(body: bytes) -> Cash:
    """What a wallet's positions are worth, in cash units."""
    return _cash("value", decode(envelope(body).data, WireValue).value)


def approvals(body: bytes) -> frozenset[tuple[str, str]]:
    """What a wallet has approved, of any amount, as (token contract, spender) in lower case."""
    rows = decode(envelope(body).data, WireApprovals).contracts
    return frozenset((row.token.lower(), row.spender.lower()) for row in rows if row.approved)


def _condition(text: str) -> str:
    condition = condition_id_of(text)
    if condition is None:
        raise Unreadable(f"condition_id: {text[:80]!r} has neither 64 nor 62 hex digits")
    return condition


def _positive(field: str, number: Decimal, scale: int) -> int:
    units = nearest_units(field, number, scale)
    if units < 0:
        raise Unreadable(f"{field}: {str(number)[:40]} is negative")
    return units


def _price(field: str, number: Decimal) -> Price:
    price = _positive(field, number, PRICE_ONE)
    if price > PRICE_ONE:
        raise Unreadable(f"{field}: {str(number)[:40]} is not a price between 0 and 1")
    return Price(price)


def _cash(field: str, number: Decimal) -> Cash:
    return Cash(nearest_units(field, number, PUSD))
