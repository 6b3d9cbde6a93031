"""What the market channel tells besides books and changes (polymarket.md §6.2). Shapes only."""

from __future__ import annotations

from actors.model.market import Outcome
from actors.model.numbers import PRICE_ONE, PUSD, format_price, format_scaled
from adapters.emulator import wire_books
from adapters.emulator.groups import Group
from adapters.emulator.listings import Listing
from adapters.emulator.wire_books import Json, milliseconds


def best_bid_ask(listing: Listing, outcome: Outcome, now: float) -> Json:
    """The top of one token's book; an empty side reads `0` or `1` (§6.2)."""
    bid, ask = listing.book.best(outcome)
    best_bid, best_ask = wire_books.best(listing, outcome)
    return {
        "market": listing.market.condition_id,
        "asset_id": listing.market.token(outcome),
        "best_bid": best_bid,
        "best_ask": best_ask,
        "spread": format_price((PRICE_ONE if ask is None else ask) - (bid or 0)),
        "timestamp": milliseconds(now),
        "event_type": "best_bid_ask",
    }


def tick_size_change(listing: Listing, token: str, old: int, now: float) -> Json:
    return {
        "market": listing.market.condition_id,
        "asset_id": token,
        "old_tick_size": format_price(old),
        "new_tick_size": format_price(listing.market.tick),
        "timestamp": milliseconds(now),
        "event_type": "tick_size_change",
    }


def new_market(listing: Listing, group: Group, now: float) -> Json:
    """A market's birth, told to everybody; numbers are texts here."""
    m, terms = listing.market, listing.terms
    rate, exponent, rebate = (
        format_scaled(value, 4) for value in (m.fees.rate, m.fees.exponent * 10_000, terms.rebate)
    )
    schedule = {"exponent": exponent, "rate": rate, "taker_only": True, "rebate_rate": rebate}
    return {
        **_about(listing),
        "event_message": _event(group),
        "timestamp": milliseconds(now),
        "event_type": "new_market",
        "tags": [terms.category],
        "condition_id": m.condition_id,
        "active": True,
        "clob_token_ids": list(m.tokens),
        "sports_market_type": "",
        "line": "",
        "game_start_time": "",
        "order_price_min_tick_size": format_price(m.tick),
        "group_item_title": "",
        "taker_base_fee": str(wire_books.legacy_fee(m)),
        "fees_enabled": m.fees.rate > 0,
        "fee_schedule": schedule if m.fees.rate else None,
    }


def market_resolved(listing: Listing, group: Group, now: float) -> Json:
    """How it ended; nobody wins a market that pays both halves."""
    won = [token for token, payout in zip(listing.market.tokens, listing.payouts or (), strict=False) if payout == PUSD]
    return {
        **_about(listing),
        "winning_asset_id": won[0] if won else "",
        "winning_outcome": listing.outcome_label(won[0]) if won else "",
        "event_message": _event(group),
        "timestamp": milliseconds(now),
        "event_type": "market_resolved",
        "tags": [listing.terms.category],
    }


def _about(listing: Listing) -> Json:
    m = listing.market
    return {
        "id": str(listing.number),
        "question": listing.question,
        "market": m.condition_id,
        "slug": m.slug,
        "description": f"Practice market: {listing.question}",
        "assets_ids": list(m.tokens),
        "outcomes": list(listing.terms.labels),
    }


def _event(group: Group) -> Json:
    terms = group.terms
    return {
        "id": str(group.number),
        "ticker": terms.slug,
        "slug": terms.slug,
        "title": terms.title,
        "description": f"Practice event: {terms.title}",
    }
