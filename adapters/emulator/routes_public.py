"""Market data over REST (polymarket.md §1.1): reads books and facts, changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from actors.model.numbers import format_price, format_scaled
from adapters.emulator import wire_books
from adapters.emulator.desk import Desk
from adapters.emulator.http import Request
from adapters.emulator.listings import Listing
from adapters.emulator.paging import page
from adapters.emulator.refusal import Refused

PAGE = 1000


def _time(desk: Desk, request: Request) -> object:
    return int(desk.exchange.wall())


def _markets(desk: Desk, request: Request) -> object:
    rows = [wire_books.market(listing) for listing in desk.exchange.listings.all]
    return page(rows, request.query.get("next_cursor", ""), PAGE)


def _market(desk: Desk, request: Request) -> object:
    return wire_books.market(desk.listing(_last(request)))


def _compact_market(desk: Desk, request: Request) -> object:
    return wire_books.compact_market(desk.listing(_last(request)))


def _market_by_token(desk: Desk, request: Request) -> object:
    market = desk.listing_of_token(_last(request)).market
    return {"condition_id": market.condition_id, "primary_token_id": market.yes, "secondary_token_id": market.no}


def _book(desk: Desk, request: Request) -> object:
    token, listing = _asked(desk, request)
    return wire_books.book(listing, token, desk.exchange.wall())


def _books(desk: Desk, request: Request) -> object:
    """Unknown tokens are left out: how the venue answers them is not known."""
    known = desk.exchange.listings.by_token
    tokens = [token for token in _listed(request) if token in known]
    return [wire_books.book(known[token], token, desk.exchange.wall()) for token in tokens]


def _midpoint(desk: Desk, request: Request) -> object:
    bid, ask = _top(desk, request)
    return {"mid": format_scaled((bid + ask) * 5, 5)}


def _spread(desk: Desk, request: Request) -> object:
    bid, ask = _top(desk, request)
    return {"spread": format_price(ask - bid)}


def _price(desk: Desk, request: Request) -> object:
    """BUY names the best bid, SELL the best ask; the venue's docs differ on it (§1.1)."""
    side = request.query.get("side", "").upper()
    if side not in ("BUY", "SELL"):
        raise Refused(400, "Invalid side")
    bid, ask = _top(desk, request)
    return {"price": format_price(bid if side == "BUY" else ask)}


def _last_trade(desk: Desk, request: Request) -> object:
    token, listing = _asked(desk, request)
    side = listing.last_side.value if listing.last_side else ""
    return {"price": wire_books.last_price(listing, token), "side": side}


def _tick_size(desk: Desk, request: Request) -> object:
    _, listing = _asked(desk, request)
    return {"minimum_tick_size": listing.market.tick / 10_000}


def _neg_risk(desk: Desk, request: Request) -> object:
    _, listing = _asked(desk, request)
    return {"neg_risk": listing.market.neg_risk}


def _fee_rate(desk: Desk, request: Request) -> object:
    _, listing = _asked(desk, request)
    return {"base_fee": wire_books.legacy_fee(listing.market)}


def _asked(desk: Desk, request: Request) -> tuple[str, Listing]:
    """The token of the query, or the last part of the path (`/tick-size/{token}`)."""
    token = request.query.get("token_id") or _last(request)
    return token, desk.listing_of_token(token)


def _top(desk: Desk, request: Request) -> tuple[int, int]:
    token, listing = _asked(desk, request)
    bid, ask = listing.book.best(listing.market.outcome(token))
    if bid is None or ask is None:
        raise Refused(404, "No orderbook exists for the requested token id")
    return bid, ask


def _last(request: Request) -> str:
    return request.path.rsplit("/", 1)[-1]


def _listed(request: Request) -> list[str]:
    try:
        rows = request.json()
    except ValueError:
        rows = None
    if not isinstance(rows, list) or not all(isinstance(row, Mapping) and "token_id" in row for row in rows):
        raise Refused(400, "Invalid payload")
    return [str(row["token_id"]) for row in rows]


Route = Callable[[Desk, Request], Any]

PUBLIC: dict[tuple[str, str], Route] = {
    ("GET", "/ok"): lambda desk, request: "OK",
    ("GET", "/"): lambda desk, request: "OK",
    ("GET", "/time"): _time,
    ("GET", "/version"): lambda desk, request: {"version": 2},
    ("GET", "/markets"): _markets,
    ("GET", "/sampling-markets"): _markets,
    ("GET", "/markets/*"): _market,
    ("GET", "/clob-markets/*"): _compact_market,
    ("GET", "/markets-by-token/*"): _market_by_token,
    ("GET", "/book"): _book,
    ("POST", "/books"): _books,
    ("GET", "/midpoint"): _midpoint,
    ("GET", "/spread"): _spread,
    ("GET", "/price"): _price,
    ("GET", "/last-trade-price"): _last_trade,
    ("GET", "/tick-size"): _tick_size,
    ("GET", "/tick-size/*"): _tick_size,
    ("GET", "/neg-risk"): _neg_risk,
    ("GET", "/fee-rate"): _fee_rate,
}
