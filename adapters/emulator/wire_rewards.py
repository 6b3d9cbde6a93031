"""Reward programmes, earnings and rebates as the venue words them (polymarket.md §1.1, §1.5). Shapes only."""

from __future__ import annotations

from datetime import UTC, datetime

from actors.model.market import Outcome
from actors.model.numbers import PRICE_ONE, PUSD, SHARE, format_cash
from adapters.emulator.listings import Listing
from adapters.emulator.programmes import Programme
from adapters.emulator.tape import Tape
from adapters.emulator.wire_books import Json
from adapters.emulator.wire_markets import PUSD_ADDRESS, ends, iso, middle, number, tokens

_CENT = PRICE_ONE // 100
_DAY = 86_400


def current(one: Programme) -> Json:
    """A row of `/rewards/markets/current`; nobody sponsors anything here."""
    rate = number(one.rewards.per_day, PUSD)
    return {
        "condition_id": one.market,
        **_rules(one),
        "rewards_config": [{"id": one.listing.number, **_config(one)}],
        "sponsored_daily_rate": 0,
        "sponsors_count": 0,
        "native_daily_rate": rate,
        "total_daily_rate": rate,
    }


def of_market(one: Programme) -> Json:
    """A row of `/rewards/markets/{condition_id}`."""
    return {
        "condition_id": one.market,
        "question": one.listing.question,
        "market_slug": one.listing.market.slug,
        "event_slug": one.group.terms.slug,
        "image": "",
        **_rules(one),
        "market_competitiveness": one.competitiveness,
        "tokens": tokens(one.listing),
        "rewards_config": [_config(one)],
    }


def to_discover(one: Programme, tape: Tape) -> Json:
    """A row of `/rewards/markets/multi`: what the reward page lets people sort by."""
    return {
        **of_market(one),
        "rewards_config": [{"id": one.listing.number, **_config(one)}],
        "market_id": str(one.listing.number),
        "event_id": str(one.group.number),
        "group_item_title": "",
        "spread": _spread(one.listing),
        "volume_24hr": number(tape.last_day(one.market), PUSD),
        "created_at": iso(one.listing.terms.listed_at),
        "one_day_price_change": _day_change(one.listing, tape),
        "end_date": ends(one.listing),
    }


def earning(condition_id: str, day: int, address: str, cash: int) -> Json:
    """A row of `/rewards/user`."""
    return total(day, address, cash, condition_id=condition_id)


def total(day: int, address: str, cash: int, **more: object) -> Json:
    """What an account earned on a UTC day, in all or in one market."""
    return {
        "date": f"{day_text(day)}T00:00:00Z",
        "asset_address": PUSD_ADDRESS,
        "maker_address": address,
        "earnings": number(cash, PUSD),
        "asset_rate": 1,
        **more,
    }


def standing(one: Programme, address: str, cash: int, part: int) -> Json:
    """A row of `/rewards/user/markets`: a programme and the account in it; `part` in 1/10,000."""
    assets = {"asset_address": PUSD_ADDRESS, "asset_rate": 1, "earnings": number(cash, PUSD)}
    mine = {"maker_address": address, "earning_percentage": number(part, 100), "earnings": [assets]}
    return {**of_market(one), **mine}


def rebate(condition_id: str, day: int, address: str, cash: int) -> Json:
    """A row of `/rebates/current`."""
    return {
        "date": day_text(day),
        "condition_id": condition_id,
        "asset_address": PUSD_ADDRESS,
        "maker_address": address,
        "rebated_fees_usdc": format_cash(cash),
    }


def day_text(day: int) -> str:
    """The UTC day (days since 1970) as `2026-11-20`."""
    return datetime.fromtimestamp(day * _DAY, UTC).strftime("%Y-%m-%d")


def _rules(one: Programme) -> Json:
    spread, size = number(one.rewards.max_spread, _CENT), number(one.rewards.min_size, SHARE)
    return {"rewards_max_spread": spread, "rewards_min_size": size}


def _config(one: Programme) -> Json:
    return {
        "asset_address": PUSD_ADDRESS,
        "start_date": iso(one.listing.terms.listed_at),
        "end_date": ends(one.listing),
        "rate_per_day": number(one.rewards.per_day, PUSD),
        "total_rewards": 0,
    }


def _spread(listing: Listing) -> int | float:
    bid, ask = listing.book.best(Outcome.YES)
    return number((PRICE_ONE if ask is None else ask) - (bid or 0), PRICE_ONE)


def _day_change(listing: Listing, tape: Tape) -> float:
    """The middle now against the first YES print of the last 24 h; 0 without one."""
    since, yes = tape.wall() - _DAY, listing.market.yes
    first = next((one for one in tape.of(listing.market.condition_id) if one.at >= since and one.token == yes), None)
    return 0.0 if first is None else round(middle(listing, Outcome.YES) - first.price / PRICE_ONE, 5)
