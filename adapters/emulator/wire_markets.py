"""Markets as the CLOB words them: full, simplified and compact (polymarket.md §1.2, §1.3). Shapes only."""

from __future__ import annotations

from datetime import UTC, datetime

from actors.model.market import Outcome
from actors.model.numbers import PRICE_ONE, PUSD, SHARE
from adapters.emulator.listings import Listing
from adapters.emulator.terms import Phase, Rewards
from adapters.emulator.wire_books import Json, legacy_fee
from adapters.emulator.wire_gamma import neg_risk_id

PUSD_ADDRESS = "0xC011a7E12a19f7B1f670d46F03B03f3342E82DFB"
NO_END = "2099-12-31T00:00:00Z"
_CENT = PRICE_ONE // 100


def market(listing: Listing) -> Json:
    """The full market object; once resolved it is closed, has no book and names the winner."""
    m, resolved = listing.market, listing.phase is Phase.RESOLVED
    return {
        "condition_id": m.condition_id,
        "question_id": listing.question_id,
        "market_slug": m.slug,
        "question": listing.question,
        "description": f"Practice market: {listing.question}",
        **_FIXED,
        "closed": resolved,
        "enable_order_book": not resolved,
        "accepting_orders": listing.accepting,
        "accepting_order_timestamp": iso(listing.terms.listed_at),
        "end_date_iso": ends(listing),
        "seconds_delay": int(listing.terms.delay),
        "minimum_order_size": number(m.min_size, SHARE),
        "minimum_tick_size": m.tick / PRICE_ONE,
        "taker_base_fee": legacy_fee(m),
        "neg_risk": m.neg_risk,
        "neg_risk_market_id": neg_risk_id(listing) if m.neg_risk else "",
        "is_50_50_outcome": resolved and listing.payouts == (PUSD // 2, PUSD // 2),
        "rewards": _rewards(listing.terms.rewards),
        "tokens": [{**token, "winner": won} for token, won in zip(tokens(listing), _winners(listing), strict=True)],
        "tags": ["All", listing.terms.category.capitalize()],
    }


_FIXED: Json = {
    "active": True,
    "archived": False,
    "game_start_time": None,
    "maker_base_fee": 0,
    "neg_risk_request_id": "",
    "notifications_enabled": True,
    "fpmm": "",
    "icon": "",
    "image": "",
}
_SIMPLE = ("condition_id", "rewards", "tokens", "active", "closed", "archived", "accepting_orders")


def simplified(listing: Listing) -> Json:
    """What `/simplified-markets` leaves of a market."""
    full = market(listing)
    return {key: full[key] for key in _SIMPLE}


def compact(listing: Listing) -> Json:
    """`/clob-markets/{id}` (§1.3); what is false or absent has no key.

    A delay below a second is the up/down markets' `itode`, a longer one the sports markets' `sd` (§3.8).
    """
    m, terms = listing.market, listing.terms
    body: Json = {
        "c": m.condition_id,
        "t": [{"t": token, "o": label} for token, label in zip(m.tokens, terms.labels, strict=True)],
        "mts": m.tick / PRICE_ONE,
        "mos": number(m.min_size, SHARE),
        "mbf": 0,
        "tbf": legacy_fee(m),
        "ao": listing.accepting,
        "aot": iso(terms.listed_at),
        "sd": int(terms.delay),
    }
    if m.neg_risk:
        body["nr"] = True
    if 0 < terms.delay < 1:
        body["itode"] = True
    if m.fees.rate:
        body["fd"] = {"r": m.fees.rate / 10_000, "e": m.fees.exponent, "to": True}
    if terms.rewards:
        minimum, spread = number(terms.rewards.min_size, SHARE), number(terms.rewards.max_spread, _CENT)
        body["r"] = {"mi": minimum, "ma": spread, "moas": terms.rewards.min_age}
    if listing.version == "v2":
        body["v"] = listing.version
    return body


def tokens(listing: Listing) -> list[Json]:
    """The two tokens with their labels and prices: the middle of the book, then what a share pays."""
    paid = listing.payouts if listing.phase is Phase.RESOLVED else None
    prices = [number(payout, PUSD) for payout in paid] if paid else [middle(listing, outcome) for outcome in Outcome]
    return [
        {"token_id": token, "outcome": label, "price": price}
        for token, label, price in zip(listing.market.tokens, listing.terms.labels, prices, strict=True)
    ]


def middle(listing: Listing, outcome: Outcome) -> float:
    """Between best bid and best ask, an empty side counting as 0 or 1."""
    bid, ask = listing.book.best(outcome)
    return ((bid or 0) + (PRICE_ONE if ask is None else ask)) / (2 * PRICE_ONE)


def ends(listing: Listing) -> str:
    return NO_END if listing.market.ends_at is None else iso(listing.market.ends_at)


def iso(at: float) -> str:
    """Wall seconds as `2026-10-01T00:00:00Z`."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def number(value: int, scale: int) -> int | float:
    """`value / scale` as JSON shows it: whole numbers without a point."""
    return value // scale if value % scale == 0 else value / scale


def _winners(listing: Listing) -> tuple[bool, bool]:
    payouts = listing.payouts if listing.phase is Phase.RESOLVED else None
    return (payouts[0] == PUSD, payouts[1] == PUSD) if payouts else (False, False)


def _rewards(rewards: Rewards | None) -> Json:
    if rewards is None:
        return {"rates": None, "min_size": 0, "max_spread": 0}
    rate = {"asset_address": PUSD_ADDRESS, "rewards_daily_rate": number(rewards.per_day, PUSD)}
    minimum, spread = number(rewards.min_size, SHARE), number(rewards.max_spread, _CENT)
    return {"rates": [rate], "min_size": minimum, "max_spread": spread}
