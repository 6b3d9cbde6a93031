"""The server, its markets and their facts over REST (polymarket.md §1.1-§1.3): reads, changes nothing."""

from __future__ import annotations

from collections.abc import Callable

from adapters.emulator import wire_books, wire_markets
from adapters.emulator.asking import asked, last
from adapters.emulator.desk import Desk
from adapters.emulator.http import Request
from adapters.emulator.listings import Listing
from adapters.emulator.paging import page
from adapters.emulator.refusal import Refused
from adapters.emulator.rest import Open, Place
from adapters.emulator.wire_books import Json
from adapters.emulator.wire_prints import activity

PAGE = 1000
_ACTIVITY = 100  # newest trade events of a market


def _time(desk: Desk, request: Request) -> object:
    return int(desk.exchange.wall())


def _paged(shape: Callable[[Listing], Json], *, rewarded: bool = False) -> Open:
    """A route that pages through every market, or through those with liquidity rewards (the "sampling" ones)."""

    def route(desk: Desk, request: Request) -> object:
        listings = desk.exchange.listings.all
        rows = [shape(listing) for listing in listings if not rewarded or (listing.terms.rewards and listing.accepting)]
        return page(rows, request.query.get("next_cursor", ""), PAGE)

    return route


def _market(desk: Desk, request: Request) -> object:
    return wire_markets.market(desk.listing(last(request)))


def _compact_market(desk: Desk, request: Request) -> object:
    return wire_markets.compact(desk.listing(last(request)))


def _market_by_token(desk: Desk, request: Request) -> object:
    market = desk.listing_of_token(last(request)).market
    return {"condition_id": market.condition_id, "primary_token_id": market.yes, "secondary_token_id": market.no}


def _live_activity(desk: Desk, request: Request) -> object:
    """The newest trades first."""
    listing = desk.listing(last(request))
    prints = list(desk.tape.of(listing.market.condition_id))[-_ACTIVITY:]
    return [activity(one, listing) for one in reversed(prints)]


def _tick_size(desk: Desk, request: Request) -> object:
    _, listing = asked(desk, request)
    return {"minimum_tick_size": listing.market.tick / 10_000}


def _neg_risk(desk: Desk, request: Request) -> object:
    _, listing = asked(desk, request)
    return {"neg_risk": listing.market.neg_risk}


def _fee_rate(desk: Desk, request: Request) -> object:
    _, listing = asked(desk, request)
    return {"base_fee": wire_books.legacy_fee(listing.market)}


def _builder_fees(desk: Desk, request: Request) -> object:
    """A builder is known from its first builder key on, by its address as 32 bytes; none charges anything here."""
    if not desk.builders.known(last(request)):
        raise Refused(404, "builder code not found")
    return {"builder_maker_fee_rate_bps": 0, "builder_taker_fee_rate_bps": 0}


def geoblock(desk: Desk, request: Request) -> object:
    """`https://polymarket.com/api/geoblock` (§0.1): this machine is where trading is allowed."""
    return {"blocked": False, "ip": "127.0.0.1", "country": "IE", "region": "L"}


GEOBLOCK: dict[Place, Open] = {("GET", "/api/geoblock"): geoblock}

PUBLIC: dict[Place, Open] = {
    ("GET", "/ok"): lambda desk, request: "OK",
    ("GET", "/"): lambda desk, request: "OK",
    ("GET", "/time"): _time,
    ("GET", "/version"): lambda desk, request: {"version": 2},
    ("GET", "/markets"): _paged(wire_markets.market),
    ("GET", "/simplified-markets"): _paged(wire_markets.simplified),
    ("GET", "/sampling-markets"): _paged(wire_markets.market, rewarded=True),
    ("GET", "/sampling-simplified-markets"): _paged(wire_markets.simplified, rewarded=True),
    ("GET", "/markets/*"): _market,
    ("GET", "/clob-markets/*"): _compact_market,
    ("GET", "/markets-by-token/*"): _market_by_token,
    ("GET", "/markets/live-activity/*"): _live_activity,
    ("GET", "/tick-size"): _tick_size,
    ("GET", "/tick-size/*"): _tick_size,
    ("GET", "/neg-risk"): _neg_risk,
    ("GET", "/fee-rate"): _fee_rate,
    ("GET", "/fees/builder-fees/*"): _builder_fees,
}
