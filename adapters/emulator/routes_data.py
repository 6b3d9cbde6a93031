"""The Data API, version 2: positions, trades, value, activity, resolutions (polymarket.md §10). Changes nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from actors.model.numbers import PRICE_ONE, PUSD
from adapters.emulator import groups, wire_data
from adapters.emulator.asking import whole
from adapters.emulator.desk import Desk
from adapters.emulator.groups import Group
from adapters.emulator.http import Request
from adapters.emulator.listings import Listing
from adapters.emulator.paging import cursor_of, offset_of
from adapters.emulator.portfolio import Deed, Stake
from adapters.emulator.refusal import Refused
from adapters.emulator.rest import Open, Place

_MOST = 1000
_HIDDEN_DUST = 0.1  # shares or pUSD below which positions are left out unless asked for
_STATUS = ("OPEN", "REDEEMABLE", "REDEEMABLE_LOST", "MERGEABLE", "CLOSED")


def _positions(desk: Desk, request: Request) -> object:
    owner, least, status = _user(request), _least(request), request.query.get("status", "")
    if status not in ("", *_STATUS):
        raise _bad("status", status)
    home = groups.homes(groups.events(desk.exchange.listings.all))
    rows = [_position(desk, stake, owner, home) for stake in desk.portfolios.of(owner) if _listed(desk, request, stake)]
    measure = "current_value" if request.query.get("filter_type") == "CASH" else "current_size"
    return _page([row for row in rows if _wanted(row, status, least, measure)], request)


def _position(desk: Desk, stake: Stake, owner: str, home: Mapping[int, Group]) -> dict[str, Any]:
    listing = desk.exchange.listings.by_token[stake.token]
    other = wire_data.opposite(listing, stake.token)
    mergeable = stake.size > 0 and any(one.size > 0 for one in desk.portfolios.of(owner) if one.token == other)
    return wire_data.position(stake, owner, listing, home[listing.number], mergeable=mergeable)


def _listed(desk: Desk, request: Request, stake: Stake) -> bool:
    conditions = request.every("condition_id")
    return not conditions or desk.exchange.listings.by_token[stake.token].market.condition_id in conditions


def _wanted(row: dict[str, Any], status: str, least: float, measure: str) -> bool:
    """Open and redeemable ones unless told otherwise, and no dust."""
    if status == "CLOSED" or row["status"] == "CLOSED":
        return bool(status == row["status"])
    fits = {
        "": True,
        "OPEN": row["status"] == "OPEN",
        "REDEEMABLE": row["status"] == "REDEEMABLE",
        "REDEEMABLE_LOST": row["status"] == "REDEEMABLE" and not row["current_price"],
        "MERGEABLE": row["mergeable"],
    }[status]
    return bool(fits and row[measure] >= least)


def _least(request: Request) -> float:
    text = request.query.get("filter_amount", str(_HIDDEN_DUST))
    try:
        return float(text)
    except ValueError as problem:
        raise _bad("filter_amount", text) from problem


def _trades(desk: Desk, request: Request) -> object:
    """One wallet's trades from its own side, or everybody's from the taker's; newest first."""
    conditions, side = request.every("condition_id"), request.query.get("side", "")
    if request.query.get("user"):
        deeds = desk.portfolios.done_by(_user(request))
        rows = [wire_data.own_trade(deed) for deed in deeds if deed.leg is not None]
    else:
        rows = [
            wire_data.trade(one, listing)
            for listing in desk.exchange.listings.all
            for one in desk.tape.of(listing.market.condition_id)
            if one.hash
        ]
        rows.sort(key=lambda row: row["timestamp"])
    kept = [row for row in rows if (not conditions or row["condition_id"] in conditions) and side in ("", row["side"])]
    return _page(kept[::-1], request)


def _value(desk: Desk, request: Request) -> object:
    owner = _user(request)
    stakes = [stake for stake in desk.portfolios.of(owner) if _listed(desk, request, stake)]
    listings = desk.exchange.listings.by_token
    worth = sum(one.size * wire_data.current_price(listings[one.token], one.token) // PRICE_ONE for one in stakes)
    return {"data": {"proxy_wallet": owner.lower(), "value": worth / PUSD}}


def _activity(desk: Desk, request: Request) -> object:
    kinds, conditions = request.every("type"), request.every("condition_id")
    rows = [wire_data.activity(deed) for deed in _newest(desk.portfolios.done_by(_user(request)))]
    kept = [
        row
        for row in rows
        if (not kinds or row["type"] in kinds) and (not conditions or row.get("condition_id") in conditions)
    ]
    return _page(kept, request)


def _newest(deeds: Sequence[Deed]) -> list[Deed]:
    return list(reversed(deeds))


def _resolutions(desk: Desk, request: Request) -> object:
    conditions = request.every("condition_id")
    if any(len(condition) != 66 for condition in conditions):
        raise _bad("condition_id", conditions[0])
    known = desk.exchange.listings.by_condition
    found: list[Listing] = [known[one] for one in conditions if one in known]
    return {"data": [wire_data.resolution(listing) for listing in found]}


def _user(request: Request) -> str:
    user = request.query.get("user", "")
    if len(user) != 42 or not user.startswith("0x"):
        raise _bad("user", user)
    return user


def _page(rows: Sequence[object], request: Request) -> object:
    """The envelope of version 2; `next_cursor` is null on the last page, never empty (§10)."""
    start, size = _start(request), min(whole(request, "limit", 100, least=1, no=_bad), _MOST)
    more = start + size < len(rows)
    cursor = cursor_of(start + size) if more else None
    pagination = {"limit": size, "offset": start, "has_more": more, "next_cursor": cursor}
    return {"data": list(rows[start : start + size]), "pagination": pagination}


def _start(request: Request) -> int:
    cursor = request.query.get("cursor", "")
    start = offset_of(cursor) if cursor else whole(request, "offset", 0, no=_bad)
    if start is None:
        raise _bad("cursor", cursor)
    return start


def _bad(parameter: str, value: str) -> Refused:
    text = f"invalid {parameter}: {value!r}" if value else f"{parameter} is required"
    return Refused(400, text, code="invalid_parameter", retryable=False, trace_id="", parameter=parameter)


DATA: dict[Place, Open] = {
    ("GET", "/v2/status"): lambda desk, request: {"data": {"status": "ok"}},
    ("GET", "/v2/positions"): _positions,
    ("GET", "/v2/trades"): _trades,
    ("GET", "/v2/value"): _value,
    ("GET", "/v2/activity"): _activity,
    ("GET", "/v2/resolutions"): _resolutions,
}
