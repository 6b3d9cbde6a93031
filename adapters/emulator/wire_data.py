"""Positions, trades, activity and resolutions as version 2 of the Data API words them (polymarket.md §10). Shapes only."""

from __future__ import annotations

from typing import Any

from actors.model.market import Outcome, Side
from actors.model.numbers import PRICE_ONE, PUSD, SHARE
from adapters.emulator.events import ChainMoved, Paid
from adapters.emulator.groups import Group
from adapters.emulator.listings import Listing
from adapters.emulator.portfolio import Deed, Stake
from adapters.emulator.tape import Print
from adapters.emulator.terms import Phase
from adapters.emulator.wire_gamma import iso

Json = dict[str, Any]

_STATUS = {Phase.PROPOSED: "proposed", Phase.DISPUTED: "disputed", Phase.RESOLVED: "resolved"}


def position(stake: Stake, owner: str, listing: Listing, group: Group, *, mergeable: bool) -> Json:
    """A row of `/v2/positions`; amounts are JSON numbers of pUSD and shares."""
    m, price = listing.market, current_price(listing, stake.token)
    value = stake.size * price // PRICE_ONE
    unrealized = value - stake.cost
    return {
        "proxy_wallet": owner.lower(),
        "token_id": stake.token,
        "condition_id": m.condition_id,
        "current_size": stake.size / SHARE,
        "avg_price": stake.average / PRICE_ONE,
        "entry_cost_usdc": stake.cost / PUSD,
        "entry_fees_usdc": stake.fees / PUSD,
        "total_cost_usdc": stake.cost / PUSD,
        "current_price": price / PRICE_ONE,
        "current_value": value / PUSD,
        "total_size": stake.bought / SHARE,
        "realized_pnl": stake.realized / PUSD,
        "unrealized_pnl": unrealized / PUSD,
        "total_pnl": (stake.realized + unrealized) / PUSD,
        "percent_pnl": _percent(unrealized, stake.cost),
        "percent_realized_pnl": _percent(stake.realized, stake.cost),
        "status": status(stake, listing),
        "redeemable": listing.phase is Phase.RESOLVED and stake.size > 0,
        "mergeable": mergeable,
        "negative_risk": m.neg_risk,
        "archived": False,
        **_about(listing, stake.token),
        "event_id": str(group.number),
        "event_slug": group.terms.slug,
        "opposite_outcome": listing.outcome_label(opposite(listing, stake.token)),
        "opposite_token_id": opposite(listing, stake.token),
        "end_date": iso(m.ends_at)[:10] if m.ends_at is not None else "1970-01-01",
        "last_event_at": int(stake.last_at),
        "first_entry_at": int(stake.first_at),
        "verified": False,
    }


def status(stake: Stake, listing: Listing) -> str:
    """What a row reports (the filter knows more)."""
    if not stake.size:
        return "CLOSED"
    return "REDEEMABLE" if listing.phase is Phase.RESOLVED else "OPEN"


def trade(one: Print, listing: Listing) -> Json:
    """A row of `/v2/trades`: the taker's, as the venue's default is."""
    return _trade(one.taker, listing, one.token, one.side, one.size, one.price) | {
        "timestamp": int(one.at),
        "transaction_hash": one.hash,
    }


def own_trade(deed: Deed) -> Json:
    """A row of `/v2/trades` of one wallet, from its own side."""
    assert deed.leg is not None
    assert deed.trade is not None
    leg, listing = deed.leg, deed.trade.listing
    row = _trade(leg.ticket.account.address, listing, leg.ticket.token, leg.ticket.order.side, leg.size, leg.price)
    return row | {"timestamp": int(deed.at), "transaction_hash": deed.trade.hash}


def activity(deed: Deed) -> Json:
    """A row of `/v2/activity`."""
    if deed.leg is not None:
        row = own_trade(deed)
        return row | {"type": "TRADE", "is_combo": False, "usdc_size": row["size"] * row["price"]}
    if deed.paid is not None:
        return _credit(deed.paid, int(deed.at))
    assert deed.moved is not None
    return _on_chain(deed.moved, int(deed.at))


def resolution(listing: Listing) -> Json:
    """A row of `/v2/resolutions`; payouts in micro-pUSD per outcome."""
    m = listing.market
    return {
        "question_id": listing.question_id,
        "condition_id": m.condition_id,
        "status": _STATUS.get(listing.phase, "initialized"),
        "extended_review": False,
        "was_disputed": listing.phase is Phase.DISPUTED,
        "new_version_q": False,
        "transaction_hash": "",
        "last_update_timestamp": int(listing.changed_at),
        "market_type": "INCREMENTAL_NEGRISK" if m.neg_risk else "BINARY",
        "payouts": list(listing.payouts) if listing.phase is Phase.RESOLVED and listing.payouts else None,
        "reporter": "CHAINLINK" if listing.terms.crypto else "UMA_OO",
        "resolved_at": int(listing.changed_at) if listing.phase is Phase.RESOLVED else None,
    }


def current_price(listing: Listing, token: str) -> int:
    """Price units: the payout once resolved, else the middle of the book."""
    first = token == listing.market.yes
    if listing.phase is Phase.RESOLVED and listing.payouts is not None:
        return listing.payouts[0 if first else 1] * PRICE_ONE // PUSD
    bid, ask = listing.book.best(Outcome.YES if first else Outcome.NO)
    return ((bid or 0) + (PRICE_ONE if ask is None else ask)) // 2


def opposite(listing: Listing, token: str) -> str:
    return listing.market.no if token == listing.market.yes else listing.market.yes


def _trade(owner: str, listing: Listing, token: str, side: Side, size: int, price: int) -> Json:
    return {
        "proxy_wallet": owner.lower(),
        "token_id": token,
        "condition_id": listing.market.condition_id,
        "side": side.value,
        "size": size / SHARE,
        "price": price / PRICE_ONE,
        **_about(listing, token),
    }


def _on_chain(moved: ChainMoved, at: int) -> Json:
    kind = {"convert": "CONVERSION"}.get(moved.kind, moved.kind.upper())
    return {
        "type": kind,
        "proxy_wallet": moved.account.address.lower(),
        "timestamp": at,
        "transaction_hash": moved.hash,
        "condition_id": moved.listing.market.condition_id,
        "size": max(abs(change) for change in moved.changes.values()) / SHARE,
        "usdc_size": abs(moved.cash) / PUSD,
        "title": moved.listing.question,
        "slug": moved.listing.market.slug,
    }


def _credit(paid: Paid, at: int) -> Json:
    return {
        "type": "REWARD" if paid.kind == "reward" else "MAKER_REBATE",
        "proxy_wallet": paid.account.address.lower(),
        "timestamp": at,
        "transaction_hash": paid.hash,
        "usdc_size": paid.cash / PUSD,
    }


def _about(listing: Listing, token: str) -> Json:
    return {
        "title": listing.question,
        "slug": listing.market.slug,
        "icon": "",
        "outcome": listing.outcome_label(token),
        "outcome_index": 0 if token == listing.market.yes else 1,
        "name": "",
        "profile_image": "",
    }


def _percent(part: int, whole: int) -> float:
    return round(100 * part / whole, 4) if whole else 0.0
