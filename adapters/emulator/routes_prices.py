"""Books and prices over REST (polymarket.md §1.1, §1.4): one token or many. Reads books and prints only."""

from __future__ import annotations

from actors.model.market import Side
from actors.model.numbers import PRICE_ONE, complement, format_price, format_scaled
from adapters.emulator import wire_books
from adapters.emulator.asking import asked, asked_book, asked_books, no_book, whole
from adapters.emulator.desk import Desk
from adapters.emulator.http import Request
from adapters.emulator.listings import Listing
from adapters.emulator.refusal import Refused
from adapters.emulator.rest import Open, Place
from adapters.emulator.tape import Print

_HOUR, _DAY = 3_600, 86_400
_INTERVALS = {"1h": _HOUR, "6h": 6 * _HOUR, "1d": _DAY, "1w": 7 * _DAY, "1m": 30 * _DAY}
_EVER = ("max", "all")
_BOTH_WAYS = "startTs and endTs cannot be combined with interval"


def _book(desk: Desk, request: Request) -> object:
    token, listing = asked_book(desk, request)
    return wire_books.book(listing, token, desk.exchange.wall())


def _books(desk: Desk, request: Request) -> object:
    now = desk.exchange.wall()
    return [wire_books.book(listing, token, now) for token, listing, _ in asked_books(desk, request)]


def _midpoint(desk: Desk, request: Request) -> object:
    return {"mid": _middle(*_both(*asked_book(desk, request)))}


def _midpoints(desk: Desk, request: Request) -> object:
    """Tokens with an empty side have no middle and are left out; so are they of the spreads."""
    return {token: _middle(*top) for token, top in _tops(desk, request).items()}


def _spread(desk: Desk, request: Request) -> object:
    bid, ask = _both(*asked_book(desk, request))
    return {"spread": format_price(ask - bid)}


def _spreads(desk: Desk, request: Request) -> object:
    return {token: format_price(ask - bid) for token, (bid, ask) in _tops(desk, request).items()}


def _price(desk: Desk, request: Request) -> object:
    """BUY names the best bid, SELL the best ask; the venue's docs differ on it (§1.1)."""
    token, listing = asked_book(desk, request)
    price = _best(listing, token, _side(request.query.get("side", "").upper()))
    if price is None:
        raise no_book()
    return {"price": format_price(price)}


def _prices(desk: Desk, request: Request) -> object:
    found: dict[str, dict[str, str]] = {}
    for token, listing, side in asked_books(desk, request):
        price = _best(listing, token, _side(side))
        if price is not None:
            found.setdefault(token, {})[side] = format_price(price)
    return found


def _last_trade(desk: Desk, request: Request) -> object:
    return _last_of(*asked(desk, request))


def _last_trades(desk: Desk, request: Request) -> object:
    """Tokens that never traded are left out."""
    rows = asked_books(desk, request)
    return [{"token_id": token, **_last_of(token, listing)} for token, listing, _ in rows if listing.last_side]


def _history(desk: Desk, request: Request) -> object:
    """The last print of every `fidelity` minutes, as a price of the token that `market` names."""
    token = request.query.get("market", "")
    listing = desk.exchange.listings.by_token.get(token)
    if listing is None:
        raise Refused(404, "market not found") if token else Refused(400, "market is required")
    start, end = _span(desk, request)
    step = 60 * max(1, whole(request, "fidelity", 1))
    points: dict[int, Print] = {}
    for one in desk.tape.of(listing.market.condition_id):
        if start <= one.at <= end:
            points[int(one.at) // step] = one
    return {"history": [{"t": int(one.at), "p": _seen_from(token, one) / PRICE_ONE} for one in points.values()]}


def _span(desk: Desk, request: Request) -> tuple[float, float]:
    """Wall seconds, both included. Raises Refused 400."""
    now, interval = desk.exchange.wall(), request.query.get("interval", "")
    if not interval:
        return whole(request, "startTs", 0), whole(request, "endTs", int(now) + 1)
    if "startTs" in request.query or "endTs" in request.query:
        raise Refused(400, _BOTH_WAYS)
    if interval not in (*_EVER, *_INTERVALS):
        raise Refused(400, "Invalid interval")
    return (0 if interval in _EVER else now - _INTERVALS[interval]), now


def _seen_from(token: str, one: Print) -> int:
    return one.price if one.token == token else complement(one.price)


def _tops(desk: Desk, request: Request) -> dict[str, tuple[int, int]]:
    tops = {token: listing.book.best(listing.market.outcome(token)) for token, listing, _ in asked_books(desk, request)}
    return {token: (bid, ask) for token, (bid, ask) in tops.items() if bid is not None and ask is not None}


def _both(token: str, listing: Listing) -> tuple[int, int]:
    bid, ask = listing.book.best(listing.market.outcome(token))
    if bid is None or ask is None:
        raise no_book()
    return bid, ask


def _best(listing: Listing, token: str, side: Side) -> int | None:
    return listing.book.best(listing.market.outcome(token))[0 if side is Side.BUY else 1]


def _side(text: str) -> Side:
    if text not in ("BUY", "SELL"):
        raise Refused(400, "Invalid side")
    return Side(text)


def _middle(bid: int, ask: int) -> str:
    return format_scaled((bid + ask) * 5, 5)


def _last_of(token: str, listing: Listing) -> dict[str, str]:
    """The side is the taker's; empty before the first trade."""
    side = listing.last_side.value if listing.last_side else ""
    return {"price": wire_books.last_price(listing, token), "side": side}


PRICES: dict[Place, Open] = {
    ("GET", "/book"): _book,
    ("POST", "/books"): _books,
    ("GET", "/midpoint"): _midpoint,
    ("POST", "/midpoints"): _midpoints,
    ("GET", "/spread"): _spread,
    ("POST", "/spreads"): _spreads,
    ("GET", "/price"): _price,
    ("POST", "/prices"): _prices,
    ("GET", "/last-trade-price"): _last_trade,
    ("POST", "/last-trades-prices"): _last_trades,
    ("GET", "/prices-history"): _history,
}
