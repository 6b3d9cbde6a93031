"""What an order or trade object says of us, read from its JSON alone: for comparison with the adapter's decoders."""

from __future__ import annotations

from datetime import datetime
from fractions import Fraction
from math import ceil, floor

from actors.messages import Fill, OrderUpdate
from actors.model.market import Side
from actors.model.order import Settlement
from tests.adapters.polymarket.captured import Json, price, size


def stated_order(raw: Json) -> OrderUpdate:
    return OrderUpdate(
        order_id=raw["id"],
        condition_id=raw["market"],
        token=raw["asset_id"],
        side=Side(raw["side"]),
        price=price(raw["price"]),
        size=size(raw["original_size"]),
        matched=size(raw["size_matched"] or 0),
        status=raw["status"].upper(),
        type=raw.get("type", ""),
    )


def stated_taker(raw: Json) -> Fill:
    """The whole trade as its taker sees it; several makers' prices are averaged against the taker."""
    makers, side = raw["maker_orders"], Side(raw["side"])
    paid = sum(Fraction(m["matched_amount"]) * _seen(raw, m) for m in makers)
    whole = sum(Fraction(m["matched_amount"]) for m in makers)
    average = paid / whole if whole == Fraction(raw["size"]) else Fraction(raw["price"])
    units = ceil(average * 10_000) if side is Side.BUY else floor(average * 10_000)
    return _fill(raw, raw["taker_order_id"], raw["asset_id"], side, units, size(raw["size"]), taker=True)


def stated_maker(raw: Json, entry: Json) -> Fill:
    """One maker's part; without a side of its own it is the taker's opposite, or the same on the other token."""
    taker = Side(raw["side"])
    side = taker.opposite if entry["asset_id"] == raw["asset_id"] else taker
    side = Side(entry["side"]) if "side" in entry else side
    token, amount = entry["asset_id"], size(entry["matched_amount"])
    return _fill(raw, entry["order_id"], token, side, price(entry["price"]), amount, taker=False)


def _seen(raw: Json, entry: Json) -> Fraction:
    own = Fraction(entry["price"])
    return own if entry["asset_id"] == raw["asset_id"] else 1 - own


def _fill(raw: Json, order_id: str, token: str, side: Side, price_: int, size_: int, *, taker: bool) -> Fill:
    stamp = raw["match_time"]
    return Fill(
        trade_id=raw["id"],
        order_id=order_id,
        condition_id=raw["market"],
        token=token,
        side=side,
        price=price_,
        size=size_,
        settlement=Settlement(raw["status"].removeprefix("TRADE_STATUS_")),
        taker=taker,
        matched_at=float(stamp) if stamp.isdigit() else datetime.fromisoformat(stamp).timestamp(),
    )
