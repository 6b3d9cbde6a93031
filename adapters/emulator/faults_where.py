"""What a fault bites: a filter over the facts that are known of a request, a frame, an order or a trade. Values only."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from attrs import asdict, frozen

from adapters.emulator.accounts import FUNDED, Account
from adapters.emulator.faults_keys import checked, choice, string
from adapters.emulator.http import Request
from adapters.emulator.listings import Listing, Listings
from adapters.emulator.tickets import Ticket, Tickets
from adapters.emulator.trades import Trade

REQUEST = ("service", "method", "path", "market", "token", "account", "side")
FRAME = ("channel", "event", "market", "token", "account")
SOCKET = ("channel",)
ORDER = ("market", "token", "account", "side")
MARKET = ("market",)

SERVICES = ("clob", "gamma", "data", "relayer", "rpc")
METHODS = ("GET", "POST", "DELETE")
EVENTS = {
    "market": (
        *("book", "price_change", "last_trade_price", "best_bid_ask"),
        *("tick_size_change", "new_market", "market_resolved"),
    ),
    "user": ("order", "trade"),
    "spot": (),
    "rtds": (),
}
"""The `event_type`s of each channel's frames."""

_ADDRESS = re.compile("0[xX][0-9a-fA-F]{40}")
_FUNDED = {wallet.address.lower(): word for wallet, word in zip(FUNDED, ("first", "second"), strict=True)}


@frozen
class Subject:
    """Something that a fault may hit: `keys` are the filters that apply to it, `name` is for the ledger."""

    name: str
    keys: tuple[str, ...]
    facts: Mapping[str, frozenset[str]]


@frozen
class Where:
    """Filters; None leaves the key out. `market` is a slug or a condition id; it and `path` may end in `*`."""

    service: str | None = choice(SERVICES, None)
    method: str | None = choice(METHODS, None)
    path: str | None = checked(lambda v: isinstance(v, str) and v.startswith("/"), "a path that begins with /", None)
    channel: str | None = choice(tuple(EVENTS), None)
    event: str | None = choice([event for every in EVENTS.values() for event in every], None)
    market: str | None = string(None)
    token: str | None = checked(lambda v: _is_token(v), "yes, no or a token's id in digits", None)
    account: str | None = checked(lambda v: _is_wallet(v), "first, second or an address of 40 hex digits", None)
    side: str | None = choice(("BUY", "SELL"), None)

    @property
    def given(self) -> dict[str, str]:
        return {key: value for key, value in asdict(self).items() if value is not None}

    def matches(self, subject: Subject) -> bool:
        """Does every filter that applies to the subject find its value there?"""
        return all(_fits(key, value, subject.facts) for key, value in self.given.items() if key in subject.keys)


def meets(value: str, words: Iterable[str]) -> bool:
    """Is the value among the words? One that ends in `*`: does any of them begin so?"""
    if value.endswith("*"):
        return any(word.startswith(value[:-1]) for word in words)
    return value in words


def _fits(key: str, value: str, facts: Mapping[str, frozenset[str]]) -> bool:
    found = facts.get(key, frozenset())
    if key in ("path", "market"):
        return meets(value, found)
    return (value.lower() if key == "account" else value) in found


def _is_token(value: object) -> bool:
    return isinstance(value, str) and (value in ("yes", "no") or (value.isascii() and value.isdecimal()))


def _is_wallet(value: object) -> bool:
    return isinstance(value, str) and (value in _FUNDED.values() or _ADDRESS.fullmatch(value) is not None)


def of_request(service: str, request: Request, listings: Listings, tickets: Tickets) -> Subject:
    """The facts of a request: of an order's body, of the ids it cancels, of its query and its headers."""
    body = _json(request.body)
    orders = [order for entry in (body if isinstance(body, list) else [body]) for order in _orders(entry)]
    tokens = {str(order.get("tokenId")) for order in orders} | set(request.query.values())
    words = {*_words(body), request.path.rsplit("/", 1)[-1], *request.query.values()}
    found = [ticket for word in words if (ticket := tickets.by_id.get(word.lower())) is not None]
    known = {listings.by_token[token] for token in tokens | words if token in listings.by_token}
    known |= {names[word] for names in (listings.by_condition, listings.by_slug) for word in words if word in names}
    known |= {ticket.listing for ticket in found}
    facts = {
        "service": {service},
        "method": {request.method},
        "path": {request.path},
        "market": _market_words(known),
        "token": _token_words(known, (tokens | words) & listings.by_token.keys() | {t.token for t in found}),
        "account": _account_words([request.headers.get("poly_address", "")]),
        "side": {str(order.get("side")) for order in orders} | {t.order.side.value for t in found},
    }
    return Subject(f"{request.method} {request.path}", REQUEST, _frozen(facts))


