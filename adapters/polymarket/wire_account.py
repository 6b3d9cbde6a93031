"""Orders and trades of this account, decoded the same way from REST and from the user channel (polymarket.md §5, §7).

Knows which part of a trade is ours; keeps nothing. Every function raises ValueError only.
"""

from __future__ import annotations

import msgspec
from attrs import field, frozen

from actors.messages import Fill, OrderUpdate
from actors.model.market import Side
from actors.model.numbers import Price
from adapters.polymarket.wire import (
    FINE_ONE,
    Number,
    against_us,
    decode,
    epoch_seconds,
    fine_price,
    price_of,
    settlement_of,
    side_of,
    size_of,
    status_of,
)

_STATUS_OF_EVENT = {"PLACEMENT": "LIVE", "UPDATE": "LIVE", "CANCELLATION": "CANCELED"}


@frozen
class Owner:
    """How the venue names us in trades: the API key and the funder address, compared without case."""

    api_key: str = field(repr=False)
    funder: str

    def holds(self, owner: str | None, maker_address: str | None) -> bool:
        return _same(owner, self.api_key) or _same(maker_address, self.funder)


def _same(theirs: str | None, ours: str) -> bool:
    return bool(theirs) and (theirs or "").lower() == ours.lower()


class WireOrder(msgspec.Struct):
    """An order object (§5.1) or order event (§7.2)."""

    id: str
    market: str
    asset_id: str
    side: str
    price: Number
    original_size: Number
    size_matched: Number | None = None
    status: str | None = None
    type: str | None = None


class WireMaker(msgspec.Struct):
    """One maker's part of a trade."""

    order_id: str
    asset_id: str
    matched_amount: Number
    price: Number
    side: str | None = None
    owner: str | None = None
    maker_address: str | None = None


class WireTrade(msgspec.Struct):
    """A trade object (§5.2) or trade event (§7.3); `side`, `size` and `price` on top are the taker's."""

    id: str
    taker_order_id: str
    market: str
    asset_id: str
    side: str
    size: Number
    price: Number
    status: str
    match_time: Number | None = None
    matchtime: Number | None = None
    last_update: Number | None = None
    timestamp: Number | None = None
    owner: str | None = None
    maker_address: str | None = None
    trader_side: str | None = None
    maker_orders: list[WireMaker] | None = None


def order_update(body: bytes | msgspec.Raw) -> OrderUpdate:
    """An order as the venue shows it. A missing status is taken from the event's type; "" matched means none."""
    wire = decode(body, WireOrder)
    side = side_of("side", wire.side)
    event = (wire.type or "").upper()
    return OrderUpdate(
        order_id=wire.id,
        condition_id=wire.market,
        token=wire.asset_id,
        side=side,
        price=price_of("price", wire.price, side),
        size=size_of("original_size", wire.original_size),
        matched=size_of("size_matched", wire.size_matched or "0"),
        status=status_of(wire.status, "ORDER_STATUS_") or _STATUS_OF_EVENT.get(event, ""),
        type=event,
    )


def fills(body: bytes | msgspec.Raw, us: Owner) -> tuple[Fill, ...]:
    """Our parts of a trade (§5.4): as taker, as maker of one or several orders, or none."""
    trade = decode(body, WireTrade)
    makers = trade.maker_orders or []
    ours = [_maker_fill(trade, maker) for maker in makers if us.holds(maker.owner, maker.maker_address)]
    return (*((_taker_fill(trade, makers),) if _took(trade, us) else ()), *ours)


def _took(trade: WireTrade, us: Owner) -> bool:
    """Whether the top-level part is ours. On a maker's copy only the API key proves it (a trade with ourselves)."""
    role = (trade.trader_side or "").upper()
    return role == "TAKER" or us.holds(trade.owner, None if role == "MAKER" else trade.maker_address)


def _taker_fill(trade: WireTrade, makers: list[WireMaker]) -> Fill:
    side = side_of("side", trade.side)
    size = size_of("size", trade.size)
    return _fill(trade, trade.taker_order_id, trade.asset_id, side, _taker_price(trade, makers, side, size), size, True)


def _taker_price(trade: WireTrade, makers: list[WireMaker], side: Side, size: int) -> Price:
    """What we paid a share over all makers, rounded against us to a price unit; makers of the other token count 1 - p.

    The top-level price is an average of unstated precision, so it serves only when the makers do not add up to the
    size (§5.4, a reading the reference marks as inferred).
    """
    parts = [(size_of("matched_amount", m.matched_amount), _seen_price(trade, m)) for m in makers]
    if not parts or size == 0 or sum(amount for amount, _ in parts) != size:
        return price_of("price", trade.price, side)
    return against_us(side, sum(amount * price for amount, price in parts), size * FINE_ONE)


def _seen_price(trade: WireTrade, maker: WireMaker) -> int:
    price = fine_price("maker price", maker.price)
    return price if maker.asset_id == trade.asset_id else FINE_ONE - price


def _maker_fill(trade: WireTrade, maker: WireMaker) -> Fill:
    side = _maker_side(trade, maker)
    price = price_of("maker price", maker.price, side)
    size = size_of("matched_amount", maker.matched_amount)
    return _fill(trade, maker.order_id, maker.asset_id, side, price, size, False)


def _maker_side(trade: WireTrade, maker: WireMaker) -> Side:
    """The entry's own side; without one, opposite on the taker's token and equal on the other (mint or merge)."""
    if maker.side:
        return side_of("maker side", maker.side)
    taker = side_of("side", trade.side)
    return taker.opposite if maker.asset_id == trade.asset_id else taker


def _fill(trade: WireTrade, order_id: str, token: str, side: Side, price: Price, size: int, taker: bool) -> Fill:
    stated = (trade.match_time, trade.matchtime, trade.timestamp, trade.last_update)
    return Fill(
        trade_id=trade.id,
        order_id=order_id,
        condition_id=trade.market,
        token=token,
        side=side,
        price=price,
        size=size,
        settlement=settlement_of(trade.status),
        taker=taker,
        matched_at=epoch_seconds("match_time", next((value for value in stated if value), None)),
    )
