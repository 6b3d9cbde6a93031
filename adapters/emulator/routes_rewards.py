"""Reward programmes and maker rebates over REST, for everybody (polymarket.md §1.1, §11). Reads what others count."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from adapters.emulator import programmes, wire_rewards
from adapters.emulator.asking import day_of, last, page_size
from adapters.emulator.desk import Desk
from adapters.emulator.http import Request
from adapters.emulator.paging import page
from adapters.emulator.programmes import Programme
from adapters.emulator.refusal import Refused
from adapters.emulator.rest import Open, Place
from adapters.emulator.wire_books import Json

PAGE = 100
_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}", re.ASCII)

# What `order_by` may name, and where it stands in a row of `/rewards/markets/multi`.
_SORTS: dict[str, Callable[[Json], Any]] = {
    "market_id": lambda row: int(row["market_id"]),
    "created_at": lambda row: row["created_at"],
    "volume_24hr": lambda row: row["volume_24hr"],
    "spread": lambda row: row["spread"],
    "competitiveness": lambda row: row["market_competitiveness"],
    "max_spread": lambda row: row["rewards_max_spread"],
    "min_size": lambda row: row["rewards_min_size"],
    "question": lambda row: row["question"],
    "one_day_price_change": lambda row: row["one_day_price_change"],
    "rate_per_day": lambda row: row["rewards_config"][0]["rate_per_day"],
    "price": lambda row: row["tokens"][0]["price"],
    "end_date": lambda row: row["end_date"],
    "start_date": lambda row: row["rewards_config"][0]["start_date"],
    "reward_end_date": lambda row: row["rewards_config"][0]["end_date"],
}
_BOUNDED = ("volume_24hr", "spread", "price")


def _current(desk: Desk, request: Request) -> object:
    rows = [wire_rewards.current(one) for one in programmes.running(desk)]
    return page(rows, request.query.get("next_cursor", ""), PAGE)


def _of_market(desk: Desk, request: Request) -> object:
    """Nothing for a market without a programme."""
    wanted = last(request).lower()
    rows = [wire_rewards.of_market(one) for one in programmes.running(desk) if one.market == wanted]
    return page(rows, request.query.get("next_cursor", ""), PAGE)


def _multi(desk: Desk, request: Request) -> object:
    found = [one for one in programmes.running(desk) if _named(one, request)]
    rows = [row for one in found if _within(row := wire_rewards.to_discover(one, desk.tape), request.query)]
    order = request.query.get("order_by", "")
    if order and order not in _SORTS:
        raise Refused(400, "Invalid order_by")
    if order:
        rows.sort(key=_SORTS[order], reverse=request.query.get("position", "").upper() == "DESC")
    return page(rows, request.query.get("next_cursor", ""), page_size(request, PAGE))


def _named(one: Programme, request: Request) -> bool:
    query, tags, events = request.query, request.every("tag_slug"), request.every("event_id")
    return (
        query.get("q", "").lower() in one.listing.question.lower()
        and query.get("event_title", "").lower() in one.group.terms.title.lower()
        and query.get("market_id") in (None, "", str(one.listing.number))
        and (not tags or one.listing.terms.category in tags)
        and (not events or str(one.group.number) in events)
    )


def _within(row: Json, query: Mapping[str, str]) -> bool:
    return all(
        _bound(query, f"min_{name}", 0.0) <= _SORTS[name](row) <= _bound(query, f"max_{name}", float("inf"))
        for name in _BOUNDED
    )


def _bound(query: Mapping[str, str], name: str, default: float) -> float:
    try:
        return float(query.get(name) or default)
    except ValueError as problem:
        raise Refused(400, f"Invalid {name}") from problem


def _rebates(desk: Desk, request: Request) -> object:
    """An address that never was here has none."""
    address, day = request.query.get("maker_address", ""), day_of(request)
    if not _ADDRESS.fullmatch(address):
        raise Refused(400, "Invalid maker_address")
    account = desk.exchange.accounts.get(address)
    earned = desk.rebates.of(account, day) if account else {}
    return [wire_rewards.rebate(market, day, address, cash) for market, cash in earned.items()]


REWARDS: dict[Place, Open] = {
    ("GET", "/rewards/markets/current"): _current,
    ("GET", "/rewards/markets/multi"): _multi,
    ("GET", "/rewards/markets/*"): _of_market,
    ("GET", "/rebates/current"): _rebates,
}
