"""Books, level changes and prints as the venue words them (polymarket.md §1.4, §6.2). Shapes only."""

from __future__ import annotations

import hashlib
from typing import Any

from actors.model.market import Market, Outcome
from actors.model.numbers import complement, format_price, format_size
from adapters.emulator.compact import compact
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
    body["hash"] = hashlib.sha1(compact(body), usedforsecurity=False).hexdigest()
    return body


def price_change(listing: Listing, levels: tuple[tuple[bool, int], ...], now: float) -> Json:
    """One message for both tokens of the market; a level is (bid side?, price) of the YES ladder."""
    stamp = milliseconds(now)
    changes = [
        _change(listing, outcome, bids, price, stamp) for bids, price in levels for outcome in (Outcome.YES, Outcome.NO)
    ]
    return {
        "market": listing.market.condition_id,
        "price_changes": changes,
        "timestamp": stamp,
        "event_type": "price_change",
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


def legacy_fee(m: Market) -> int:
    """The old basis points, which are not the rate charged (§1.1)."""
    return 1000 if m.fees.rate else 0
