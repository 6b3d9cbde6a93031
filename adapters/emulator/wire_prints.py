"""Public trades as `/markets/live-activity/{id}` words them (polymarket.md §1.1). Shapes only."""

from __future__ import annotations

from actors.model.numbers import format_price, format_size
from adapters.emulator.listings import Listing
from adapters.emulator.tape import Print
from adapters.emulator.wire_books import Json


def activity(one: Print, listing: Listing) -> Json:
    """A print with its taker as the user; profiles are empty here."""
    market = listing.market
    return {
        "event_type": "trade",
        "market": {
            "condition_id": market.condition_id,
            "asset_id": one.token,
            "question": listing.question,
            "icon": "",
            "slug": market.slug,
        },
        "user": {
            "address": one.taker,
            "username": "",
            "profile_picture": "",
            "optimized_profile_picture": "",
            "pseudonym": "",
        },
        "side": one.side.value,
        "size": format_size(one.size),
        "fee_rate_bps": "0",
        "price": format_price(one.price),
        "outcome": listing.outcome_label(one.token),
        "outcome_index": 0 if one.token == market.yes else 1,
        "transaction_hash": one.hash,
        "timestamp": str(int(one.at)),
    }