def of_ticket(ticket: Ticket) -> Subject:
    facts = {
        "market": _market_words([ticket.listing]),
        "token": _token_words([ticket.listing], {ticket.token}),
        "account": _account_words([ticket.account.address]),
        "side": {ticket.order.side.value},
    }
    return Subject(f"order {ticket.order.id}", ORDER, _frozen(facts))


def of_trade(trade: Trade) -> Subject:
    """A trade is every client's who has a leg in it; sides and tokens are those of the clients' legs."""
    tickets = [leg.ticket for leg in trade.legs if not leg.ticket.account.internal]
    facts = {
        "market": _market_words([trade.listing]),
        "token": _token_words([trade.listing], {ticket.token for ticket in tickets}),
        "account": _account_words([ticket.account.address for ticket in tickets]),
        "side": {ticket.order.side.value for ticket in tickets},
    }
    return Subject(f"trade {trade.id}", ORDER, _frozen(facts))


def of_listing(listing: Listing) -> Subject:
    return Subject(f"market {listing.market.slug}", MARKET, _frozen({"market": _market_words([listing])}))


def of_socket(channel: str) -> Subject:
    return Subject(f"{channel} socket", SOCKET, _frozen({"channel": {channel}}))


def of_frame(channel: str, account: str, frame: object, listings: Listings) -> Subject:
    """`frame` is parsed JSON: an object or an array of them."""
    entries = [entry for entry in (frame if isinstance(frame, list) else [frame]) if isinstance(entry, Mapping)]
    tokens = {str(token) for entry in entries for token in tokens_of(entry)}
    known = {listings.by_token[token] for token in tokens if token in listings.by_token}
    known |= {listings.by_condition[m] for e in entries if (m := str(e.get("market"))) in listings.by_condition}
    facts = {
        "channel": {channel},
        "event": {str(entry.get("event_type")) for entry in entries},
        "market": _market_words(known),
        "token": _token_words(known, tokens & listings.by_token.keys()),
        "account": _account_words([account]),
    }
    return Subject(f"{channel} frame {'/'.join(sorted(facts['event']))}", FRAME, _frozen(facts))


def tokens_of(entry: Mapping[str, Any]) -> list[str]:
    """Every token that one entry of a frame speaks of."""
    changes = [change for change in entry.get("price_changes") or () if isinstance(change, Mapping)]
    return [str(e["asset_id"]) for e in (entry, *changes) if "asset_id" in e] + list(entry.get("assets_ids") or ())


def may_be(account: Account, where: Where) -> bool:
    """Is it a client's account that the filter lets through?"""
    return not account.internal and (where.account is None or is_account(where.account, account.address))


def is_account(word: str, address: str) -> bool:
    """Does the filter's word stand for this address?"""
    return word.lower() in _account_words([address])


def _frozen(facts: Mapping[str, Iterable[str]]) -> dict[str, frozenset[str]]:
    return {key: frozenset(values) for key, values in facts.items()}


def _market_words(listings: Iterable[Listing]) -> set[str]:
    return {word for listing in listings for word in (listing.market.slug, listing.market.condition_id)}


def _token_words(listings: Iterable[Listing], tokens: Iterable[str]) -> set[str]:
    words = set(tokens)
    for listing in listings:
        both = (("yes", listing.market.yes), ("no", listing.market.no))
        words |= {word for word, token in both if token in words}
    return words


def _account_words(addresses: Iterable[str]) -> set[str]:
    lower = {address.lower() for address in addresses if address}
    return lower | {_FUNDED[address] for address in lower if address in _FUNDED}


def _orders(entry: object) -> list[Mapping[str, object]]:
    order = entry.get("order") if isinstance(entry, Mapping) else None
    return [order] if isinstance(order, Mapping) else []


def _words(body: object) -> set[str]:
    """The texts at the top of a body: order ids to cancel, a market, tokens."""
    entries = body if isinstance(body, list) else [body]
    words = {entry for entry in entries if isinstance(entry, str)}
    return words | {v for entry in entries if isinstance(entry, Mapping) for v in entry.values() if isinstance(v, str)}


def _json(body: bytes) -> object:
    try:
        return json.loads(body) if body else None
    except (ValueError, RecursionError):
        return None
