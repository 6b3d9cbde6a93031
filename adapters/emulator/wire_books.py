"""Books, level changes and prints as the venue words them (polymarket.md §1.4, §6.2). Shapes only."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from actors.model.market import Market, Outcome
from actors.model.numbers import complement, format_price, format_size
from adapters.emulator.listings import Listing
from adapters.emulator.trades import Trade

Json = dict[str, Any]


def book(listing: Listing, token: str, now: float) -> Json:
    """The book of one token with the venue's own hash (§6.3); best level last on both sides."""
    market = listing.market
    bids, asks = listing.book.levels(market.outcome(token))
    body: Json = {
        "market": market.condition_id,
        "asset_id": token,
        "timestamp": milliseconds(now),
        "hash": "",
        "bids": [{"price": format_price(price), "size": format_size(size)} for price, size in bids],
        "asks": [{"price": format_price(price), "size": format_size(size)} for price, size in asks],
        "min_order_size": format_size(market.min_size),
        "tick_size": format_price(market.tick),
        "neg_risk": market.neg_risk,
        "last_trade_price": last_price(listing, token),
    }
    body["hash"] = hashlib.sha1(json.dumps(body, separators=(",", ":")).encode(), usedforsecurity=False).hexdigest()
    return body


def price_change(listing: Listing, levels: tuple[tuple[bool, int], ...], now: float) -> Json:
    """One message for both tokens of the market; a level is (bid side?, price) of the YES ladder."""
    stamp = milliseconds(now)
    changes = [
        _change(listing, outcome, bids, price, stamp) for bids, price in levels for outcome in (Outcome.YES, Outcome.NO)
    ]
    return {
        "event_type": "price_change",
        "market": listing.market.condition_id,
        "timestamp": stamp,
        "price_changes": changes,
    }


def _change(listing: Listing, outcome: Outcome, bids: bool, price: int, stamp: str) -> Json:
    """`hash` is an opaque tag: the venue's cannot be recomputed from a stream either (§6.3)."""
    yes = outcome is Outcome.YES
    ladder = listing.book.bids if bids else listing.book.asks
    bid, ask = best(listing, outcome)
    change: Json = {
        "asset_id": listing.market.token(outcome),
        "price": format_price(price if yes else complement(price)),
        "size": format_size(ladder.size_at(price)),
        "side": "BUY" if bids is yes else "SELL",
        "hash": "",
        "best_bid": bid,
        "best_ask": ask,
    }
    change["hash"] = hashlib.sha1(f"{stamp}{change}".encode(), usedforsecurity=False).hexdigest()
    return change


def best(listing: Listing, outcome: Outcome) -> tuple[str, str]:
    """(best bid, best ask) as text; an empty side reads `0` or `1` (§6.2)."""
    bid, ask = listing.book.best(outcome)
    return "0" if bid is None else format_price(bid), "1" if ask is None else format_price(ask)


def last_trade(trade: Trade, now: float) -> Json:
    return {
        "event_type": "last_trade_price",
        "market": trade.listing.market.condition_id,
        "asset_id": trade.taker.ticket.token,
        "price": format_price(trade.taker.price),
        "size": format_size(trade.taker.size),
        "side": trade.taker.ticket.order.side.value,
        "fee_rate_bps": "0",
        "timestamp": milliseconds(now),
        "transaction_hash": trade.hash,
    }


def last_price(listing: Listing, token: str) -> str:
    """The last print seen from `token`; `0.5` before the first, as in the venue's example (§1.4)."""
    price = listing.last_price
    if price is None:
        return "0.5"
    same = listing.market.token(listing.last_outcome) == token
    return format_price(price if same else complement(price))


def milliseconds(now: float) -> str:
    return str(int(now * 1000))


def market(listing: Listing) -> Json:
    """The full market object (§1.2)."""
    m = listing.market
    prices = [_midpoint(listing, outcome) for outcome in Outcome]
    return {
        "condition_id": m.condition_id,
        "question_id": listing.question_id,
        "market_slug": m.slug,
        "question": listing.question,
        "description": f"Demo market: {listing.question}",
        **_FIXED_MARKET_FIELDS,
        "accepting_orders": m.accepting,
        "minimum_order_size": m.min_size // 1_000_000,
        "minimum_tick_size": m.tick / 10_000,
        "maker_base_fee": 0,
        "taker_base_fee": legacy_fee(m),
        "neg_risk": m.neg_risk,
        "neg_risk_market_id": listing.question_id if m.neg_risk else "",
        "neg_risk_request_id": "",
        "rewards": {"rates": None, "min_size": 0, "max_spread": 0},
        "tokens": [
            {"token_id": token, "outcome": label, "price": price, "winner": False}
            for token, label, price in zip(m.tokens, ("Yes", "No"), prices, strict=True)
        ],
        "tags": ["All", "Demo"],
    }


_FIXED_MARKET_FIELDS: Json = {
    "active": True,
    "closed": False,
    "archived": False,
    "accepting_order_timestamp": "2026-10-01T00:00:00Z",
    "enable_order_book": True,
    "end_date_iso": "2099-12-31T00:00:00Z",
    "game_start_time": None,
    "seconds_delay": 0,
    "is_50_50_outcome": False,
    "notifications_enabled": True,
    "fpmm": "",
    "icon": "",
    "image": "",
}


def compact_market(listing: Listing) -> Json:
    """`/clob-markets/{id}` (§1.3); `nr` and `fd` are present only when they say something."""
    m = listing.market
    body: Json = {
        "c": m.condition_id,
        "t": [{"t": m.yes, "o": "Yes"}, {"t": m.no, "o": "No"}],
        "mts": m.tick / 10_000,
        "mos": m.min_size // 1_000_000,
        "mbf": 0,
        "tbf": legacy_fee(m),
        "ao": m.accepting,
        "aot": "2026-10-01T00:00:00Z",
        "sd": 0,
    }
    if m.neg_risk:
        body["nr"] = True
    if m.fees.rate:
        body["fd"] = {"r": m.fees.rate / 10_000, "e": m.fees.exponent, "to": True}
    return body


def legacy_fee(m: Market) -> int:
    """The old basis points, which are not the rate charged (§1.1)."""
    return 1000 if m.fees.rate else 0


def _midpoint(listing: Listing, outcome: Outcome) -> float:
    bid, ask = listing.book.best(outcome)
    return ((bid or 0) + (10_000 if ask is None else ask)) / 20_000
