"""Markets as Gamma words them (polymarket.md §9.2). Shapes only.

Gamma is a cache at the venue: a resolution shows a minute late here as there (§9.2, §15).
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from actors.model.market import Outcome
from actors.model.numbers import PRICE_ONE, PUSD, SHARE, format_cash
from adapters.emulator import wire_books
from adapters.emulator.listings import Listing
from adapters.emulator.signatures import keccak
from adapters.emulator.tape import Tape
from adapters.emulator.terms import CryptoTerms, Phase

Json = dict[str, Any]

RESOLVED_SHOWS_AFTER = 60.0
_UMA = {Phase.PROPOSED: "proposed", Phase.DISPUTED: "disputed", Phase.RESOLVED: "resolved"}
NO_END = "2099-12-31T00:00:00Z"
_PUSD = "0xC011a7E12a19f7B1f670d46F03B03f3342E82DFB"


def market(listing: Listing, tape: Tape) -> Json:
    """The market object without its events."""
    m, terms, closed = listing.market, listing.terms, is_closed(listing, tape.wall())
    body: Json = {
        "id": str(listing.number),
        "question": listing.question,
        "conditionId": m.condition_id if listing.version == "v1" else m.condition_id[:64],
        "slug": m.slug,
        "resolutionSource": "",
        "description": f"Practice market: {listing.question}",
        "outcomes": json.dumps(terms.labels),
        "outcomePrices": json.dumps(_prices(listing, closed)),
        "version": listing.version,
        **_dates(listing, closed),
        **_flags(listing, closed),
        **_trading(listing),
        **_money(listing, tape),
        **_FIXED,
    }
    body |= {"clobTokenIds": json.dumps(m.tokens)} if listing.version == "v1" else {"positionIds": list(m.tokens)}
    if terms.crypto is not None:
        body |= _window(terms.crypto)
    return body


def is_closed(listing: Listing, now: float) -> bool:
    return listing.phase is Phase.RESOLVED and now >= listing.changed_at + RESOLVED_SHOWS_AFTER


def neg_risk_id(listing: Listing) -> str:
    """The id that the markets of a neg-risk event share: 31 bytes of their event and a zero (polymarket.md §13)."""
    event = listing.terms.event
    return f"0x{keccak((event.slug if event else listing.market.slug).encode())[:31].hex()}00"


def _prices(listing: Listing, closed: bool) -> list[str]:
    if closed and listing.payouts is not None:
        return [format_cash(payout) for payout in listing.payouts]
    bid, ask = listing.book.best(Outcome.YES)
    middle = (bid or 0) + (PRICE_ONE if ask is None else ask)
    return [f"{value / (2 * PRICE_ONE):g}" for value in (middle, 2 * PRICE_ONE - middle)]


def _dates(listing: Listing, closed: bool) -> Json:
    listed, ends = iso(listing.terms.listed_at), listing.market.ends_at
    end = NO_END if ends is None else iso(ends)
    dates = {
        "startDate": listed,
        "startDateIso": listed[:10],
        "endDate": end,
        "endDateIso": end[:10],
        "createdAt": listed,
        "updatedAt": iso(max(listing.changed_at, listing.terms.listed_at)),
        "acceptingOrdersTimestamp": listed,
    }
    return {**dates, "closedTime": iso(listing.changed_at)} if closed else dates


def _flags(listing: Listing, closed: bool) -> Json:
    m, phase = listing.market, listing.phase
    uma = _UMA.get(Phase.PROPOSED if phase is Phase.RESOLVED and not closed else phase)
    body: Json = {
        "active": True,
        "closed": closed,
        "archived": False,
        "acceptingOrders": listing.accepting,
        "enableOrderBook": True,
        "negRisk": m.neg_risk,
        "negRiskOther": False,
        "negRiskRequestID": "",
        "questionID": listing.question_id,
        "umaResolutionStatuses": json.dumps([uma] if uma else []),
    }
    if listing.version == "v2":
        body["resolutionStatus"] = "resolved" if closed else "active"
    elif uma:
        body["umaResolutionStatus"] = uma
    return {**body, "negRiskMarketID": neg_risk_id(listing)} if m.neg_risk else body


def _trading(listing: Listing) -> Json:
    m, terms = listing.market, listing.terms
    body: Json = {
        "orderPriceMinTickSize": m.tick / PRICE_ONE,
        "orderMinSize": m.min_size / SHARE,
        "secondsDelay": int(terms.delay),
        "feesEnabled": m.fees.rate > 0,
        "feeType": f"{terms.category}_fees" if m.fees.rate else None,
        "makerBaseFee": wire_books.legacy_fee(m),
        "takerBaseFee": wire_books.legacy_fee(m),
        "rewardsMinSize": terms.rewards.min_size / SHARE if terms.rewards else 0,
        "rewardsMaxSpread": terms.rewards.max_spread / 100 if terms.rewards else 0,
    }
    if m.fees.rate:
        rate, rebate = m.fees.rate / 10_000, terms.rebate / 10_000
        body["feeSchedule"] = {"exponent": m.fees.exponent, "rate": rate, "takerOnly": True, "rebateRate": rebate}
    if terms.rewards:
        body["clobRewards"] = [_reward(listing, terms.rewards.per_day)]
    return body


def _reward(listing: Listing, per_day: int) -> Json:
    return {
        "id": str(listing.number),
        "conditionId": listing.market.condition_id,
        "assetAddress": _PUSD,
        "rewardsAmount": 0,
        "rewardsDailyRate": per_day / PUSD,
        "startDate": iso(listing.terms.listed_at)[:10],
        "endDate": "2500-12-31",
    }


def _money(listing: Listing, tape: Tape) -> Json:
    condition = listing.market.condition_id
    liquidity, volume, day = liquidity_of(listing), tape.volume.get(condition, 0), tape.last_day(condition)
    bid, ask = (float(text) for text in wire_books.best(listing, Outcome.YES))
    return {
        "liquidity": format_cash(liquidity),
        "liquidityNum": liquidity / PUSD,
        "liquidityClob": liquidity / PUSD,
        "volume": format_cash(volume),
        "volumeNum": volume / PUSD,
        "volumeClob": volume / PUSD,
        "volume24hr": day / PUSD,
        "volume24hrClob": day / PUSD,
        "bestBid": bid,
        "bestAsk": ask,
        "spread": round(ask - bid, 4),
        "lastTradePrice": float(wire_books.last_price(listing, listing.market.yes)),
        "competitive": round(1 / (1 + (ask - bid) ** 2), 6),
    }


def liquidity_of(listing: Listing) -> int:
    """Cash units that rest on both sides, asks at what they would bring."""
    return sum(r.remaining * r.order.price // PRICE_ONE for r in listing.book.orders.values())


def _window(crypto: CryptoTerms) -> Json:
    minutes = f"{crypto.duration // 60}m"
    config = {"asset": crypto.symbol, "duration": minutes, "twapEnabled": crypto.twap > 0}
    return {
        "eventStartTime": iso(crypto.starts_at),
        "cryptoMarketConfig": {"id": f"{crypto.symbol}-{minutes}", **config, "twapLookbackSeconds": crypto.twap},
    }


def iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat().replace("+00:00", "Z")


_FIXED: Json = {
    "image": "",
    "icon": "",
    "marketMakerAddress": "",
    "groupItemTitle": "",
    "new": False,
    "featured": False,
    "restricted": False,
    "hasReviewedDates": True,
    "ready": False,
    "funded": False,
    "cyom": False,
    "approved": True,
    "pagerDutyNotificationEnabled": False,
    "automaticallyActive": True,
    "clearBookOnStart": True,
    "manualActivation": False,
    "pendingDeployment": False,
    "deploying": False,
    "rfqEnabled": False,
    "holdingRewardsEnabled": False,
    "requiresTranslation": False,
}
